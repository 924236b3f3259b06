#pragma once
#include "configdb/tree.h"

namespace nezu::configdb {

/// The configuration a router has before anybody has committed one: its revision 0, and what
/// `load factory-default` loads.
NodePtr factory_default(const grammar::Schema& schema);

}  // namespace nezu::configdb
