// From the host: frames of a TAP go to the wire as they are, packets of a tunnel's TUN
// into it.
#include <unistd.h>

#include "pfe-model/pfe.h"

namespace nezu::pfe {

void Pfe::receive_host(Interface& interface) {
  for (size_t i = 0; i < kBudget; ++i) {
    Packet* packet = pool_.take();
    if (packet == nullptr) return;
    const ssize_t n = ::read(interface.host.number(), packet->data, kMaxPacket);
    if (n <= 0) return release(packet);
    packet->length = static_cast<uint32_t>(n);
    packet->origin = Origin::kHost;
    counters.add(Count::kHostReceived);
    host_packet(interface, packet);
  }
}

void Pfe::host_packet(Interface& interface, Packet* packet) {
  if (tracing_) [[unlikely]]
    consider_sent(interface, *packet);
  if (!online) return drop(packet, Drop::kPfeOffline);
  if (!interface.up) return drop(packet, Drop::kOutputDown);
  packet->input = interface.index;
  packet->output = interface.index;
  packet->instance = interface.instance;
  if (interface.kind == Kind::kTunnel || interface.kind == Kind::kVxlan)
    return queue(way_out(interface.kind), packet);
  if (interface.kind != Kind::kEthernet || interface.port == nullptr)
    return drop(packet, Drop::kOutputDown);
  if (packet->length < kEthernetHeader) return drop(packet, Drop::kBadHeader);
  send_frame(interface, packet);
}

}  // namespace nezu::pfe
