#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

#include "grammar/command_line.h"
#include "grammar/resolve.h"
#include "grammar/schema.h"

namespace nezu::grammar {

inline const Schema& schema() {
  static const auto loaded = Schema::open(schema_file());
  return *loaded;
}

inline Words words(std::string_view line) {
  static CommandLineReader reader;
  const auto& read = reader.read(line);
  if (read.error) throw std::invalid_argument(std::string(line));
  return read.words;
}

/// The one path that `line` names.
inline Path path_of(std::string_view line) {
  const auto result = resolve(schema().configuration(), {}, words(line), Reach::kAny);
  if (result.problem || result.paths.size() != 1) throw std::invalid_argument(std::string(line));
  return result.paths.front();
}

}  // namespace nezu::grammar
