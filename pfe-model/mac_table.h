#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "pfe-model/address.h"
#include "pfe-model/flat_map.h"

namespace nezu::pfe {

/// Where the stations of a bridge domain are, as their frames told: a bounded table. An entry that
/// was not confirmed for the ageing time is none; it makes room when room is wanted. Times are in
/// nanoseconds.
class MacTable {
 public:
  struct Entry {
    uint32_t interface = 0;
    uint64_t seen_at = 0;
  };

  void limit(size_t entries, uint64_t ageing) {
    entries_ = entries;
    ageing_ = ageing;
  }

  /// The six octets as a number.
  static uint64_t key(const uint8_t* mac) {
    uint64_t value = 0;
    for (int i = 0; i < 6; ++i) value = value << 8 | mac[i];
    return value;
  }

  /// The station at `mac` is at `interface` now. False: the table is full.
  bool learn(const uint8_t* mac, uint32_t interface, uint64_t now);

  /// The interface, or 0.
  uint32_t find(const uint8_t* mac, uint64_t now) const {
    const Entry* entry = map_.find(key(mac));
    return entry == nullptr || is_old(*entry, now) ? 0 : entry->interface;
  }

  /// Forgets what is old, and what is at an interface for which `gone` says so.
  template <typename Gone>
  void forget(uint64_t now, Gone gone) {
    std::vector<uint64_t> keys;
    map_.each([&](uint64_t mac, const Entry& entry) {
      if (is_old(entry, now) || gone(entry.interface)) keys.push_back(mac);
    });
    for (const uint64_t mac : keys) map_.erase(mac);
  }

  /// Entries that are not old: visit(mac, entry).
  template <typename Visit>
  void each(uint64_t now, Visit visit) {
    map_.each([&](uint64_t mac, const Entry& entry) {
      if (!is_old(entry, now)) visit(mac, entry);
    });
  }
  size_t size() const { return map_.size(); }

 private:
  struct Hash {
    uint64_t operator()(uint64_t mac) const { return mix(mac, 0x6d6163); }
  };
  bool is_old(const Entry& entry, uint64_t now) const {
    return now > entry.seen_at && now - entry.seen_at > ageing_;
  }

  FlatMap<uint64_t, Entry, Hash> map_;
  size_t entries_ = 5120;
  uint64_t ageing_ = 300'000'000'000;
  uint64_t swept_at_ = 0;
};

}  // namespace nezu::pfe
