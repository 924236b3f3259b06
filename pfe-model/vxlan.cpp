#include "pfe-model/vxlan.h"

#include <cstring>

namespace nezu::pfe {

namespace {

constexpr uint8_t kValidVni = 0x08;      // I
constexpr uint8_t kNextProtocol = 0x04;  // P: the last octet of the first word says what follows
constexpr uint8_t kVersion = 0x30;
constexpr uint8_t kOam = 0x01;

}  // namespace

std::optional<VxlanHeader> read_vxlan(const uint8_t* data) {
  if (!(data[0] & kValidVni)) return {};
  VxlanHeader header{load32(data + 4) >> 8};
  if (!(data[0] & kNextProtocol)) return header;
  if ((data[0] & (kVersion | kOam)) || data[3] < 1 || data[3] > 3) return {};
  header.carried = static_cast<Carried>(data[3]);
  return header;
}

void push_vxlan(Packet& packet, const VxlanHeader& header, bool gpe) {
  packet.push(kVxlanHeader);
  const uint32_t extension =
      gpe ? uint32_t{kNextProtocol} << 24 | static_cast<uint32_t>(header.carried) : 0;
  store32(packet.data, uint32_t{kValidVni} << 24 | extension);
  store32(packet.data + 4, header.vni << 8);
}

void push_ethernet(Packet& packet, const std::array<uint8_t, 12>& addresses) {
  const bool v6 = packet.data[0] >> 4 == 6;
  packet.push(kEthernetHeader);
  std::memcpy(packet.data, addresses.data(), addresses.size());
  store16(packet.data + 12, v6 ? kEtherIpv6 : kEtherIpv4);
}

}  // namespace nezu::pfe
