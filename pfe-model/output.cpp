// Last stage: the PFE of the output port, MTU, neighbour, MAC addresses, the wire.
#include "pfe-model/pfe.h"
#include "pfe-model/segment.h"

namespace nezu::pfe {

namespace {

constexpr uint64_t kWantedAgain = 100'000'000;  // nanoseconds: ten times a second

/// Puts an 802.1Q tag behind the MAC addresses of a frame.
void push_tag(Packet& frame, uint16_t vlan) {
  frame.push(kVlanTag);
  std::memmove(frame.data, frame.data + kVlanTag, 12);
  store16(frame.data + 12, kEtherVlan);
  store16(frame.data + 14, vlan);
}

bool may_fragment(const Packet& packet) {
  return packet.data[0] >> 4 == 4 && !(packet.data[6] & 0x40);
}

}  // namespace

void Pfe::output() {
  run(output_, &Pfe::output_packet);
}

void Pfe::output_packet(Packet* packet) {
  Interface* interface = tables_.interface(packet->output);
  if (interface == nullptr || !interface->up) return drop(packet, Drop::kOutputDown);
  if (interface->kind != Kind::kEthernet || interface->port == nullptr)
    return drop(packet, Drop::kOutputDown);
  if (interface->pfe != id_) return cross_fabric(packet, interface->pfe, Arrival::kOutput);
  if (!fit_mtu(*interface, packet)) return;
  send_ethernet(*interface, packet);
}

/// False: the packet was too big and has been dealt with.
bool Pfe::fit_mtu(Interface& interface, Packet* packet) {
  if (packet->length <= interface.mtu) return true;
  if (wire_size(*packet) <= interface.mtu) return true;
  if (may_fragment(*packet)) {
    split(interface, packet);
    return false;
  }
  except(packet, Count::kExceptionMtu, Drop::kMtu);
  return false;
}

/// Sends a packet that may be fragmented, in pieces; a large one is segmented first.
void Pfe::split(Interface& interface, Packet* packet) {
  pieces_.clear();
  if (packet->offload.gso_type != 0)
    segment(*packet, pool_, pieces_);
  else if (finish_checksum(*packet))
    fragment(*packet, interface.mtu, pool_, pieces_);
  const Count kind = packet->offload.gso_type != 0 ? Count::kSegments : Count::kFragments;
  counters.add(kind, pieces_.size());
  if (packet->trace != 0) [[unlikely]]
    note_limit(*packet, Step::What::kPieces, pieces_.size(), interface.mtu);
  if (pieces_.empty()) return drop(packet, Drop::kSegmentation);
  for (Packet* piece : pieces_) queue(output_, piece);
  release(packet);
}

void Pfe::send_ethernet(Interface& interface, Packet* packet) {
  const Neighbour* neighbour = tables_.neighbours.find({interface.index, packet->next_hop});
  if (neighbour == nullptr) return unresolved(interface, packet);
  if (packet->origin == Origin::kWire) decrement_ttl(packet->data);
  const bool v6 = packet->data[0] >> 4 == 6;
  packet->push(kEthernetHeader);
  std::memcpy(packet->data, neighbour->mac.data(), 6);
  std::memcpy(packet->data + 6, interface.mac.data(), 6);
  store16(packet->data + 12, v6 ? kEtherIpv6 : kEtherIpv4);
  if (interface.vlan != 0) push_tag(*packet, interface.vlan);
  transmit(*interface.port, packet);
}

/// The host resolves; until it has, it also forwards what was received, as it does its own.
void Pfe::unresolved(Interface& interface, Packet* packet) {
  want_neighbour(interface.index, packet->next_hop);
  except(packet, Count::kExceptionNeighbour, Drop::kNeighbour);
}

void Pfe::want_neighbour(uint32_t interface, const Address& address) {
  Wanted& wanted = wanted_[hash(address, interface) % wanted_.size()];
  const bool same = wanted.interface == interface && wanted.address == address;
  if (same && now_ - wanted.at < kWantedAgain) return;
  wanted = {interface, address, now_};
  Event event;
  event.interface = interface;
  event.address = address;
  report(event);
}

/// A frame of the host's, without a tag.
void Pfe::send_frame(Interface& interface, Packet* packet) {
  if (interface.vlan != 0) push_tag(*packet, interface.vlan);
  transmit(*interface.port, packet);
}

void Pfe::transmit(Port& port, Packet* packet) {
  if (!port.enabled || !port.wire) return drop(packet, Drop::kPortDown);
  if (port.waiting == 0) sending_.push_back(&port);
  port.batch[port.waiting++] = packet;
  if (port.waiting < Port::kBatch) return;
  flush(port);
  std::erase(sending_, &port);
}

void Pfe::flush(Port& port) {
  const size_t taken = port.wire->transmit(port.batch, port.waiting);
  counters.add(Count::kTransmitted, taken);
  counters.add(Drop::kTransmit, port.waiting - taken);
  port.output_drops += port.waiting - taken;
  for (size_t i = 0; i < port.waiting; ++i) {
    if (port.batch[i]->sent) count_sent(port, *port.batch[i]);
    if (port.batch[i]->trace != 0) [[unlikely]]
      note_taken(*port.batch[i]);
    release(port.batch[i]);
  }
  port.waiting = 0;
}

void Pfe::count_sent(Port& port, const Packet& frame) {
  const Traffic traffic = wire_traffic(frame);
  port.output += traffic;
  Interface* interface = tables_.interface(frame.output);
  if (interface == nullptr) return;
  const size_t header = kEthernetHeader + (interface->vlan != 0 ? kVlanTag : 0);
  interface->output += {traffic.packets, traffic.bytes - traffic.packets * header};
}

}  // namespace nezu::pfe
