#include "pfe-model/outer.h"

#include <cstring>

namespace nezu::pfe {

namespace {

constexpr uint8_t kHops = 64;

constexpr uint8_t kEcnMask = 3;
constexpr uint8_t kEcnCongested = 3;
constexpr uint8_t kEct0 = 2;
constexpr uint8_t kEct1 = 1;

void write_v6(uint8_t* ip, size_t length, const Outer& outer) {
  store32(ip, 0x60000000u | static_cast<uint32_t>(outer.traffic_class) << 20);
  store16(ip + 4, static_cast<uint16_t>(length - kIpv6Header));
  ip[6] = outer.protocol;
  ip[7] = kHops;
  std::memcpy(ip + 8, outer.local.octets.data(), 16);
  std::memcpy(ip + 24, outer.remote.octets.data(), 16);
}

void write_v4(uint8_t* ip, size_t length, const Outer& outer) {
  ip[0] = 0x45;
  ip[1] = outer.traffic_class;
  store16(ip + 2, static_cast<uint16_t>(length));
  store16(ip + 4, outer.id);
  store16(ip + 6, outer.df ? 0x4000 : 0);
  ip[8] = kHops;
  ip[9] = outer.protocol;
  std::memcpy(ip + 12, outer.local.octets.data(), 4);
  std::memcpy(ip + 16, outer.remote.octets.data(), 4);
  write_ipv4_checksum(ip);
}

}  // namespace

void push_outer(Packet& packet, const Outer& outer) {
  packet.push(outer_header(outer.remote));
  if (outer.remote.size == 16)
    write_v6(packet.data, packet.length, outer);
  else
    write_v4(packet.data, packet.length, outer);
}

bool take_over_class(uint8_t* inner, uint8_t outer, bool copy_dscp) {
  const uint8_t before = traffic_class(inner);
  int ecn = before & kEcnMask;
  const int marked = outer & kEcnMask;
  if (marked == kEcnCongested && ecn == 0) return false;
  if (marked == kEcnCongested || (marked == kEct1 && ecn == kEct0)) ecn = marked;
  const int dscp = (copy_dscp ? outer : before) & ~kEcnMask;
  if ((dscp | ecn) != before) set_traffic_class(inner, static_cast<uint8_t>(dscp | ecn));
  return true;
}

void push_udp(Packet& packet, uint16_t source, uint16_t destination) {
  packet.push(kUdpHeader);
  store16(packet.data, source);
  store16(packet.data + 2, destination);
  store16(packet.data + 4, static_cast<uint16_t>(packet.length));
  store16(packet.data + 6, 0);
}

void finish_udp(uint8_t* ip, size_t length) {
  if (ip[0] >> 4 != 6) return;
  const size_t payload = length - kIpv6Header;
  uint8_t* udp = ip + kIpv6Header;
  const uint16_t sum =
      fold_checksum(sum_words(udp, payload, pseudo_header_sum(ip, kProtocolUdp, payload)));
  store16(udp + 6, sum == 0 ? 0xffff : sum);
}

}  // namespace nezu::pfe
