// Which worker thread runs which forwarding engine: nezu-pfe does as it says here, and shows say
// so with the number of workers that it has.
#pragma once
#include <algorithm>
#include <cstdint>
#include <thread>

namespace nezu::pfe {

/// Worker threads of a plane on this machine: one a processor, 16 at most.
inline unsigned worker_count() {
  return std::clamp(std::thread::hardware_concurrency(), 1u, 16u);
}

/// The worker, from 0 on, of a PFE (api::Pfe.id).
constexpr unsigned worker_of(uint32_t pfe, unsigned workers) {
  return workers == 0 ? 0 : pfe % workers;
}

}  // namespace nezu::pfe
