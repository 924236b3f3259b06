// A chain that proved a peer, as octets: it is asked about again by the process that comes after.
#pragma once

#include <optional>

#include "services/ike/certificates/chain.h"

namespace nezu::ike {

/// Each certificate once, in whichever places it stands.
Bytes record_of(const ChainVerdict& chain);
/// Nothing when it is none, or has no link.
std::optional<ChainVerdict> chain_of(ByteView record);

}  // namespace nezu::ike
