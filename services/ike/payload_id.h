// Identification and Authentication payloads, RFC 7296 sections 3.5 and 3.8.
#pragma once

#include <optional>

#include "services/ike/config.h"

namespace nezu::ike {

/// A type of ours with the right length and, for names, without control characters.
bool validate_id(ByteView body);
std::optional<Identity> parse_id(ByteView body);
Bytes encode_id(const Identity& identity);

enum class AuthMethod : std::uint8_t { kNone = 0, kSharedKey = 2 };

struct Auth {
  std::uint8_t method = 0;  // as on the wire
  Bytes data;

  bool operator==(const Auth&) const = default;
};

bool validate_auth(ByteView body);
std::optional<Auth> parse_auth(ByteView body);
Bytes encode_auth(const Auth& auth);

}  // namespace nezu::ike
