// An IKE SA as bytes, for the memory that outlives the process.
#pragma once

#include <optional>

#include "services/ike/sa.h"

namespace nezu::ike {

/// A versioned record with everything in it, keys included.
Bytes snapshot(const IkeSa& sa);

/// Nothing for a record of another version, a truncated one or one with anything left over.
std::optional<IkeSa> restore(ByteView record);

}  // namespace nezu::ike
