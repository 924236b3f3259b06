// The IKE header, RFC 7296 section 3.1.
#pragma once

#include <optional>

#include "services/ike/bytes.h"

namespace nezu::ike {

constexpr std::size_t kHeaderSize = 28;

enum class ExchangeType : std::uint8_t {
  kInit = 34,
  kAuth = 35,
  kCreateChild = 36,
  kInformational = 37,
};

///                      1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// |                       IKE SA Initiator's SPI                  |
/// |                       IKE SA Responder's SPI                  |
/// | Next Payload  | MjVer | MnVer | Exchange Type |     Flags     |
/// |                          Message ID                           |
/// |                            Length                             |
struct Header {
  std::uint64_t spi_i = 0;
  std::uint64_t spi_r = 0;
  std::uint8_t next_payload = 0;
  std::uint8_t major = 2;
  ExchangeType exchange = ExchangeType::kInit;
  bool initiator = false;  // sent by the original initiator
  bool response = false;
  std::uint32_t message = 0;
  std::uint32_t length = 0;
};

enum class HeaderFault : std::uint8_t { kNone, kShort, kLength, kVersion, kSpi, kExchange };

/// Of a whole datagram: its size, major version, SPIs and exchange type.
HeaderFault validate_header(ByteView datagram);
/// Of a datagram that validate_header() did not find too short.
Header parse_header(ByteView datagram);
/// The length field is header.length.
Bytes encode_header(const Header& header);

}  // namespace nezu::ike
