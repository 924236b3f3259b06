#include "services/ike/message/payload_id.h"

#include <algorithm>

#include "services/ike/distinguished_name.h"
#include "services/ike/message/wire.h"

namespace nezu::ike {
namespace {
constexpr std::size_t kMaxIdentity = 255;
constexpr std::size_t kMaxAuth = 4096;

bool is_name(ByteView data) {
  return std::none_of(data.begin(), data.end(), [](std::uint8_t c) { return c < 0x20; });
}
}  // namespace

bool validate_id(ByteView body) {
  if (body.size() < 5) return false;
  const ByteView data = body.subspan(4);
  const auto type = static_cast<Identity::Type>(body[0]);
  if (type == Identity::Type::kDistinguishedName) return is_name_der(data);
  if (data.size() > kMaxIdentity) return false;
  switch (type) {
    case Identity::Type::kInet:
      return data.size() == 4;
    case Identity::Type::kInet6:
      return data.size() == 16;
    case Identity::Type::kHostname:
    case Identity::Type::kUserAtHostname:
      return is_name(data);
    case Identity::Type::kKeyId:
      return true;
    default:
      return false;
  }
}

std::optional<Identity> parse_id(ByteView body) {
  if (!validate_id(body)) return std::nullopt;
  return Identity{static_cast<Identity::Type>(body[0]), bytes_of(body.subspan(4))};
}

Bytes encode_id(const Identity& identity) {
  return Writer()
      .u8(static_cast<std::uint8_t>(identity.type))
      .u8(0)
      .u16(0)
      .bytes(identity.data)
      .done();
}

bool validate_auth(ByteView body) {
  return body.size() > 4 && body.size() <= 4 + kMaxAuth;
}

std::optional<Auth> parse_auth(ByteView body) {
  if (!validate_auth(body)) return std::nullopt;
  return Auth{body[0], bytes_of(body.subspan(4))};
}

Bytes encode_auth(const Auth& auth) {
  return Writer().u8(auth.method).u8(0).u16(0).bytes(auth.data).done();
}

}  // namespace nezu::ike
