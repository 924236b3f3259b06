#include "services/ike/window.h"

#include <algorithm>

#include "services/ike/notes.h"
#include "services/ike/wire.h"

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

// A peer that has agreed to a DELETE forgets the IKE SA and does not answer again.
std::uint32_t transmissions_of(const Step& step, const Outstanding& outstanding) {
  if (outstanding.task.kind == Task::Kind::kDeleteIke) return kDeleteTransmissions;
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

void await_answer(Step& step, std::vector<Bytes> packets, const Task& task) {
  Outstanding outstanding;
  outstanding.message = step.sa.next_request++;
  outstanding.task = task;
  outstanding.first_at = step.now;
  outstanding.packets = std::move(packets);
  transmit_request(step, outstanding);
  step.sa.outstanding = std::move(outstanding);
}

void answer(Step& step, std::vector<Bytes> packets) {
  transmit(step, packets);
  step.sa.last_response = std::move(packets);
  ++step.sa.next_expected;
}

bool belongs(const Reassembly& parts, const Header& header) {
  return parts.message == header.message && parts.response == header.response;
}

Opened joined_pieces(const Reassembly& parts) {
  Opened whole;
  whole.first_inner = parts.first_payload;
  for (const Bytes& piece : parts.pieces) append(whole.plain, piece);
  return whole;
}
}  // namespace

void send_request(Step& step, ExchangeType exchange, const PayloadChain& chain, const Task& task) {
  const Header header = header_of(step.sa, exchange, false, step.sa.next_request);
  await_answer(step, sealed(step, header, chain), task);
}

void send_clear_request(Step& step, const Bytes& message) {
  step.sa.next_request = 0;
  notes::sent_clear(step, message);
  await_answer(step, {message}, {});
}

void send_response(Step& step, ExchangeType exchange, const PayloadChain& chain) {
  const Header header = header_of(step.sa, exchange, true, step.sa.next_expected);
  answer(step, sealed(step, header, chain));
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

Outstanding take_outstanding(Step& step) {
  Outstanding taken = std::move(*step.sa.outstanding);
  step.sa.outstanding.reset();
  return taken;
}

bool retransmit(Step& step) {
  Outstanding& outstanding = *step.sa.outstanding;
  if (outstanding.next_at > step.now) return true;
  if (outstanding.sent >= transmissions_of(step, outstanding)) return false;
  transmit_request(step, outstanding);
  notes::repeated(step, outstanding);
  return true;
}

void repeat_response(Step& step) {
  transmit(step, step.sa.last_response);
}

std::optional<Opened> reassemble(IkeSa& sa, const Header& header, Opened piece) {
  const auto [number, total] = piece.fragment;
  if (total > kMaxFragments) return std::nullopt;
  // RFC 7383 section 2.6: a message that comes again in more pieces replaces what is there.
  if (!sa.reassembly || !belongs(*sa.reassembly, header) || sa.reassembly->total < total) {
    sa.reassembly = Reassembly{};
    sa.reassembly->message = header.message;
    sa.reassembly->response = header.response;
    sa.reassembly->total = total;
    sa.reassembly->pieces.resize(total);
  }
  Reassembly& parts = *sa.reassembly;
  if (parts.total != total || piece.plain.empty()) return std::nullopt;
  Bytes& place = parts.pieces[number - 1u];
  if (!place.empty() || parts.octets + piece.plain.size() > kMaxReassembled) return std::nullopt;
  if (number == 1) parts.first_payload = piece.first_inner;
  parts.octets += static_cast<std::uint32_t>(piece.plain.size());
  place = std::move(piece.plain);
  const auto missing = [](const Bytes& each) { return each.empty(); };
  if (std::any_of(parts.pieces.begin(), parts.pieces.end(), missing)) return std::nullopt;
  const Opened whole = joined_pieces(parts);
  sa.reassembly.reset();
  return whole;
}

}  // namespace nezu::ike
