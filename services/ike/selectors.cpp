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

namespace {
bool is_part_of(const TrafficSelector& inner, const TrafficSelector& outer) {
  return intersect(inner, outer) == inner;
}

void add_pairs_of_term(const TrafficSelector& from, const TrafficSelector& to,
                       const std::vector<TrafficSelector>& local,
                       const std::vector<TrafficSelector>& remote,
                       std::vector<SelectorPair>& pairs) {
  for (const TrafficSelector& here : local) {
    if (!is_part_of(here, from)) continue;
    for (const TrafficSelector& there : remote) {
      if (pairs.size() > kMaxSelectorPairs) return;
      const bool fits = here.first.size == there.first.size && is_part_of(there, to) &&
                        (here.protocol == there.protocol || !here.protocol || !there.protocol);
      const SelectorPair pair{here, there};
      if (fits && std::find(pairs.begin(), pairs.end(), pair) == pairs.end()) pairs.push_back(pair);
    }
  }
}
}  // namespace

std::vector<SelectorPair> selector_pairs(const std::vector<TrafficSelector>& terms_local,
                                         const std::vector<TrafficSelector>& terms_remote,
                                         const std::vector<TrafficSelector>& local,
                                         const std::vector<TrafficSelector>& remote) {
  const auto from = terms_local.empty() ? any_selector() : terms_local;
  const auto to = terms_remote.empty() ? any_selector() : terms_remote;
  std::vector<SelectorPair> pairs;
  for (std::size_t i = 0; i < from.size(); ++i)
    if (from.size() == to.size())
      add_pairs_of_term(from[i], to[i], local, remote, pairs);
    else
      for (const TrafficSelector& any : to) add_pairs_of_term(from[i], any, local, remote, pairs);
  return pairs;
}

std::vector<SelectorPair> selector_pairs(const ChildPolicy& policy,
                                         const std::vector<TrafficSelector>& local,
                                         const std::vector<TrafficSelector>& remote) {
  return selector_pairs(policy.local, policy.remote, local, remote);
}

bool limit_pairs(const ChildPolicy& policy, std::vector<TrafficSelector>& local,
                 std::vector<TrafficSelector>& remote) {
  while (true) {
    const std::size_t count = selector_pairs(policy, local, remote).size();
    if (count <= kMaxSelectorPairs) return count > 0;
    (local.size() > remote.size() ? local : remote).pop_back();
  }
}

std::string covering_prefix(const TrafficSelector& range) {
  std::size_t bits = 0;
  const std::size_t all = range.first.size * 8u;
  const auto bit = [](const Address& address, std::size_t at) {
    return address.octets[at / 8] >> (7 - at % 8) & 1;
  };
  while (bits < all && bit(range.first, bits) == bit(range.last, bits)) ++bits;
  Address prefix = range.first;
  for (std::size_t at = bits; at < all; ++at)
    prefix.octets[at / 8] &= static_cast<std::uint8_t>(~(0x80u >> (at % 8)));
  return to_string(prefix) + '/' + std::to_string(bits);
}

bool is_within(const std::vector<TrafficSelector>& inner,
               const std::vector<TrafficSelector>& outer) {
  return std::all_of(inner.begin(), inner.end(), [&](const TrafficSelector& each) {
    return std::any_of(outer.begin(), outer.end(),
                       [&](const TrafficSelector& room) { return intersect(each, room) == each; });
  });
}

}  // namespace nezu::ike
