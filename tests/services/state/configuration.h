#pragma once
#include <stdexcept>
#include <string>
#include <vector>

#include "grammar/schema.h"
#include "services/state/replica.h"

namespace nezu::state {

inline const grammar::Schema& schema() {
  static const auto loaded = grammar::Schema::open(grammar::schema_file());
  return *loaded;
}

/// The tree that a few `set` and `delete` lines make of another.
inline configdb::View edited(const configdb::View& base, const std::vector<std::string>& lines) {
  google::protobuf::RepeatedPtrField<std::string> repeated(lines.begin(), lines.end());
  std::string problem;
  const configdb::View tree = read_lines(base, repeated, problem);
  if (!tree) throw std::runtime_error("a test's configuration: " + problem);
  return tree;
}

inline configdb::View tree(const std::vector<std::string>& lines) {
  return edited(empty_tree(schema()), lines);
}

}  // namespace nezu::state
