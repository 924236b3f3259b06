#include "pfe-model/packet_socket.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>

namespace nezu::pfe {

namespace {

constexpr int kSendBuffer =
    16 << 20;  // large segments in flight on a veth count with their truesize
constexpr int kReceiveBuffer = 4 << 20;

bool set(int socket, int option, int value) {
  return ::setsockopt(socket, SOL_PACKET, option, &value, sizeof value) == 0;
}

/// The forced variant needs a privilege; without it the limit of the machine has to do.
void set_buffer(int socket, int forced, int option, int bytes) {
  if (::setsockopt(socket, SOL_SOCKET, forced, &bytes, sizeof bytes) != 0)
    ::setsockopt(socket, SOL_SOCKET, option, &bytes, sizeof bytes);
}

void drop_ring(int socket) {
  const tpacket_req3 none{};
  ::setsockopt(socket, SOL_PACKET, PACKET_RX_RING, &none, sizeof none);
}

bool join_promiscuous(int socket) {
  sockaddr_ll name{};
  socklen_t size = sizeof name;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&name), &size) != 0) return false;
  packet_mreq membership{};
  membership.mr_ifindex = name.sll_ifindex;
  membership.mr_type = PACKET_MR_PROMISC;
  return ::setsockopt(socket, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof membership) ==
         0;
}

/// Puts the virtio header in front of the frame, in its headroom.
iovec frame_vector(Packet& packet) {
  VirtioHeader header{};
  const Offload& offload = packet.offload;
  if (offload.partial_checksum) {
    header.flags = VirtioHeader::kNeedsChecksum;
    header.checksum_start = offload.checksum_start;
    header.checksum_offset = offload.checksum_offset;
  }
  if (offload.gso_type != 0) {
    header.gso_type = offload.gso_type;
    header.gso_size = offload.gso_size;
    header.header_length = static_cast<uint16_t>(packet.length < 128 ? packet.length : 128);
  }
  uint8_t* start = packet.data - kWireHeadroom;
  std::memcpy(start, &header, sizeof header);
  return {start, packet.length + kWireHeadroom};
}

}  // namespace

std::string errno_text(const char* what) {
  return std::string(what) + ": " + std::strerror(errno);
}

PacketSocket::~PacketSocket() {
  if (ring_ != nullptr) ::munmap(ring_, ring_size_);
  if (socket_) drop_ring(socket_.number());
}

std::string PacketSocket::prepare(int version) {
  const int socket = socket_.number();
  drop_ring(socket);
  if (!set(socket, PACKET_VERSION, version)) return errno_text("PACKET_VERSION");
  if (!set(socket, PACKET_VNET_HDR, 1)) return errno_text("PACKET_VNET_HDR");
  // The queueless way is faster, but a capture on the device does not see what goes it.
  set(socket, PACKET_QDISC_BYPASS, version == TPACKET_V3);
  set(socket, PACKET_IGNORE_OUTGOING, 1);
  set(socket, PACKET_COPY_THRESH, version == TPACKET_V2 ? 1 : 0);
  set_buffer(socket, SO_SNDBUFFORCE, SO_SNDBUF, kSendBuffer);
  set_buffer(socket, SO_RCVBUFFORCE, SO_RCVBUF, kReceiveBuffer);
  if (!join_promiscuous(socket)) return errno_text("PACKET_ADD_MEMBERSHIP");
  return {};
}

std::string PacketSocket::map_ring(const void* request, size_t request_size, size_t ring_size) {
  if (::setsockopt(socket_.number(), SOL_PACKET, PACKET_RX_RING, request,
                   static_cast<socklen_t>(request_size)) != 0)
    return errno_text("PACKET_RX_RING");
  void* ring = ::mmap(nullptr, ring_size, PROT_READ | PROT_WRITE, MAP_SHARED, socket_.number(), 0);
  if (ring == MAP_FAILED) return errno_text("mmap of the receive ring");
  ring_ = static_cast<uint8_t*>(ring);
  ring_size_ = ring_size;
  return {};
}

size_t PacketSocket::transmit(Packet* const* frames, size_t count) {
  size_t sent = 0;
  for (size_t at = 0; at < count; at += kBatch)
    sent += send_batch(frames + at, count - at < kBatch ? count - at : kBatch);
  return sent;
}

size_t PacketSocket::send_batch(Packet* const* frames, size_t count) {
  mmsghdr messages[kBatch] = {};
  iovec vectors[kBatch];
  for (size_t i = 0; i < count; ++i) {
    frames[i]->sent = false;
    vectors[i] = frame_vector(*frames[i]);
    messages[i].msg_hdr.msg_iov = &vectors[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  size_t sent = 0;
  for (size_t at = 0; at < count;) {
    const int n = ::sendmmsg(socket_.number(), messages + at, static_cast<unsigned>(count - at),
                             MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == ENETDOWN)) break;  // the rest would fare no better
    for (int i = 0; i < n; ++i, ++sent) frames[at++]->sent = true;
    if (n <= 0) ++at;  // step over the one it refused
  }
  return sent;
}

Packet* PacketSocket::copy_frame(const Slot& slot, Pool& pool, Counters& counters) {
  if (slot.captured < slot.length || slot.captured > kMaxPacket) {
    counters.add(Drop::kTruncated);
    return nullptr;
  }
  Packet* packet = pool.take();
  if (packet == nullptr) return nullptr;
  packet->length = slot.captured;
  std::memcpy(packet->data, slot.frame, slot.captured);
  VirtioHeader virtio;
  std::memcpy(&virtio, slot.frame - sizeof virtio, sizeof virtio);
  set_vlan(slot, *packet);
  if (read_offload(virtio, *packet)) return packet;
  counters.add(Drop::kSegmentation);
  pool.give(packet);
  return nullptr;
}

/// The kernel has taken the tag out of the frame. Number 0 is a priority without a VLAN.
void PacketSocket::set_vlan(const Slot& slot, Packet& packet) {
  packet.vlan = slot.status & TP_STATUS_VLAN_VALID ? slot.tag & 0xfff : 0;
}

bool read_offload(const VirtioHeader& header, Packet& packet) {
  Offload& offload = packet.offload;
  offload = {};
  if (header.flags & VirtioHeader::kNeedsChecksum) {
    if (header.checksum_start + header.checksum_offset + 2u > packet.length) return false;
    if (header.checksum_start < kEthernetHeader + 20) return false;
    offload.partial_checksum = true;
    offload.checksum_start = header.checksum_start;
    offload.checksum_offset = header.checksum_offset;
  }
  offload.gso_type = header.gso_type & ~VirtioHeader::kEcn;
  if (offload.gso_type == 0) return true;
  offload.gso_size = header.gso_size;
  return header.gso_size != 0 && offload.partial_checksum;
}

}  // namespace nezu::pfe
