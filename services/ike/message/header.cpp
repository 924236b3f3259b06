#include "services/ike/message/header.h"

#include "services/ike/message/wire.h"

namespace nezu::ike {
namespace {
constexpr std::uint8_t kInitiatorFlag = 0x08;
constexpr std::uint8_t kResponseFlag = 0x20;
}  // namespace

HeaderFault validate_header(ByteView datagram) {
  if (datagram.size() < kHeaderSize) return HeaderFault::kShort;
  const Header header = parse_header(datagram);
  if (header.length != datagram.size()) return HeaderFault::kLength;
  if (header.major != 2) return HeaderFault::kVersion;
  if (header.spi_i == 0) return HeaderFault::kSpi;
  if (header.exchange < ExchangeType::kInit || header.exchange > ExchangeType::kInformational)
    return HeaderFault::kExchange;
  return HeaderFault::kNone;
}

Header parse_header(ByteView datagram) {
  Reader reader(datagram);
  Header header;
  header.spi_i = reader.u64();
  header.spi_r = reader.u64();
  header.next_payload = reader.u8();
  header.major = reader.u8() >> 4;
  header.exchange = static_cast<ExchangeType>(reader.u8());
  const std::uint8_t flags = reader.u8();
  header.initiator = flags & kInitiatorFlag;
  header.response = flags & kResponseFlag;
  header.message = reader.u32();
  header.length = reader.u32();
  return header;
}

Bytes encode_header(const Header& header) {
  const int flags = (header.initiator ? kInitiatorFlag : 0) | (header.response ? kResponseFlag : 0);
  return Writer()
      .u64(header.spi_i)
      .u64(header.spi_r)
      .u8(header.next_payload)
      .u8(static_cast<std::uint8_t>(header.major << 4))
      .u8(static_cast<std::uint8_t>(header.exchange))
      .u8(static_cast<std::uint8_t>(flags))
      .u32(header.message)
      .u32(header.length)
      .done();
}

}  // namespace nezu::ike
