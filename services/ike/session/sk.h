// The Encrypted payload, whole (RFC 7296 section 3.14) and in fragments (RFC 7383).
#pragma once

#include <optional>

#include "services/ike/message/message.h"
#include "services/ike/session/sa.h"

namespace nezu::ike {

/// What one direction needs.
struct SkKeys {
  Encryption encryption = Encryption::kNone;
  Integrity integrity = Integrity::kNone;
  ByteView encryption_key;  // with the salt of an AEAD
  ByteView integrity_key;
};
SkKeys sending_keys(const IkeSa& sa);
SkKeys receiving_keys(const IkeSa& sa);

struct FragmentNumber {
  std::uint16_t number = 0;  // 1 … total; 0: not a fragment
  std::uint16_t total = 0;
};

/// One message with `plain` inside SK, or SKF when numbered. `iv` has the cipher's size.
Bytes seal(Header header, std::uint8_t first_inner, ByteView plain, const SkKeys& keys, ByteView iv,
           FragmentNumber fragment = {});

struct Opened {
  std::uint8_t first_inner = 0;
  Bytes plain;
  FragmentNumber fragment;
};

/// Nothing when there is no SK or SKF, the ICV or the padding is wrong, or a critical payload that
/// nobody knows stands before it: silence is the only answer to any of these.
std::optional<Opened> open(ByteView datagram, const SkKeys& keys);

/// Octets that seal() adds to `plain` at most.
std::size_t seal_overhead(const SkKeys& keys);

}  // namespace nezu::ike
