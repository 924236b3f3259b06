#pragma once
#include <time.h>

#include <cstdint>

namespace nezu::pfe {

/// Nanoseconds since some moment in the past; never goes back.
inline uint64_t monotonic_now() {
  timespec time;
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

}  // namespace nezu::pfe
