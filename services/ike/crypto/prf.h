// Keyed hashes: the pseudo-random functions and prf+ of RFC 7296 section 2.13, and the MACs.
#pragma once

#include "services/ike/algorithms.h"
#include "services/ike/bytes.h"

namespace nezu::ike {

Bytes prf(Prf id, ByteView key, ByteView data);

/// `size` octets of prf+ (K, S); at most 255 blocks, which is more than any use of it asks for.
Bytes prf_plus(Prf id, ByteView key, ByteView seed, std::size_t size);

/// Truncated to the algorithm's ICV.
Bytes mac(Integrity id, ByteView key, ByteView data);

Bytes sha1(ByteView data);
/// HMAC-SHA-256 in full, for cookies.
Bytes hmac_sha256(ByteView key, ByteView data);

}  // namespace nezu::ike
