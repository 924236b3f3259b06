// Longest prefix match in the packet's routing instance, and what a route can say.
#include "pfe-model/flow.h"
#include "pfe-model/pfe.h"

namespace nezu::pfe {

void Pfe::route() {
  run(route_, &Pfe::route_packet);
}

void Pfe::route_packet(Packet* packet) {
  if (++packet->passes > kMaxPasses) return drop(packet, Drop::kLoop);
  if (!packet->parse()) return drop(packet, Drop::kBadHeader);
  const IpHeader& header = packet->header;
  const Fib* fib = tables_.find_fib(packet->instance);
  const Paths* paths = fib == nullptr ? nullptr : fib->find(header.destination);
  if (packet->trace != 0) [[unlikely]]
    note_route(*packet, fib, paths);
  if (paths == nullptr) return except(packet, Count::kExceptionNoRoute, Drop::kDiscardRoute);
  switch (paths->action) {
    case Action::kLocal:
      return deliver(packet, header);
    case Action::kDiscard:
      return drop(packet, Drop::kDiscardRoute);
    case Action::kReject:
      return except(packet, Count::kExceptionNoRoute, Drop::kDiscardRoute);
    case Action::kForward:
      return forward(packet, header, *paths);
  }
}

void Pfe::deliver(Packet* packet, const IpHeader& header) {
  // A tunnel to ourselves: nobody but a peer sends us ESP.
  if (packet->origin == Origin::kSealed) return drop(packet, Drop::kLoop);
  if (header.protocol == kProtocolEsp || header.protocol == kProtocolAh)
    return steer_esp(packet, header);
  if (header.protocol == kProtocolUdp && (steer_vxlan(packet, header) || steer_udp(packet, header)))
    return;
  if (header.protocol == kProtocolIcmp || header.protocol == kProtocolIcmp6)
    learn_path_mtu(*packet, header);
  punt(packet, classify(*packet, header));
}

void Pfe::forward(Packet* packet, const IpHeader& header, const Paths& paths) {
  if (packet->origin == Origin::kWire && header.hops <= 1)
    return except(packet, Count::kExceptionTtl, Drop::kBadHeader);
  const size_t at = paths.hops.size() == 1 ? 0 : flow_hash(*packet, header) % paths.hops.size();
  const Hop& hop = paths.hops[at];
  const Interface* interface = tables_.interface(hop.interface);
  if (packet->trace != 0) [[unlikely]]
    note_way(*packet, hop);
  if (interface == nullptr || !interface->up) return drop(packet, Drop::kOutputDown);
  packet->output = hop.interface;
  packet->next_hop = hop.gateway.size != 0 ? hop.gateway : header.destination;
  if (packet->origin == Origin::kWire) counters.add(Count::kForwarded);
  queue(way_out(interface->kind), packet);
}

}  // namespace nezu::pfe
