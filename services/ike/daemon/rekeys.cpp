#include "services/ike/daemon/rekeys.h"

#include <algorithm>
#include <utility>

namespace nezu::ike {
namespace {
constexpr int kAtOnce = 20;
constexpr int kPause = 40;  // ms
}  // namespace

Rekeys::Rekeys(Begin begin) : begin_(std::move(begin)) {
  timer_.callOnTimeout([this] { next(); });
}

void Rekeys::add(std::uint32_t tunnel) {
  if (std::find(waiting_.begin(), waiting_.end(), tunnel) != waiting_.end()) return;
  waiting_.push_back(tunnel);
  if (!timer_.isActive()) timer_.start(kPause);
}

void Rekeys::next() {
  for (int i = 0; i < kAtOnce && !waiting_.empty(); ++i) {
    const std::uint32_t tunnel = waiting_.front();
    waiting_.pop_front();
    begin_(tunnel);
  }
  if (waiting_.empty()) timer_.stop();
}

}  // namespace nezu::ike
