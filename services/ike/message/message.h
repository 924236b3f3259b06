// The payloads of one IKE message, parsed.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "services/ike/message/header.h"
#include "services/ike/message/payload.h"
#include "services/ike/message/payload_cert.h"
#include "services/ike/message/payload_id.h"
#include "services/ike/message/payload_ke.h"
#include "services/ike/message/payload_notify.h"
#include "services/ike/message/payload_sa.h"
#include "services/ike/message/payload_ts.h"

namespace nezu::ike {

struct Payloads {
  std::optional<std::vector<Offer>> sa;
  std::optional<KeyExchange> ke;
  std::optional<Bytes> nonce;
  std::optional<Identity> id_i;
  std::optional<Identity> id_r;
  Bytes id_i_body;  // as received: AUTH signs these octets
  Bytes id_r_body;
  std::vector<CertPayload> certificates;
  std::optional<Auth> auth;
  std::vector<Notify> notifies;
  std::vector<Delete> deletes;
  std::optional<std::vector<TrafficSelector>> ts_i;
  std::optional<std::vector<TrafficSelector>> ts_r;
};

/// Why a message is refused, as it is told to the peer.
struct Refusal {
  NotifyType type = NotifyType::kInvalidSyntax;
  Bytes data;  // UNSUPPORTED_CRITICAL_PAYLOAD: the payload's type
};

/// A clear-text chain or the inside of SK. Payloads that we do not use are skipped, an unknown one
/// with the critical bit is refused, and so is a second one of a kind that may come once, or an SK.
std::variant<Payloads, Refusal> parse_payloads(std::uint8_t first, ByteView chain);

/// The first notify of the type, if any.
const Notify* find_notify(const Payloads& payloads, NotifyType type);
/// The first notify with an error type, if any.
const Notify* find_error(const Payloads& payloads);

/// A whole clear-text message; fills in next payload and length.
Bytes encode_message(Header header, const PayloadChain& chain);

}  // namespace nezu::ike
