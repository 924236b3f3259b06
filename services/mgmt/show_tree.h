#pragma once
#include "configdb/tree.h"
#include "grammar/path.h"
#include "services/mgmt/run.h"

namespace nezu::mgmt {

/// Ends the command by showing the tree at `path` in the form that its pipes ask for.
void show_tree(const configdb::NodePtr& tree, const grammar::Path& path, const RunPtr& run);

}  // namespace nezu::mgmt
