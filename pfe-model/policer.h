#pragma once
#include <cstdint>

namespace nezu::pfe {

/// A token bucket: `rate` packets a second, `burst` at once. The zero time is a full bucket.
class Policer {
 public:
  constexpr Policer(uint64_t rate, uint64_t burst)
      : step_(1'000'000'000 / rate), depth_(burst * step_) {}

  /// Whether one more packet may pass at `now` (nanoseconds, monotonic).
  bool pass(uint64_t now) {
    const uint64_t earliest = now > depth_ ? now - depth_ : 0;
    if (next_ < earliest) next_ = earliest;
    if (next_ + step_ > now) return false;
    next_ += step_;
    return true;
  }

 private:
  uint64_t step_;   ///< nanoseconds a packet costs
  uint64_t depth_;  ///< nanoseconds of credit a full bucket holds
  uint64_t next_ = 0;
};

}  // namespace nezu::pfe
