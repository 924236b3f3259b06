#include "services/ike/message/message.h"

namespace nezu::ike {
namespace {
// Puts a payload that may come once where it belongs. False: malformed, or the second one.
template <typename Value>
bool once(std::optional<Value>& place, std::optional<Value> parsed) {
  if (place || !parsed) return false;
  place = std::move(parsed);
  return true;
}

template <typename Value>
bool another(std::vector<Value>& place, std::optional<Value> parsed) {
  if (!parsed) return false;
  place.push_back(std::move(*parsed));
  return true;
}

std::optional<Bytes> parse_nonce(ByteView body) {
  if (!validate_nonce(body)) return std::nullopt;
  return bytes_of(body);
}

bool another_certificate(std::vector<CertPayload>& place, ByteView body) {
  auto parsed = parse_cert(body);
  if (!parsed || place.size() == kMaxCertificates) return false;
  std::size_t octets = parsed->data.size();
  for (const CertPayload& each : place) octets += each.data.size();
  if (octets > kMaxCertificateOctets) return false;
  place.push_back(std::move(*parsed));
  return true;
}

bool keep(const RawPayload& raw, Payloads& payloads) {
  switch (raw.type) {
    case PayloadType::kSa:
      return once(payloads.sa, parse_sa(raw.body));
    case PayloadType::kKe:
      return once(payloads.ke, parse_ke(raw.body));
    case PayloadType::kNonce:
      return once(payloads.nonce, parse_nonce(raw.body));
    case PayloadType::kIdI:
      payloads.id_i_body = bytes_of(raw.body);
      return once(payloads.id_i, parse_id(raw.body));
    case PayloadType::kIdR:
      payloads.id_r_body = bytes_of(raw.body);
      return once(payloads.id_r, parse_id(raw.body));
    case PayloadType::kCert:
      return another_certificate(payloads.certificates, raw.body);
    case PayloadType::kCertRequest:
      return validate_cert_request(raw.body);
    case PayloadType::kAuth:
      return once(payloads.auth, parse_auth(raw.body));
    case PayloadType::kNotify:
      return another(payloads.notifies, parse_notify(raw.body));
    case PayloadType::kDelete:
      return another(payloads.deletes, parse_delete(raw.body));
    case PayloadType::kTsI:
      return once(payloads.ts_i, parse_ts(raw.body));
    case PayloadType::kTsR:
      return once(payloads.ts_r, parse_ts(raw.body));
    default:
      return true;
  }
}

// Types of RFC 7296 that we have no use for are known all the same: their critical bit is ignored.
bool is_known(PayloadType type) {
  return type >= PayloadType::kSa && type <= PayloadType::kEap;
}

bool may_be_inside(PayloadType type) {
  return type != PayloadType::kSk && type != PayloadType::kSkf;
}
}  // namespace

std::variant<Payloads, Refusal> parse_payloads(std::uint8_t first, ByteView chain) {
  const auto raws = split_payloads(first, chain);
  if (!raws) return Refusal{};
  Payloads payloads;
  for (const RawPayload& raw : *raws) {
    if (!may_be_inside(raw.type)) return Refusal{};
    if (!is_known(raw.type) && raw.critical)
      return Refusal{NotifyType::kUnsupportedCriticalPayload,
                     {static_cast<std::uint8_t>(raw.type)}};
    if (!keep(raw, payloads)) return Refusal{};
  }
  return payloads;
}

const Notify* find_notify(const Payloads& payloads, NotifyType type) {
  for (const Notify& notify : payloads.notifies)
    if (notify.type == type) return &notify;
  return nullptr;
}

const Notify* find_error(const Payloads& payloads) {
  for (const Notify& notify : payloads.notifies)
    if (is_error(notify.type)) return &notify;
  return nullptr;
}

Bytes encode_message(Header header, const PayloadChain& chain) {
  header.next_payload = chain.first();
  header.length = static_cast<std::uint32_t>(kHeaderSize + chain.bytes().size());
  return joined({encode_header(header), chain.bytes()});
}

}  // namespace nezu::ike
