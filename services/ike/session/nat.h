// NAT detection, RFC 7296 section 2.23.
#pragma once

#include "services/ike/message/message.h"
#include "services/ike/session/sa.h"

namespace nezu::ike {

/// SHA-1 (SPIs | address | port)
Bytes nat_hash(std::uint64_t spi_i, std::uint64_t spi_r, const Endpoint& endpoint);

/// Compares the peer's hashes with what we see, and says in the SA which side is behind a NAT. A
/// peer that sends none is taken to be where it seems to be.
void detect_nat(IkeSa& sa, const Header& header, const Payloads& payloads);

}  // namespace nezu::ike
