// Into a tunnel, on its anchor PFE: fit, number, encrypt, outer header, back to route.
#include "pfe-model/flow.h"
#include "pfe-model/outer.h"
#include "pfe-model/pfe.h"

namespace nezu::pfe {

namespace {

constexpr uint64_t kWantedAgain = 1'000'000'000;  // nanoseconds
constexpr uint32_t kLeastMtu = 68;                // RFC 791

bool outer_df(const Tunnel& tunnel, const uint8_t* inner) {
  switch (tunnel.df) {
    case Tunnel::DontFragment::kClear:
      return false;
    case Tunnel::DontFragment::kSet:
      return true;
    case Tunnel::DontFragment::kCopy:
      return inner[0] >> 4 == 4 && (inner[6] & 0x40);
  }
  return false;
}

/// A port for the flow inside, so that the way spreads flows (49152 to 65535).
uint16_t entropy_port(const Packet& packet) {
  return static_cast<uint16_t>(0xc000 | (flow_hash(packet, packet.header) & 0x3fff));
}

/// Where an SA's UDP comes from: its own port, or one of the flow's.
uint16_t udp_source(const Sa& sa, Packet& packet) {
  if (!sa.udp) return 0;
  return sa.udp->entropy && packet.parse() ? entropy_port(packet) : sa.udp->local;
}

/// False: not protected.
bool seal_esp(Sa& sa, Packet& packet, EspSequence sequence, uint8_t next_header, Outer outer) {
  const uint16_t source = udp_source(sa, packet);
  const size_t inner = packet.length;
  if (!seal(*sa.esp, sa.key.spi, sequence, next_header, packet.data, inner)) return false;
  packet.push(sa.esp->front());
  packet.length = static_cast<uint32_t>(sa.esp->sealed_size(inner));
  if (!sa.udp) {
    push_outer(packet, outer);
    return true;
  }
  push_udp(packet, source, sa.udp->remote);
  outer.protocol = kProtocolUdp;
  push_outer(packet, outer);
  finish_udp(packet.data, packet.length);
  return true;
}

bool seal_ah(Sa& sa, Packet& packet, EspSequence sequence, uint8_t next_header, Outer outer) {
  packet.push(sa.ah->size(sa.remote.size == 16));
  outer.protocol = kProtocolAh;
  push_outer(packet, outer);
  return sa.ah->sign(packet.data, packet.length, sa.key.spi, sequence, next_header);
}

}  // namespace

void Pfe::seal_all() {
  run(seal_, &Pfe::seal_packet);
}

void Pfe::seal_packet(Packet* packet) {
  Tunnel* tunnel = tables_.tunnel(packet->tunnel);
  if (tunnel == nullptr || tunnel->anchor != id_) return drop(packet, Drop::kNoPolicy);
  if (tunnel->outbound == nullptr) {
    want_tunnel(*tunnel);
    ++tunnel->no_sa_drops;
    return drop(packet, Drop::kNoSa);
  }
  const uint32_t limit = inner_limit(*tunnel);
  switch (fit(packet, limit, seal_)) {
    case Fit::kFits:
      return seal_into(*tunnel, packet);
    case Fit::kTooBig:
      ++tunnel->too_big;
      return answer_too_big(tunnel->interface, packet, limit);
    case Fit::kGone:
      return;
  }
}

void Pfe::seal_into(Tunnel& tunnel, Packet* packet) {
  Sa& sa = *tunnel.outbound;
  if (sa.stopped()) {
    report_limits(sa);
    return drop(packet, Drop::kSaStopped);
  }
  if (!inline_output_.pass(now_, inline_bits, packet->length))
    return drop(packet, Drop::kInlineBandwidth);
  const uint64_t sequence = sa.next_sequence();
  if (sequence == 0) {
    sa.record->reported |= kReportExhausted;
    report_limits(sa);
    return drop(packet, Drop::kSaStopped);
  }
  if (packet->origin == Origin::kWire) decrement_ttl(packet->data);
  const size_t inner = packet->length;
  const uint8_t next_header = packet->data[0] >> 4 == 6 ? kProtocolIpv6 : kProtocolIpv4;
  const Outer outer{sa.local,
                    sa.remote,
                    kProtocolEsp,
                    traffic_class(packet->data),
                    outer_df(tunnel, packet->data),
                    static_cast<uint16_t>(sequence)};
  const auto put_in = sa.ah != nullptr ? seal_ah : seal_esp;
  if (!put_in(sa, *packet, {sequence, sa.extended_sequence}, next_header, outer))
    return drop(packet, Drop::kSealing);
  packet->parsed = false;
  packet->offload = {};
  packet->origin = Origin::kSealed;
  packet->instance = tunnel.instance;
  if (tracing_) [[unlikely]]
    consider(0, *packet, false);
  if (packet->trace != 0) [[unlikely]]
    note_sealed(*packet, tunnel, inner, sequence);
  count_sealed(tunnel, *packet, inner);
  sa.record->used_at = now_;
  sa.account(inner);
  report_limits(sa);
  queue(route_, packet);
}

void Pfe::count_sealed(Tunnel& tunnel, const Packet& packet, size_t inner) {
  counters.add(Count::kSealed);
  if (tunnel.outbound->ah != nullptr)
    tunnel.ah_output.add(packet.length);
  else
    tunnel.encrypted.add(inner);
}

/// The largest inner packet of which the outer one fits where it is going (RFC 4301 8). Kept until
/// the tables change; what a router on the way said holds for a while.
uint32_t Pfe::inner_limit(Tunnel& tunnel) {
  if (tunnel.limit_version != tables_.version) {
    tunnel.limit = local_limit(tunnel);
    tunnel.limit_version = tables_.version;
  }
  const uint32_t path = tunnel.path_mtu.load(std::memory_order_relaxed);
  if (path == 0 || now_ > tunnel.path_mtu_until.load(std::memory_order_relaxed))
    return tunnel.limit;
  const auto fits = static_cast<uint32_t>(tunnel.outbound->inner_limit(path));
  return std::max(kLeastMtu, std::min(tunnel.limit, fits));
}

/// As far as the interfaces say.
uint32_t Pfe::local_limit(const Tunnel& tunnel) const {
  uint32_t outer = 65535;
  const Fib* fib = tables_.find_fib(tunnel.instance);
  const Paths* paths = fib == nullptr ? nullptr : fib->find(tunnel.remote);
  if (paths != nullptr)
    for (const Hop& hop : paths->hops)
      if (const Interface* interface = tables_.interface(hop.interface))
        outer = std::min(outer, interface->mtu);
  const auto fits = static_cast<uint32_t>(tunnel.outbound->inner_limit(outer));
  uint32_t limit = tunnel.mtu != 0 ? tunnel.mtu : UINT32_MAX;
  if (tunnel.interface != nullptr) limit = std::min(limit, tunnel.interface->mtu);
  return std::max(kLeastMtu, std::min(limit, fits));
}

void Pfe::want_tunnel(Tunnel& tunnel) {
  if (tunnel.wanted_at != 0 && now_ - tunnel.wanted_at < kWantedAgain) return;
  tunnel.wanted_at = now_;
  Event event;
  event.what = Event::What::kTunnelWanted;
  event.tunnel = tunnel.id;
  report(event);
}

/// Not policed: there are three of an SA at most. What finds no room is tried again with the next
/// packet, be it one that a stopped SA drops.
void Pfe::report_limits(Sa& sa) {
  if (sa.untold() == 0) return;
  for (const uint32_t limit : kSaReports) {
    if (!(sa.untold() & limit) || !events_.push(sa.event(limit))) continue;
    sa.told |= limit;
    events_pending_ = true;
  }
}

}  // namespace nezu::pfe
