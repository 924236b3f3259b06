// Traffic selectors: what a policy allows, and narrowing (RFC 7296 section 2.9).
#pragma once

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

/// Pairs of a local and a remote selector of one family: what a tunnel in the PFE is made of, which
/// takes no more than this.
constexpr std::size_t kMaxSelectorPairs = 256;
std::size_t count_pairs(const std::vector<TrafficSelector>& local,
                        const std::vector<TrafficSelector>& remote);
/// Narrows further until the pairs are few enough; neither list becomes empty.
void limit_pairs(std::vector<TrafficSelector>& local, std::vector<TrafficSelector>& remote);

/// Every selector of `inner` lies in one of `outer`.
bool is_within(const std::vector<TrafficSelector>& inner,
               const std::vector<TrafficSelector>& outer);

}  // namespace nezu::ike
