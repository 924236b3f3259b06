// Datagrams: which SA they belong to, and what strangers get.
#include <algorithm>

#include "services/ike/session/exchange_init.h"
#include "services/ike/session/exchange_rekey.h"
#include "services/ike/session/notes.h"
#include "services/ike/session/snapshot.h"
#include "services/ike/session/table_body.h"

namespace nezu::ike {
namespace {
constexpr std::uint32_t kRefusalsPerSecond = 50;

Drop drop_of(HeaderFault fault) {
  switch (fault) {
    case HeaderFault::kShort:
      return Drop::kShort;
    case HeaderFault::kLength:
      return Drop::kLength;
    case HeaderFault::kVersion:
      return Drop::kVersion;
    case HeaderFault::kSpi:
      return Drop::kSpi;
    default:
      return Drop::kExchange;
  }
}

bool is_first_request(const Header& header) {
  return header.exchange == ExchangeType::kInit && !header.response && header.initiator;
}

// The SPIs of an SA do not change; the responder's is not known before its first answer.
bool is_named(const IkeSa& sa, const Header& header) {
  return sa.spi_i == header.spi_i && (sa.spi_r == header.spi_r || sa.spi_r == 0);
}
}  // namespace

bool SaTable::Body::is_refusal_due(Time now) {
  if (now - refusals_since >= kSecond) {
    refusals_since = now;
    refusals = 0;
  }
  if (refusals++ < kRefusalsPerSecond) return true;
  count(Drop::kRefusalLimit);
  return false;
}

void SaTable::Body::answer_stranger(const Header& header, const Notify& notify, const Path& path,
                                    Time now, Output& out) {
  if (is_refusal_due(now)) out.messages.push_back({path, init::refusal(header, notify)});
}

void SaTable::Body::count_verdict(session::Verdict verdict) {
  switch (verdict) {
    case session::Verdict::kTaken:
    case session::Verdict::kRepeated:
      return;
    case session::Verdict::kUnexpectedId:
      return count(Drop::kUnexpectedId);
    case session::Verdict::kUnexpected:
      return count(Drop::kUnexpected);
    case session::Verdict::kNotAuthentic:
      return count(Drop::kNotAuthentic);
    case session::Verdict::kMalformed:
      return count(Drop::kMalformed);
    case session::Verdict::kStillComputing:
      return count(Drop::kStillComputing);
  }
}

// What anyone may send costs no record.
void SaTable::Body::hear(Step& step, const Header& header, ByteView datagram, const Path& path) {
  step.from = &path;
  const std::size_t before = step.out.messages.size();
  const auto verdict = session::receive(step, header, datagram);
  count_verdict(verdict);
  step.wishes.untouched = session::leaves_no_trace(verdict);
  // A request that is repeated moves nobody: anyone may have kept it. Its answer goes where it came
  // from, the NAT may have forgotten the old way.
  if (verdict == session::Verdict::kRepeated)
    for (std::size_t i = before; i < step.out.messages.size(); ++i)
      step.out.messages[i].path = path;
}

void SaTable::Body::handle(ByteView datagram, const Path& path, Time now, Output& out) {
  const HeaderFault fault = validate_header(datagram);
  if (fault != HeaderFault::kNone) {
    count(drop_of(fault));
    if (fault != HeaderFault::kVersion) return;
    const Header header = parse_header(datagram);
    if (header.major > 2 && !header.response)
      answer_stranger(header, notify(NotifyType::kInvalidMajorVersion), path, now, out);
    return;
  }
  const Header header = parse_header(datagram);
  if (is_first_request(header)) return handle_init(header, datagram, path, now, out);
  const auto entry = by_spi.find(header.initiator ? header.spi_r : header.spi_i);
  IkeSa* sa = entry == by_spi.end() ? nullptr : find(entry->second);
  if (!sa || !is_named(*sa, header)) return count(Drop::kUnknownSpi);
  const bool elsewhere = sa->path.remote.address != path.remote.address;
  if (sa->path.instance != path.instance || sa->path.local.address != path.local.address ||
      (elsewhere && !sa->peer_behind_nat))
    return count(Drop::kWrongSource);
  settle_heir(*sa, header, datagram, now, out);
  run(sa->index, now, out, [&](Step& step) { hear(step, header, datagram, path); });
}

// The children of an SA that both sides rekeyed wait for our own exchange to end; the peer's may
// have ended before.
void SaTable::Body::settle_heir(const IkeSa& heir, const Header& header, ByteView datagram,
                                Time now, Output& out) {
  for (const IkeSa* giver : of_gateway(heir.gateway)) {
    if (giver->successor != heir.index || !giver->successor_answered) continue;
    if (session::is_for_children(heir, header, datagram))
      run(giver->index, now, out, [](Step& step) { rekey::concede(step); });
    return;
  }
}

// The request that we have taken, now with our cookie before it: of two copies of the first one the
// other came when we asked for cookies. Only who can read what we send has a good one, and it signs
// what it sent last.
bool SaTable::Body::is_again_with_cookie(const IkeSa& sa, const Header& header, ByteView datagram,
                                         Time now) {
  const bool waits = (sa.phase == Phase::kAnswering || sa.phase == Phase::kAnswered) && !sa.auth &&
                     header.next_payload == static_cast<std::uint8_t>(PayloadType::kNotify);
  if (!waits || datagram.size() < kHeaderSize + 4 || sa.init_request.size() < kHeaderSize)
    return false;
  const std::uint8_t second = datagram[kHeaderSize];
  const std::size_t length =
      std::size_t(datagram[kHeaderSize + 2]) << 8 | datagram[kHeaderSize + 3];
  if (length < 4 || datagram.size() < kHeaderSize + length ||
      second != parse_header(sa.init_request).next_payload ||
      !std::ranges::equal(datagram.subspan(kHeaderSize + length),
                          ByteView(sa.init_request).subspan(kHeaderSize)))
    return false;
  const auto notify = parse_notify(datagram.subspan(kHeaderSize + 4, length - 4));
  return notify && notify->type == NotifyType::kCookie &&
         cookies.is_good(notify->data, sa.nonce_i, sa.path, sa.spi_i, now);
}

void SaTable::Body::handle_init(const Header& header, ByteView datagram, const Path& path, Time now,
                                Output& out) {
  if (header.spi_r != 0 || header.message != 0) return count(Drop::kSpi);
  if (const auto known = by_initiator.find({header.spi_i, path}); known != by_initiator.end()) {
    if (is_again_with_cookie(*find(known->second), header, datagram, now))
      return run(known->second, now, out, [&](Step& step) {
        step.sa.init_request = bytes_of(datagram);
        if (step.sa.phase == Phase::kAnswered) repeat_response(step, 0);
      });
    return run(known->second, now, out, [&](Step& step) { hear(step, header, datagram, path); });
  }
  const auto gateway =
      gateways_by_path.find({path.instance, path.local.address, path.remote.address});
  if (gateway == gateways_by_path.end()) {
    journal.knocked(path, now);
    return count(Drop::kNoGateway);
  }
  const auto parsed = parse_payloads(header.next_payload, datagram.subspan(kHeaderSize));
  if (const auto* refusal = std::get_if<Refusal>(&parsed)) {
    count(Drop::kMalformed);
    return answer_stranger(header, notify(refusal->type, refusal->data), path, now, out);
  }
  const auto& payloads = std::get<Payloads>(parsed);
  const HalfOpen& limits = config.half_open;
  if (half_open >= limits.cookie_threshold && payloads.nonce) {
    const Notify* cookie = find_notify(payloads, NotifyType::kCookie);
    if (!cookie || !cookies.is_good(cookie->data, *payloads.nonce, path, header.spi_i, now)) {
      if (cookie) count(Drop::kBadCookie);
      const Bytes fresh = cookies.make(*payloads.nonce, path, header.spi_i, now);
      out.messages.push_back({path, init::refusal(header, notify(NotifyType::kCookie, fresh))});
      return journal.asked_for_cookie(config.gateways[gateway->second].name);
    }
  }
  if (half_open >= limits.max_count) return count(Drop::kHalfOpenLimit);
  IkeSa sa;
  sa.index = next_index;
  sa.gateway = config.gateways[gateway->second].name;
  sa.policy = digest_of(config.gateways[gateway->second]);
  sa.path = path;
  sa.phase = Phase::kAnswering;
  sa.created_at = now;
  sa.give_up_at = now + kSecond * limits.timeout_seconds;
  Wishes wishes;
  Step step{sa, config.gateways[gateway->second], random, now, out, wishes, next_index};
  if (const auto why = init::on_request(step, header, payloads, datagram)) {
    count(Drop::kMalformed);
    if (!is_refusal_due(now)) return;
    const Bytes refusal = init::refusal(header, *why);
    notes::refused_init(journal, step.gateway, path, datagram, payloads, *why, refusal, now);
    return out.messages.push_back({path, refusal});
  }
  step.journal = &journal;
  notes::taken(step, header, header.next_payload, datagram.subspan(kHeaderSize), datagram.size());
  ++sa.counters.input_packets;
  sa.counters.input_bytes += datagram.size();
  ++next_index;
  run(insert(std::move(sa)), now, out, [](Step&) {});
}

}  // namespace nezu::ike
