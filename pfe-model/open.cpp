// Out of a tunnel: SA by SPI, to its anchor PFE; window, authentication, window; input once more.
#include "pfe-model/outer.h"
#include "pfe-model/pfe.h"
#include "pfe-model/selector.h"

namespace nezu::pfe {

namespace {

constexpr uint16_t kPortIke = 500;
constexpr Drop kUdpDrops[] = {Drop::kUdpMissing, Drop::kUdpPort, Drop::kUdpIkePort,
                              Drop::kUdpUnexpected};
constexpr uint64_t kMovedAgain = 1'000'000'000;  // nanoseconds

/// The SPI where ESP in UDP would have it, 0 if there is no room for one; of a first fragment too.
uint32_t spi_in_udp(const Packet& packet, const IpHeader& header) {
  const size_t at = header.payload + kUdpHeader;
  if (header.fragment_offset != 0 || at + kEspHeader > header.length) return 0;
  return load32(packet.data + at);
}

}  // namespace

SaKey Pfe::key_of(const Packet& packet, const IpHeader& header, const Secured& secured) {
  return {SaDirection::kInbound, packet.instance, header.destination, secured.spi,
          secured.protocol};
}

/// Finds the ESP or AH header; in UDP of whatever port. False: there cannot be one.
bool Pfe::find_secured(const Packet& packet, const IpHeader& header, Secured& secured) {
  size_t at = header.payload;
  secured.udp = header.protocol == kProtocolUdp;
  secured.end = header.length;
  if (secured.udp) {
    if (at + kUdpHeader + kEspHeader > header.length) return false;
    secured.source_port = load16(packet.data + at);
    secured.port = load16(packet.data + at + 2);
    const size_t octets = load16(packet.data + at + 4);
    if (octets < kUdpHeader + kEspHeader || at + octets > header.length) return false;
    secured.end = at + octets;
    at += kUdpHeader;
  }
  const bool ah = header.protocol == kProtocolAh;
  secured.protocol = ah ? kProtocolAh : kProtocolEsp;
  secured.at = at;
  if (at + (ah ? kAhFixed : kEspHeader) > secured.end) return false;
  secured.spi = load32(packet.data + at + (ah ? 4 : 0));
  return true;
}

/// On the PFE that received it: whose packet is it?
void Pfe::steer_esp(Packet* packet, const IpHeader& header) {
  if (header.fragment) return drop(packet, Drop::kEspFragment);
  Secured secured;
  if (!find_secured(*packet, header, secured)) return drop(packet, Drop::kEspBadHeader);
  Sa* const* sa = tables_.inbound.find(key_of(*packet, header, secured));
  if (sa == nullptr) return drop_unknown(packet, secured);
  steer_to(**sa, packet);
}

/// ESP shares its ports with IKE: what has the SPI of an SA is ESP. False: it is for the host. The
/// host also puts fragments together, but not those of ESP: the first one is dropped, and the host
/// waits in vain for it.
bool Pfe::steer_udp(Packet* packet, const IpHeader& header) {
  if (header.fragment) {
    const uint32_t spi = spi_in_udp(*packet, header);
    if (spi == 0) return false;
    const Secured first{.protocol = kProtocolEsp, .udp = true, .spi = spi};
    Sa* const* sa = tables_.inbound.find(key_of(*packet, header, first));
    if (sa == nullptr || header.source != (*sa)->remote) return false;
    return drop(packet, Drop::kEspFragment), true;
  }
  if (header.payload + kUdpHeader > header.length) return false;
  const uint16_t port = load16(packet->data + header.payload + 2);
  const bool shared = tables_.udp_ports.find(port) != nullptr;
  if (shared && header.payload + kUdpHeader + 1 == header.length)
    return drop(packet, Drop::kNatKeepalive), true;
  Secured secured;
  if (!find_secured(*packet, header, secured) || secured.spi == 0) return false;
  Sa* const* sa = tables_.inbound.find(key_of(*packet, header, secured));
  if (sa == nullptr) {
    if (!shared || port == kPortIke) return false;
    return drop_unknown(packet, secured), true;
  }
  // On other ports the first octets of anything may happen to be an SPI; not that of its own peer.
  if (!shared && header.source != (*sa)->remote) return false;
  return steer_to(**sa, packet), true;
}

void Pfe::drop_unknown(Packet* packet, const Secured& secured) {
  if (packet->trace != 0) [[unlikely]]
    note_spi(*packet, secured.spi, secured.protocol);
  drop(packet, Drop::kEspUnknownSpi);
}

void Pfe::steer_to(const Sa& sa, Packet* packet) {
  const Tunnel* tunnel = tables_.tunnel(sa.tunnel);
  if (tunnel == nullptr) return drop(packet, Drop::kEspUnknownSpi);
  if (packet->trace != 0) [[unlikely]]
    note_secured(*packet, sa);
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
  Secured secured;
  if (!find_secured(*packet, header, secured)) return drop(packet, Drop::kEspBadHeader);
  Sa* const* sa = tables_.inbound.find(key_of(*packet, header, secured));
  Tunnel* tunnel = sa == nullptr ? nullptr : tables_.tunnel((*sa)->tunnel);
  if (tunnel == nullptr || tunnel->anchor != id_) return drop(packet, Drop::kEspUnknownSpi);
  if (const auto why = misencapsulated(**sa, secured)) {
    ++tunnel->udp_errors[static_cast<size_t>(*why)];
    return drop(packet, kUdpDrops[static_cast<size_t>(*why)]);
  }
  open_with(**sa, *tunnel, packet, header, secured);
}

/// How the UDP header, or that there is none, is not as the SA says; nothing: it is.
std::optional<UdpError> Pfe::misencapsulated(const Sa& sa, const Secured& secured) {
  if (!sa.udp) return secured.udp ? std::optional(UdpError::kUnexpected) : std::nullopt;
  if (!secured.udp) return UdpError::kMissing;
  if (secured.port == sa.udp->local) return {};
  return sa.udp->local == kPortIke ? UdpError::kIkePort : UdpError::kPort;
}

void Pfe::open_with(Sa& sa, Tunnel& tunnel, Packet* packet, const IpHeader& outer,
                    const Secured& secured) {
  if (sa.esp != nullptr && !sa.esp->is_size(secured.end - secured.at)) {
    ++tunnel.bad_headers;
    return drop(packet, Drop::kEspBadHeader);
  }
  if (sa.stopped()) {
    report_limits(sa);
    return drop(packet, Drop::kSaStopped);
  }
  if (!inline_input_.pass(now_, inline_bits, outer.length))
    return drop(packet, Drop::kInlineBandwidth);
  ReplayWindow& replay = sa.record->replay;
  uint64_t sequence = load32(packet->data + secured.at + (sa.ah != nullptr ? 8 : 4));
  if (sa.extended_sequence)
    sequence = extend_sequence(replay, sa.replay_window, static_cast<uint32_t>(sequence));
  if (packet->trace != 0) [[unlikely]]
    note_window(*packet, sa, sequence);
  if (!is_new(replay, sa.replay_window, sequence)) {
    ++tunnel.replay_errors;
    return drop(packet, Drop::kEspReplay);
  }
  const uint8_t outer_class = traffic_class(packet->data);
  const Opened opened = take_out(sa, *packet, outer, secured, sequence);
  if (opened.fault == OpenFault::kAuthentication) {
    ++(sa.ah != nullptr ? tunnel.ah_authentication_failures : tunnel.authentication_failures);
    return drop(packet, sa.ah != nullptr ? Drop::kAhAuthentication : Drop::kEspAuthentication);
  }
  if (sequence > replay.top) follow_peer(sa, tunnel, outer, secured);
  mark_seen(replay, sequence);
  sa.record->used_at = now_;
  sa.account(outer.length);
  report_limits(sa);
  if (opened.fault == OpenFault::kTrailer) {
    ++tunnel.bad_trailers;
    return drop(packet, Drop::kEspBadTrailer);
  }
  packet->pull(secured.at + (sa.ah != nullptr ? sa.ah->size(outer.v6) : sa.esp->front()));
  packet->length = static_cast<uint32_t>(opened.length);
  if (packet->trace != 0) [[unlikely]]
    note_opened(*packet, sa, outer.length, opened.length);
  accept_inner(sa, tunnel, packet, opened.next_header, outer, outer_class);
}

/// Checks and decrypts; what is inside stays where it is.
Opened Pfe::take_out(Sa& sa, Packet& packet, const IpHeader& outer, const Secured& secured,
                     uint64_t number) {
  const EspSequence sequence{number, sa.extended_sequence};
  uint8_t* start = packet.data + secured.at;
  if (sa.esp != nullptr) return open(*sa.esp, sequence, start, secured.end - secured.at);
  if (!sa.ah->verify(packet.data, outer.length, sequence)) return {OpenFault::kAuthentication};
  return {OpenFault::kNone, start[0], outer.length - secured.at - sa.ah->size(outer.v6)};
}

/// A peer behind a NAT that gave it another address or port is to be answered there (RFC 7296
/// 2.23): at another port from now on, at another address when iked has made a pair for it.
void Pfe::follow_peer(Sa& sa, const Tunnel& tunnel, const IpHeader& outer, const Secured& secured) {
  if (!sa.udp || !sa.udp->follow) return;
  Sa* out = tunnel.outbound;
  const bool to_it = out != nullptr && out->udp && out->udp->follow && out->remote == outer.source;
  if (to_it) out->udp->remote = secured.source_port;
  if (outer.source == sa.remote && secured.source_port == sa.udp->remote) return;
  if (sa.moved_at != 0 && now_ - sa.moved_at < kMovedAgain) return;
  sa.moved_at = now_;
  Event event = sa.event(0);
  event.what = Event::What::kPeerMoved;
  event.address = outer.source;
  event.port = secured.source_port;
  event.tunnel = sa.tunnel;
  report(event);
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
  if (tracing_) [[unlikely]]
    consider(tunnel.interface_index, *packet, false);
  if (packet->trace != 0) [[unlikely]]
    note_inner(*packet, sa, tunnel, inner);
  const auto& selectors = sa.selectors.empty() ? tunnel.selectors : sa.selectors;
  if (!matches(selectors, inbound_flow(packet->data, inner))) {
    ++tunnel.selector_errors;
    return drop(packet, Drop::kSelector);
  }
  if (!take_over_class(packet->data, outer_class, tunnel.copy_dscp))
    return drop(packet, Drop::kEcn);
  Interface* interface = tunnel.interface;
  if (interface == nullptr || !interface->up) return drop(packet, Drop::kInterfaceDown);
  counters.add(Count::kOpened);
  (sa.ah != nullptr ? tunnel.ah_input : tunnel.decrypted).add(outer.length);
  tunnel.inner.add(inner.length);
  packet->offload = {};
  packet->origin = Origin::kWire;
  packet->input = interface->index;
  packet->instance = interface->instance;
  input_ip(*interface, packet);
}

}  // namespace nezu::pfe
