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

/// Every selector of `inner` lies in one of `outer`.
bool is_within(const std::vector<TrafficSelector>& inner,
               const std::vector<TrafficSelector>& outer);

}  // namespace nezu::ike
