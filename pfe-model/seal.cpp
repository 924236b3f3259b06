// Into a tunnel, on its anchor PFE: fit, number, encrypt, outer header, back to route.
#include "pfe-model/icmp.h"
#include "pfe-model/pfe.h"
#include "pfe-model/segment.h"

namespace nezu::pfe {

namespace {

constexpr uint8_t kOuterHops = 64;
constexpr uint64_t kWantedAgain = 1'000'000'000;  // nanoseconds
constexpr uint32_t kLeastMtu = 68;                // RFC 791

size_t outer_header(const Address& address) {
  return address.size == 16 ? kIpv6Header : kIpv4Header;
}

bool forbids_fragments(const uint8_t* ip) {
  return ip[0] >> 4 == 6 || (ip[6] & 0x40);
}

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

struct Outer {
  uint8_t traffic_class;
  bool df;
  uint16_t id;
};

/// Writes the outer IP header in front of the ESP packet that `packet` is.
void push_outer(Packet& packet, const Sa& sa, const Outer& outer) {
  packet.push(outer_header(sa.remote));
  uint8_t* ip = packet.data;
  if (sa.remote.size == 16) {
    store32(ip, 0x60000000u | static_cast<uint32_t>(outer.traffic_class) << 20);
    store16(ip + 4, static_cast<uint16_t>(packet.length - kIpv6Header));
    ip[6] = kProtocolEsp;
    ip[7] = kOuterHops;
    std::memcpy(ip + 8, sa.local.octets.data(), 16);
    std::memcpy(ip + 24, sa.remote.octets.data(), 16);
    return;
  }
  ip[0] = 0x45;
  ip[1] = outer.traffic_class;
  store16(ip + 2, static_cast<uint16_t>(packet.length));
  store16(ip + 4, outer.id);
  store16(ip + 6, outer.df ? 0x4000 : 0);
  ip[8] = kOuterHops;
  ip[9] = kProtocolEsp;
  std::memcpy(ip + 12, sa.local.octets.data(), 4);
  std::memcpy(ip + 16, sa.remote.octets.data(), 4);
  write_ipv4_checksum(ip);
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
    return drop(packet, Drop::kNoSa);
  }
  const uint32_t limit = inner_limit(*tunnel);
  if (packet->offload.gso_type == 0) {
    if (!finish_checksum(*packet)) return drop(packet, Drop::kSegmentation);
    return seal_one(*tunnel, packet, limit);
  }
  if (wire_size(*packet) > limit && forbids_fragments(packet->data))
    return too_big(*tunnel, packet, limit);
  pieces_.clear();
  if (segment(*packet, pool_, pieces_) == 0) return drop(packet, Drop::kSegmentation);
  counters.add(Count::kSegments, pieces_.size());
  for (Packet* piece : pieces_) queue(seal_, piece);
  release(packet);
}

void Pfe::seal_one(Tunnel& tunnel, Packet* packet, uint32_t limit) {
  if (packet->length <= limit) return seal_into(tunnel, packet);
  if (forbids_fragments(packet->data)) return too_big(tunnel, packet, limit);
  pieces_.clear();
  if (fragment(*packet, limit, pool_, pieces_) == 0) return drop(packet, Drop::kMtu);
  counters.add(Count::kFragments, pieces_.size());
  for (Packet* piece : pieces_) seal_into(tunnel, piece);
  release(packet);
}

void Pfe::seal_into(Tunnel& tunnel, Packet* packet) {
  Sa& sa = *tunnel.outbound;
  if (sa.stopped()) {
    report_limits(sa);
    return drop(packet, Drop::kSaStopped);
  }
  const uint64_t sequence = sa.next_sequence();
  if (sequence == 0) {
    sa.record->reported |= kReportExhausted;
    report_limits(sa);
    return drop(packet, Drop::kSaStopped);
  }
  if (packet->origin == Origin::kWire) decrement_ttl(packet->data);
  const Outer outer{traffic_class(packet->data), outer_df(tunnel, packet->data),
                    static_cast<uint16_t>(sequence)};
  const size_t inner = packet->length;
  const uint8_t next_header = packet->data[0] >> 4 == 6 ? kProtocolIpv6 : kProtocolIpv4;
  seal(*sa.esp, sa.key.spi, {sequence, sa.extended_sequence}, next_header, packet->data, inner);
  packet->parsed = false;
  packet->data -= kEspFront;
  packet->length = static_cast<uint32_t>(esp_size(inner));
  push_outer(*packet, sa, outer);
  packet->offload = {};
  packet->origin = Origin::kSealed;
  packet->instance = tunnel.instance;
  tunnel.encrypted.add(inner);
  sa.record->used_at = now_;
  counters.add(Count::kSealed);
  sa.account(inner);
  report_limits(sa);
  queue(route_, packet);
}

/// Tells the sender the size that fits, as the kernel would if it knew the tunnel. What the host
/// itself sent is answered through its own interface.
void Pfe::too_big(Tunnel& tunnel, Packet* packet, uint32_t limit) {
  counters.add(Count::kExceptionMtu);
  Interface* from = tables_.interface(packet->input);
  Fib* fib = from == nullptr ? nullptr : tables_.find_fib(from->instance);
  if (fib == nullptr) return drop(packet, Drop::kMtu);
  if (!policers_[static_cast<size_t>(Punt::kRest)].pass(now_)) return drop(packet, Drop::kPoliced);
  Address like;
  like.size = packet->data[0] >> 4 == 6 ? 16 : 4;
  const bool of_host = packet->origin == Origin::kHost;
  if (!make_too_big(*packet, fib->source(from->index, like), limit))
    return drop(packet, Drop::kMtu);
  if (of_host && tunnel.interface != nullptr && tunnel.interface->host)
    return write_host(*tunnel.interface, packet);
  packet->origin = Origin::kHost;
  packet->instance = from->instance;
  queue(route_, packet);
}

/// The largest inner packet of which the outer one fits where it is going (RFC 4301 8). Kept until
/// the tables change.
uint32_t Pfe::inner_limit(Tunnel& tunnel) {
  if (tunnel.limit_version == tables_.version) return tunnel.limit;
  uint32_t outer = 65535;
  const Fib* fib = tables_.find_fib(tunnel.instance);
  const Paths* paths = fib == nullptr ? nullptr : fib->find(tunnel.remote);
  if (paths != nullptr)
    for (const Hop& hop : paths->hops)
      if (const Interface* interface = tables_.interface(hop.interface))
        outer = std::min(outer, interface->mtu);
  const auto fits = static_cast<uint32_t>(
      esp_inner_limit(outer - std::min<size_t>(outer, outer_header(tunnel.remote))));
  uint32_t limit = tunnel.mtu != 0 ? tunnel.mtu : UINT32_MAX;
  if (tunnel.interface != nullptr) limit = std::min(limit, tunnel.interface->mtu);
  tunnel.limit = std::max(kLeastMtu, std::min(limit, fits));
  tunnel.limit_version = tables_.version;
  return tunnel.limit;
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
