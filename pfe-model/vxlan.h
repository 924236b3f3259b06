#pragma once
#include <atomic>
#include <optional>

#include "pfe-model/ip.h"
#include "pfe-model/packet.h"

namespace nezu::pfe {

constexpr size_t kVxlanHeader = 8;
constexpr uint32_t kLastVni = 0xffffff;

/// What a VXLAN header is followed by, with the numbers of the generic protocol extension
/// (draft-ietf-nvo3-vxlan-gpe 3.1). Without the extension it is always an Ethernet frame.
enum class Carried : uint8_t { kNothing = 0, kIpv4 = 1, kIpv6 = 2, kEthernet = 3 };

struct VxlanHeader {
  uint32_t vni = 0;
  Carried carried = Carried::kEthernet;
};

/// Reads the eight octets at `data` (RFC 7348 5): with the I flag, and of the extension version 0,
/// no OAM, and something known. Other reserved bits are not looked at, as the RFC asks.
std::optional<VxlanHeader> read_vxlan(const uint8_t* data);

/// Writes a header in front of `packet`; with `gpe` in the form of the extension.
void push_vxlan(Packet& packet, const VxlanHeader& header, bool gpe);

/// What the vendor's routers write in front of an IP packet that has no Ethernet header: they stand
/// for nothing, and the other end of the tunnel does not look at them. Destination, then source.
constexpr std::array<uint8_t, 12> kPseudoAddresses = {0, 0, 0x5e, 0, 0x52, 0,
                                                      0, 0, 0x5e, 0, 0x52, 1};

/// An Ethernet header with these addresses in front of an IP packet.
void push_ethernet(Packet& packet, const std::array<uint8_t, 12>& addresses);

/// A tunnel to one VXLAN endpoint. All but the last two are of the client.
struct VxlanTunnel {
  Address local;
  Address remote;
  uint32_t vni = 0;
  uint16_t port = 4789;  ///< the destination's, in both directions
  uint16_t source_first = 49152;
  uint16_t source_last = 65535;
  bool gpe = false;
  std::array<uint8_t, 12> addresses = kPseudoAddresses;  ///< without gpe

  uint64_t limit_version = 0;  ///< Tables::version() for which `limit` holds
  uint32_t limit = 0;          ///< largest inner packet

  /// What a router on the way said fits, learnt by any PFE; 0: nothing.
  std::atomic<uint32_t> path_mtu = 0;
  std::atomic<uint64_t> path_mtu_until = 0;

  /// What goes around an inner packet.
  size_t overhead() const {
    return kIpv4Header + 8 + kVxlanHeader + (gpe ? 0 : kEthernetHeader) +
           (remote.size == 16 ? kIpv6Header - kIpv4Header : 0);
  }
};

/// Where VXLAN is received: a local address and UDP port of a routing instance.
struct VxlanPort {
  uint32_t instance = 0;
  Address local;
  uint16_t port = 0;
  bool operator==(const VxlanPort&) const = default;
};
struct VxlanPortHash {
  uint64_t operator()(const VxlanPort& key) const {
    return hash(key.local, uint64_t{key.instance} << 16 | key.port);
  }
};

/// Whose packet it is; without `remote`, whether the network is known at all.
struct VxlanKey {
  VxlanPort at;
  uint32_t vni = 0;
  Address remote;
  bool operator==(const VxlanKey&) const = default;
};
struct VxlanKeyHash {
  uint64_t operator()(const VxlanKey& key) const {
    return hash(key.remote, VxlanPortHash{}(key.at) ^ key.vni);
  }
};

}  // namespace nezu::pfe
