#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "pfe-model/address.h"

namespace nezu::pfe {

constexpr uint16_t kEtherIpv4 = 0x0800;
constexpr uint16_t kEtherIpv6 = 0x86dd;
constexpr uint16_t kEtherArp = 0x0806;
constexpr uint16_t kEtherVlan = 0x8100;

constexpr uint8_t kProtocolIcmp = 1;
constexpr uint8_t kProtocolIgmp = 2;
constexpr uint8_t kProtocolIpv4 = 4;
constexpr uint8_t kProtocolTcp = 6;
constexpr uint8_t kProtocolUdp = 17;
constexpr uint8_t kProtocolIpv6 = 41;
constexpr uint8_t kProtocolFragment = 44;
constexpr uint8_t kProtocolEsp = 50;
constexpr uint8_t kProtocolAh = 51;
constexpr uint8_t kProtocolIcmp6 = 58;
constexpr uint8_t kProtocolNone = 59;
constexpr uint8_t kProtocolOspf = 89;
constexpr uint8_t kProtocolPim = 103;
constexpr uint8_t kProtocolVrrp = 112;
constexpr uint8_t kProtocolSctp = 132;

constexpr size_t kIpv4Header = 20;
constexpr size_t kIpv6Header = 40;

inline uint16_t load16(const uint8_t* at) {
  return static_cast<uint16_t>(at[0] << 8 | at[1]);
}
inline uint32_t load32(const uint8_t* at) {
  uint32_t value;
  std::memcpy(&value, at, 4);
  return __builtin_bswap32(value);
}
inline void store16(uint8_t* at, uint16_t value) {
  at[0] = static_cast<uint8_t>(value >> 8);
  at[1] = static_cast<uint8_t>(value);
}
inline void store32(uint8_t* at, uint32_t value) {
  value = __builtin_bswap32(value);
  std::memcpy(at, &value, 4);
}
inline void store64(uint8_t* at, uint64_t value) {
  value = __builtin_bswap64(value);
  std::memcpy(at, &value, 8);
}

/// Sum of the 16-bit words for the Internet checksum (RFC 1071), not folded; `start` continues one.
uint64_t sum_words(const uint8_t* data, size_t octets, uint64_t start = 0);

/// Folds a sum and complements it: the value of a checksum field.
uint16_t fold_checksum(uint64_t sum);

/// Writes the checksum of an IPv4 header.
void write_ipv4_checksum(uint8_t* header);
/// The octet of DSCP (upper six bits) and ECN of an IPv4 or IPv6 header; IPv4's checksum follows.
uint8_t traffic_class(const uint8_t* header);
void set_traffic_class(uint8_t* header, uint8_t value);

/// Sum of the TCP/UDP pseudo header of the IP header at `ip`.
uint64_t pseudo_header_sum(const uint8_t* ip, uint8_t protocol, size_t payload);

/// What the stages need to know of an IP header. Views into the packet.
struct IpHeader {
  uint32_t length = 0;   ///< of the packet, as the header says
  uint32_t payload = 0;  ///< offset of the upper layer
  uint16_t fragment_offset = 0;
  bool v6 = false;
  bool fragment = false;  ///< any fragment, the first one too
  uint8_t protocol = 0;   ///< of the upper layer; IPv6: behind the extension headers
  uint8_t hops = 0;
  Address source;
  Address destination;
};

enum class HeaderFault : uint8_t { kNone, kMalformed, kChecksum };

/// Reads and checks the IP header at `data` (RFC 1812 5.2.2; RFC 8200 3). `available` octets are
/// there; more than the header says is Ethernet padding. At most eight IPv6 extension headers are
/// followed; what lies behind is opaque (protocol 255).
HeaderFault parse_ip(const uint8_t* data, size_t available, IpHeader& header);

/// Addresses that no router forwards from or to (RFC 1812 5.3.7; RFC 4291 2.5): loopback,
/// unspecified, multicast or broadcast as a source.
bool is_martian(const IpHeader& header);

bool is_multicast(const Address& address);  ///< and the IPv4 limited broadcast
bool is_link_local(const Address& address);

/// Takes one from the TTL or hop limit and mends the IPv4 checksum (RFC 1624).
void decrement_ttl(uint8_t* ip);

}  // namespace nezu::pfe
