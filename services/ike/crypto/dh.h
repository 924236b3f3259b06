// Diffie-Hellman (RFC 2409, 3526, 5114, 5903, 8031). The only slow computation of a handshake with
// pre-shared keys, therefore run as a job.
#pragma once

#include <cstddef>

#include "services/ike/algorithms.h"
#include "services/ike/bytes.h"

namespace nezu::ike {

/// Compute on a worker thread (services/ike/crypto/dh.h: run) and hand the result to
/// SaTable::complete. Everything it needs is inside, nothing random happens in it: running it again
/// gives the same result.
struct DhJob {
  std::uint32_t sa = 0;   // IkeSa.index
  std::uint64_t job = 0;  // unique in the SA
  DhGroup group = DhGroup::kNone;
  Bytes private_key;
  Bytes peer_public;         // empty: no shared secret is wanted
  bool want_public = false;  // our public value
};

struct DhResult {
  std::uint32_t sa = 0;
  std::uint64_t job = 0;
  bool ok = false;  // false: the peer's public value is not one
  Bytes public_key;
  Bytes shared_secret;
};

/// Octets of a public value in a KE payload; 0 for an unknown group.
std::size_t public_size(DhGroup group);

Bytes draw_private_key(DhGroup group, const Random& random);

/// Pure and thread-safe. Not ok when the peer's value is out of range, of a small subgroup, not on
/// the curve or gives an all-zero secret (RFC 6989, RFC 8031 section 2.3).
DhResult run(const DhJob& job);

}  // namespace nezu::ike
