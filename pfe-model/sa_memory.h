#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "pfe-model/replay.h"

namespace nezu::pfe {

enum class SaDirection : uint8_t { kInbound, kOutbound };

/// What of an SA must outlive this process: two packets under one (key, sequence) would give the
/// key away, and a window that forgot would take a packet twice. Plain data in shared memory.
struct alignas(64) SaRecord {
  enum State : uint32_t { kFree = 0, kLive = 1, kRetired = 2 };

  uint32_t state;
  uint32_t spi;
  uint64_t generation;
  uint32_t direction;
  uint32_t reported;    ///< bits of limits crossed, see sa.h
  uint64_t retired_at;  ///< count of retirements before this one
  uint64_t sent;        ///< outbound: last sequence number used; goes up before the packet leaves
  uint64_t packets;
  uint64_t bytes;
  uint64_t used_at;     ///< of its last packet, nanoseconds, monotonic; 0: none yet
  ReplayWindow replay;  ///< inbound
};

/// The SA records, in memory that init holds. The record of a removed SA is kept (retired) until
/// its slot is needed, so that an SA which comes back under its generation still goes on where it
/// was.
class SaMemory {
 public:
  static constexpr uint32_t kSlots = 16384;

  /// Maps `memory` (a memfd; grown when too small). -1: anonymous memory, nothing survives.
  /// False and `error` when it holds something else: forgetting sequence numbers is not an option.
  bool open(int memory, std::string& error);
  ~SaMemory();

  /// The record of that SA: the one that is there, else a new one at zero; nullptr: all in use.
  SaRecord* attach(uint64_t generation, SaDirection direction, uint32_t spi);
  void retire(SaRecord* record);
  /// Whether an SA of this process has that record.
  bool attached(uint64_t generation, SaDirection direction, uint32_t spi) const;

  /// Retires what no SA has attached to since open(): iked has named all it has.
  void retire_unattached();

 private:
  struct Header;
  using Key = std::tuple<uint64_t, SaDirection, uint32_t>;
  static constexpr uint32_t kKeepRetired = 1024;

  SaRecord* slot();
  void index_records();
  static Key key_of(const SaRecord& record);

  uint8_t* memory_ = nullptr;
  Header* header_ = nullptr;
  SaRecord* records_ = nullptr;
  std::map<Key, SaRecord*> index_;
  std::map<uint64_t, SaRecord*> retired_;  ///< oldest first
  std::map<SaRecord*, bool> attached_;
  std::vector<SaRecord*> free_;  ///< taken by a predecessor that was killed before it used them
};

}  // namespace nezu::pfe
