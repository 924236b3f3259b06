#pragma once
#include <linux/if_packet.h>

#include <atomic>
#include <string>

#include "pfe-model/wire.h"

namespace nezu::pfe {

/// What both receive rings share: the socket, its options, sending.
class PacketSocket : public Wire {
 public:
  explicit PacketSocket(Descriptor socket) : socket_(std::move(socket)) {}
  ~PacketSocket() override;

  int descriptor() const override { return socket_.number(); }
  size_t transmit(Packet* const* frames, size_t count) override;

  /// Clears what a predecessor left and sets the socket up. Empty: done, else the reason.
  std::string prepare(int version);

 protected:
  static constexpr size_t kBatch = 64;

  /// Gives the socket its ring (`request`: tpacket_req or tpacket_req3) and maps it.
  std::string map_ring(const void* request, size_t request_size, size_t ring_size);
  size_t send_batch(Packet* const* frames, size_t count);

  /// What a slot of either ring says of its frame.
  struct Slot {
    const uint8_t* frame;  ///< with the virtio header in front of it
    uint32_t captured;
    uint32_t length;
    uint32_t status;
    uint32_t tag;  ///< tp_vlan_tci
  };
  /// Copies a frame out of the ring; nullptr if it is not whole or makes no sense, which is
  /// counted.
  static Packet* copy_frame(const Slot& slot, Pool& pool, Counters& counters);
  static void set_vlan(const Slot& slot, Packet& packet);

  Descriptor socket_;
  uint8_t* ring_ = nullptr;
  size_t ring_size_ = 0;
  uint64_t overruns_ = 0;
};

/// Takes the sender's offload words over into the packet. False: nonsense.
bool read_offload(const VirtioHeader& header, Packet& packet);

std::string errno_text(const char* what);

}  // namespace nezu::pfe
