#include "services/ike/message/payload_ke.h"

#include "services/ike/message/wire.h"

namespace nezu::ike {
namespace {
constexpr std::size_t kMaxPublicValue = 1024;  // modp8192, larger than any group of ours
}

bool validate_ke(ByteView body) {
  return body.size() > 4 && body.size() <= 4 + kMaxPublicValue;
}

std::optional<KeyExchange> parse_ke(ByteView body) {
  if (!validate_ke(body)) return std::nullopt;
  Reader reader(body);
  KeyExchange ke;
  ke.group = reader.u16();
  reader.u16();
  ke.data = bytes_of(reader.rest());
  return ke;
}

Bytes encode_ke(const KeyExchange& ke) {
  return Writer().u16(ke.group).u16(0).bytes(ke.data).done();
}

bool validate_nonce(ByteView body) {
  return body.size() >= 16 && body.size() <= 256;
}

}  // namespace nezu::ike
