#include "pfe-model/mac_table.h"

namespace nezu::pfe {

namespace {
constexpr uint64_t kSweepAgain = 1'000'000'000;  // whoever fills the table must not cost more
}

bool MacTable::learn(const uint8_t* mac, uint32_t interface, uint64_t now) {
  const uint64_t station = key(mac);
  if (Entry* known = map_.find(station)) {
    *known = {interface, now};
    return true;
  }
  if (map_.size() >= entries_) {
    if (swept_at_ != 0 && now - swept_at_ < kSweepAgain) return false;
    swept_at_ = now;
    forget(now, [](uint32_t) { return false; });
    if (map_.size() >= entries_) return false;
  }
  map_[station] = {interface, now};
  return true;
}

}  // namespace nezu::pfe
