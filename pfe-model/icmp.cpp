#include "pfe-model/icmp.h"

#include <algorithm>

#include "pfe-model/ip.h"

namespace nezu::pfe {

namespace {

constexpr size_t kIcmpHeader = 8;
constexpr uint8_t kHops = 64;

bool may_answer(const Packet& packet, const IpHeader& header) {
  if (header.fragment_offset != 0 || is_multicast(header.destination)) return false;
  const uint8_t* payload = packet.data + header.payload;
  if (header.payload >= header.length) return true;
  if (header.protocol == kProtocolIcmp) return payload[0] == 8 || payload[0] == 0;
  if (header.protocol == kProtocolIcmp6) return payload[0] >= 128;
  return true;
}

void write_ipv4(uint8_t* ip, size_t length, const Address& from, const Address& to) {
  std::memset(ip, 0, kIpv4Header);
  ip[0] = 0x45;
  store16(ip + 2, static_cast<uint16_t>(length));
  ip[8] = kHops;
  ip[9] = kProtocolIcmp;
  std::memcpy(ip + 12, from.octets.data(), 4);
  std::memcpy(ip + 16, to.octets.data(), 4);
  write_ipv4_checksum(ip);
}

void write_ipv6(uint8_t* ip, size_t length, const Address& from, const Address& to) {
  store32(ip, 0x60000000);
  store16(ip + 4, static_cast<uint16_t>(length - kIpv6Header));
  ip[6] = kProtocolIcmp6;
  ip[7] = kHops;
  std::memcpy(ip + 8, from.octets.data(), 16);
  std::memcpy(ip + 24, to.octets.data(), 16);
}

}  // namespace

bool make_too_big(Packet& packet, const Address& source, uint32_t mtu) {
  IpHeader header;
  if (parse_ip(packet.data, packet.length, header) != HeaderFault::kNone) return false;
  if (!may_answer(packet, header) || source.size != header.source.size) return false;
  const size_t front = (header.v6 ? kIpv6Header : kIpv4Header) + kIcmpHeader;
  const size_t limit = header.v6 ? 1280 : 576;  // as much of the offender as fits
  if (packet.headroom() < front + kEthernetHeader) return false;
  packet.offload = {};
  packet.length = static_cast<uint32_t>(std::min<size_t>(header.length, limit - front));
  packet.push(front);
  uint8_t* icmp = packet.data + front - kIcmpHeader;
  store32(icmp, header.v6 ? 0x02000000 : 0x03040000);
  store32(icmp + 4, header.v6 ? mtu : std::min<uint32_t>(mtu, 65535));
  if (header.v6)
    write_ipv6(packet.data, packet.length, source, header.source);
  else
    write_ipv4(packet.data, packet.length, source, header.source);
  const size_t body = packet.length - front + kIcmpHeader;
  const uint64_t pseudo = header.v6 ? pseudo_header_sum(packet.data, kProtocolIcmp6, body) : 0;
  store16(icmp + 2, fold_checksum(sum_words(icmp, body, pseudo)));
  return true;
}

}  // namespace nezu::pfe
