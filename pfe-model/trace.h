#pragma once
#include <pcap/pcap.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pfe-model/counters.h"
#include "pfe-model/lpm.h"
#include "pfe-model/sa.h"
#include "pfe-model/tables.h"

namespace nezu::pfe {

/// What a packet says of itself.
struct Seen {
  uint16_t ethertype = 0;  ///< of a frame that holds no good IP packet; else 0
  bool fragment = false;   ///< and not the first one
  bool ports_known = false;
  uint8_t protocol = 0;
  uint8_t hops = 0;
  uint32_t octets = 0;
  Address source, destination;
  uint16_t source_port = 0, destination_port = 0;  ///< ICMP: type and code in the first
  Mac source_mac{}, destination_mac{};             ///< of a frame without a good IP packet
};

/// One thing that happened to a packet, as numbers; story.h makes words of it. Which fields count
/// depends on `what`.
struct Step {
  enum class What : uint8_t {
    kInput,        ///< interface, count: VLAN, octets: of the frame
    kHostInput,    ///< interface
    kRoute,        ///< instance, source: looked up, prefix, action, count: paths
    kNoRoute,      ///< instance, source: looked up
    kWay,          ///< interface, gateway
    kSelect,       ///< interface, tunnel, selector if it has one
    kFabric,       ///< count: to which PFE
    kSeal,         ///< tunnel, spi, protocol, sequence, before, octets, source, gateway, udp
    kSecured,      ///< spi, protocol, udp, tunnel; 0: there is no SA
    kWindow,       ///< spi, sequence, top, count: size of the window, limit: 1: is new
    kOpen,         ///< spi, protocol, before, octets
    kInner,        ///< spi, tunnel, interface, seen, selector
    kEncapsulate,  ///< interface, count: VNI, before, octets, source, gateway
    kDecapsulate,  ///< interface, octets
    kBridge,       ///< count: domain, mac, interface: 0: all members
    kPieces,       ///< count, limit
    kTooBig,       ///< octets, limit
    kException,    ///< count: a Count
    kPunt,         ///< count: a Count
    kHost,         ///< interface
    kSent,         ///< interface, mac, octets: of the frame
    kDrop,         ///< count: a Drop
  };

  What what = What::kInput;
  uint16_t pfe = 0;
  uint16_t udp = 0;  ///< port it goes to; 0: not in UDP
  uint8_t protocol = 0;
  Action action = Action::kForward;
  uint64_t at = 0;  ///< nanoseconds, monotonic
  uint32_t interface = 0, instance = 0, tunnel = 0, spi = 0;
  uint32_t before = 0, octets = 0, limit = 0, count = 0;
  uint64_t sequence = 0, top = 0;
  Address source, gateway;
  Prefix prefix;
  Mac mac{};
  Seen seen;
  std::optional<Selector> selector;
};

/// Follows the next packets that match through all stages. PFEs of all workers write it at once,
/// without locks: a packet has its own piece of memory, in which each step takes the next place.
/// Reading is for when no worker runs (Plane::change).
class Trace {
 public:
  static constexpr uint32_t kMostPackets = 100;
  static constexpr uint32_t kMostSteps = 64;  ///< of one packet and its pieces
  static constexpr size_t kMostInstructions = 512;
  static constexpr uint32_t kMostSeconds = 3600;

  struct Order {
    uint32_t packets = 1;
    uint32_t interface = 0;        ///< only what is received there; 0: anywhere
    std::vector<bpf_insn> filter;  ///< over the IP packet; none: everything
    std::string matching;          ///< what `filter` was made of, for who asks
    uint64_t until = 0;            ///< nanoseconds, monotonic
    uint64_t client = 0;           ///< whose it is
  };
  struct Story {
    uint64_t began = 0;       ///< nanoseconds, monotonic
    uint64_t began_unix = 0;  ///< nanoseconds
    Seen seen;
    uint32_t interface = 0;
    std::atomic<uint32_t> used = 0;  ///< steps, more than kMostSteps: some were left out
    std::array<Step, kMostSteps> steps;
  };

  /// The numbers of its packets follow `last`; none is ever used again.
  Trace(Order order, uint32_t last);

  const Order& order() const { return order_; }
  /// That of its first packet.
  uint32_t number() const { return first_; }
  /// Whether more packets are to be followed at `now`.
  bool wants(uint64_t now) const {
    return now < order_.until && !stopped_ &&
           claimed_.load(std::memory_order_relaxed) < order_.packets;
  }
  void stop() { stopped_ = true; }

  bool matches(uint32_t interface, const uint8_t* ip, size_t octets) const;
  /// The number of a packet that is followed from now on; 0: there are enough.
  uint32_t claim(uint64_t now, uint32_t interface, const Seen& seen);
  /// The place of the next step; nullptr: the packet is not of this trace, or had too many.
  Step* next(uint32_t packet);

  uint32_t packets() const { return std::min(claimed_.load(), order_.packets); }
  uint32_t last() const { return first_ + order_.packets - 1; }
  const Story& story(uint32_t at) const { return stories_[at]; }

 private:
  const Order order_;
  const uint32_t first_;
  bool stopped_ = false;
  std::atomic<uint32_t> claimed_ = 0;
  std::unique_ptr<Story[]> stories_;
};

}  // namespace nezu::pfe
