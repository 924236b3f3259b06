#pragma once
#include "configdb/tree.h"
#include "grammar/path.h"
#include "services/mgmt/run.h"

namespace nezu::mgmt {

/// Ends the command by showing the tree at `path` in the form that its pipes ask for. `active`:
/// what `display changed` compares with; null for what is active itself.
void show_tree(const configdb::NodePtr& tree, const grammar::Path& path, const RunPtr& run,
               const configdb::NodePtr& active = nullptr);

}  // namespace nezu::mgmt
