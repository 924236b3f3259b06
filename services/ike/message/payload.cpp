#include "services/ike/message/payload.h"

#include "services/ike/message/wire.h"

namespace nezu::ike {
namespace {
constexpr std::size_t kGenericHeader = 4;
constexpr std::uint8_t kCritical = 0x80;
constexpr std::uint8_t kFirstOfIkev2 = 33;

bool ends_chain(PayloadType type) {
  return type == PayloadType::kSk || type == PayloadType::kSkf;
}
}  // namespace

std::optional<std::vector<RawPayload>> split_payloads(std::uint8_t first, ByteView chain) {
  std::vector<RawPayload> payloads;
  Reader reader(chain);
  for (std::uint8_t type = first; type != 0;) {
    if (type < kFirstOfIkev2 || payloads.size() == kMaxPayloads) return std::nullopt;
    RawPayload payload;
    payload.type = static_cast<PayloadType>(type);
    type = reader.u8();
    payload.next = static_cast<PayloadType>(type);
    payload.critical = reader.u8() & kCritical;
    const std::uint16_t length = reader.u16();
    if (length < kGenericHeader) return std::nullopt;
    payload.body_offset = chain.size() - reader.left();
    payload.body = reader.take(length - kGenericHeader);
    if (reader.failed()) return std::nullopt;
    payloads.push_back(payload);
    if (ends_chain(payload.type)) break;
  }
  if (!reader.finished()) return std::nullopt;
  return payloads;
}

PayloadChain& PayloadChain::add(PayloadType type, ByteView body) {
  if (bytes_.empty())
    first_ = static_cast<std::uint8_t>(type);
  else
    bytes_[last_at_] = static_cast<std::uint8_t>(type);
  last_at_ = bytes_.size();
  append(bytes_, Writer()
                     .u8(0)
                     .u8(0)
                     .u16(static_cast<std::uint16_t>(kGenericHeader + body.size()))
                     .bytes(body)
                     .done());
  return *this;
}

}  // namespace nezu::ike
