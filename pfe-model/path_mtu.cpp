// What a router on the way says does not fit (RFC 1191, RFC 8201), of the outer packets of tunnels.
#include <algorithm>

#include "pfe-model/outer.h"
#include "pfe-model/pfe.h"

namespace nezu::pfe {

namespace {

constexpr size_t kIcmpHeader = 8;
constexpr uint64_t kHolds = 600'000'000'000;  // nanoseconds: RFC 1191 6.3
constexpr uint32_t kLeast4 = 576;
constexpr uint32_t kLeast6 = 1280;

/// Of an ICMP message that is one: the size that fits; else 0.
uint32_t size_told(const uint8_t* icmp, bool v6) {
  if (v6) return icmp[0] == 2 ? std::max(load32(icmp + 4), kLeast6) : 0;
  return icmp[0] == 3 && icmp[1] == 4 ? std::max<uint32_t>(load16(icmp + 6), kLeast4) : 0;
}

/// The SA of the packet that is quoted: as it was sent, but perhaps cut.
bool quoted_key(const uint8_t* ip, size_t octets, bool v6, SaKey& key, Address& source) {
  const size_t header = v6 ? kIpv6Header : kIpv4Header;
  if (octets < header + kUdpHeader || ip[0] >> 4 != (v6 ? 6 : 4)) return false;
  if (!v6 && ip[0] != 0x45) return false;  // we send no options
  const uint8_t protocol = v6 ? ip[6] : ip[9];
  const size_t at =
      header + (protocol == kProtocolUdp ? kUdpHeader : 0) + (protocol == kProtocolAh ? 4 : 0);
  if (at + 4 > octets) return false;
  key.protocol = protocol == kProtocolAh ? kProtocolAh : kProtocolEsp;
  key.spi = load32(ip + at);
  source = Address::of(ip + (v6 ? 8 : 12), v6 ? 16 : 4);
  key.destination = Address::of(ip + (v6 ? 24 : 16), v6 ? 16 : 4);
  return true;
}

}  // namespace

void Pfe::learn_path_mtu(const Packet& packet, const IpHeader& header) {
  if (header.fragment || header.payload + kIcmpHeader > header.length) return;
  const uint8_t* icmp = packet.data + header.payload;
  const uint32_t told = size_told(icmp, header.v6);
  if (told == 0) return;
  const uint8_t* quoted = icmp + kIcmpHeader;
  const size_t octets = header.length - header.payload - kIcmpHeader;
  if (learn_tunnel(quoted, octets, packet, header.v6, told) ||
      (!header.v6 && learn_vxlan(quoted, octets, packet, told)))
    counters.add(Count::kPathMtu);
}

/// Believed only with the SPI of an SA of ours, which who is not on the way does not know (RFC 4301
/// 8.2.1).
bool Pfe::learn_tunnel(const uint8_t* quoted, size_t octets, const Packet& packet, bool v6,
                       uint32_t told) {
  SaKey key;
  Address source;
  key.direction = SaDirection::kOutbound;
  key.instance = packet.instance;
  if (!quoted_key(quoted, octets, v6, key, source)) return false;
  const auto sa = tables_.sas.find(key);
  if (sa == tables_.sas.end() || sa->second->local != source) return false;
  Tunnel* tunnel = tables_.tunnel(sa->second->tunnel);
  if (tunnel == nullptr) return false;
  tunnel->path_mtu.store(told, std::memory_order_relaxed);
  tunnel->path_mtu_until.store(now_ + kHolds, std::memory_order_relaxed);
  return true;
}

/// Believed only with the network identifier of a tunnel of ours between these two.
bool Pfe::learn_vxlan(const uint8_t* quoted, size_t octets, const Packet& packet, uint32_t told) {
  constexpr size_t kVxlanAt = kIpv4Header + kUdpHeader;
  if (octets < kVxlanAt + kVxlanHeader || quoted[0] != 0x45 || quoted[9] != kProtocolUdp)
    return false;
  const auto header = read_vxlan(quoted + kVxlanAt);
  if (!header) return false;
  const VxlanPort at{packet.instance, Address::of(quoted + 12, 4), load16(quoted + 22)};
  const VxlanEnd* found = tables_.vxlans.find({at, header->vni, Address::of(quoted + 16, 4)});
  if (found == nullptr) return false;
  VxlanTunnel& tunnel = *found->interface->vxlan;
  tunnel.path_mtu.store(told, std::memory_order_relaxed);
  tunnel.path_mtu_until.store(now_ + kHolds, std::memory_order_relaxed);
  return true;
}

}  // namespace nezu::pfe
