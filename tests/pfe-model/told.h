#pragma once
#include <string>

#include "memory_wire.h"

namespace nezu::pfe::test {

/// A request to follow packets.
inline api::Request trace_order(uint32_t packets = 10) {
  api::Request request;
  request.mutable_start_trace()->set_packets(packets);
  request.mutable_start_trace()->set_seconds(60);
  return request;
}

inline api::TraceReport trace_report(MemoryRouter& router, uint32_t first = 0) {
  api::Request request;
  request.mutable_get_trace()->set_first(first);
  api::Response response;
  router.call(7, request, &response);
  return response.trace();
}

/// "PFE stage | text" of each step, one a line.
inline std::string lines_of(const api::TracedPacket& packet) {
  std::string lines;
  for (const auto& step : packet.step())
    lines += std::to_string(step.pfe()) + " " + step.stage() + " | " + step.text() + "\n";
  return lines;
}

}  // namespace nezu::pfe::test
