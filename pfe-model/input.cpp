// First stage: Ethernet, the checks of RFC 1812 5.2 and RFC 8200, and what never is forwarded.
#include "pfe-model/pfe.h"
#include "pfe-model/segment.h"

namespace nezu::pfe {

namespace {

/// The IFL's own MAC, or a group address.
bool is_for(const Interface& interface, const uint8_t* destination) {
  return (destination[0] & 1) != 0 || std::memcmp(destination, interface.mac.data(), 6) == 0;
}

Interface* interface_of(const Port& port, const Packet& packet) {
  if (packet.vlan == 0) return port.interface;
  Interface* const* found = port.vlans.find(packet.vlan);
  return found == nullptr ? nullptr : *found;
}

bool family_on(const Interface& interface, bool v6) {
  return v6 ? interface.inet6 : interface.inet;
}

}  // namespace

void Pfe::input(Port& port) {
  for (Packet* packet : frames_) {
    Interface* interface = interface_of(port, *packet);
    counters.add(Count::kReceived);
    port.input += wire_traffic(*packet);
    if (tracing_) [[unlikely]]
      consider_received(interface, *packet);
    if (!online)
      drop(packet, Drop::kPfeOffline);
    else if (!port.enabled)
      drop(packet, Drop::kPortDown);
    else if (interface == nullptr)
      drop(packet, packet->vlan != 0 ? Drop::kVlan : Drop::kNoInterface);
    else if (!interface->up)
      drop(packet, Drop::kInterfaceDown);
    else
      input_frame(*interface, packet);
  }
  frames_.clear();
}

void Pfe::input_frame(Interface& interface, Packet* packet) {
  if (interface.bridge != nullptr) {
    const Traffic frames = wire_traffic(*packet);
    const uint64_t headers = std::min(frames.bytes, frames.packets * kEthernetHeader);
    interface.input += {frames.packets, frames.bytes - headers};
    return steer_frame(interface, packet);
  }
  if (packet->length < kEthernetHeader) return drop(packet, Drop::kBadHeader);
  if (!is_for(interface, packet->data)) return drop(packet, Drop::kNotForUs);
  const bool group = packet->data[0] & 1;
  const uint16_t type = load16(packet->data + 12);
  packet->input = interface.index;
  packet->instance = interface.instance;
  packet->pull(kEthernetHeader);
  if (type == kEtherArp && interface.inet) return punt(packet, Punt::kNeighbour);
  if (type != kEtherIpv4 && type != kEtherIpv6) return drop(packet, Drop::kEthertype);
  if (packet->length == 0 || (packet->data[0] >> 4 == 6) != (type == kEtherIpv6))
    return drop(packet, Drop::kBadHeader);
  interface.input += wire_traffic(*packet);
  if (!group) return input_ip(interface, packet);
  // Multicast and broadcast go to the host and nowhere else (no multicast routing yet).
  IpHeader header;
  if (parse_ip(packet->data, packet->length, header) != HeaderFault::kNone)
    return drop(packet, Drop::kBadHeader);
  if (!family_on(interface, header.v6)) return drop(packet, Drop::kFamily);
  punt(packet, classify(*packet, header));
}

/// An IP packet that has arrived on `interface`, from its wire or out of a tunnel.
void Pfe::input_ip(Interface& interface, Packet* packet) {
  const IpHeader& header = packet->header;
  const HeaderFault fault = parse_ip(packet->data, packet->length, packet->header);
  if (fault == HeaderFault::kChecksum) return drop(packet, Drop::kBadChecksum);
  if (fault != HeaderFault::kNone) return drop(packet, Drop::kBadHeader);
  if (!family_on(interface, header.v6)) return drop(packet, Drop::kFamily);
  if (is_martian(header)) return drop(packet, Drop::kMartian);
  packet->parsed = true;
  packet->length = header.length;  // the rest is Ethernet padding
  if (is_multicast(header.destination) || is_link_local(header.destination))
    return punt(packet, classify(*packet, header));
  queue(route_, packet);
}

}  // namespace nezu::pfe
