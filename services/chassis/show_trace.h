#pragma once
#include "services/chassis/show.h"

namespace nezu::pfe::api {
class TracedPacket;
class TraceReport;
}  // namespace nezu::pfe::api

namespace nezu::chassis_service {

/// request pfe trace …, show pfe trace
void add_trace_rpcs(mgmt::Registry& registry, const Machine& machine);

/// What `show pfe trace` says of the trace itself, and of one packet.
void write_trace(const pfe::api::TraceReport& report, mgmt::Reply& reply);
void write_packet(const Machine& machine, const pfe::api::TracedPacket& packet, bool steps,
                  mgmt::Reply& reply);

}  // namespace nezu::chassis_service
