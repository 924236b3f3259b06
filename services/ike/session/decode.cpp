#include "services/ike/session/decode.h"

#include <algorithm>

#include "services/ike/algorithms.h"
#include "services/ike/message/payload_id.h"
#include "services/ike/message/payload_notify.h"
#include "services/ike/message/payload_ts.h"
#include "services/ike/message/wire.h"
#include "services/ike/selectors.h"

namespace nezu::ike {
namespace {
struct Number {
  std::uint16_t number;
  std::string_view name;
};

template <std::size_t Size>
std::string named(const Number (&numbers)[Size], std::uint16_t number, std::string_view kind) {
  for (const Number& each : numbers)
    if (each.number == number) return std::string(each.name);
  return std::string(kind) + ' ' + std::to_string(number);
}

// IANA "Internet Key Exchange Version 2 (IKEv2) Parameters": what peers offer and we do not run.
constexpr Number kEncryptions[] = {{1, "des-iv64"},      {4, "rc5"},          {5, "idea"},
                                   {6, "cast"},          {7, "blowfish"},     {11, "null"},
                                   {12, "aes-cbc"},      {13, "aes-ctr"},     {14, "aes-ccm-8"},
                                   {15, "aes-ccm-12"},   {16, "aes-ccm-16"},  {18, "aes-gcm-8"},
                                   {19, "aes-gcm-12"},   {20, "aes-gcm-16"},  {21, "null-aes-gmac"},
                                   {23, "camellia-cbc"}, {24, "camellia-ctr"}};
constexpr Number kPrfs[] = {{3, "hmac-tiger"}, {4, "aes128-xcbc"}, {8, "aes128-cmac"}};
constexpr Number kIntegrities[] = {{0, "none"},         {3, "des-mac"},      {4, "kpdk-md5"},
                                   {5, "aes-xcbc-96"},  {6, "hmac-md5-128"}, {7, "hmac-sha1-160"},
                                   {8, "aes-cmac-96"},  {9, "aes-128-gmac"}, {10, "aes-192-gmac"},
                                   {11, "aes-256-gmac"}};
constexpr Number kStatuses[] = {{16385, "SET_WINDOW_SIZE"},
                                {16386, "ADDITIONAL_TS_POSSIBLE"},
                                {16387, "IPCOMP_SUPPORTED"},
                                {16384, "INITIAL_CONTACT"},
                                {16388, "NAT_DETECTION_SOURCE_IP"},
                                {16389, "NAT_DETECTION_DESTINATION_IP"},
                                {16390, "COOKIE"},
                                {16391, "USE_TRANSPORT_MODE"},
                                {16392, "HTTP_CERT_LOOKUP_SUPPORTED"},
                                {16393, "REKEY_SA"},
                                {16394, "ESP_TFC_PADDING_NOT_SUPPORTED"},
                                {16395, "NON_FIRST_FRAGMENTS_ALSO"},
                                {16396, "MOBIKE_SUPPORTED"},
                                {16397, "ADDITIONAL_IP4_ADDRESS"},
                                {16398, "ADDITIONAL_IP6_ADDRESS"},
                                {16399, "NO_ADDITIONAL_ADDRESSES"},
                                {16403, "AUTH_LIFETIME"},
                                {16404, "MULTIPLE_AUTH_SUPPORTED"},
                                {16406, "REDIRECT_SUPPORTED"},
                                {16417, "EAP_ONLY_AUTHENTICATION"},
                                {16418, "CHILDLESS_IKEV2_SUPPORTED"},
                                {16420, "IKEV2_MESSAGE_ID_SYNC_SUPPORTED"},
                                {16430, "IKEV2_FRAGMENTATION_SUPPORTED"},
                                {16431, "SIGNATURE_HASH_ALGORITHMS"},
                                {16435, "USE_PPK"},
                                {16438, "INTERMEDIATE_EXCHANGE_SUPPORTED"},
                                {34, "SINGLE_PAIR_REQUIRED"},
                                {36, "INTERNAL_ADDRESS_FAILURE"},
                                {37, "FAILED_CP_REQUIRED"},
                                {39, "INVALID_SELECTORS"}};

std::string octets(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " octet" : " octets");
}

std::string hex(std::uint64_t value, int digits) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%0*llx", digits, static_cast<unsigned long long>(value));
  return text;
}

std::string printable(ByteView bytes) {
  std::string text;
  for (const std::uint8_t octet : bytes.first(std::min<std::size_t>(bytes.size(), 60)))
    text += octet >= ' ' && octet < 0x7f ? char(octet) : '.';
  return text;
}

std::string spi_of(const Offer& offer) {
  if (offer.spi.size() == 4) return ", SPI " + hex(Reader(offer.spi).u32(), 8);
  if (offer.spi.size() == 8) return ", SPI " + hex(Reader(offer.spi).u64(), 16);
  return {};
}

std::string_view name_of(Protocol protocol) {
  if (protocol == Protocol::kIke) return "IKE";
  if (protocol == Protocol::kEsp) return "ESP";
  return protocol == Protocol::kAh ? "AH" : "no protocol";
}

std::vector<std::string> sa_lines(ByteView body) {
  const auto offers = parse_sa(body);
  if (!offers) return {"malformed"};
  std::vector<std::string> lines;
  for (const Offer& offer : *offers)
    lines.push_back("proposal " + std::to_string(offer.number) + ": " +
                    std::string(name_of(offer.protocol)) + ", " + text_of(offer) + spi_of(offer));
  return lines;
}

std::string ke_line(const KeptPayload& payload) {
  if (payload.body.size() < 2) return "malformed";
  const Transform group{TransformType::kDh, Reader(payload.body).u16(), 0, false};
  return name_of(group) + ", public value of " +
         octets(payload.length - std::min(payload.length, 4u));
}

std::string_view id_type(std::uint8_t type) {
  constexpr std::string_view kNames[] = {
      "", "inet", "hostname", "user-at-hostname",   "", "inet6",
      "", "",     "",         "distinguished-name", "", "key-id"};
  return type < std::size(kNames) && !kNames[type].empty() ? kNames[type] : "unknown type";
}

std::string id_line(ByteView body) {
  if (body.empty()) return "malformed";
  const auto id = parse_id(body);
  return std::string(id_type(body[0])) + (id ? ' ' + to_string(*id) : std::string());
}

std::string auth_line(const KeptPayload& payload) {
  static constexpr Number kMethods[] = {{1, "RSA signature"},      {2, "pre-shared key"},
                                        {3, "DSS signature"},      {9, "ECDSA, 256 bits"},
                                        {10, "ECDSA, 384 bits"},   {11, "ECDSA, 521 bits"},
                                        {13, "no authentication"}, {14, "digital signature"}};
  if (payload.body.empty()) return "malformed";
  return named(kMethods, payload.body[0], "method") + ", proof of " +
         octets(payload.length - std::min(payload.length, 4u));
}

// What a notify says besides its name.
std::string notify_data(const Notify& notify) {
  if (notify.type == NotifyType::kInvalidKePayload && notify.data.size() == 2)
    return ": " + name_of(Transform{TransformType::kDh, Reader(notify.data).u16(), 0, false}) +
           " is wanted";
  if (notify.type == NotifyType::kRekeySa && notify.spi.size() == 4)
    return ": of the SA with SPI " + hex(Reader(notify.spi).u32(), 8);
  if (notify.type == NotifyType::kUnsupportedCriticalPayload && notify.data.size() == 1)
    return ": " + name_of(static_cast<PayloadType>(notify.data[0]));
  const auto number = static_cast<std::uint16_t>(notify.type);
  if ((number == 16385 || number == 16403) && notify.data.size() == 4)
    return ": " + std::to_string(Reader(notify.data).u32());
  return {};
}

std::string notify_line(ByteView body) {
  const auto notify = parse_notify(body);
  if (!notify) return "malformed";
  const auto number = static_cast<std::uint16_t>(notify->type);
  std::string name(name_of(notify->type));
  if (name == "an unknown error") name = named(kStatuses, number, "type");
  return name + notify_data(*notify);
}

std::string delete_line(ByteView body) {
  const auto payload = parse_delete(body);
  if (!payload) return "malformed";
  if (payload->protocol == Protocol::kIke) return "this IKE SA";
  std::string text = std::string(name_of(payload->protocol)) + " SAs with SPI";
  for (const std::uint32_t spi : payload->spis) text += ' ' + hex(spi, 8);
  return text;
}

std::vector<std::string> ts_lines(ByteView body) {
  const auto selectors = parse_ts(body);
  if (!selectors) return {"malformed"};
  std::vector<std::string> lines;
  for (const TrafficSelector& each : *selectors) lines.push_back(text_of(each));
  if (lines.empty()) lines.emplace_back("of no type that is known here");
  return lines;
}
}  // namespace

std::string_view name_of(ExchangeType type) {
  switch (type) {
    case ExchangeType::kInit:
      return "IKE_SA_INIT";
    case ExchangeType::kAuth:
      return "IKE_AUTH";
    case ExchangeType::kCreateChild:
      return "CREATE_CHILD_SA";
    case ExchangeType::kInformational:
      return "INFORMATIONAL";
  }
  return "unknown exchange";
}

std::string name_of(PayloadType type) {
  static constexpr Number kNames[] = {
      {33, "SA"},   {34, "KE"},    {35, "IDi"}, {36, "IDr"}, {37, "CERT"}, {38, "CERTREQ"},
      {39, "AUTH"}, {40, "Nonce"}, {41, "N"},   {42, "D"},   {43, "V"},    {44, "TSi"},
      {45, "TSr"},  {46, "SK"},    {47, "CP"},  {48, "EAP"}, {53, "SKF"}};
  return named(kNames, static_cast<std::uint16_t>(type), "payload");
}

std::string_view name_of(TransformType type) {
  switch (type) {
    case TransformType::kEncryption:
      return "encryption";
    case TransformType::kPrf:
      return "PRF";
    case TransformType::kIntegrity:
      return "integrity";
    case TransformType::kDh:
      return "DH group";
    case TransformType::kExtendedSequence:
      return "ESN";
  }
  return "transform";
}

std::string name_of(const Transform& transform) {
  switch (transform.type) {
    case TransformType::kEncryption: {
      if (const auto known = encryption_of(transform.id, transform.key_bits))
        return std::string(facts(*known).name);
      const std::string bits =
          transform.key_bits ? '-' + std::to_string(transform.key_bits) : std::string();
      return named(kEncryptions, transform.id, "encryption") + bits;
    }
    case TransformType::kPrf:
      if (const auto known = prf_of(transform.id)) return std::string(facts(*known).shown);
      return named(kPrfs, transform.id, "PRF");
    case TransformType::kIntegrity:
      if (const auto known = integrity_of(transform.id)) return std::string(facts(*known).shown);
      return named(kIntegrities, transform.id, "integrity");
    case TransformType::kDh:
      return transform.id ? "group" + std::to_string(transform.id) : "none";
    case TransformType::kExtendedSequence:
      return transform.id ? "extended sequence numbers" : "no ESN";
  }
  return "transform " + std::to_string(transform.id);
}

std::string text_of(const Offer& offer, TransformType type) {
  std::string text;
  for (const Transform& each : offer.transforms)
    if (each.type == type) text += (text.empty() ? "" : " or ") + name_of(each);
  return text.empty() ? "none" : text;
}

std::string text_of(const Offer& offer) {
  std::string text;
  for (const TransformType type :
       {TransformType::kEncryption, TransformType::kIntegrity, TransformType::kPrf,
        TransformType::kDh, TransformType::kExtendedSequence})
    if (const std::string some = text_of(offer, type); some != "none")
      text += (text.empty() ? "" : ", ") + some;
  return text;
}

std::string text_of(const TrafficSelector& selector) {
  const std::string prefix = covering_prefix(selector);
  const auto exact = prefix.substr(0, prefix.find('/'));
  std::string text = to_string(selector.first) + '-' + to_string(selector.last);
  if (selector.first == selector.last) text = to_string(selector.first);
  if (exact == to_string(selector.first)) {
    // The prefix may hold more than the range.
    TrafficSelector whole = selector;
    const std::size_t bits = std::size_t(std::stoul(prefix.substr(prefix.find('/') + 1)));
    whole.last = whole.first;
    for (std::size_t bit = bits; bit < std::size_t(whole.last.size) * 8; ++bit)
      whole.last.octets[bit / 8] |= std::uint8_t(0x80u >> (bit % 8));
    if (whole.last == selector.last) text = prefix;
  }
  if (selector.protocol != 0) text += " protocol " + std::to_string(selector.protocol);
  if (selector.port_first != 0 || selector.port_last != 65535)
    text +=
        " port " + std::to_string(selector.port_first) + '-' + std::to_string(selector.port_last);
  return text;
}

std::string text_of(const std::vector<TrafficSelector>& selectors) {
  std::string text;
  for (const TrafficSelector& each : selectors) text += (text.empty() ? "" : ", ") + text_of(each);
  return text.empty() ? "nothing" : text;
}

std::vector<std::string> lines_of(const KeptPayload& payload) {
  const bool has_parser = payload.type == PayloadType::kSa || payload.type == PayloadType::kTsI ||
                          payload.type == PayloadType::kTsR || payload.type == PayloadType::kIdI ||
                          payload.type == PayloadType::kIdR || payload.type == PayloadType::kDelete;
  if (has_parser && !payload.kept_whole())
    return {octets(payload.length) + ", too long to be kept"};
  switch (payload.type) {
    case PayloadType::kSa:
      return sa_lines(payload.body);
    case PayloadType::kKe:
      return {ke_line(payload)};
    case PayloadType::kIdI:
    case PayloadType::kIdR:
      return {id_line(payload.body)};
    case PayloadType::kAuth:
      return {auth_line(payload)};
    case PayloadType::kNotify:
      return {notify_line(payload.body)};
    case PayloadType::kDelete:
      return {delete_line(payload.body)};
    case PayloadType::kTsI:
    case PayloadType::kTsR:
      return ts_lines(payload.body);
    case PayloadType::kVendor:
      return {printable(payload.body)};
    default:
      return {octets(payload.length)};
  }
}

}  // namespace nezu::ike
