#pragma once
#include "pfe-model/api.pb.h"
#include "pfe-model/plane.h"

namespace nezu::pfe {

/// How far the trace is, and the stories of a page of its packets from number `first` (0, 1, …) on.
/// Only inside Plane::change. `now`: nanoseconds, monotonic.
void read_trace(Plane& plane, uint32_t first, uint64_t now, api::TraceReport& out);

/// Textual form of 4 or 16 octets, "" of none.
std::string text_of(const Address& address);

}  // namespace nezu::pfe
