#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "pfe-model/address.h"
#include "pfe-model/ip.h"

namespace nezu::pfe {

/// The buffer contract: in front of what was received there is room for every outer header that
/// may be put there, behind it for an ESP trailer, and between them for the largest packet a veth
/// peer sends.
constexpr size_t kHeadroom = 256;
constexpr size_t kMaxPacket = 65536 + 14;
constexpr size_t kTailroom = 64;
constexpr size_t kEthernetHeader = 14;
constexpr size_t kVlanTag = 4;

/// Packets a PFE may hold at once. Memory is touched only as it is used.
constexpr size_t kPoolPackets = 1024;

/// Kinds of large packets, with the numbers of virtio_net_hdr.
constexpr uint8_t kGsoTcp4 = 1;
constexpr uint8_t kGsoTcp6 = 4;
constexpr uint8_t kGsoUdp = 5;

/// What the sender left undone, as virtio_net_hdr says it. `checksum_start` counts from
/// Packet::data and moves with it.
struct Offload {
  uint8_t gso_type = 0;  ///< 0: one packet
  uint16_t gso_size = 0;
  bool partial_checksum = false;
  uint16_t checksum_start = 0;
  uint16_t checksum_offset = 0;

  bool pending() const { return gso_type != 0 || partial_checksum; }
};

/// Who made the packet; decides about TTL and about who hears of errors.
enum class Origin : uint8_t {
  kWire,    ///< received, or decrypted: is forwarded, its TTL goes down
  kHost,    ///< from the router's own kernel
  kSealed,  ///< outer packet of a tunnel
};

/// Where a packet goes on after the fabric.
enum class Arrival : uint8_t { kOutput, kSeal, kOpen, kEncapsulate, kDecapsulate, kBridge, kFrame };

/// Two lines of the cache and no more: every stage looks at it.
struct alignas(64) Packet {
  uint8_t* data = nullptr;  ///< input: Ethernet header; from `route` on: IP header
  uint32_t length = 0;
  Origin origin = Origin::kWire;
  Arrival arrival = Arrival::kOutput;
  uint8_t passes = 0;  ///< times through `route`; stops tunnels in tunnels without end
  bool sent = false;   ///< the wire took it
  uint16_t home = 0;   ///< PFE whose pool owns the buffer
  uint16_t vlan = 0;   ///< received with this 802.1Q tag, which is not at `data`; 0: none
  Offload offload;
  bool parsed = false;  ///< `header` is that of the IP packet at `data`, but for the TTL
  Address next_hop;
  uint32_t input = 0;     ///< logical interface it came from; 0: none
  uint32_t output = 0;    ///< logical interface it goes to
  uint32_t instance = 0;  ///< routing instance of the current header
  uint32_t tunnel = 0;    ///< chosen by the ipsec hook
  uint32_t bridge = 0;    ///< domain of a frame
  uint32_t trace = 0;     ///< its number if it is followed (trace.h)
  IpHeader header;
  uint8_t* storage = nullptr;

  /// Reads the IP header at `data` into `header` unless that has been done.
  bool parse() {
    if (!parsed) parsed = parse_ip(data, length, header) == HeaderFault::kNone;
    return parsed;
  }
  size_t headroom() const { return static_cast<size_t>(data - storage); }
  size_t tailroom() const { return kHeadroom + kMaxPacket + kTailroom - headroom() - length; }
  void pull(size_t octets) {
    parsed = false;
    data += octets;
    length -= static_cast<uint32_t>(octets);
    offload.checksum_start = static_cast<uint16_t>(offload.checksum_start - octets);
  }
  void push(size_t octets) {
    parsed = false;
    data -= octets;
    length += static_cast<uint32_t>(octets);
    offload.checksum_start = static_cast<uint16_t>(offload.checksum_start + octets);
  }
};
static_assert(sizeof(Packet) == 128);

/// A fixed set of packets, used by one PFE at a time. The one given back last is taken first: it is
/// the one in the cache.
class Pool {
 public:
  Pool(uint16_t home, size_t packets);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// An empty packet with all its headroom, or nullptr.
  Packet* take();
  void give(Packet* packet) { free_[available_++] = packet; }
  size_t available() const { return available_; }
  size_t size() const { return packets_.size(); }

 private:
  std::vector<Packet> packets_;
  std::unique_ptr<Packet*[]> free_;
  size_t available_ = 0;
  uint8_t* memory_ = nullptr;
  size_t bytes_ = 0;
};

/// What waits for a stage. A stage takes the whole queue and leaves it empty.
class Queue {
 public:
  static constexpr size_t kCapacity = 4096;

  bool push(Packet* packet) {
    if (size_ == kCapacity) return false;
    slots_[size_++] = packet;
    return true;
  }
  Packet** begin() { return slots_.get(); }
  Packet** end() { return slots_.get() + size_; }
  Packet* operator[](size_t at) const { return slots_[at]; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  void clear() { size_ = 0; }

 private:
  std::unique_ptr<Packet* []> slots_ { new Packet*[kCapacity] };
  size_t size_ = 0;
};

}  // namespace nezu::pfe
