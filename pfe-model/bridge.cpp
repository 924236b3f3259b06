// Bridge domains: frames between Ethernet interfaces and the VXLAN endpoints of the domain (RFC
// 7348 4). All frames of a domain pass its PFE, which learns from them where the stations are.
#include "pfe-model/flow.h"
#include "pfe-model/outer.h"
#include "pfe-model/pfe.h"
#include "pfe-model/segment.h"

namespace nezu::pfe {

namespace {

/// 01:80:c2:00:00:00 to 0f: for this link only (IEEE 802.1Q 8.6.3).
bool is_for_this_link(const uint8_t* mac) {
  constexpr uint8_t kPrefix[5] = {1, 0x80, 0xc2, 0, 0};
  return std::memcmp(mac, kPrefix, sizeof kPrefix) == 0 && mac[5] < 16;
}

/// Besides the tag of its port, which is off already.
bool is_tagged(const Packet& frame) {
  return load16(frame.data + 12) == kEtherVlan;
}

/// The IP header in a frame, if it has a good one.
bool parse_inside(const Packet& frame, IpHeader& header) {
  const uint16_t type = load16(frame.data + 12);
  if (type != kEtherIpv4 && type != kEtherIpv6) return false;
  return parse_ip(frame.data + kEthernetHeader, frame.length - kEthernetHeader, header) ==
             HeaderFault::kNone &&
         header.v6 == (type == kEtherIpv6);
}

/// Does `work` on the packet in the frame.
template <typename Work>
auto on_payload(Packet& frame, Work work) {
  frame.pull(kEthernetHeader);
  const auto result = work(frame);
  frame.push(kEthernetHeader);
  return result;
}

}  // namespace

/// On the PFE that received it, from a port.
void Pfe::steer_frame(const Interface& interface, Packet* packet) {
  if (packet->length < kEthernetHeader) return drop(packet, Drop::kBadHeader);
  if (is_for_this_link(packet->data)) return drop(packet, Drop::kBridgeReserved);
  packet->input = interface.index;
  packet->bridge = interface.bridge->id;
  if (interface.bridge->pfe == id_) return queue(bridge_, packet);
  cross_fabric(packet, interface.bridge->pfe, Arrival::kBridge);
}

void Pfe::bridge_all() {
  run(bridge_, &Pfe::bridge_packet);
}

void Pfe::bridge_packet(Packet* packet) {
  Bridge* bridge = tables_.bridge(packet->bridge);
  const Interface* from = tables_.interface(packet->input);
  if (bridge == nullptr || bridge->pfe != id_ || from == nullptr)
    return drop(packet, Drop::kNoInterface);
  const uint8_t* to = packet->data;
  const uint8_t* source = packet->data + 6;
  if (!(source[0] & 1) && !bridge->macs.learn(source, packet->input, now_))
    counters.add(Count::kMacTableFull);
  const uint32_t at = to[0] & 1 ? 0 : bridge->macs.find(to, now_);
  Interface* out = at == 0 ? nullptr : tables_.interface(at);
  if (packet->trace != 0) [[unlikely]]
    note_frame(*packet, Step::What::kBridge, out == nullptr || !out->up ? 0 : at, bridge->id, to);
  // While its port is down a station may be heard elsewhere.
  if (out == nullptr || !out->up) return flood(*bridge, *from, packet);
  if (!may_go(*from, *out)) return drop(packet, Drop::kBridgeBack);
  send_bridged(*bridge, *out, packet);
}

/// Not back, and not from one endpoint to another: each sends to all of them itself.
bool Pfe::may_go(const Interface& from, const Interface& to) {
  return &from != &to && !(from.kind == Kind::kVtep && to.kind == Kind::kVtep);
}

void Pfe::flood(Bridge& bridge, const Interface& from, Packet* packet) {
  counters.add(Count::kFlooded);
  Interface* last = nullptr;
  for (Interface* member : bridge.members) {
    if (!member->up || !may_go(from, *member)) continue;
    if (Packet* copy = last == nullptr ? nullptr : copy_frame(*packet))
      send_bridged(bridge, *last, copy);
    last = member;
  }
  if (last == nullptr) return drop(packet, Drop::kBridgeBack);
  send_bridged(bridge, *last, packet);
}

Packet* Pfe::copy_frame(const Packet& frame) {
  Packet* copy = pool_.take();
  if (copy == nullptr) {
    counters.add(Drop::kNoBuffer);
    return nullptr;
  }
  std::memcpy(copy->data, frame.data, frame.length);
  copy->length = frame.length;
  copy->offload = frame.offload;
  copy->input = frame.input;
  copy->instance = frame.instance;
  copy->bridge = frame.bridge;
  copy->passes = frame.passes;
  copy->trace = frame.trace;
  return copy;
}

void Pfe::send_bridged(const Bridge& bridge, Interface& out, Packet* packet) {
  counters.add(Count::kBridged);
  packet->output = out.index;
  packet->origin = Origin::kHost;
  if (out.kind == Kind::kVtep) return send_to_vtep(bridge, out, packet);
  if (out.pfe == id_) return output_frame(packet);
  cross_fabric(packet, out.pfe, Arrival::kFrame);
}

/// On the PFE of the port.
void Pfe::output_frame(Packet* packet) {
  Interface* out = tables_.interface(packet->output);
  if (out == nullptr || !out->up || out->port == nullptr || out->bridge == nullptr)
    return drop(packet, Drop::kOutputDown);
  const size_t size = on_payload(*packet, [](const Packet& inside) { return wire_size(inside); });
  if (size > out->mtu) return drop(packet, Drop::kMtu);
  send_frame(*out, packet);
}

/// One packet at a time, with its checksum. An endpoint does not take tagged frames (RFC 7348 6.1).
void Pfe::send_to_vtep(const Bridge& bridge, Interface& vtep, Packet* packet) {
  if (is_tagged(*packet)) return drop(packet, Drop::kBridgeTag);
  if (packet->offload.gso_type == 0) {
    if (!on_payload(*packet, finish_checksum)) return drop(packet, Drop::kSegmentation);
    return frame_into(bridge, vtep, packet);
  }
  pieces_.clear();
  if (on_payload(*packet, [&](Packet& large) { return segment(large, pool_, pieces_); }) == 0)
    return drop(packet, Drop::kSegmentation);
  counters.add(Count::kSegments, pieces_.size());
  for (Packet* piece : pieces_) {
    piece->push(kEthernetHeader);
    frame_into(bridge, vtep, piece);
  }
  release(packet);
}

/// What does not fit is nobody's to cut in pieces (RFC 7348 4.3).
void Pfe::frame_into(const Bridge& bridge, Interface& vtep, Packet* packet) {
  if (!vtep.up || vtep.pfe != id_) return drop(packet, Drop::kOutputDown);
  if (packet->length - kEthernetHeader > inner_limit(vtep)) return drop(packet, Drop::kMtu);
  IpHeader inside;
  const bool ip = parse_inside(*packet, inside);
  uint64_t flow = mix(MacTable::key(packet->data), MacTable::key(packet->data + 6));
  if (ip) flow = on_payload(*packet, [&](const Packet& p) { return flow_hash(p, inside); });
  vtep.output.add(packet->length);
  const uint8_t outer_class = ip ? traffic_class(packet->data + kEthernetHeader) : 0;
  wrap(vtep, {bridge.vni, Carried::kEthernet}, flow, outer_class, packet);
}

/// Out of VXLAN, with its Ethernet header.
void Pfe::frame_from(const Encapsulated& inside, uint8_t outer_class, Packet* packet) {
  if (inside.carried != Carried::kEthernet || packet->length < kEthernetHeader ||
      is_tagged(*packet))
    return drop(packet, Drop::kVxlanInner);
  IpHeader header;
  if (parse_inside(*packet, header) &&
      !take_over_class(packet->data + kEthernetHeader, outer_class, false))
    return drop(packet, Drop::kEcn);
  counters.add(Count::kDecapsulated);
  if (tracing_) [[unlikely]]
    consider(inside.interface->index, *packet, true);
  if (packet->trace != 0) [[unlikely]]
    note(*packet, Step::What::kDecapsulate, inside.interface->index);
  inside.interface->input.add(packet->length);
  packet->parsed = false;
  packet->input = inside.interface->index;
  packet->bridge = inside.bridge->id;
  queue(bridge_, packet);
}

}  // namespace nezu::pfe
