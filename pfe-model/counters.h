#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace nezu::pfe {

// Every counter and every drop reason is declared here, once: identifier, name, help.

#define NEZU_PFE_COUNTERS(X)                                                     \
  X(kReceived, "received", "Packets received from wires")                        \
  X(kHostReceived, "host-received", "Packets received from the host")            \
  X(kForwarded, "forwarded", "Packets routed to another interface")              \
  X(kTransmitted, "transmitted", "Packets sent to wires")                        \
  X(kFabricOut, "fabric-output", "Packets sent to another PFE")                  \
  X(kFabricIn, "fabric-input", "Packets received from another PFE")              \
  X(kSealed, "encrypted", "Packets encrypted")                                   \
  X(kOpened, "decrypted", "Packets decrypted")                                   \
  X(kEncapsulated, "vxlan-encapsulated", "Packets put into VXLAN")               \
  X(kDecapsulated, "vxlan-decapsulated", "Packets taken out of VXLAN")           \
  X(kBridged, "bridged", "Frames sent within bridge domains, each copy")         \
  X(kFlooded, "flooded", "Frames to every member of a bridge domain")            \
  X(kMacTableFull, "mac-table-full", "Frames of stations there was no room for") \
  X(kFragments, "fragments", "Fragments made")                                   \
  X(kSegments, "segments", "Segments made of large packets")                     \
  X(kPuntIkeEstablished, "punt-ike", "IKE packets of established SAs to host")   \
  X(kPuntIkeNew, "punt-ike-new", "IKE packets of strangers to host")             \
  X(kPuntIkePeer, "punt-ike-peer", "IKE packets of peers' new SAs to host")      \
  X(kPuntRouting, "punt-routing", "Routing protocol packets to host")            \
  X(kPuntNeighbour, "punt-neighbour", "ARP and neighbour discovery to host")     \
  X(kPuntRest, "punt-rest", "Other packets to host")                             \
  X(kExceptionTtl, "exception-ttl", "TTL expired, to host")                      \
  X(kExceptionNoRoute, "exception-no-route", "No route or reject, to host")      \
  X(kExceptionMtu, "exception-mtu", "Too big and not to be fragmented")          \
  X(kPathMtu, "path-mtu", "Answers that an outer packet was too big")            \
  X(kExceptionNeighbour, "exception-neighbour", "Unresolved neighbour, to host")

#define NEZU_PFE_DROPS(X)                                                            \
  X(kPfeOffline, "pfe-offline", "The PFE is offline")                                \
  X(kPortDown, "port-down", "The port is disabled")                                  \
  X(kNoBuffer, "no-buffer", "No free packet buffer")                                 \
  X(kTruncated, "truncated", "Received packet was cut short")                        \
  X(kVlan, "vlan", "VLAN tag of no logical interface")                               \
  X(kNoInterface, "no-interface", "No logical interface")                            \
  X(kInterfaceDown, "interface-down", "Logical interface is down")                   \
  X(kFamily, "family", "Protocol family not configured on the interface")            \
  X(kNotForUs, "not-for-us", "Unicast for another MAC address")                      \
  X(kEthertype, "ethertype", "Unknown Ethernet type")                                \
  X(kBadHeader, "bad-header", "IP header malformed")                                 \
  X(kBadChecksum, "bad-checksum", "IPv4 header checksum wrong")                      \
  X(kMartian, "martian", "Source or destination address that must not be forwarded") \
  X(kDiscardRoute, "discard-route", "Route says discard")                            \
  X(kLoop, "loop", "Packet passed routing too often")                                \
  X(kOutputDown, "output-down", "Output interface is down or gone")                  \
  X(kMtu, "mtu", "Larger than the output interface takes")                           \
  X(kNeighbour, "neighbour", "Neighbour not resolved")                               \
  X(kTransmit, "transmit", "Wire did not take the packet")                           \
  X(kFabricFull, "fabric-full", "Fabric queue full")                                 \
  X(kQueueFull, "queue-full", "Stage queue full")                                    \
  X(kSegmentation, "segmentation", "Large packet that cannot be segmented")          \
  X(kPoliced, "policed", "Over the rate of its punt class")                          \
  X(kNoHost, "no-host", "No host interface to punt to")                              \
  X(kHostFull, "host-full", "Host interface did not take the packet")                \
  X(kNoPolicy, "no-policy", "No tunnel selector matches")                            \
  X(kNoSa, "no-sa", "Tunnel has no outbound SA")                                     \
  X(kSaStopped, "sa-stopped", "SA is past its hard limit or out of sequence")        \
  X(kSealing, "sealing", "Cipher or authentication did not work")                    \
  X(kInlineBandwidth, "inline-bandwidth", "Over the bandwidth of inline services")   \
  X(kUdpMissing, "udp-missing", "ESP without the UDP header that its SA has")        \
  X(kUdpPort, "udp-port", "ESP in UDP to another port than the configured one")      \
  X(kUdpIkePort, "udp-ike-port", "ESP in UDP not to port 500, none is configured")   \
  X(kUdpUnexpected, "udp-unexpected", "ESP in UDP of an SA that is not")             \
  X(kNatKeepalive, "nat-keepalive", "NAT keepalive of a peer")                       \
  X(kEspUnknownSpi, "esp-unknown-spi", "No SA for this SPI")                         \
  X(kEspFragment, "esp-fragment", "Fragment of an ESP packet")                       \
  X(kEspBadHeader, "esp-bad-header", "ESP packet too short or misaligned")           \
  X(kEspReplay, "esp-replay", "Replayed or older than the window")                   \
  X(kEspAuthentication, "esp-authentication", "ESP authentication failed")           \
  X(kAhAuthentication, "ah-authentication", "AH authentication failed")              \
  X(kEspBadTrailer, "esp-bad-trailer", "ESP padding or next header wrong")           \
  X(kEspDummy, "esp-dummy", "ESP dummy packet")                                      \
  X(kEspInner, "esp-inner", "Decrypted packet is not a good IP packet")              \
  X(kSelector, "selector", "Decrypted packet outside the tunnel's selectors")        \
  X(kVxlanFragment, "vxlan-fragment", "Fragment of a VXLAN packet")                  \
  X(kVxlanChecksum, "vxlan-checksum", "UDP checksum of a VXLAN packet wrong")        \
  X(kVxlanHeader, "vxlan-header", "VXLAN packet too short, or its flags wrong")      \
  X(kVxlanVni, "vxlan-vni", "VXLAN network identifier of no interface")              \
  X(kVxlanPeer, "vxlan-peer", "VXLAN packet from an address that is no peer's")      \
  X(kVxlanInner, "vxlan-inner", "What was in VXLAN is not a good IP packet")         \
  X(kBridgeReserved, "bridge-reserved", "Frame that does not leave its link")        \
  X(kBridgeBack, "bridge-back", "Frame for where it came from, or for nobody")       \
  X(kBridgeTag, "bridge-tag", "Frame with a VLAN tag inside, not put into VXLAN")    \
  X(kEcn, "ecn", "Congestion mark on a packet that is not capable of it")

#define NEZU_PFE_IDENTIFIER(id, name, help) id,
#define NEZU_PFE_TEXT(id, name, help) CounterText{name, help},

struct CounterText {
  const char* name;
  const char* help;
};

enum class Count : uint8_t { NEZU_PFE_COUNTERS(NEZU_PFE_IDENTIFIER) };
enum class Drop : uint8_t { NEZU_PFE_DROPS(NEZU_PFE_IDENTIFIER) };

constexpr CounterText kCounterTexts[] = {NEZU_PFE_COUNTERS(NEZU_PFE_TEXT)};
constexpr CounterText kDropTexts[] = {NEZU_PFE_DROPS(NEZU_PFE_TEXT)};

#undef NEZU_PFE_IDENTIFIER
#undef NEZU_PFE_TEXT

/// One PFE's counters. Written by its worker only, read between bursts.
struct Counters {
  std::array<uint64_t, std::size(kCounterTexts)> counts{};
  std::array<uint64_t, std::size(kDropTexts)> drops{};

  void add(Count what, uint64_t n = 1) { counts[static_cast<size_t>(what)] += n; }
  void add(Drop why, uint64_t n = 1) { drops[static_cast<size_t>(why)] += n; }
  uint64_t of(Count what) const { return counts[static_cast<size_t>(what)]; }
  uint64_t of(Drop why) const { return drops[static_cast<size_t>(why)]; }
};

/// Packets and octets in one direction.
struct Traffic {
  uint64_t packets = 0;
  uint64_t bytes = 0;

  void add(uint64_t octets) {
    ++packets;
    bytes += octets;
  }
  Traffic& operator+=(const Traffic& other) {
    packets += other.packets;
    bytes += other.bytes;
    return *this;
  }
};

}  // namespace nezu::pfe
