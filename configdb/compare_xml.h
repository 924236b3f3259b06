#pragma once
#include "configdb/node.h"
#include "grammar/path.h"
#include "grammar/writer.h"

namespace nezu::configdb {

/// `show | compare | display xml`: what turns `before` into `after` at `path` and below, as
/// elements with nc:operation ("create", "delete", "merge"), yang:insert and the attributes of
/// marks. `indent` in columns. Nothing if nothing differs. `load merge` of it makes `after` of
/// `before`, but for annotations that are gone and for marks of containers
/// of which all is replaced.
void compare_xml(const NodePtr& before, const NodePtr& after, const grammar::Path& path, int indent,
                 const grammar::TextSink& sink);

}  // namespace nezu::configdb
