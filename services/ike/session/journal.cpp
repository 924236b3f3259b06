#include "services/ike/session/journal.h"

#include <algorithm>

#include "services/ike/message/payload_notify.h"
#include "services/ike/message/wire.h"

namespace nezu::ike {
namespace {
constexpr std::size_t kNotifyData = 32;  // more is a cookie, a hash or nothing we can read
constexpr std::size_t kWorthKeeping = 2048;

// A notify has a header of four octets and an SPI; of cookies and hashes nothing is told.
std::size_t kept_of_notify(ByteView body) {
  if (body.size() < 4) return 0;
  const auto type = static_cast<NotifyType>(body[2] << 8 | body[3]);
  const std::size_t head = 4u + body[1];
  const bool hidden = type == NotifyType::kCookie || type == NotifyType::kNatDetectionSource ||
                      type == NotifyType::kNatDetectionDestination;
  return std::min(body.size(), hidden ? head : head + kNotifyData);
}

std::size_t kept_of(PayloadType type, ByteView body) {
  switch (type) {
    case PayloadType::kKe:
      return std::min<std::size_t>(body.size(), 2);  // the group
    case PayloadType::kAuth:
      return std::min<std::size_t>(body.size(), 1);  // the method
    case PayloadType::kNotify:
      return kept_of_notify(body);
    case PayloadType::kSa:
    case PayloadType::kIdI:
    case PayloadType::kIdR:
    case PayloadType::kDelete:
    case PayloadType::kTsI:
    case PayloadType::kTsR:
    case PayloadType::kVendor:
      return std::min(body.size(), kWorthKeeping);
    default:
      return 0;
  }
}

// What counts need of a message.
struct Glance {
  bool cookie = false;
  bool rekeys_child = false;
  bool offers_ike = false;
  NotifyType error = NotifyType::kNone;
};

Glance glance(std::uint8_t first, ByteView chain) {
  Glance seen;
  std::uint8_t type = first;
  while (type != 0 && chain.size() >= 8) {
    const std::size_t length = std::size_t(chain[2]) << 8 | chain[3];
    if (length < 4 || length > chain.size()) break;
    if (static_cast<PayloadType>(type) == PayloadType::kNotify && length >= 8) {
      const auto notify = static_cast<NotifyType>(chain[6] << 8 | chain[7]);
      seen.cookie = seen.cookie || notify == NotifyType::kCookie;
      seen.rekeys_child = seen.rekeys_child || notify == NotifyType::kRekeySa;
      if (is_error(notify) && seen.error == NotifyType::kNone) seen.error = notify;
    }
    // The protocol of the first proposal.
    if (static_cast<PayloadType>(type) == PayloadType::kSa && length >= 12)
      seen.offers_ike = static_cast<Protocol>(chain[9]) == Protocol::kIke;
    type = chain[0];
    chain = chain.subspan(length);
  }
  return seen;
}

PeerTally::Kind kind_of(ExchangeType type, const Glance& seen) {
  if (type == ExchangeType::kInit) return PeerTally::kInit;
  if (type == ExchangeType::kAuth) return PeerTally::kAuth;
  if (type != ExchangeType::kCreateChild) return PeerTally::kKinds;
  if (seen.offers_ike) return PeerTally::kIkeRekey;
  return seen.rekeys_child ? PeerTally::kChildRekey : PeerTally::kKinds;
}

void count(ExchangeTally& tally, const Glance& seen, bool answer) {
  ++(answer ? tally.answers : tally.requests);
  if (seen.cookie) ++(answer ? tally.cookies : tally.cookies_returned);
  if (!answer) return;
  if (seen.error == NotifyType::kNoProposalChosen) ++tally.no_proposal_chosen;
  if (seen.error == NotifyType::kInvalidKePayload) ++tally.invalid_ke;
  if (seen.error == NotifyType::kTsUnacceptable) ++tally.ts_unacceptable;
  if (seen.error == NotifyType::kAuthenticationFailed) ++tally.authentication_failed;
}

Exchange exchange_of(const std::string& gateway, const Path& path, const Header& header) {
  Exchange exchange;
  exchange.gateway = gateway;
  exchange.path = path;
  exchange.type = header.exchange;
  exchange.message = header.message;
  exchange.spi_i = header.spi_i;
  exchange.spi_r = header.spi_r;
  return exchange;
}

bool asks_nothing(const Header& header, std::uint8_t first) {
  return header.exchange == ExchangeType::kInformational && first == 0 && !header.response;
}
}  // namespace

std::vector<KeptPayload> payloads_of(const Said& said) {
  std::vector<KeptPayload> all;
  Reader reader(said.kept);
  while (reader.left() >= 5) {
    KeptPayload each;
    each.type = static_cast<PayloadType>(reader.u8());
    each.length = reader.u16();
    const std::size_t kept = reader.u16();
    each.body = reader.take(kept);
    if (reader.failed()) break;
    all.push_back(each);
  }
  return all;
}

// Payload by payload: type, length, octets kept, those octets. The chain was accepted before, or is
// ours.
void Journal::keep(std::uint8_t first, ByteView chain, Said& said) {
  std::uint8_t type = first;
  while (type != 0 && chain.size() >= 4) {
    const std::size_t length = std::size_t(chain[2]) << 8 | chain[3];
    if (length < 4 || length > chain.size()) break;
    const ByteView body = chain.subspan(4, length - 4);
    const std::size_t kept = kept_of(static_cast<PayloadType>(type), body);
    if (said.kept.size() + kept + 5 > kMostOctets) {
      said.clipped = true;
      return;
    }
    const std::uint8_t head[] = {type, std::uint8_t(body.size() >> 8), std::uint8_t(body.size()),
                                 std::uint8_t(kept >> 8), std::uint8_t(kept)};
    said.kept.insert(said.kept.end(), std::begin(head), std::end(head));
    said.kept.insert(said.kept.end(), body.begin(), body.begin() + std::ptrdiff_t(kept));
    type = chain[0];
    chain = chain.subspan(length);
  }
}

std::size_t Journal::Hash::operator()(const Key& key) const {
  std::uint64_t mixed = std::uint64_t{key.sa} << 32 | key.message;
  mixed ^= std::uint64_t(key.type) << 24 ^ std::uint64_t{key.ours} << 31;
  return std::hash<std::uint64_t>()(mixed * 0x9e3779b97f4a7c15u);
}

Journal::Key Journal::key_of(const Exchange& exchange) {
  return {exchange.sa, exchange.message, exchange.type, exchange.ours};
}

Exchange* Journal::find(const Key& key) {
  const auto number = numbers_.find(key);
  return number == numbers_.end() ? nullptr : kept(number->second);
}

Exchange* Journal::kept(std::uint32_t number) {
  for (Ring* ring : {&others_, &proven_})
    if (const auto found = ring->find(number); found != ring->end()) return &found->second;
  return nullptr;
}

void Journal::trim(Ring& ring) {
  if (ring.size() <= kKept) return;
  const Exchange& oldest = ring.begin()->second;
  if (const auto number = numbers_.find(key_of(oldest));
      number != numbers_.end() && number->second == oldest.number)
    numbers_.erase(number);
  if (const auto latest = latest_.find(oldest.sa);
      latest != latest_.end() && latest->second == oldest.number)
    latest_.erase(latest);
  ring.erase(ring.begin());
}

Exchange& Journal::begin(Exchange exchange, Ring& ring, std::uint32_t sa, bool ours) {
  exchange.sa = sa;
  exchange.ours = ours;
  const std::uint32_t number = exchange.number = next_++;
  if (exchange.sa != 0) {
    numbers_[key_of(exchange)] = number;
    latest_[exchange.sa] = number;
  }
  Exchange& kept = ring.emplace_hint(ring.end(), number, std::move(exchange))->second;
  trim(ring);
  return kept;
}

std::uint32_t Journal::said(const IkeSa& sa, const Header& header, std::uint8_t first,
                            ByteView chain, Said said) {
  if (asks_nothing(header, first)) return 0;  // a probe
  said.what = header.response ? Said::What::kAnswer : Said::What::kRequest;
  const bool ours = said.sent != header.response;
  Exchange* exchange = find({sa.index, header.message, header.exchange, ours});
  const Glance seen = glance(first, chain);
  const PeerTally::Kind kind = exchange && exchange->kind != PeerTally::kKinds
                                   ? exchange->kind
                                   : kind_of(header.exchange, seen);
  if (kind != PeerTally::kKinds) {
    PeerTally& peer = peers_[sa.gateway];
    count((ours ? peer.initiated : peer.answered)[kind], seen, header.response);
  }
  // The answer to a probe, or to what is not kept any more, tells nothing by itself.
  if (!exchange && header.response) return 0;
  if (!exchange) {
    exchange = &begin(exchange_of(sa.gateway, sa.path, header),
                      is_half_open(sa.phase) && !sa.initiator ? others_ : proven_, sa.index, ours);
    exchange->kind = kind;
  }
  exchange->spi_r = header.spi_r;
  if (exchange->messages.size() >= kMostMessages) return exchange->number;
  keep(first, chain, said);
  exchange->messages.push_back(std::move(said));
  if (listener_) listener_(*exchange, exchange->messages.back());
  return exchange->number;
}

void Journal::asked_for_cookie(const std::string& gateway) {
  ExchangeTally& tally = peers_[gateway].answered[PeerTally::kInit];
  ++tally.requests;
  ++tally.answers;
  ++tally.cookies;
}

void Journal::knocked(const Path& path, Time now) {
  const Path& before = stranger_.path;
  const bool same = before.instance == path.instance &&
                    before.local.address == path.local.address &&
                    before.remote.address == path.remote.address;
  stranger_ = {path, now, same ? stranger_.times + 1 : 1};
}

Exchange& Journal::refused(const std::string& gateway, const Path& path, ByteView request,
                           ByteView answer, Time now) {
  const Header header = parse_header(request);
  Exchange& exchange = begin(exchange_of(gateway, path, header), others_, 0, false);
  for (const ByteView each : {request, answer}) {
    Said said;
    said.what = exchange.messages.empty() ? Said::What::kRequest : Said::What::kAnswer;
    said.sent = !exchange.messages.empty();
    said.at = now;
    said.octets = static_cast<std::uint32_t>(each.size());
    const std::uint8_t first = parse_header(each).next_payload;
    keep(first, each.subspan(kHeaderSize), said);
    count(peers_[gateway].answered[PeerTally::kInit], glance(first, each.subspan(kHeaderSize)),
          said.sent);
    exchange.messages.push_back(std::move(said));
    if (listener_) listener_(exchange, exchange.messages.back());
  }
  return exchange;
}

const PeerTally& Journal::tally(const std::string& gateway) const {
  static const PeerTally kNone;
  const auto found = peers_.find(gateway);
  return found == peers_.end() ? kNone : found->second;
}

TunnelTally Journal::tally(std::uint32_t tunnel) const {
  const auto found = tunnels_.find(tunnel);
  return found == tunnels_.end() ? TunnelTally() : found->second;
}

void Journal::negotiated(std::uint32_t tunnel, bool well) {
  if (tunnel == 0 || (tunnels_.size() >= kMostTunnels && !tunnels_.contains(tunnel))) return;
  TunnelTally& tally = tunnels_[tunnel];
  ++(well ? tally.negotiated : tally.failed);
}

void Journal::again(const IkeSa& sa, ExchangeType type, std::uint32_t message) {
  Exchange* exchange = find({sa.index, message, type, true});
  if (!exchange) return;
  for (auto each = exchange->messages.rbegin(); each != exchange->messages.rend(); ++each)
    if (each->sent) return void(++each->times);
}

Exchange* Journal::latest(const IkeSa& sa) {
  const auto number = latest_.find(sa.index);
  return number == latest_.end() ? nullptr : kept(number->second);
}

void Journal::proven(const IkeSa& sa) {
  ++peers_[sa.gateway].proven;
  for (const ExchangeType type : {ExchangeType::kInit, ExchangeType::kAuth}) {
    const std::uint32_t message = type == ExchangeType::kAuth ? 1 : 0;
    const auto number = numbers_.find({sa.index, message, type, sa.initiator});
    if (number == numbers_.end()) continue;
    auto node = others_.extract(number->second);
    if (node.empty()) continue;
    proven_.insert(std::move(node));
    trim(proven_);
  }
}

std::vector<const Exchange*> Journal::exchanges() const {
  std::vector<const Exchange*> all;
  for (const Ring* ring : {&proven_, &others_})
    for (const auto& [number, exchange] : *ring) all.push_back(&exchange);
  std::sort(all.begin(), all.end(),
            [](const Exchange* a, const Exchange* b) { return a->number < b->number; });
  return all;
}

const Exchange* Journal::exchange(std::uint32_t number) const {
  for (const Ring* ring : {&proven_, &others_})
    if (const auto found = ring->find(number); found != ring->end()) return &found->second;
  return nullptr;
}

void Journal::trouble(const std::string& gateway, std::uint32_t tunnel, Trouble trouble) {
  Trouble& place = troubles_[{gateway, tunnel}];
  if (place.what == trouble.what) trouble.times = place.times + 1;
  place = std::move(trouble);
}

void Journal::settled(const std::string& gateway, std::uint32_t tunnel) {
  troubles_.erase({gateway, tunnel});
}

const Trouble* Journal::trouble(const std::string& gateway, std::uint32_t tunnel) const {
  const auto of_all = troubles_.find({gateway, 0}), own = troubles_.find({gateway, tunnel});
  if (own == troubles_.end()) return of_all == troubles_.end() ? nullptr : &of_all->second;
  if (of_all == troubles_.end() || own->second.at >= of_all->second.at) return &own->second;
  return &of_all->second;
}

}  // namespace nezu::ike
