#include "pfe-model/ip.h"

namespace nezu::pfe {

namespace {

constexpr int kMaxExtensions = 8;
constexpr uint8_t kOpaque = 255;

HeaderFault parse_v4(const uint8_t* data, size_t available, IpHeader& header) {
  if (available < kIpv4Header) return HeaderFault::kMalformed;
  const size_t header_length = (data[0] & 15u) * 4;
  const size_t total = load16(data + 2);
  if (header_length < kIpv4Header || total < header_length || total > available)
    return HeaderFault::kMalformed;
  if (fold_checksum(sum_words(data, header_length)) != 0) return HeaderFault::kChecksum;
  header.fragment_offset = load16(data + 6) & 0x1fff;
  header.fragment = (load16(data + 6) & 0x3fff) != 0;
  header.protocol = data[9];
  header.hops = data[8];
  header.length = static_cast<uint32_t>(total);
  header.payload = static_cast<uint32_t>(header_length);
  header.source = Address::of(data + 12, 4);
  header.destination = Address::of(data + 16, 4);
  return HeaderFault::kNone;
}

bool is_extension(uint8_t protocol) {
  return protocol == 0 || protocol == 43 || protocol == kProtocolFragment || protocol == 60 ||
         protocol == 135 || protocol == 139 || protocol == 140;
}

/// Follows the extension headers up to the upper layer (RFC 8200 4). A non-first fragment ends the
/// walk: what lies behind is not a header.
HeaderFault walk_extensions(const uint8_t* data, IpHeader& header) {
  uint8_t next = data[6];
  size_t at = kIpv6Header;
  for (int i = 0; i < kMaxExtensions && is_extension(next); ++i) {
    if (at + 8 > header.length) return HeaderFault::kMalformed;
    size_t octets = (data[at + 1] + size_t{1}) * 8;
    if (next == kProtocolFragment) {
      octets = 8;
      header.fragment = true;
      header.fragment_offset = load16(data + at + 2) >> 3;
    }
    next = data[at];
    at += octets;
    if (at > header.length) return HeaderFault::kMalformed;
    if (header.fragment_offset != 0) break;
  }
  header.protocol = is_extension(next) ? kOpaque : next;
  header.payload = static_cast<uint32_t>(at);
  return HeaderFault::kNone;
}

HeaderFault parse_v6(const uint8_t* data, size_t available, IpHeader& header) {
  if (available < kIpv6Header) return HeaderFault::kMalformed;
  const size_t total = kIpv6Header + load16(data + 4);
  if (total > available) return HeaderFault::kMalformed;
  header.v6 = true;
  header.hops = data[7];
  header.length = static_cast<uint32_t>(total);
  header.source = Address::of(data + 8, 16);
  header.destination = Address::of(data + 24, 16);
  return walk_extensions(data, header);
}

bool all_zero(const Address& address) {
  uint64_t words[2];
  std::memcpy(words, address.octets.data(), 16);
  return (words[0] | words[1]) == 0;
}

bool is_loopback(const Address& address) {
  if (address.size == 4) return address.octets[0] == 127;
  uint64_t words[2];
  std::memcpy(words, address.octets.data(), 16);
  return words[0] == 0 && words[1] == __builtin_bswap64(1);
}

}  // namespace

uint64_t sum_words(const uint8_t* data, size_t octets, uint64_t start) {
  uint64_t sum = start;
  for (; octets >= 4; data += 4, octets -= 4) sum += load32(data);
  if (octets >= 2) {
    sum += load16(data);
    data += 2;
    octets -= 2;
  }
  if (octets == 1) sum += static_cast<uint64_t>(data[0]) << 8;
  return sum;
}

uint16_t fold_checksum(uint64_t sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

void write_ipv4_checksum(uint8_t* header) {
  store16(header + 10, 0);
  store16(header + 10, fold_checksum(sum_words(header, (header[0] & 15u) * 4)));
}

uint64_t pseudo_header_sum(const uint8_t* ip, uint8_t protocol, size_t payload) {
  const bool v6 = ip[0] >> 4 == 6;
  const uint64_t addresses = v6 ? sum_words(ip + 8, 32) : sum_words(ip + 12, 8);
  return addresses + protocol + payload;
}

HeaderFault parse_ip(const uint8_t* data, size_t available, IpHeader& header) {
  header = IpHeader{};
  if (available == 0) return HeaderFault::kMalformed;
  switch (data[0] >> 4) {
    case 4:
      return parse_v4(data, available, header);
    case 6:
      return parse_v6(data, available, header);
    default:
      return HeaderFault::kMalformed;
  }
}

bool is_martian(const IpHeader& header) {
  if (is_multicast(header.source)) return true;
  if (is_loopback(header.source) || is_loopback(header.destination)) return true;
  if (all_zero(header.destination)) return true;
  // An unspecified IPv6 source is duplicate address detection; only the host may hear it.
  return all_zero(header.source) && !is_multicast(header.destination);
}

bool is_multicast(const Address& address) {
  if (address.size == 16) return address.octets[0] == 0xff;
  return address.octets[0] >= 224;  // 240/4 is not forwarded either
}

bool is_link_local(const Address& address) {
  if (address.size == 16) return address.octets[0] == 0xfe && (address.octets[1] & 0xc0) == 0x80;
  return address.octets[0] == 169 && address.octets[1] == 254;
}

void decrement_ttl(uint8_t* ip) {
  if (ip[0] >> 4 == 6) {
    --ip[7];
    return;
  }
  --ip[8];
  const uint32_t sum = load16(ip + 10) + 0x100u;
  store16(ip + 10, static_cast<uint16_t>(sum + (sum >> 16)));
}

uint8_t traffic_class(const uint8_t* header) {
  return header[0] >> 4 == 6 ? static_cast<uint8_t>(load16(header) >> 4) : header[1];
}

void set_traffic_class(uint8_t* header, uint8_t value) {
  if (header[0] >> 4 == 6)
    return store16(header, static_cast<uint16_t>((load16(header) & 0xf00f) | value << 4));
  header[1] = value;
  write_ipv4_checksum(header);
}

}  // namespace nezu::pfe
