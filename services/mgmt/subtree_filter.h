#pragma once
#include <optional>

#include "configdb/tree.h"
#include "services/mgmt/message.h"

namespace nezu::mgmt {

/// What the subtree filter (RFC 6241 section 6) selects of a configuration; `filter` holds
/// <configuration> and what is wanted of it. An element without children takes all that is there,
/// one with text what has this value, and a key's text the entries of that key. Null: nothing;
/// nullopt: finding it would take more than kMostFilterSteps. A step is an entry looked at, or an
/// element of the filter looked at for one.
inline constexpr size_t kMostFilterSteps = 2'000'000;
std::optional<configdb::NodePtr> selected(const configdb::NodePtr& root, const Element& filter,
                                          size_t steps = kMostFilterSteps);

}  // namespace nezu::mgmt
