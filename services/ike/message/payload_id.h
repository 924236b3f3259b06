// Identification and Authentication payloads, RFC 7296 sections 3.5 and 3.8.
#pragma once

#include <optional>

#include "services/ike/config.h"

namespace nezu::ike {

/// A type of ours with the right length and, for names, without control characters.
bool validate_id(ByteView body);
std::optional<Identity> parse_id(ByteView body);
Bytes encode_id(const Identity& identity);

/// Numbers of the wire, RFC 7296 section 3.8, RFC 4754, RFC 7427.
enum class AuthMethod : std::uint8_t {
  kNone = 0,
  kRsa = 1,
  kSharedKey = 2,
  kEcdsa256 = 9,
  kEcdsa384 = 10,
  kEcdsa521 = 11,
  kDigitalSignature = 14,
};

struct Auth {
  std::uint8_t method = 0;  // as on the wire
  Bytes data;

  bool operator==(const Auth&) const = default;
};

bool validate_auth(ByteView body);
std::optional<Auth> parse_auth(ByteView body);
Bytes encode_auth(const Auth& auth);

}  // namespace nezu::ike
