#pragma once
#include "configdb/tree.h"
#include "grammar/path.h"
#include "services/mgmt/run.h"

namespace nezu::mgmt {

class Context;

/// The one way by which configuration is shown: as far as the user may see it. Ends the command by
/// showing the tree at `path` in the form that its pipes ask for. `active`: what `display changed`
/// compares with; null for what is active itself.
void show_tree(const Context& context, const configdb::NodePtr& tree, const grammar::Path& path,
               const RunPtr& run, const configdb::NodePtr& active = nullptr);

/// The same for what turns one visible tree into another, at `path` and below.
void write_compare(const configdb::NodePtr& before, const configdb::NodePtr& after,
                   const grammar::Path& path, const RunPtr& run);

}  // namespace nezu::mgmt
