#pragma once
#include <cstddef>
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

/// The same by octets, of a rate that may change.
class RatePolicer {
 public:
  /// Whether a packet of `octets` may pass at `now`; `bits`: a second, 0: no limit.
  bool pass(uint64_t now, uint64_t bits, size_t octets) {
    if (bits == 0) return true;
    const uint64_t cost = octets * 8 * 1'000'000'000 / bits;
    const uint64_t earliest = now > kDepth ? now - kDepth : 0;
    if (next_ < earliest) next_ = earliest;
    if (next_ > now) return false;
    next_ += cost;
    return true;
  }

 private:
  static constexpr uint64_t kDepth = 20'000'000;  ///< nanoseconds of credit of an idle line
  uint64_t next_ = 0;
};

}  // namespace nezu::pfe
