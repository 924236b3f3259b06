// The hook at a tunnel's interface: which tunnel takes the packet, and where it is anchored.
#include "pfe-model/pfe.h"
#include "pfe-model/selector.h"

namespace nezu::pfe {

void Pfe::ipsec() {
  run(ipsec_, &Pfe::choose_tunnel);
}

void Pfe::choose_tunnel(Packet* packet) {
  const Interface* interface = tables_.interface(packet->output);
  if (interface == nullptr || !interface->up) return drop(packet, Drop::kOutputDown);
  IpHeader header;
  if (parse_ip(packet->data, packet->length, header) != HeaderFault::kNone)
    return drop(packet, Drop::kBadHeader);
  const Flow flow = outbound_flow(packet->data, header);
  for (const Tunnel* tunnel : interface->tunnels) {
    if (!matches(tunnel->selectors, flow)) continue;
    packet->tunnel = tunnel->id;
    if (tunnel->anchor == id_) return queue(seal_, packet);
    return cross_fabric(packet, tunnel->anchor, Arrival::kSeal);
  }
  drop(packet, Drop::kNoPolicy);
}

}  // namespace nezu::pfe
