#include "services/ike/selectors.h"

#include <algorithm>
#include <optional>

namespace nezu::ike {
namespace {
TrafficSelector whole_family(std::uint8_t size) {
  TrafficSelector selector;
  selector.first.size = selector.last.size = size;
  std::fill_n(selector.last.octets.begin(), size, std::uint8_t{0xff});
  return selector;
}

std::optional<TrafficSelector> intersect(const TrafficSelector& a, const TrafficSelector& b) {
  if (a.first.size != b.first.size) return std::nullopt;
  if (a.protocol != 0 && b.protocol != 0 && a.protocol != b.protocol) return std::nullopt;
  TrafficSelector both;
  both.first = std::max(a.first, b.first);
  both.last = std::min(a.last, b.last);
  both.protocol = std::max(a.protocol, b.protocol);
  both.port_first = std::max(a.port_first, b.port_first);
  both.port_last = std::min(a.port_last, b.port_last);
  if (both.first > both.last || both.port_first > both.port_last) return std::nullopt;
  return both;
}
}  // namespace

std::vector<TrafficSelector> any_selector() {
  return {whole_family(4), whole_family(16)};
}

std::vector<TrafficSelector> local_selectors(const ChildPolicy& policy) {
  return policy.local.empty() ? any_selector() : policy.local;
}

std::vector<TrafficSelector> remote_selectors(const ChildPolicy& policy) {
  return policy.remote.empty() ? any_selector() : policy.remote;
}

std::vector<TrafficSelector> narrow(const std::vector<TrafficSelector>& offered,
                                    const std::vector<TrafficSelector>& allowed) {
  std::vector<TrafficSelector> both;
  for (const auto& a : offered)
    for (const auto& b : allowed) {
      const auto part = intersect(a, b);
      if (!part || std::find(both.begin(), both.end(), *part) != both.end()) continue;
      if (both.size() == kMaxSelectors) return both;
      both.push_back(*part);
    }
  return both;
}

std::size_t count_pairs(const std::vector<TrafficSelector>& local,
                        const std::vector<TrafficSelector>& remote) {
  const auto inet = [](const TrafficSelector& each) { return each.first.size == 4; };
  const auto local4 = static_cast<std::size_t>(std::count_if(local.begin(), local.end(), inet));
  const auto remote4 = static_cast<std::size_t>(std::count_if(remote.begin(), remote.end(), inet));
  return local4 * remote4 + (local.size() - local4) * (remote.size() - remote4);
}

// Each step takes at most 255 pairs away, so that it never ends at none.
void limit_pairs(std::vector<TrafficSelector>& local, std::vector<TrafficSelector>& remote) {
  while (count_pairs(local, remote) > kMaxSelectorPairs)
    (local.size() > remote.size() ? local : remote).pop_back();
}

bool is_within(const std::vector<TrafficSelector>& inner,
               const std::vector<TrafficSelector>& outer) {
  return std::all_of(inner.begin(), inner.end(), [&](const TrafficSelector& each) {
    return std::any_of(outer.begin(), outer.end(),
                       [&](const TrafficSelector& room) { return intersect(each, room) == each; });
  });
}

}  // namespace nezu::ike
