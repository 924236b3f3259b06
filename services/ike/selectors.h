// Traffic selectors: what a policy allows, and narrowing (RFC 7296 section 2.9).
#pragma once

#include <string>
#include <vector>

#include "services/ike/config.h"

namespace nezu::ike {

/// 0.0.0.0/0 and ::/0.
std::vector<TrafficSelector> any_selector();
std::vector<TrafficSelector> local_selectors(const ChildPolicy& policy);
std::vector<TrafficSelector> remote_selectors(const ChildPolicy& policy);

/// What lies in both lists, each part once, at most kMaxSelectors of them; empty: TS_UNACCEPTABLE.
constexpr std::size_t kMaxSelectors = 255;
std::vector<TrafficSelector> narrow(const std::vector<TrafficSelector>& offered,
                                    const std::vector<TrafficSelector>& allowed);

/// What may flow: from one to the other.
struct SelectorPair {
  TrafficSelector local;
  TrafficSelector remote;

  bool operator==(const SelectorPair&) const = default;
};

/// Of everything that two lists of an SA may pair, what the terms of the policy (ChildPolicy:
/// local, remote) say: of one family and protocol, and both in one term. Each pair once, and no
/// more of them than tell that there are too many (kMaxSelectorPairs).
std::vector<SelectorPair> selector_pairs(const std::vector<TrafficSelector>& terms_local,
                                         const std::vector<TrafficSelector>& terms_remote,
                                         const std::vector<TrafficSelector>& local,
                                         const std::vector<TrafficSelector>& remote);
std::vector<SelectorPair> selector_pairs(const ChildPolicy& policy,
                                         const std::vector<TrafficSelector>& local,
                                         const std::vector<TrafficSelector>& remote);

/// A tunnel in the PFE is made of pairs and takes no more than this.
constexpr std::size_t kMaxSelectorPairs = 256;
/// Narrows further until the pairs are few enough; false if none is left.
bool limit_pairs(const ChildPolicy& policy, std::vector<TrafficSelector>& local,
                 std::vector<TrafficSelector>& remote);

/// The longest prefix that holds the range: "192.168.20.0/24".
std::string covering_prefix(const TrafficSelector& range);

/// Every selector of `inner` lies in one of `outer`.
bool is_within(const std::vector<TrafficSelector>& inner,
               const std::vector<TrafficSelector>& outer);

}  // namespace nezu::ike
