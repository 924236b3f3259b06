// Out of VXLAN: whose it is, on that interface's PFE its headers off, input once more.
#include "pfe-model/outer.h"
#include "pfe-model/pfe.h"
#include "pfe-model/segment.h"

namespace nezu::pfe {

namespace {

/// RFC 768: zero is none. One that the sender left undone is on its own machine, and good.
bool checksum_holds(const Packet& packet, const IpHeader& header, size_t octets) {
  const uint8_t* udp = packet.data + header.payload;
  if (load16(udp + 6) == 0 || packet.offload.pending()) return true;
  return fold_checksum(
             sum_words(udp, octets, pseudo_header_sum(packet.data, kProtocolUdp, octets))) == 0;
}

/// Takes the first octets off; what the sender left undone of what was in them is of no interest.
void strip(Packet& packet, size_t octets) {
  if (packet.offload.checksum_start < octets) packet.offload = {};
  packet.pull(octets);
}

/// An Ethernet frame's IP packet. False: it has none.
bool strip_ethernet(Packet& packet) {
  if (packet.length < kEthernetHeader) return false;
  const uint16_t type = load16(packet.data + 12);
  if (type != kEtherIpv4 && type != kEtherIpv6) return false;
  strip(packet, kEthernetHeader);
  return packet.length > 0 && (packet.data[0] >> 4 == 6) == (type == kEtherIpv6);
}

}  // namespace

VxlanPort Pfe::vxlan_port(const Packet& packet, const IpHeader& header) {
  return {packet.instance, header.destination, load16(packet.data + header.payload + 2)};
}

/// On the PFE that received it. False: it is not to a port of VXLAN. Fragments are not put together
/// (RFC 7348 4.3); only the first of them has ports.
bool Pfe::steer_vxlan(Packet* packet, const IpHeader& header) {
  if (header.fragment_offset != 0 || header.payload + kUdpHeader > header.length) return false;
  if (tables_.vxlan_ports.find(vxlan_port(*packet, header)) == nullptr) return false;
  Encapsulated inside;
  if (const auto why = find_vxlan(*packet, header, inside)) return drop(packet, *why), true;
  const uint32_t pfe = inside.bridge != nullptr ? inside.bridge->pfe : inside.interface->pfe;
  if (pfe == id_)
    queue(decapsulate_, packet);
  else
    cross_fabric(packet, pfe, Arrival::kDecapsulate);
  return true;
}

/// Why it cannot be taken out; nothing: `inside` is filled.
std::optional<Drop> Pfe::find_vxlan(const Packet& packet, const IpHeader& header,
                                    Encapsulated& inside) const {
  if (header.fragment) return Drop::kVxlanFragment;
  if (header.payload + kUdpHeader > header.length) return Drop::kVxlanHeader;
  const size_t octets = load16(packet.data + header.payload + 4);
  const bool large = packet.offload.gso_type != 0;  // its UDP length is that of a segment, or none
  const size_t end = large ? header.length : header.payload + octets;
  inside.at = header.payload + kUdpHeader + kVxlanHeader;
  if (inside.at > end || end > header.length) return Drop::kVxlanHeader;
  if (!large && !checksum_holds(packet, header, octets)) return Drop::kVxlanChecksum;
  const auto vxlan = read_vxlan(packet.data + header.payload + kUdpHeader);
  if (!vxlan) return Drop::kVxlanHeader;
  inside.end = end;
  inside.carried = vxlan->carried;
  VxlanKey key{vxlan_port(packet, header), vxlan->vni, header.source};
  if (const VxlanEnd* found = tables_.vxlans.find(key)) {
    inside.interface = found->interface;
    inside.bridge = found->bridge;
    return {};
  }
  key.remote = {};
  return tables_.vxlans.find(key) == nullptr ? Drop::kVxlanVni : Drop::kVxlanPeer;
}

void Pfe::decapsulate_all() {
  run(decapsulate_, &Pfe::decapsulate_packet);
}

/// Looked up again, for the interface may have gone while the packet was on the fabric.
void Pfe::decapsulate_packet(Packet* packet) {
  if (!packet->parse()) return drop(packet, Drop::kBadHeader);
  Encapsulated inside;
  if (const auto why = find_vxlan(*packet, packet->header, inside)) return drop(packet, *why);
  if (inside.interface->pfe != id_ || (inside.bridge != nullptr && inside.bridge->pfe != id_))
    return drop(packet, Drop::kVxlanVni);
  if (packet->offload.gso_type == 0) return decapsulate_from(packet, inside);
  pieces_.clear();
  if (segment(*packet, pool_, pieces_) == 0) return drop(packet, Drop::kSegmentation);
  counters.add(Count::kSegments, pieces_.size());
  if (packet->trace != 0) [[unlikely]]
    note_limit(*packet, Step::What::kPieces, pieces_.size(), 0);
  for (Packet* piece : pieces_) queue(decapsulate_, piece);
  release(packet);
}

/// What was inside is received on the tunnel's interface.
void Pfe::decapsulate_from(Packet* packet, const Encapsulated& inside) {
  Interface& interface = *inside.interface;
  if (!interface.up) return drop(packet, Drop::kInterfaceDown);
  const uint8_t outer_class = traffic_class(packet->data);
  packet->length = static_cast<uint32_t>(inside.end);
  strip(*packet, inside.at);
  if (inside.bridge != nullptr) return frame_from(inside, outer_class, packet);
  if (inside.carried == Carried::kEthernet && !strip_ethernet(*packet))
    return drop(packet, Drop::kVxlanInner);
  IpHeader inner;
  if (parse_ip(packet->data, packet->length, inner) != HeaderFault::kNone)
    return drop(packet, Drop::kVxlanInner);
  if (inside.carried != Carried::kEthernet && inner.v6 != (inside.carried == Carried::kIpv6))
    return drop(packet, Drop::kVxlanInner);
  if (!take_over_class(packet->data, outer_class, false)) return drop(packet, Drop::kEcn);
  counters.add(Count::kDecapsulated);
  if (tracing_) [[unlikely]]
    consider(interface.index, *packet, false);
  if (packet->trace != 0) [[unlikely]]
    note(*packet, Step::What::kDecapsulate, interface.index);
  interface.input.add(inner.length);
  packet->origin = Origin::kWire;
  packet->input = interface.index;
  packet->instance = interface.instance;
  input_ip(interface, packet);
}

}  // namespace nezu::pfe
