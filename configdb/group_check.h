#pragma once
#include "configdb/service.h"

namespace nezu::configdb {

/// What is wrong with inheritance in the RAW tree `after`: groups that are applied and not defined,
/// groups that apply each other in a circle, interface ranges that stand for nothing. Cost: what
/// differs from `before`, which may be null, and where groups that differ are named.
Problems check_groups(const NodePtr& before, const NodePtr& after);

/// What the EFFECTIVE tree `after` still names like an interface-range: no range has that name.
/// Cost: what differs from `before`.
Problems check_range_names(const NodePtr& before, const NodePtr& after);

}  // namespace nezu::configdb
