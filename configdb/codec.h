#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "configdb/tree.h"

/// The form in which the store keeps RAW trees: what turns one tree into another, as bytes.
///
/// A patch names statements by their names, each spelled out once, so it can be read by every
/// schema that still knows them. A node is: marks, statement (if not an entry), text, annotation,
/// label, children; numbers are LEB128.
namespace nezu::configdb {

/// What turns `before` into `after`. A null `before` gives the whole tree. Cost: what differs.
std::string encode(const NodePtr& before, const NodePtr& after);

struct Decoded {
  NodePtr root;  ///< null if there is an error
  std::string error;
};
/// Applies a patch to the tree it was made against. Any bytes are safe; an error says what is
/// wrong.
Decoded decode(const grammar::Schema& schema, const NodePtr& before, std::string_view patch);

}  // namespace nezu::configdb
