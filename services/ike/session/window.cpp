#include "services/ike/session/window.h"

#include <algorithm>

#include "services/ike/message/wire.h"
#include "services/ike/session/notes.h"

namespace nezu::ike {
namespace {
constexpr std::size_t kMaxFragments = 64;
constexpr std::size_t kMaxReassembled = 65535;

Header header_of(const IkeSa& sa, ExchangeType exchange, bool response, std::uint32_t message) {
  Header header;
  header.spi_i = sa.spi_i;
  header.spi_r = sa.spi_r;
  header.exchange = exchange;
  header.initiator = sa.initiator;
  header.response = response;
  header.message = message;
  return header;
}

// A counter for AEAD ciphers, which must not repeat; unpredictable for CBC.
Bytes next_iv(Step& step) {
  const auto& fact = facts(step.sa.suite.encryption);
  if (fact.icv == 0) return random_bytes(step.random, fact.iv);
  return Writer().u64(step.sa.next_iv++).done();
}

std::size_t largest_message(const Step& step) {
  const std::size_t ip_udp = (step.sa.path.remote.address.size == 16 ? 40 : 20) + 8;
  const std::size_t packet = step.gateway.fragment_size;
  return packet > ip_udp + 200 ? packet - ip_udp : 200;
}

std::size_t octets_of(const std::vector<Bytes>& packets) {
  std::size_t octets = 0;
  for (const Bytes& packet : packets) octets += packet.size();
  return octets;
}

std::vector<Bytes> sealed_packets(Step& step, const Header& header, const PayloadChain& chain) {
  const SkKeys keys = sending_keys(step.sa);
  const Bytes& plain = chain.bytes();
  const std::size_t room = largest_message(step) - seal_overhead(keys);
  const bool split = step.sa.peer_fragments && step.gateway.fragmentation && plain.size() > room;
  if (!split) return {seal(header, chain.first(), plain, keys, next_iv(step))};
  std::vector<Bytes> packets;
  const auto total = static_cast<std::uint16_t>((plain.size() + room - 1) / room);
  for (std::uint16_t number = 1; number <= total; ++number) {
    const std::size_t at = (number - 1) * room;
    const ByteView piece = ByteView(plain).subspan(at, std::min(room, plain.size() - at));
    // RFC 7383: only the first fragment names the first inner payload.
    packets.push_back(
        seal(header, number == 1 ? chain.first() : 0, piece, keys, next_iv(step), {number, total}));
  }
  step.sa.counters.output_fragments += total;
  return packets;
}

std::vector<Bytes> sealed(Step& step, const Header& header, const PayloadChain& chain) {
  std::vector<Bytes> packets = sealed_packets(step, header, chain);
  notes::sent(step, header, chain.first(), chain.bytes(), octets_of(packets), packets.size());
  return packets;
}

void transmit(Step& step, const std::vector<Bytes>& packets) {
  for (const Bytes& packet : packets) {
    step.out.messages.push_back({step.sa.path, packet});
    ++step.sa.counters.output_packets;
    step.sa.counters.output_bytes += packet.size();
  }
}

// A dead peer is found by the pace of the configuration, all else by ours.
Time pause_after(const Step& step, const Outstanding& outstanding) {
  if (outstanding.task.kind == Task::Kind::kProbe && step.gateway.dpd)
    return kSecond * step.gateway.dpd->interval_seconds;
  const std::uint32_t doublings = std::min(outstanding.sent - 1, 8u);
  return std::min(kFirstRetransmit << doublings, kLongestRetransmit);
}

// A peer that has agreed to a DELETE forgets the IKE SA and does not answer again. Nor is there
// patience for what a DELETE of ours waits behind.
std::uint32_t transmissions_of(const Step& step, const Outstanding& outstanding) {
  if (outstanding.task.kind == Task::Kind::kDeleteIke || is_ending(step.sa))
    return kDeleteTransmissions;
  const auto& dpd = step.gateway.dpd;
  if (outstanding.task.kind == Task::Kind::kProbe && dpd) return std::max(dpd->threshold, 1u);
  if (is_half_open(step.sa.phase)) return kTransmissions;
  const bool silent = step.sa.last_heard < outstanding.first_at;
  return dpd && silent ? kTransmissions : kPatientTransmissions;
}

void transmit_request(Step& step, Outstanding& outstanding) {
  ++outstanding.sent;
  outstanding.next_at = step.now + pause_after(step, outstanding);
  transmit(step, outstanding.packets);
}

std::uint32_t await_answer(Step& step, std::vector<Bytes> packets, const Task& task) {
  Outstanding outstanding;
  outstanding.message = step.sa.next_request++;
  outstanding.task = task;
  outstanding.first_at = step.now;
  outstanding.packets = std::move(packets);
  transmit_request(step, outstanding);
  step.sa.outstanding.push_back(std::move(outstanding));
  return step.sa.outstanding.back().message;
}

const Answer* find_answer(const IkeSa& sa, std::uint32_t message) {
  const auto found = std::find_if(sa.answers.begin(), sa.answers.end(),
                                  [&](const Answer& each) { return each.message == message; });
  return found == sa.answers.end() ? nullptr : &*found;
}

std::uint32_t answered_request(const Step& step) {
  return step.request.value_or(step.sa.next_expected);
}

void answer(Step& step, std::vector<Bytes> packets) {
  IkeSa& sa = step.sa;
  transmit(step, packets);
  const std::uint32_t message = answered_request(step);
  const auto later = std::find_if(sa.answers.begin(), sa.answers.end(),
                                  [&](const Answer& each) { return each.message > message; });
  sa.answers.insert(later, Answer{message, std::move(packets)});
  while (find_answer(sa, sa.next_expected)) ++sa.next_expected;
}

// The window is one message until the initial exchanges are over, and of each IKE SA anew.
PayloadChain with_window(IkeSa& sa, const PayloadChain& chain) {
  const bool stands = sa.phase == Phase::kAuthSent || sa.phase == Phase::kEstablished;
  PayloadChain announced = chain;
  if (sa.own_window == kWindow || !stands || sa.successor != 0) return announced;
  sa.own_window = kWindow;
  add_notify(announced, notify(NotifyType::kSetWindowSize, Writer().u32(kWindow).done()));
  return announced;
}

// What waits for its first computation has its place in the window already; so has what waits for
// its last, for then the rest of the exchange is ours to do.
std::uint32_t under_way(const IkeSa& sa) {
  const auto answered = std::count_if(sa.ours.begin(), sa.ours.end(), [&](const auto& each) {
    return !each.sent || !find_outstanding(sa, each.message);
  });
  return static_cast<std::uint32_t>(sa.outstanding.size() + static_cast<std::size_t>(answered));
}

bool is_alone(const Task& task) {
  return task.kind == Task::Kind::kRekeyIke || task.kind == Task::Kind::kDeleteIke;
}

bool is_about(const IkeSa& sa, std::uint32_t tunnel) {
  return tunnel != 0 && (std::any_of(sa.ours.begin(), sa.ours.end(),
                                     [&](const auto& each) { return each.tunnel == tunnel; }) ||
                         std::any_of(sa.outstanding.begin(), sa.outstanding.end(),
                                     [&](const auto& each) { return each.task.tunnel == tunnel; }));
}

bool belongs(const Reassembly& parts, const Header& header) {
  return parts.message == header.message && parts.response == header.response;
}

// RFC 7383 section 2.6: a message that comes again in more pieces replaces what is there. The one
// that was added to last stands last.
Reassembly& parts_of(IkeSa& sa, const Header& header, std::uint16_t total) {
  auto& all = sa.reassembly;
  const auto known = std::find_if(all.begin(), all.end(),
                                  [&](const Reassembly& each) { return belongs(each, header); });
  if (known != all.end()) std::rotate(known, known + 1, all.end());
  if (known == all.end()) all.emplace_back();
  Reassembly& parts = all.back();
  if (parts.total >= total) return parts;
  parts = Reassembly{};
  parts.message = header.message;
  parts.response = header.response;
  parts.total = total;
  parts.pieces.resize(total);
  return parts;
}

// All together are no more than one message may be; what was added to last stays.
void forget_oldest_parts(IkeSa& sa) {
  std::size_t octets = 0;
  for (const Reassembly& each : sa.reassembly) octets += each.octets;
  while (octets > kMaxReassembled) {
    octets -= sa.reassembly.front().octets;
    sa.reassembly.erase(sa.reassembly.begin());
  }
}

Opened joined_pieces(const Reassembly& parts) {
  Opened whole;
  whole.first_inner = parts.first_payload;
  for (const Bytes& piece : parts.pieces) append(whole.plain, piece);
  return whole;
}
}  // namespace

Place place_of(const IkeSa& sa, std::uint32_t message) {
  if (find_answer(sa, message)) return Place::kAnswered;
  if (message < sa.next_expected || message - sa.next_expected >= sa.own_window)
    return Place::kOutside;
  const bool computed =
      sa.auth || std::any_of(sa.theirs.begin(), sa.theirs.end(),
                             [&](const auto& each) { return each.message == message; });
  return computed ? Place::kBeingComputed : Place::kNew;
}

// RFC 7296 section 2.3: request X waits for the answers to all up to X less the window.
bool has_room(const IkeSa& sa) {
  const std::uint32_t window = std::min(sa.peer_window, kWindow);
  const auto unsent =
      std::count_if(sa.ours.begin(), sa.ours.end(), [](const auto& each) { return !each.sent; });
  const std::uint64_t message = std::uint64_t{sa.next_request} + static_cast<std::uint64_t>(unsent);
  const bool within =
      sa.outstanding.empty() || message < std::uint64_t{sa.outstanding.front().message} + window;
  return under_way(sa) < window && within;
}

bool is_ending(const IkeSa& sa) {
  return std::any_of(sa.tasks.begin(), sa.tasks.end(),
                     [](const Task& task) { return task.kind == Task::Kind::kDeleteIke; });
}

bool may_begin(const IkeSa& sa, const Task& task) {
  // What would be begun while the peer's rekey of the IKE SA is computed would make it fail.
  if (sa.phase != Phase::kEstablished || has_ike_rekey(sa.theirs)) return false;
  // What was to be done for the children is their new SA's to do.
  if (sa.successor != 0 && task.kind != Task::Kind::kDeleteIke) return false;
  if (is_alone(task)) return sa.outstanding.empty() && sa.ours.empty();
  return has_room(sa) && !has_ike_rekey(sa.ours) && !is_about(sa, task.tunnel);
}

bool holds_up(const IkeSa& sa, const Task& task) {
  return is_alone(task) && task.attempts == 0 && sa.successor == 0;
}

void forget_answers(IkeSa& sa, std::uint32_t request) {
  std::erase_if(sa.answers, [&](const Answer& each) {
    return std::uint64_t{each.message} + sa.own_window <= request;
  });
}

void take_window(IkeSa& sa, const Payloads& payloads) {
  const Notify* announced = find_notify(payloads, NotifyType::kSetWindowSize);
  if (!announced || announced->data.size() != 4) return;
  sa.peer_window = std::max(Reader(announced->data).u32(), 1u);
}

std::uint32_t send_request(Step& step, ExchangeType exchange, const PayloadChain& chain,
                           const Task& task) {
  const Header header = header_of(step.sa, exchange, false, step.sa.next_request);
  return await_answer(step, sealed(step, header, with_window(step.sa, chain)), task);
}

void send_clear_request(Step& step, const Bytes& message) {
  step.sa.outstanding.clear();
  step.sa.next_request = 0;
  notes::sent_clear(step, message);
  await_answer(step, {message}, {});
}

void send_response(Step& step, ExchangeType exchange, const PayloadChain& chain) {
  const Header header = header_of(step.sa, exchange, true, answered_request(step));
  answer(step, sealed(step, header, with_window(step.sa, chain)));
}

void send_clear_response(Step& step, const Bytes& message) {
  notes::sent_clear(step, message);
  answer(step, {message});
}

void send_notice(Step& step, const PayloadChain& chain) {
  const Header header =
      header_of(step.sa, ExchangeType::kInformational, false, step.sa.next_request++);
  transmit(step, sealed(step, header, chain));
}

const Outstanding* find_outstanding(const IkeSa& sa, std::uint32_t message) {
  const auto found = std::find_if(sa.outstanding.begin(), sa.outstanding.end(),
                                  [&](const auto& each) { return each.message == message; });
  return found == sa.outstanding.end() ? nullptr : &*found;
}

Outstanding take_outstanding(Step& step, std::uint32_t message) {
  auto& all = step.sa.outstanding;
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const auto& each) { return each.message == message; });
  if (found == all.end()) return {};
  Outstanding taken = std::move(*found);
  all.erase(found);
  return taken;
}

bool retransmit(Step& step, Outstanding& outstanding) {
  if (outstanding.next_at > step.now) return true;
  if (outstanding.sent >= transmissions_of(step, outstanding)) return false;
  transmit_request(step, outstanding);
  notes::repeated(step, outstanding);
  return true;
}

void repeat_response(Step& step, std::uint32_t message) {
  if (const Answer* answer = find_answer(step.sa, message)) transmit(step, answer->packets);
}

std::optional<Opened> reassemble(IkeSa& sa, const Header& header, Opened piece) {
  const auto [number, total] = piece.fragment;
  if (total > kMaxFragments) return std::nullopt;
  Reassembly& parts = parts_of(sa, header, total);
  if (parts.total != total || piece.plain.empty()) return std::nullopt;
  Bytes& place = parts.pieces[number - 1u];
  if (!place.empty() || parts.octets + piece.plain.size() > kMaxReassembled) return std::nullopt;
  if (number == 1) parts.first_payload = piece.first_inner;
  parts.octets += static_cast<std::uint32_t>(piece.plain.size());
  place = std::move(piece.plain);
  const auto missing = [](const Bytes& each) { return each.empty(); };
  if (std::any_of(parts.pieces.begin(), parts.pieces.end(), missing)) {
    forget_oldest_parts(sa);
    return std::nullopt;
  }
  Opened whole = joined_pieces(parts);
  forget_parts(sa, header);
  return whole;
}

void forget_parts(IkeSa& sa, const Header& header) {
  std::erase_if(sa.reassembly, [&](const Reassembly& each) { return belongs(each, header); });
}

}  // namespace nezu::ike
