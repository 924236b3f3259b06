#include "pfe-model/trace.h"

#include <time.h>

namespace nezu::pfe {

namespace {

uint64_t unix_now() {
  timespec time;
  ::clock_gettime(CLOCK_REALTIME, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

}  // namespace

Trace::Trace(Order order, uint32_t last)
    : order_(std::move(order)), first_(last + 1), stories_(new Story[order_.packets]) {}

bool Trace::matches(uint32_t interface, const uint8_t* ip, size_t octets) const {
  if (order_.interface != 0 && order_.interface != interface) return false;
  if (order_.filter.empty()) return true;
  const auto size = static_cast<u_int>(octets);
  return ip != nullptr && ::bpf_filter(order_.filter.data(), ip, size, size) != 0;
}

uint32_t Trace::claim(uint64_t now, uint32_t interface, const Seen& seen) {
  if (claimed_.load(std::memory_order_relaxed) >= order_.packets) return 0;
  const uint32_t at = claimed_.fetch_add(1, std::memory_order_relaxed);
  if (at >= order_.packets) return 0;
  Story& story = stories_[at];
  story.began = now;
  story.began_unix = unix_now();
  story.seen = seen;
  story.interface = interface;
  return first_ + at;
}

Step* Trace::next(uint32_t packet) {
  const uint32_t at = packet - first_;
  if (at >= order_.packets) return nullptr;
  const uint32_t place = stories_[at].used.fetch_add(1, std::memory_order_relaxed);
  return place < kMostSteps ? &stories_[at].steps[place] : nullptr;
}

}  // namespace nezu::pfe
