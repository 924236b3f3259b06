#pragma once
#include "configdb/tree.h"

namespace nezu::configdb {

/// RAW and EFFECTIVE tree of one moment.
struct Trees {
  NodePtr raw;
  NodePtr effective;
};

/// The EFFECTIVE tree of `raw`: inactive statements gone, groups inherited (pass_groups), marks and
/// annotations gone, containers that are empty without them gone. Subtrees without any of these are
/// shared with `raw`; where `raw` is as in `before`, and where nothing but a mark differs,
/// the result is shared with before.effective. `before` may be empty.
/// Cost: what differs from `before`.
NodePtr expand(const NodePtr& raw, const Trees& before);

}  // namespace nezu::configdb
