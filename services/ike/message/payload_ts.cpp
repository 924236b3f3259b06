#include "services/ike/message/payload_ts.h"

#include "services/ike/message/wire.h"

namespace nezu::ike {
namespace {
constexpr std::uint8_t kInetRange = 7;
constexpr std::uint8_t kInet6Range = 8;
constexpr std::size_t kSelectorHeader = 8;

std::size_t address_size(std::uint8_t type) {
  if (type == kInetRange) return 4;
  return type == kInet6Range ? 16 : 0;
}

// RFC 7296 section 3.13.1: OPAQUE ports are written as 65535-0. No policy of ours has them, so they
// meet none of its selectors.
bool is_opaque(const TrafficSelector& selector) {
  return selector.port_first == 65535 && selector.port_last == 0;
}

bool parse_selector(Reader& reader, std::vector<TrafficSelector>& selectors) {
  const std::uint8_t type = reader.u8();
  TrafficSelector selector;
  selector.protocol = reader.u8();
  const std::uint16_t length = reader.u16();
  if (length < kSelectorHeader) return false;
  selector.port_first = reader.u16();
  selector.port_last = reader.u16();
  const ByteView addresses = reader.take(length - kSelectorHeader);
  if (reader.failed()) return false;
  const std::size_t size = address_size(type);
  if (size == 0) return true;
  if (addresses.size() != 2 * size) return false;
  selector.first = Address::of(addresses.first(size));
  selector.last = Address::of(addresses.subspan(size));
  selectors.push_back(selector);
  return selector.first <= selector.last &&
         (selector.port_first <= selector.port_last || is_opaque(selector));
}
}  // namespace

bool validate_ts(ByteView body) {
  return parse_ts(body).has_value();
}

std::optional<std::vector<TrafficSelector>> parse_ts(ByteView body) {
  Reader reader(body);
  const std::uint8_t count = reader.u8();
  reader.take(3);
  if (reader.failed() || count == 0) return std::nullopt;
  std::vector<TrafficSelector> selectors;
  for (int i = 0; i < count; ++i)
    if (!parse_selector(reader, selectors)) return std::nullopt;
  if (!reader.finished()) return std::nullopt;
  return selectors;
}

Bytes encode_ts(const std::vector<TrafficSelector>& selectors) {
  Writer out;
  out.u8(static_cast<std::uint8_t>(selectors.size())).u8(0).u16(0);
  for (const auto& selector : selectors) {
    const std::size_t size = selector.first.size;
    out.u8(size == 4 ? kInetRange : kInet6Range).u8(selector.protocol);
    out.u16(static_cast<std::uint16_t>(kSelectorHeader + 2 * size));
    out.u16(selector.port_first).u16(selector.port_last);
    out.bytes(selector.first.view()).bytes(selector.last.view());
  }
  return out.done();
}

}  // namespace nezu::ike
