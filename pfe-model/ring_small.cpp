#include <sys/socket.h>
#include <sys/uio.h>

#include <cstring>

#include "pfe-model/rings.h"

namespace nezu::pfe {

namespace {
constexpr unsigned kFrameSize = 2048;
// A worker that waits for a processor loses what a full ring cannot take: 512 is 1 MiB a port, 160
// MiB for a lab of twenty routers with eight ports each; twice that is for Receive::kLarge.
constexpr unsigned kFrames = 512;
constexpr unsigned kBlockSize = 16384;
}  // namespace

std::string SmallRing::open() {
  if (std::string error = prepare(TPACKET_V2); !error.empty()) return error;
  tpacket_req request{};
  request.tp_block_size = kBlockSize;
  request.tp_frame_size = kFrameSize;
  request.tp_frame_nr = kFrames;
  request.tp_block_nr = kFrames * kFrameSize / kBlockSize;
  return map_ring(&request, sizeof request, size_t{kFrames} * kFrameSize);
}

size_t SmallRing::receive(Pool& pool, Queue& frames, size_t budget, Counters& counters) {
  size_t taken = 0;
  for (; taken < budget && pool.available() > 0; ++taken) {
    auto* header = reinterpret_cast<tpacket2_hdr*>(ring_ + size_t{next_} * kFrameSize);
    std::atomic_ref<uint32_t> status(header->tp_status);
    if (!(status.load(std::memory_order_acquire) & TP_STATUS_USER)) break;
    if (Packet* packet = take(*header, pool, counters)) frames.push(packet);
    status.store(TP_STATUS_KERNEL, std::memory_order_release);
    next_ = (next_ + 1) % kFrames;
  }
  return taken;
}

size_t SmallRing::capacity() const {
  return kFrames;
}

Packet* SmallRing::take(const tpacket2_hdr& header, Pool& pool, Counters& counters) {
  const Slot slot{reinterpret_cast<const uint8_t*>(&header) + header.tp_mac, header.tp_snaplen,
                  header.tp_len, header.tp_status, header.tp_vlan_tci};
  // A frame larger than its slot comes whole through the socket, in the order of the ring.
  if (!(header.tp_status & TP_STATUS_COPY)) return copy_frame(slot, pool, counters);
  Packet* packet = read_large(pool);
  if (packet != nullptr) set_vlan(slot, *packet);
  return packet;
}

Packet* SmallRing::read_large(Pool& pool) {
  Packet* packet = pool.take();
  VirtioHeader virtio;
  iovec parts[2] = {{&virtio, sizeof virtio}, {packet->data, kMaxPacket}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  const ssize_t n = ::recvmsg(socket_.number(), &message, MSG_DONTWAIT);
  if (n > static_cast<ssize_t>(sizeof virtio) && !(message.msg_flags & MSG_TRUNC)) {
    packet->length = static_cast<uint32_t>(n - static_cast<ssize_t>(sizeof virtio));
    if (read_offload(virtio, *packet)) return packet;
  }
  pool.give(packet);
  return nullptr;
}

uint64_t SmallRing::overruns() {
  tpacket_stats stats{};
  socklen_t size = sizeof stats;
  if (::getsockopt(socket_.number(), SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0)
    overruns_ += stats.tp_drops;
  return overruns_;
}

}  // namespace nezu::pfe
