#include "services/state/replica.h"

#include <fmt/format.h>

#include <sstream>

#include "configdb/load.h"
#include "grammar/reader.h"

namespace nezu::state {
namespace {

using grammar::Statement;

// The statements that `line` names, without keys and values.
std::string statements_of(const Statement& root, const std::string& line) {
  std::string names;
  const Statement* at = &root;
  std::istringstream words(line);
  for (std::string word; words >> word;) {
    const Statement* next = at->child(word);
    if (!next) continue;
    names.append(names.empty() ? "" : " ").append(next->name);
    at = next;
  }
  return names;
}

}  // namespace

configdb::View empty_tree(const grammar::Schema& schema) {
  return {configdb::make_root(schema), &schema.configuration()};
}

configdb::View read_lines(const configdb::View& base,
                          const google::protobuf::RepeatedPtrField<std::string>& lines,
                          std::string& problem) {
  configdb::Loader loader(base.node(), false, "re");
  int number = 0;
  for (const auto& line : lines) {
    ++number;
    grammar::read_set(*base.statement(), {}, line, loader);
    if (loader.errors() == 0) continue;
    problem = fmt::format("line {} of {} does not fit: [{}]", number, lines.size(),
                          statements_of(*base.statement(), line));
    return {};
  }
  return {loader.root(), base.statement()};
}

}  // namespace nezu::state
