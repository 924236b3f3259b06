// Notify and Delete payloads, RFC 7296 sections 3.10 and 3.11.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "services/ike/message/payload_sa.h"

namespace nezu::ike {

enum class NotifyType : std::uint16_t {
  kNone = 0,
  kUnsupportedCriticalPayload = 1,
  kInvalidIkeSpi = 4,
  kInvalidMajorVersion = 5,
  kInvalidSyntax = 7,
  kInvalidMessageId = 9,
  kInvalidSpi = 11,
  kNoProposalChosen = 14,
  kInvalidKePayload = 17,
  kAuthenticationFailed = 24,
  kSinglePairRequired = 34,
  kNoAdditionalSas = 35,
  kTsUnacceptable = 38,
  kTemporaryFailure = 43,
  kChildSaNotFound = 44,
  kInitialContact = 16384,
  kSetWindowSize = 16385,
  kNatDetectionSource = 16388,
  kNatDetectionDestination = 16389,
  kCookie = 16390,
  kRekeySa = 16393,
  kAuthLifetime = 16403,  // RFC 4478
  kFragmentationSupported = 16430,
  kSignatureHashAlgorithms = 16431,
};
inline bool is_error(NotifyType type) {
  return static_cast<std::uint16_t>(type) < 16384;
}
/// "NO_PROPOSAL_CHOSEN"; "notify 12345" has no name.
std::string_view name_of(NotifyType type);

struct Notify {
  NotifyType type = NotifyType::kNone;
  Protocol protocol = Protocol::kNone;
  Bytes spi;
  Bytes data;

  bool operator==(const Notify&) const = default;
};

bool validate_notify(ByteView body);
std::optional<Notify> parse_notify(ByteView body);
Bytes encode_notify(const Notify& notify);

struct Delete {
  Protocol protocol = Protocol::kIke;
  std::vector<std::uint32_t> spis;  // ESP; the IKE SA has none

  bool operator==(const Delete&) const = default;
};

bool validate_delete(ByteView body);
std::optional<Delete> parse_delete(ByteView body);
Bytes encode_delete(const Delete& payload);

}  // namespace nezu::ike
