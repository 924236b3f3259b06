// Into VXLAN, on the interface's PFE: fit, the headers of RFC 7348 around it, back to route.
#include "pfe-model/flow.h"
#include "pfe-model/outer.h"
#include "pfe-model/pfe.h"

namespace nezu::pfe {

namespace {

constexpr uint32_t kLeastMtu = 68;  // RFC 791

/// One for each flow inside, so that the way spreads flows.
uint16_t source_port(const VxlanTunnel& tunnel, uint64_t flow) {
  const uint32_t ports = tunnel.source_last - tunnel.source_first + 1u;
  return static_cast<uint16_t>(tunnel.source_first + flow % ports);
}

Carried carried(const Packet& packet) {
  return packet.data[0] >> 4 == 6 ? Carried::kIpv6 : Carried::kIpv4;
}

/// The largest inner packet of which the outer one is not larger than `outer`.
uint32_t inner_room(const VxlanTunnel& tunnel, uint32_t outer) {
  const auto overhead = static_cast<uint32_t>(tunnel.overhead());
  return outer > overhead + kLeastMtu ? outer - overhead : kLeastMtu;
}

}  // namespace

void Pfe::encapsulate_all() {
  run(encapsulate_, &Pfe::encapsulate_packet);
}

void Pfe::encapsulate_packet(Packet* packet) {
  Interface* interface = tables_.interface(packet->output);
  if (interface == nullptr || !interface->up || interface->kind != Kind::kVxlan)
    return drop(packet, Drop::kOutputDown);
  if (interface->pfe != id_) return cross_fabric(packet, interface->pfe, Arrival::kEncapsulate);
  if (!packet->parse()) return drop(packet, Drop::kBadHeader);
  const uint32_t limit = inner_limit(*interface);
  switch (fit(packet, limit, encapsulate_)) {
    case Fit::kFits:
      return encapsulate_into(*interface, packet);
    case Fit::kTooBig:
      return answer_too_big(interface, packet, limit);
    case Fit::kGone:
      return;
  }
}

void Pfe::encapsulate_into(Interface& interface, Packet* packet) {
  const VxlanTunnel& tunnel = *interface.vxlan;
  if (!packet->parse()) return drop(packet, Drop::kBadHeader);
  if (packet->headroom() < tunnel.overhead()) return drop(packet, Drop::kLoop);
  const uint64_t flow = flow_hash(*packet, packet->header);
  if (packet->origin == Origin::kWire) decrement_ttl(packet->data);
  interface.output.add(packet->length);
  const VxlanHeader header{tunnel.vni, tunnel.gpe ? carried(*packet) : Carried::kEthernet};
  const uint8_t inner_class = traffic_class(packet->data);
  if (!tunnel.gpe) push_ethernet(*packet, tunnel.addresses);
  wrap(interface, header, flow, inner_class, packet);
}

/// Puts the headers of VXLAN, UDP and IP in front. DSCP and ECN are those of the inner packet (RFC
/// 6040 4.1). A router on the way must not cut the outer one in pieces, of which the other end may
/// make nothing (RFC 7348 4.3).
void Pfe::wrap(const Interface& interface, const VxlanHeader& header, uint64_t flow,
               uint8_t outer_class, Packet* packet) {
  constexpr size_t kMost = kIpv6Header + kUdpHeader + kVxlanHeader;
  constexpr size_t kFrame = kVlanTag + kEthernetHeader + kWireHeadroom;
  const VxlanTunnel& tunnel = *interface.vxlan;
  const size_t inner = packet->length;
  if (packet->headroom() < kMost + kFrame) return drop(packet, Drop::kLoop);
  const Outer outer{tunnel.local, tunnel.remote, kProtocolUdp, outer_class, true, 0};
  push_vxlan(*packet, header, tunnel.gpe);
  push_udp(*packet, source_port(tunnel, flow), tunnel.port);
  push_outer(*packet, outer);
  finish_udp(packet->data, packet->length);
  packet->parsed = false;
  packet->offload = {};
  packet->origin = Origin::kSealed;
  packet->instance = interface.instance;
  counters.add(Count::kEncapsulated);
  if (packet->trace != 0) [[unlikely]]
    note_wrapped(*packet, interface, header.vni, inner);
  queue(route_, packet);
}

/// As far as the interfaces say, and the tunnels that the outer packets go into; what a router on
/// the way said holds for a while.
uint32_t Pfe::inner_limit(Interface& interface) {
  VxlanTunnel& tunnel = *interface.vxlan;
  if (tunnel.limit_version != tables_.version) {
    tunnel.limit = std::min(interface.mtu, inner_room(tunnel, outer_room(interface)));
    tunnel.limit_version = tables_.version;
  }
  const uint32_t path = tunnel.path_mtu.load(std::memory_order_relaxed);
  if (path == 0 || now_ > tunnel.path_mtu_until.load(std::memory_order_relaxed))
    return tunnel.limit;
  return std::min(tunnel.limit, inner_room(tunnel, path));
}

uint32_t Pfe::outer_room(const Interface& interface) const {
  uint32_t room = 65535;
  const Fib* fib = tables_.find_fib(interface.instance);
  const Paths* paths = fib == nullptr ? nullptr : fib->find(interface.vxlan->remote);
  if (paths == nullptr) return room;
  for (const Hop& hop : paths->hops) {
    const Interface* next = tables_.interface(hop.interface);
    if (next == nullptr) continue;
    room = std::min(room, next->mtu);
    for (const Tunnel* tunnel : next->tunnels)
      if (tunnel->outbound != nullptr) room = std::min(room, local_limit(*tunnel));
  }
  return room;
}

}  // namespace nezu::pfe
