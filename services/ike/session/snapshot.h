// An IKE SA as bytes, for the memory that outlives the process.
#pragma once

#include <optional>

#include "services/ike/session/sa.h"

namespace nezu::ike {

/// A versioned record with everything in it, keys included.
Bytes snapshot(const IkeSa& sa);

/// Nothing for a record of another version, a truncated one or one with anything left over.
std::optional<IkeSa> restore(ByteView record);

/// What a policy says, in 64 bits that outlive the process: an SA that was made under another one
/// is told by it. Of a gateway without its children, which come and go apart from it.
std::uint64_t digest_of(const Gateway& gateway);
std::uint64_t digest_of(const ChildPolicy& policy);

}  // namespace nezu::ike
