#pragma once
#include "configdb/problems.h"
#include "configdb/tree.h"

/// What two users made of one configuration, put together.
namespace nezu::configdb {

struct Merged {
  NodePtr root;
  Problems conflicts;  ///< statements that both changed; `root` has them as in `ours`
};

/// Three-way merge of RAW trees: what `ours` changed since `base`, done to `theirs`. What one side
/// removed whole and the other changed is a conflict at what was removed. Of an ordered list
/// entries that only one side has stay behind their predecessor; that both moved entries, to
/// different places, is a conflict at the list. Cost: what differs between `base`
/// and `ours`, and the length of the ordered lists that both changed.
Merged merge(const NodePtr& base, const NodePtr& ours, const NodePtr& theirs);

}  // namespace nezu::configdb
