#pragma once
#include <cstddef>
#include <vector>

#include "configdb/node.h"

namespace nezu::configdb {

/// Makes one node of those that are the same: a node knows nothing of its parent, so a leaf or a
/// small container that many entries have alike is there once. For what is read, from text
/// or from the store; it remembers some of the nodes that it made lately.
class Twins {
 public:
  /// As configdb::freeze().
  NodePtr freeze(Node node);

 private:
  NodePtr& slot_of(const Node& node);

  std::vector<NodePtr> slots_;
  size_t made_ = 0;
};

}  // namespace nezu::configdb
