// What commit check says about IKE and IPsec beyond the types and references of the schema.
#pragma once

#include "configdb/service.h"

namespace nezu::ike {

/// Everything wrong with the tunnels of delta.after(); nothing if the commit touches none of their
/// parts. Pure: runs in iked, and in the RE while iked is away.
configdb::Problems check(const configdb::Delta& delta);

}  // namespace nezu::ike
