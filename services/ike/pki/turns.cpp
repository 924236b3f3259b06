#include "services/ike/pki/turns.h"

#include <algorithm>
#include <utility>

namespace nezu::ike {

void Turns::add(const std::string& peer, Job job, std::size_t most) {
  const auto [own, is_new] = queues_.try_emplace(peer);
  if (is_new) order_.push_back(peer);
  own->second.push_back(std::move(job));
  if (++size_ <= most) return;
  auto longest = own;
  for (auto each = queues_.begin(); each != queues_.end(); ++each)
    if (each->second.size() > longest->second.size()) longest = each;
  take(longest, true).refuse();
}

std::optional<Turns::Job> Turns::next() {
  if (order_.empty()) return std::nullopt;
  const std::string peer = order_.front();
  std::rotate(order_.begin(), order_.begin() + 1, order_.end());
  return take(queues_.find(peer), false);
}

Turns::Job Turns::take(Queues::iterator queue, bool last) {
  auto& jobs = queue->second;
  Job job = std::move(last ? jobs.back() : jobs.front());
  last ? jobs.pop_back() : jobs.pop_front();
  --size_;
  if (jobs.empty()) {
    std::erase(order_, queue->first);
    queues_.erase(queue);
  }
  return job;
}

}  // namespace nezu::ike
