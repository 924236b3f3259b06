#pragma once
#include "configdb/tree.h"
#include "services/mgmt/message.h"

namespace nezu::mgmt {

/// What the subtree filter (RFC 6241 section 6) selects of a configuration; `filter` holds
/// <configuration> and what is wanted of it. An element without children takes all that is there,
/// one with text what has this value, and a key's text the entries of that key.
configdb::NodePtr selected(const configdb::NodePtr& root, const Element& filter);

}  // namespace nezu::mgmt
