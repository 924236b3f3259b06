// Diffie-Hellman (RFC 2409, 3526, 5114, 5903, 8031). The only slow computation of a handshake with
// pre-shared keys, therefore run as a job.
#pragma once

#include <cstddef>

#include "services/ike/actions.h"

namespace nezu::ike {

/// Octets of a public value in a KE payload; 0 for an unknown group.
std::size_t public_size(DhGroup group);

Bytes draw_private_key(DhGroup group, const Random& random);

/// Pure and thread-safe. Not ok when the peer's value is out of range, of a small subgroup, not on
/// the curve or gives an all-zero secret (RFC 6989, RFC 8031 section 2.3).
DhResult run(const DhJob& job);

}  // namespace nezu::ike
