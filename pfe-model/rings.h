#pragma once
#include <string>

#include "pfe-model/packet_socket.h"

namespace nezu::pfe {

/// TPACKET_V2: fixed slots in a small ring; what is larger than a slot is read from the socket.
class SmallRing final : public PacketSocket {
 public:
  using PacketSocket::PacketSocket;
  std::string open();
  size_t receive(Pool& pool, Queue& frames, size_t budget, Counters& counters) override;
  size_t capacity() const override;
  uint64_t overruns() override;

 private:
  Packet* take(const tpacket2_hdr& header, Pool& pool, Counters& counters);
  Packet* read_large(Pool& pool);

  unsigned next_ = 0;
};

/// TPACKET_V3: the kernel fills large blocks and hands each over full, or after a millisecond.
class LargeRing final : public PacketSocket {
 public:
  using PacketSocket::PacketSocket;
  std::string open();
  size_t receive(Pool& pool, Queue& frames, size_t budget, Counters& counters) override;
  size_t capacity() const override;
  uint64_t overruns() override;

 private:
  tpacket_block_desc* block();
  void release(tpacket_block_desc* block);
  Packet* take(const tpacket3_hdr& header, Pool& pool, Counters& counters);

  unsigned next_block_ = 0;
  unsigned left_ = 0;                  ///< frames of the block not yet taken
  const uint8_t* position_ = nullptr;  ///< next frame in the block; nullptr: block not begun
};

}  // namespace nezu::pfe
