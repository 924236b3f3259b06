// Out of a tunnel: SA by SPI, to its anchor PFE; window, authentication, window; input once more.
#include "pfe-model/pfe.h"
#include "pfe-model/selector.h"

namespace nezu::pfe {

namespace {

constexpr uint8_t kEcnMask = 3;
constexpr uint8_t kEcnCongested = 3;

/// What the way left on the outer header goes to the inner one: a congestion mark always (RFC 6040
/// 4.2), the DSCP if configured. False: the inner packet cannot bear the mark and must be dropped.
bool take_over_class(uint8_t* inner, uint8_t outer, bool copy_dscp) {
  const uint8_t before = traffic_class(inner);
  const bool congested = (outer & kEcnMask) == kEcnCongested;
  if (congested && (before & kEcnMask) == 0) return false;
  const int dscp = (copy_dscp ? outer : before) & ~kEcnMask;
  const int ecn = congested ? kEcnCongested : before & kEcnMask;
  if ((dscp | ecn) != before) set_traffic_class(inner, static_cast<uint8_t>(dscp | ecn));
  return true;
}

SaKey key_of(const Packet& packet, const IpHeader& header, uint32_t spi) {
  return {SaDirection::kInbound, packet.instance, header.destination, spi};
}

}  // namespace

/// On the PFE that received it: whose packet is it?
void Pfe::steer_esp(Packet* packet, const IpHeader& header) {
  if (header.fragment) return drop(packet, Drop::kEspFragment);
  if (header.length < header.payload + kEspHeader) return drop(packet, Drop::kEspBadHeader);
  const uint32_t spi = load32(packet->data + header.payload);
  Sa* const* sa = tables_.inbound.find(key_of(*packet, header, spi));
  const Tunnel* tunnel = sa == nullptr ? nullptr : tables_.tunnel((*sa)->tunnel);
  if (tunnel == nullptr) return drop(packet, Drop::kEspUnknownSpi);
  if (tunnel->anchor == id_) return queue(open_, packet);
  cross_fabric(packet, tunnel->anchor, Arrival::kOpen);
}

void Pfe::open_all() {
  run(open_, &Pfe::open_packet);
}

/// On the anchor: looked up again, for the SA may have gone while the packet was on the fabric.
void Pfe::open_packet(Packet* packet) {
  if (!packet->parse()) return drop(packet, Drop::kBadHeader);
  const IpHeader header = packet->header;  // a copy: the packet's becomes the inner one
  const uint32_t spi = load32(packet->data + header.payload);
  Sa* const* sa = tables_.inbound.find(key_of(*packet, header, spi));
  Tunnel* tunnel = sa == nullptr ? nullptr : tables_.tunnel((*sa)->tunnel);
  if (tunnel == nullptr || tunnel->anchor != id_) return drop(packet, Drop::kEspUnknownSpi);
  open_with(**sa, *tunnel, packet, header);
}

void Pfe::open_with(Sa& sa, Tunnel& tunnel, Packet* packet, const IpHeader& outer) {
  const size_t length = outer.length - outer.payload;
  if (!is_esp_size(length)) {
    ++tunnel.bad_headers;
    return drop(packet, Drop::kEspBadHeader);
  }
  if (sa.stopped()) {
    report_limits(sa);
    return drop(packet, Drop::kSaStopped);
  }
  uint8_t* esp = packet->data + outer.payload;
  ReplayWindow& replay = sa.record->replay;
  uint64_t sequence = load32(esp + 4);
  if (sa.extended_sequence)
    sequence = extend_sequence(replay, sa.replay_window, static_cast<uint32_t>(sequence));
  if (!is_new(replay, sa.replay_window, sequence)) {
    ++tunnel.replay_errors;
    return drop(packet, Drop::kEspReplay);
  }
  const uint8_t outer_class = traffic_class(packet->data);
  const Opened opened = open(*sa.esp, {sequence, sa.extended_sequence}, esp, length);
  if (opened.fault == OpenFault::kAuthentication) {
    ++tunnel.authentication_failures;
    return drop(packet, Drop::kEspAuthentication);
  }
  mark_seen(replay, sequence);
  sa.record->used_at = now_;
  sa.account(outer.length);
  report_limits(sa);
  if (opened.fault == OpenFault::kTrailer) {
    ++tunnel.bad_trailers;
    return drop(packet, Drop::kEspBadTrailer);
  }
  packet->pull(outer.payload + kEspFront);
  packet->length = static_cast<uint32_t>(opened.length);
  accept_inner(sa, tunnel, packet, opened.next_header, outer, outer_class);
}

/// What was inside is received on the tunnel's interface if it is a packet the tunnel may carry.
void Pfe::accept_inner(const Sa& sa, Tunnel& tunnel, Packet* packet, uint8_t next_header,
                       const IpHeader& outer, uint8_t outer_class) {
  if (next_header == kProtocolNone) return drop(packet, Drop::kEspDummy);
  const bool v6 = next_header == kProtocolIpv6;
  if (!v6 && next_header != kProtocolIpv4) {
    ++tunnel.bad_trailers;
    return drop(packet, Drop::kEspBadTrailer);
  }
  IpHeader inner;
  if (parse_ip(packet->data, packet->length, inner) != HeaderFault::kNone || inner.v6 != v6) {
    ++tunnel.decryption_failures;
    return drop(packet, Drop::kEspInner);
  }
  const auto& selectors = sa.selectors.empty() ? tunnel.selectors : sa.selectors;
  if (!matches(selectors, inbound_flow(packet->data, inner))) return drop(packet, Drop::kSelector);
  if (!take_over_class(packet->data, outer_class, tunnel.copy_dscp))
    return drop(packet, Drop::kEcn);
  Interface* interface = tunnel.interface;
  if (interface == nullptr || !interface->up) return drop(packet, Drop::kInterfaceDown);
  counters.add(Count::kOpened);
  tunnel.decrypted.add(outer.length);
  tunnel.inner.add(inner.length);
  packet->offload = {};
  packet->origin = Origin::kWire;
  packet->input = interface->index;
  packet->instance = interface->instance;
  input_ip(*interface, packet);
}

}  // namespace nezu::pfe
