#include "services/ike/session/wants.h"

#include <algorithm>
#include <limits>

namespace nezu::ike {

void Wants::add(std::uint32_t tunnel, Time at, bool once) {
  const auto [place, added] = by_tunnel_.try_emplace(tunnel, Want{at, 0, once});
  if (added)
    by_time_.emplace(at, tunnel);
  else
    retry(tunnel, std::min(place->second.retry_at, at));
}

void Wants::erase(std::uint32_t tunnel) {
  const auto place = by_tunnel_.find(tunnel);
  if (place == by_tunnel_.end()) return;
  by_time_.erase({place->second.retry_at, tunnel});
  by_tunnel_.erase(place);
}

void Wants::retry(std::uint32_t tunnel, Time at) {
  Want* want = find(tunnel);
  if (!want || want->retry_at == at) return;
  by_time_.erase({want->retry_at, tunnel});
  want->retry_at = at;
  by_time_.emplace(at, tunnel);
}

Want* Wants::find(std::uint32_t tunnel) {
  const auto place = by_tunnel_.find(tunnel);
  return place == by_tunnel_.end() ? nullptr : &place->second;
}

std::vector<std::uint32_t> Wants::ready(Time now, std::size_t most, bool last_first) const {
  std::vector<std::uint32_t> tunnels;
  auto from = by_time_.begin();
  auto to = by_time_.upper_bound({now, std::numeric_limits<std::uint32_t>::max()});
  while (from != to && tunnels.size() < most)
    tunnels.push_back((last_first ? *--to : *from++).second);
  return tunnels;
}

std::optional<Time> Wants::next() const {
  return by_time_.empty() ? std::nullopt : std::optional(by_time_.begin()->first);
}

}  // namespace nezu::ike
