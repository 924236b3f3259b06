#pragma once
#include <vector>

#include "pfe-model/ip.h"
#include "pfe-model/tables.h"

namespace nezu::pfe {

/// A packet as traffic selectors see it (RFC 7296 3.13.1), from this router's side.
struct Flow {
  Address local, remote;
  uint8_t protocol = 0;
  uint16_t local_port = 0, remote_port = 0;
  bool ports_known = false;  ///< false: not the first fragment, or a protocol without ports
};

Flow outbound_flow(const uint8_t* ip, const IpHeader& header);
Flow inbound_flow(const uint8_t* ip, const IpHeader& header);

/// Whether one of them holds the packet. A selector that asks for ports does not hold a packet
/// that shows none (RFC 4301 4.4.1.1, opaque).
bool matches(const std::vector<Selector>& selectors, const Flow& flow);
bool matches(const Selector& selector, const Flow& flow);

}  // namespace nezu::pfe
