#include "services/ike/message/payload_notify.h"

#include "services/ike/message/wire.h"

namespace nezu::ike {

std::string_view name_of(NotifyType type) {
  switch (type) {
    case NotifyType::kUnsupportedCriticalPayload:
      return "UNSUPPORTED_CRITICAL_PAYLOAD";
    case NotifyType::kInvalidIkeSpi:
      return "INVALID_IKE_SPI";
    case NotifyType::kInvalidMajorVersion:
      return "INVALID_MAJOR_VERSION";
    case NotifyType::kInvalidSyntax:
      return "INVALID_SYNTAX";
    case NotifyType::kInvalidMessageId:
      return "INVALID_MESSAGE_ID";
    case NotifyType::kNoProposalChosen:
      return "NO_PROPOSAL_CHOSEN";
    case NotifyType::kInvalidKePayload:
      return "INVALID_KE_PAYLOAD";
    case NotifyType::kAuthenticationFailed:
      return "AUTHENTICATION_FAILED";
    case NotifyType::kNoAdditionalSas:
      return "NO_ADDITIONAL_SAS";
    case NotifyType::kTsUnacceptable:
      return "TS_UNACCEPTABLE";
    case NotifyType::kTemporaryFailure:
      return "TEMPORARY_FAILURE";
    case NotifyType::kChildSaNotFound:
      return "CHILD_SA_NOT_FOUND";
    default:
      return "an unknown error";
  }
}

bool validate_notify(ByteView body) {
  return body.size() >= 4 && body.size() >= 4u + body[1];
}

std::optional<Notify> parse_notify(ByteView body) {
  if (!validate_notify(body)) return std::nullopt;
  Reader reader(body);
  Notify notify;
  notify.protocol = static_cast<Protocol>(reader.u8());
  const std::uint8_t spi_size = reader.u8();
  notify.type = static_cast<NotifyType>(reader.u16());
  notify.spi = bytes_of(reader.take(spi_size));
  notify.data = bytes_of(reader.rest());
  return notify;
}

Bytes encode_notify(const Notify& notify) {
  return Writer()
      .u8(static_cast<std::uint8_t>(notify.protocol))
      .u8(static_cast<std::uint8_t>(notify.spi.size()))
      .u16(static_cast<std::uint16_t>(notify.type))
      .bytes(notify.spi)
      .bytes(notify.data)
      .done();
}

// AH is none of ours, but its form is that of ESP and it is answered with silence, not with an
// error.
bool validate_delete(ByteView body) {
  if (body.size() < 4) return false;
  const std::size_t spi_size = body[1];
  const std::size_t count = static_cast<std::size_t>(body[2]) << 8 | body[3];
  if (static_cast<Protocol>(body[0]) == Protocol::kIke)
    return spi_size == 0 && count == 0 && body.size() == 4;
  return spi_size == 4 && body.size() == 4 + count * 4;
}

std::optional<Delete> parse_delete(ByteView body) {
  if (!validate_delete(body)) return std::nullopt;
  Reader reader(body);
  Delete payload;
  payload.protocol = static_cast<Protocol>(reader.u8());
  reader.u8();
  reader.u16();
  while (reader.left() > 0) payload.spis.push_back(reader.u32());
  return payload;
}

Bytes encode_delete(const Delete& payload) {
  Writer out;
  out.u8(static_cast<std::uint8_t>(payload.protocol));
  out.u8(payload.protocol == Protocol::kIke ? 0 : 4);
  out.u16(static_cast<std::uint16_t>(payload.spis.size()));
  for (std::uint32_t spi : payload.spis) out.u32(spi);
  return out.done();
}

}  // namespace nezu::ike
