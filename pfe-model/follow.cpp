// What a packet that is traced leaves in its story, stage by stage. Nothing here is called for the
// others but what begins a story.
#include "pfe-model/clock.h"
#include "pfe-model/flow.h"
#include "pfe-model/pfe.h"
#include "pfe-model/replay.h"
#include "pfe-model/selector.h"

namespace nezu::pfe {

namespace {

using What = Step::What;

Seen seen_in(const uint8_t* ip, const IpHeader& header) {
  const Flow flow = outbound_flow(ip, header);
  Seen seen;
  seen.fragment = header.fragment_offset != 0;
  seen.ports_known = flow.ports_known;
  seen.protocol = header.protocol;
  seen.hops = header.hops;
  seen.octets = header.length;
  seen.source = header.source;
  seen.destination = header.destination;
  seen.source_port = flow.local_port;
  seen.destination_port = flow.remote_port;
  return seen;
}

/// Of what has no good IP header.
Seen seen_frame(const Packet& packet, bool frame) {
  Seen seen;
  seen.octets = packet.length;
  if (!frame || packet.length < kEthernetHeader) return seen;
  seen.ethertype = load16(packet.data + 12);
  std::memcpy(seen.destination_mac.data(), packet.data, 6);
  std::memcpy(seen.source_mac.data(), packet.data + 6, 6);
  return seen;
}

bool holds_ip(const Packet& packet, size_t front) {
  if (packet.length <= front) return false;
  if (front == 0) return true;
  const uint16_t type = load16(packet.data + 12);
  return type == kEtherIpv4 || type == kEtherIpv6;
}

std::optional<Selector> holding(const std::vector<Selector>& selectors, const Flow& flow) {
  for (const Selector& selector : selectors)
    if (matches(selector, flow)) return selector;
  return {};
}

}  // namespace

void Pfe::consider(uint32_t interface, Packet& packet, bool frame) {
  if (packet.trace != 0) return;
  const size_t front = frame ? kEthernetHeader : 0;
  const bool ip = holds_ip(packet, front);
  const uint8_t* start = ip ? packet.data + front : nullptr;
  const size_t octets = ip ? packet.length - front : 0;
  if (!trace_->matches(interface, start, octets)) return;
  IpHeader header;
  const bool good = ip && parse_ip(start, octets, header) == HeaderFault::kNone;
  const Seen seen = good ? seen_in(start, header) : seen_frame(packet, frame);
  packet.trace = trace_->claim(monotonic_now(), interface, seen);
}

void Pfe::consider_received(const Interface* interface, Packet& packet) {
  const uint32_t index = interface == nullptr ? 0 : interface->index;
  consider(index, packet, true);
  if (packet.trace != 0) note(packet, What::kInput, index, packet.vlan);
}

void Pfe::consider_sent(const Interface& interface, Packet& packet) {
  consider(interface.index, packet, interface.kind == Kind::kEthernet);
  if (packet.trace != 0) note(packet, What::kHostInput, interface.index);
}

Step* Pfe::step(const Packet& packet, Step::What what) {
  Step* step = trace_ == nullptr ? nullptr : trace_->next(packet.trace);
  if (step == nullptr) return nullptr;
  *step = {};
  step->what = what;
  step->pfe = static_cast<uint16_t>(id_);
  step->at = monotonic_now();
  return step;
}

void Pfe::note(const Packet& packet, Step::What what, uint32_t interface, uint32_t count) {
  Step* told = step(packet, what);
  if (told == nullptr) return;
  told->interface = interface;
  told->count = count;
  told->octets = packet.length;
}

void Pfe::note_limit(const Packet& packet, Step::What what, size_t count, uint32_t limit) {
  Step* told = step(packet, what);
  if (told == nullptr) return;
  told->octets = packet.length;
  told->count = static_cast<uint32_t>(count);
  told->limit = limit;
}

void Pfe::note_route(const Packet& packet, const Fib* fib, const Paths* paths) {
  Step* told = step(packet, paths == nullptr ? What::kNoRoute : What::kRoute);
  if (told == nullptr) return;
  const Address& destination = packet.header.destination;
  told->instance = packet.instance;
  told->source = destination;
  if (paths == nullptr) return;
  told->prefix = fib->prefix(destination);
  told->action = paths->action;
  told->count = static_cast<uint32_t>(paths->hops.size());
}

void Pfe::note_way(const Packet& packet, const Hop& hop) {
  Step* told = step(packet, What::kWay);
  if (told == nullptr) return;
  told->interface = hop.interface;
  told->gateway = hop.gateway;
}

void Pfe::note_tunnel(const Packet& packet, const Tunnel& tunnel) {
  Step* told = step(packet, What::kSelect);
  if (told == nullptr) return;
  told->interface = packet.output;
  told->tunnel = tunnel.id;
  told->selector = holding(tunnel.selectors, outbound_flow(packet.data, packet.header));
}

void Pfe::note_sealed(const Packet& packet, const Tunnel& tunnel, size_t inner, uint64_t sequence) {
  Step* told = step(packet, What::kSeal);
  if (told == nullptr) return;
  const Sa& sa = *tunnel.outbound;
  told->tunnel = tunnel.id;
  told->spi = sa.key.spi;
  told->protocol = sa.ah != nullptr ? kProtocolAh : kProtocolEsp;
  told->udp = sa.udp ? sa.udp->remote : 0;
  told->sequence = sequence;
  told->before = static_cast<uint32_t>(inner);
  told->octets = packet.length;
  told->source = sa.local;
  told->gateway = sa.remote;
}

void Pfe::note_spi(const Packet& packet, uint32_t spi, uint8_t protocol) {
  Step* told = step(packet, What::kSecured);
  if (told == nullptr) return;
  told->spi = spi;
  told->protocol = protocol;
}

void Pfe::note_secured(const Packet& packet, const Sa& sa) {
  Step* told = step(packet, What::kSecured);
  if (told == nullptr) return;
  told->tunnel = sa.tunnel;
  told->spi = sa.key.spi;
  told->protocol = sa.ah != nullptr ? kProtocolAh : kProtocolEsp;
  told->udp = sa.udp ? sa.udp->local : 0;
}

void Pfe::note_window(const Packet& packet, const Sa& sa, uint64_t sequence) {
  Step* told = step(packet, What::kWindow);
  if (told == nullptr) return;
  told->spi = sa.key.spi;
  told->sequence = sequence;
  told->top = sa.record->replay.top;
  told->count = sa.replay_window;
  told->limit = is_new(sa.record->replay, sa.replay_window, sequence) ? 1 : 0;
}

void Pfe::note_opened(const Packet& packet, const Sa& sa, size_t outer, size_t inner) {
  Step* told = step(packet, What::kOpen);
  if (told == nullptr) return;
  told->spi = sa.key.spi;
  told->protocol = sa.ah != nullptr ? kProtocolAh : kProtocolEsp;
  told->before = static_cast<uint32_t>(outer);
  told->octets = static_cast<uint32_t>(inner);
}

void Pfe::note_inner(const Packet& packet, const Sa& sa, const Tunnel& tunnel,
                     const IpHeader& inner) {
  Step* told = step(packet, What::kInner);
  if (told == nullptr) return;
  const auto& selectors = sa.selectors.empty() ? tunnel.selectors : sa.selectors;
  told->tunnel = tunnel.id;
  told->spi = sa.key.spi;
  told->interface = tunnel.interface_index;
  told->seen = seen_in(packet.data, inner);
  told->selector = holding(selectors, inbound_flow(packet.data, inner));
}

void Pfe::note_wrapped(const Packet& packet, const Interface& interface, uint32_t vni,
                       size_t inner) {
  Step* told = step(packet, What::kEncapsulate);
  if (told == nullptr) return;
  told->interface = interface.index;
  told->count = vni;
  told->before = static_cast<uint32_t>(inner);
  told->octets = packet.length;
  told->source = interface.vxlan->local;
  told->gateway = interface.vxlan->remote;
}

/// At the end of its stay: the frame is as the wire got it.
void Pfe::note_taken(const Packet& frame) {
  if (frame.sent) return note_frame(frame, What::kSent, frame.output, 0, frame.data);
  note(frame, What::kDrop, frame.output, static_cast<uint32_t>(Drop::kTransmit));
}

void Pfe::note_frame(const Packet& packet, Step::What what, uint32_t interface, uint32_t count,
                     const uint8_t* mac) {
  Step* told = step(packet, what);
  if (told == nullptr) return;
  told->interface = interface;
  told->count = count;
  told->octets = packet.length;
  std::memcpy(told->mac.data(), mac, told->mac.size());
}

}  // namespace nezu::pfe
