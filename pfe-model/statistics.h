#pragma once
#include "pfe-model/api.pb.h"
#include "pfe-model/plane.h"

namespace nezu::pfe {

/// Reads what was asked for. Only inside Plane::change. `now`: nanoseconds, monotonic.
void read_statistics(Plane& plane, const api::GetStatistics& what, uint64_t now,
                     api::Statistics& out);

/// Sets a tunnel's counters to zero, those of all for id 0. False: there is no such tunnel.
bool clear_statistics(Plane& plane, uint32_t tunnel);

/// Adds a tunnel's traffic to its interface before its counters go away.
void fold_traffic(Tunnel& tunnel);

}  // namespace nezu::pfe
