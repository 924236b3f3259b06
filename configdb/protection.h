#pragma once
#include <string>

#include "configdb/edit.h"

/// What `protect` keeps from being changed.
namespace nezu::configdb {

/// "[interfaces em0] is protected, 'interfaces em0 unit 0' cannot be modified" if the statement at
/// `path`, or one it is in, is protected; "" if not. `what`: "modified", "deleted", "renamed".
std::string protection(const NodePtr& root, const Path& path, std::string_view what);
/// The same if something below `path` is.
std::string protection_below(const NodePtr& root, const Path& path, std::string_view what);
/// The same if setting `path` would replace a protected member of a choice.
std::string protection_of_rivals(const NodePtr& root, const Path& path);

/// What remains of `node`, which stands at `path`, when it is deleted: protected statements and
/// what they stand in; null if there are none. `warnings` gets a line for each.
NodePtr remains(const NodePtr& node, const Path& path, std::vector<std::string>& warnings,
                std::string_view what = "deleted");

}  // namespace nezu::configdb
