#include "pfe-model/segment.h"

#include <algorithm>
#include <cstring>

#include "pfe-model/ip.h"
#include "pfe-model/outer.h"

namespace nezu::pfe {

namespace {

/// How a large packet is laid out: headers, then the payload to be cut.
struct Layout {
  bool v6 = false;
  bool udp = false;
  size_t transport = 0;  ///< offset of the TCP or UDP header
  size_t headers = 0;    ///< IP and transport headers together; 0: cannot be segmented
};

Layout layout_of(const Packet& packet) {
  Layout layout;
  layout.v6 = packet.data[0] >> 4 == 6;
  layout.udp = packet.offload.gso_type == kGsoUdp;
  layout.transport = packet.offload.checksum_start;
  const size_t least = layout.v6 ? kIpv6Header : (packet.data[0] & 15u) * 4;
  if (layout.transport < least || layout.transport + 20 > packet.length) return {};
  const uint8_t* transport = packet.data + layout.transport;
  const size_t own = layout.udp ? kUdpHeader : (transport[12] >> 4) * size_t{4};
  if (!layout.udp && own < 20) return {};
  if (layout.transport + own >= packet.length) return {};
  layout.headers = layout.transport + own;
  return layout;
}

bool known_type(const Packet& packet) {
  const uint8_t type = packet.offload.gso_type;
  const bool v6 = packet.data[0] >> 4 == 6;
  return type == kGsoUdp || (type == kGsoTcp4 && !v6) || (type == kGsoTcp6 && v6);
}

/// A new packet that goes the way of `model`: same path, same Ethernet header.
Packet* follow(const Packet& model, Pool& pool) {
  Packet* packet = pool.take();
  if (packet == nullptr) return nullptr;
  packet->origin = model.origin;
  packet->passes = model.passes;
  packet->input = model.input;
  packet->output = model.output;
  packet->instance = model.instance;
  packet->tunnel = model.tunnel;
  packet->trace = model.trace;
  packet->next_hop = model.next_hop;
  std::memcpy(packet->data - kEthernetHeader, model.data - kEthernetHeader, kEthernetHeader);
  return packet;
}

void write_ip_length(Packet& packet, size_t number) {
  if (packet.data[0] >> 4 == 6) {
    store16(packet.data + 4, static_cast<uint16_t>(packet.length - kIpv6Header));
    return;
  }
  store16(packet.data + 2, static_cast<uint16_t>(packet.length));
  store16(packet.data + 4, static_cast<uint16_t>(load16(packet.data + 4) + number));
  write_ipv4_checksum(packet.data);
}

/// Flags that belong to one end of the train only: CWR to the first, FIN and PSH to the last.
void write_tcp(uint8_t* tcp, size_t offset, bool first, bool last) {
  store32(tcp + 4, load32(tcp + 4) + static_cast<uint32_t>(offset));
  if (!first) tcp[13] &= 0x7f;
  if (!last) tcp[13] &= 0xf6;
}

void write_transport_checksum(Packet& packet, const Layout& layout) {
  uint8_t* transport = packet.data + layout.transport;
  const size_t length = packet.length - layout.transport;
  uint8_t* field = transport + (layout.udp ? 6 : 16);
  store16(field, 0);
  const uint8_t protocol = layout.udp ? kProtocolUdp : kProtocolTcp;
  const uint16_t sum =
      fold_checksum(sum_words(transport, length, pseudo_header_sum(packet.data, protocol, length)));
  store16(field, layout.udp && sum == 0 ? 0xffff : sum);
}

void fill_segment(Packet& packet, const Packet& large, const Layout& layout, size_t offset) {
  const size_t total = large.length - layout.headers;
  const size_t size = std::min<size_t>(large.offload.gso_size, total - offset);
  std::memcpy(packet.data, large.data, layout.headers);
  std::memcpy(packet.data + layout.headers, large.data + layout.headers + offset, size);
  packet.length = static_cast<uint32_t>(layout.headers + size);
  write_ip_length(packet, offset / large.offload.gso_size);
  uint8_t* transport = packet.data + layout.transport;
  if (layout.udp)
    store16(transport + 4, static_cast<uint16_t>(packet.length - layout.transport));
  else
    write_tcp(transport, offset, offset == 0, offset + size == total);
  write_transport_checksum(packet, layout);
}

/// Options that every fragment carries: those with the copied bit (RFC 791 3.1).
size_t copied_options(const uint8_t* header, size_t length, uint8_t* out) {
  size_t written = 0;
  for (size_t at = kIpv4Header; at < length && header[at] != 0;) {
    const size_t size = header[at] == 1 ? 1 : at + 1 < length ? header[at + 1] : 0;
    if (size == 0 || at + size > length || (size == 1 && header[at] != 1)) break;
    if (header[at] & 0x80) {
      std::memcpy(out + written, header + at, size);
      written += size;
    }
    at += size;
  }
  while (written % 4 != 0) out[written++] = 0;
  return written;
}

struct Cut {
  size_t offset;  ///< of the payload
  size_t size;
  bool last;
};

void fill_fragment(Packet& piece, const Packet& whole, const Cut& cut) {
  const size_t whole_header = (whole.data[0] & 15u) * 4;
  size_t header = whole_header;
  std::memcpy(piece.data, whole.data, header);
  if (cut.offset > 0)
    header = kIpv4Header + copied_options(whole.data, whole_header, piece.data + kIpv4Header);
  piece.data[0] = static_cast<uint8_t>(0x40 | header / 4);
  std::memcpy(piece.data + header, whole.data + whole_header + cut.offset, cut.size);
  piece.length = static_cast<uint32_t>(header + cut.size);
  const uint16_t field = load16(whole.data + 6);
  const bool more = !cut.last || (field & 0x2000);
  const size_t offset = (field & 0x1fffu) + cut.offset / 8;
  store16(piece.data + 6, static_cast<uint16_t>((field & 0x4000) | (more ? 0x2000 : 0) | offset));
  store16(piece.data + 2, static_cast<uint16_t>(piece.length));
  write_ipv4_checksum(piece.data);
}

}  // namespace

bool finish_checksum(Packet& packet) {
  if (!packet.offload.partial_checksum) return true;
  const size_t start = packet.offload.checksum_start,
               field = start + packet.offload.checksum_offset;
  if (start >= packet.length || field + 2 > packet.length) return false;
  // The field holds the pseudo header's sum already.
  uint16_t sum = fold_checksum(sum_words(packet.data + start, packet.length - start));
  if (sum == 0 && packet.offload.checksum_offset == 6) sum = 0xffff;  // UDP: 0 means none
  store16(packet.data + field, sum);
  packet.offload.partial_checksum = false;
  return true;
}

size_t segment(const Packet& large, Pool& pool, Queue& out) {
  if (!known_type(large) || large.offload.gso_size == 0) return 0;
  const Layout layout = layout_of(large);
  if (layout.headers == 0) return 0;
  const size_t payload = large.length - layout.headers;
  const size_t count = (payload + large.offload.gso_size - 1) / large.offload.gso_size;
  if (count > pool.available() || out.size() + count > Queue::kCapacity) return 0;
  for (size_t offset = 0; offset < payload; offset += large.offload.gso_size) {
    Packet* packet = follow(large, pool);
    fill_segment(*packet, large, layout, offset);
    out.push(packet);
  }
  return count;
}

size_t wire_size(const Packet& packet) {
  if (packet.offload.gso_type == 0) return packet.length;
  const Layout layout = layout_of(packet);
  return std::min<size_t>(packet.length, layout.headers + packet.offload.gso_size);
}

Traffic wire_traffic(const Packet& packet) {
  const Offload& offload = packet.offload;
  const size_t transport = offload.checksum_start;
  if (offload.gso_type == 0 || offload.gso_size == 0 || transport + 20 > packet.length)
    return {1, packet.length};
  const size_t own =
      offload.gso_type == kGsoUdp ? kUdpHeader : (packet.data[transport + 12] >> 4) * size_t{4};
  const size_t headers = transport + own;
  if (headers >= packet.length) return {1, packet.length};
  const size_t count = (packet.length - headers + offload.gso_size - 1) / offload.gso_size;
  return {count, packet.length + (count - 1) * headers};
}

size_t fragment(const Packet& whole, size_t mtu, Pool& pool, Queue& out) {
  const size_t header = (whole.data[0] & 15u) * 4;
  if (mtu < header + 8 || whole.length <= header) return 0;
  const size_t step = (mtu - header) / 8 * 8, payload = whole.length - header;
  const size_t count = (payload + step - 1) / step;
  if (count > pool.available() || out.size() + count > Queue::kCapacity) return 0;
  for (size_t offset = 0; offset < payload; offset += step) {
    Packet* piece = follow(whole, pool);
    const size_t size = std::min(step, payload - offset);
    fill_fragment(*piece, whole, {offset, size, offset + size == payload});
    out.push(piece);
  }
  return count;
}

}  // namespace nezu::pfe
