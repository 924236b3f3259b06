// To the host: each packet in a class of its own rate, complete as no offload had been asked for.
#include <unistd.h>

#include "pfe-model/pfe.h"
#include "pfe-model/segment.h"

namespace nezu::pfe {

namespace {

constexpr std::array<Count, 6> kPuntCounts = {Count::kPuntIkeEstablished, Count::kPuntIkeNew,
                                              Count::kPuntIkePeer,        Count::kPuntRouting,
                                              Count::kPuntNeighbour,      Count::kPuntRest};

constexpr uint16_t kPortIke = 500;
constexpr uint16_t kPortIkeNat = 4500;
constexpr uint16_t kPortBgp = 179;
constexpr uint16_t kPortRip = 520;
constexpr uint16_t kPortBfd = 3784;
constexpr uint16_t kPortBfdMultihop = 4784;

/// New: the responder's SPI of the IKE header is still zero (RFC 7296 3.1).
Punt classify_ike(const uint8_t* ike, size_t octets) {
  constexpr uint8_t kZero[8] = {};
  const bool established = octets >= 28 && std::memcmp(ike + 8, kZero, 8) != 0;
  return established ? Punt::kIkeEstablished : Punt::kIkeNew;
}

Punt classify_udp(const uint8_t* udp, size_t octets) {
  const uint16_t port = load16(udp + 2);
  if (port == kPortIke) return classify_ike(udp + 8, octets - 8);
  if (port == kPortIkeNat && octets >= 12) return classify_ike(udp + 12, octets - 12);
  const bool routing = port == kPortRip || port == kPortBfd || port == kPortBfdMultihop;
  return routing ? Punt::kRouting : Punt::kRest;
}

bool is_neighbour_discovery(uint8_t type) {
  return type >= 133 && type <= 137;
}

bool is_routing(uint8_t protocol) {
  return protocol == kProtocolOspf || protocol == kProtocolPim || protocol == kProtocolIgmp ||
         protocol == kProtocolVrrp;
}

}  // namespace

Punt Pfe::classify(const Packet& packet, const IpHeader& header) const {
  if (is_routing(header.protocol)) return Punt::kRouting;
  if (header.fragment_offset != 0) return Punt::kRest;
  const uint8_t* payload = packet.data + header.payload;
  const size_t octets = header.length - header.payload;
  if (octets < 8) return Punt::kRest;
  if (header.protocol == kProtocolUdp) {
    const Punt kind = classify_udp(payload, octets);
    if (kind != Punt::kIkeEstablished && kind != Punt::kIkeNew) return kind;
    // Any stranger can write an SPI into a packet; what strangers begin must not starve peers.
    if (tables_.peers.find({packet.instance, header.source}) == nullptr) return Punt::kIkeNew;
    return kind == Punt::kIkeNew ? Punt::kIkePeer : kind;
  }
  if (header.protocol == kProtocolIcmp6 && is_neighbour_discovery(payload[0]))
    return Punt::kNeighbour;
  const bool bgp = header.protocol == kProtocolTcp &&
                   (load16(payload) == kPortBgp || load16(payload + 2) == kPortBgp);
  return bgp ? Punt::kRouting : Punt::kRest;
}

void Pfe::punt(Packet* packet, Punt kind) {
  Interface* interface = tables_.interface(packet->input);
  if (interface == nullptr || !interface->host) return drop(packet, Drop::kNoHost);
  if (packet->trace != 0) [[unlikely]]
    note(*packet, Step::What::kPunt, interface->index,
         static_cast<uint32_t>(kPuntCounts[static_cast<size_t>(kind)]));
  if (!policers_[static_cast<size_t>(kind)].pass(now_)) return drop(packet, Drop::kPoliced);
  counters.add(kPuntCounts[static_cast<size_t>(kind)]);
  write_host(*interface, packet);
}

/// What cannot be forwarded: of what was received the host is to say so or to do better.
void Pfe::except(Packet* packet, Count why, Drop otherwise) {
  if (packet->origin != Origin::kWire) return drop(packet, otherwise);
  counters.add(why);
  if (packet->trace != 0) [[unlikely]]
    note(*packet, Step::What::kException, 0, static_cast<uint32_t>(why));
  punt(packet, Punt::kRest);
}

void Pfe::write_host(Interface& interface, Packet* packet) {
  if (packet->offload.gso_type != 0) {
    pieces_.clear();
    if (segment(*packet, pool_, pieces_) == 0) return drop(packet, Drop::kSegmentation);
    counters.add(Count::kSegments, pieces_.size());
    for (Packet* piece : pieces_) write_host(interface, piece);
    return release(packet);
  }
  if (!finish_checksum(*packet)) return drop(packet, Drop::kSegmentation);
  if (interface.kind == Kind::kEthernet) packet->push(kEthernetHeader);
  const ssize_t written = ::write(interface.host.number(), packet->data, packet->length);
  if (written < 0) return drop(packet, Drop::kHostFull);
  if (packet->trace != 0) [[unlikely]]
    note(*packet, Step::What::kHost, interface.index);
  release(packet);
}

}  // namespace nezu::pfe
