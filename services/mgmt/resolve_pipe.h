#pragma once
#include <chrono>
#include <memory>

#include "services/mgmt/pipes.h"
#include "services/mgmt/resolver.h"

namespace nezu::mgmt {

/// How long `resolve` waits for names, from the first one on. What has no name by then keeps its
/// address.
inline constexpr std::chrono::milliseconds kResolveTime{3000};

/// `resolve`: a name in place of each IPv4 or IPv6 address that has one; without `full_names` its
/// first label alone. Lines are held back, in their order, while their names are asked for: the end
/// may come after end(), from the event loop.
std::unique_ptr<Filter> resolve_filter(std::shared_ptr<Resolver> resolver, bool full_names,
                                       std::unique_ptr<Filter> next,
                                       std::chrono::milliseconds longest = kResolveTime);

}  // namespace nezu::mgmt
