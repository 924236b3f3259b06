#include "grammar/reader.h"

namespace nezu::grammar {

std::string ReadProblem::text(std::string_view source) const {
  const auto edit = "[edit" + (path.empty() ? "" : " " + path_words(path)) + "]\n";
  if (warning) return edit + "  '" + statement + "'\n    warning: " + message + "\n";
  std::string lines = std::string(source) + ":" + std::to_string(line) + ":(" +
                      std::to_string(column) + ") " + message;
  lines += token.empty() ? "\n" : ": " + token + "\n";
  if (!statement.empty()) lines += "  " + edit + "    '" + statement + "'\n      " + message + "\n";
  return lines;
}

}  // namespace nezu::grammar
