#pragma once
#include <functional>

#include "configdb/edit.h"
#include "grammar/condition.h"

namespace nezu::configdb {

/// Whether `condition` holds in the tree `root`, asked by the statement at `place`.
bool holds(const grammar::Condition& condition, const NodePtr& root, const Path& place);

/// Visits every instance of `statement` below the one of its ancestors at `above`, which may be
/// the root ("": an empty path).
void each_instance(const NodePtr& root, const Path& above, const grammar::Statement& statement,
                   const std::function<void(const Path& place, const NodePtr& node)>& visit);

}  // namespace nezu::configdb
