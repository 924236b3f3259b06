#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "pfe-model/address.h"
#include "pfe-model/ah.h"
#include "pfe-model/counters.h"
#include "pfe-model/esp.h"
#include "pfe-model/event.h"
#include "pfe-model/ip.h"
#include "pfe-model/sa_memory.h"

namespace nezu::pfe {

/// An SA is found by its direction, the instance and address its packets are sent to, and the SPI.
struct SaKey {
  SaDirection direction = SaDirection::kInbound;
  uint32_t instance = 0;
  Address destination;  ///< inbound: our own outer address; outbound: the peer's
  uint32_t spi = 0;
  uint8_t protocol = kProtocolEsp;
  bool operator==(const SaKey&) const = default;
};

struct SaKeyHash {
  uint64_t operator()(const SaKey& key) const {
    const uint64_t seed = uint64_t{key.spi} << 32 | key.instance;
    return hash(key.destination, mix(seed, static_cast<uint64_t>(key.direction) + key.protocol));
  }
};

/// Limits that have been crossed, as bits of SaRecord::reported.
enum SaReport : uint32_t { kReportSoft = 1, kReportHard = 2, kReportExhausted = 4 };
constexpr SaReport kSaReports[] = {kReportSoft, kReportHard, kReportExhausted};

/// Any packet of one direction, both bounds included.
struct Selector {
  Address local_first, local_last, remote_first, remote_last;
  uint8_t protocol = 0;  ///< 0: any
  uint16_t local_port_first = 0, local_port_last = 65535;
  uint16_t remote_port_first = 0, remote_port_last = 65535;
};

/// SHA-256 of an SA's keys and salt, one after the other.
using KeyDigest = std::array<uint8_t, 32>;

/// A security association. Its anchor PFE's worker alone uses it.
struct Sa {
  SaKey key;
  uint64_t generation = 0;
  Address local;
  Address remote;
  uint32_t tunnel = 0;
  uint32_t replay_window = 0;
  bool extended_sequence = false;
  uint64_t soft_packets = 0;  ///< 0: none, as below
  uint64_t soft_bytes = 0;
  uint64_t hard_bytes = 0;
  uint64_t hard_packets = 0;
  std::vector<Selector> selectors;  ///< of what comes out of it; none: its tunnel's
  KeyDigest digest{};               ///< of the keys as given, to notice one that comes back
  std::unique_ptr<EspKey> esp;      ///< this or
  std::unique_ptr<AhKey> ah;        ///< that
  /// Its packets travel in UDP (RFC 3948).
  struct Udp {
    uint16_t local = 0, remote = 0;  ///< ports
    bool entropy = false;            ///< the source port is drawn by the inner flow
    bool follow = false;             ///< a peer that moves is reported
    bool operator==(const Udp&) const = default;
  };
  std::optional<Udp> udp;
  uint64_t moved_at = 0;  ///< when that was last reported
  SaRecord* record = nullptr;
  uint64_t sync = 0;
  uint32_t told = 0;  ///< limits of which an event is on its way to the client, as SaReport bits

  /// The largest inner packet of which the outer one fits into `outer` octets; 0: none.
  size_t inner_limit(size_t outer) const;

  /// The next outbound sequence number, recorded as used before anything leaves; 0: exhausted.
  uint64_t next_sequence();

  /// Counts a packet, and notes the limits that it crosses.
  void account(uint64_t octets);
  /// Limits crossed that the client has not been told of, as SaReport bits.
  uint32_t untold() const { return record->reported & ~told; }
  Event event(uint32_t limit) const;
  bool stopped() const { return record->reported & (kReportHard | kReportExhausted); }
};

}  // namespace nezu::pfe
