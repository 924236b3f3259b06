#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "pfe-model/counters.h"
#include "pfe-model/descriptor.h"
#include "pfe-model/packet.h"

namespace nezu::pfe {

/// The one door to the outside: Ethernet frames in and out of a port.
/// Used by one worker at a time.
class Wire {
 public:
  virtual ~Wire() = default;

  /// Becomes readable when frames wait; -1: is asked each turn.
  virtual int descriptor() const = 0;

  /// Copies at most `budget` frames into packets of `pool`, fewer when it runs dry.
  virtual size_t receive(Pool& pool, Queue& frames, size_t budget, Counters& counters) = 0;

  /// Sends frames with what their Offload says; returns how many the wire took, and says so in
  /// Packet::sent of each. Needs kWireHeadroom in front of each. The packets stay the caller's.
  virtual size_t transmit(Packet* const* frames, size_t count) = 0;

  /// What its receive ring holds: no more frames than this can wait.
  virtual size_t capacity() const = 0;

  /// Frames lost so far because the receive ring was full.
  virtual uint64_t overruns() = 0;
};

/// What goes in front of a frame on the socket: virtio_net_hdr, of which the kernel's header is not
/// C++, in the machine's byte order.
struct VirtioHeader {
  static constexpr uint8_t kNeedsChecksum = 1;
  static constexpr uint8_t kEcn = 0x80;  ///< may be or-ed to gso_type

  uint8_t flags;
  uint8_t gso_type;
  uint16_t header_length;
  uint16_t gso_size;
  uint16_t checksum_start;
  uint16_t checksum_offset;
};
constexpr size_t kWireHeadroom = sizeof(VirtioHeader);
static_assert(kWireHeadroom == 10);

enum class Receive : uint8_t {
  kSmall,  ///< TPACKET_V2, one MiB: costs an idle machine nothing
  kLarge,  ///< TPACKET_V3, 32 MiB: throughput; its block timer ticks while idle
};

/// Takes over a bound AF_PACKET socket, also one that a killed predecessor had a ring on.
/// nullptr and `error` when it is not one or the kernel refuses.
std::unique_ptr<Wire> open_wire(Descriptor socket, Receive receive, std::string& error);

}  // namespace nezu::pfe
