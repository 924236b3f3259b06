#include <linux/if_ether.h>
#include <sys/socket.h>

#include <cstring>

#include "pfe-model/rings.h"

namespace nezu::pfe {

namespace {
constexpr unsigned kBlockSize = 256 << 10;
constexpr unsigned kBlocks = 128;
constexpr unsigned kRetireMilliseconds = 1;
// Headers of the ring, then those of virtio and Ethernet, at 8 octets.
constexpr size_t kLeastSlot = (TPACKET3_HDRLEN + kWireHeadroom + ETH_HLEN + 7) & ~size_t{7};
}  // namespace

std::string LargeRing::open() {
  if (std::string error = prepare(TPACKET_V3); !error.empty()) return error;
  tpacket_req3 request{};
  request.tp_block_size = kBlockSize;
  request.tp_block_nr = kBlocks;
  request.tp_frame_size = 2048;
  request.tp_frame_nr = kBlocks * (kBlockSize / 2048);
  request.tp_retire_blk_tov = kRetireMilliseconds;
  return map_ring(&request, sizeof request, size_t{kBlocks} * kBlockSize);
}

size_t LargeRing::receive(Pool& pool, Queue& frames, size_t budget, Counters& counters) {
  size_t taken = 0;
  while (taken < budget && pool.available() > 0) {
    tpacket_block_desc* current = block();
    if (current == nullptr) break;
    for (; left_ > 0 && taken < budget && pool.available() > 0; --left_, ++taken) {
      const auto* header = reinterpret_cast<const tpacket3_hdr*>(position_);
      if (Packet* packet = take(*header, pool, counters)) frames.push(packet);
      position_ += header->tp_next_offset;
    }
    if (left_ == 0) release(current);
  }
  return taken;
}

/// The block being read, or the next one if the kernel has finished it.
tpacket_block_desc* LargeRing::block() {
  auto* current = reinterpret_cast<tpacket_block_desc*>(ring_ + size_t{next_block_} * kBlockSize);
  if (position_ != nullptr) return current;
  std::atomic_ref<uint32_t> status(current->hdr.bh1.block_status);
  if (!(status.load(std::memory_order_acquire) & TP_STATUS_USER)) return nullptr;
  left_ = current->hdr.bh1.num_pkts;
  position_ = reinterpret_cast<const uint8_t*>(current) + current->hdr.bh1.offset_to_first_pkt;
  return current;
}

void LargeRing::release(tpacket_block_desc* block) {
  std::atomic_ref<uint32_t>(block->hdr.bh1.block_status)
      .store(TP_STATUS_KERNEL, std::memory_order_release);
  position_ = nullptr;
  next_block_ = (next_block_ + 1) % kBlocks;
}

Packet* LargeRing::take(const tpacket3_hdr& header, Pool& pool, Counters& counters) {
  return copy_frame({reinterpret_cast<const uint8_t*>(&header) + header.tp_mac, header.tp_snaplen,
                     header.tp_len, header.tp_status, header.hv1.tp_vlan_tci},
                    pool, counters);
}

/// As if every frame were the smallest that the kernel keeps.
size_t LargeRing::capacity() const {
  return size_t{kBlocks} * ((kBlockSize - sizeof(tpacket_block_desc)) / kLeastSlot);
}

uint64_t LargeRing::overruns() {
  tpacket_stats_v3 stats{};
  socklen_t size = sizeof stats;
  if (::getsockopt(socket_.number(), SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0)
    overruns_ += stats.tp_drops;
  return overruns_;
}

std::unique_ptr<Wire> open_wire(Descriptor socket, Receive receive, std::string& error) {
  if (receive == Receive::kSmall) {
    auto ring = std::make_unique<SmallRing>(std::move(socket));
    error = ring->open();
    return error.empty() ? std::unique_ptr<Wire>(std::move(ring)) : nullptr;
  }
  auto ring = std::make_unique<LargeRing>(std::move(socket));
  error = ring->open();
  return error.empty() ? std::unique_ptr<Wire>(std::move(ring)) : nullptr;
}

}  // namespace nezu::pfe
