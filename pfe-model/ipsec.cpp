// The hook at a tunnel's interface: which tunnel takes the packet, and where it is anchored.
#include "pfe-model/pfe.h"
#include "pfe-model/selector.h"

namespace nezu::pfe {

namespace {

/// The first tunnel whose selectors hold the flow; failing that one which has not been negotiated
/// and so has none: its traffic is what asks for it.
const Tunnel* select(const Interface& interface, const Flow& flow) {
  const Tunnel* idle = nullptr;
  for (const Tunnel* tunnel : interface.tunnels) {
    if (matches(tunnel->selectors, flow)) return tunnel;
    const bool negotiated = !tunnel->selectors.empty() || tunnel->outbound_spi != 0;
    if (!negotiated && idle == nullptr) idle = tunnel;
  }
  return idle;
}

}  // namespace

void Pfe::ipsec() {
  run(ipsec_, &Pfe::choose_tunnel);
}

void Pfe::choose_tunnel(Packet* packet) {
  const Interface* interface = tables_.interface(packet->output);
  if (interface == nullptr || !interface->up) return drop(packet, Drop::kOutputDown);
  if (!packet->parse()) return drop(packet, Drop::kBadHeader);
  const Tunnel* tunnel = select(*interface, outbound_flow(packet->data, packet->header));
  if (tunnel == nullptr) {
    if (packet->trace != 0) [[unlikely]]
      note(*packet, Step::What::kSelect, interface->index,
           static_cast<uint32_t>(interface->tunnels.size()));
    return drop(packet, Drop::kNoPolicy);
  }
  packet->tunnel = tunnel->id;
  if (packet->trace != 0) [[unlikely]]
    note_tunnel(*packet, *tunnel);
  if (tunnel->anchor == id_) return queue(seal_, packet);
  cross_fabric(packet, tunnel->anchor, Arrival::kSeal);
}

}  // namespace nezu::pfe
