// Key Exchange and Nonce payloads, RFC 7296 sections 3.4 and 3.9.
#pragma once

#include <optional>

#include "services/ike/bytes.h"

namespace nezu::ike {

struct KeyExchange {
  std::uint16_t group = 0;  // as on the wire: may be one we do not know
  Bytes data;

  bool operator==(const KeyExchange&) const = default;
};

bool validate_ke(ByteView body);
std::optional<KeyExchange> parse_ke(ByteView body);
Bytes encode_ke(const KeyExchange& ke);

/// 16 to 256 octets.
bool validate_nonce(ByteView body);

}  // namespace nezu::ike
