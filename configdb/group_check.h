#pragma once
#include "configdb/service.h"

namespace nezu::configdb {

/// What is wrong with inheritance in the RAW tree `after`: groups that are applied and not defined,
/// groups that apply each other in a circle, interface ranges that stand for nothing. Cost: what
/// differs from `before`, which may be null, and where groups that differ are named.
Problems check_groups(const NodePtr& before, const NodePtr& after);

}  // namespace nezu::configdb
