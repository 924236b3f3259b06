#pragma once
#include "pfe-model/ip.h"
#include "pfe-model/packet.h"

namespace nezu::pfe {

/// The same for all packets of a flow, which differ in anything but addresses, protocol and ports;
/// fragments have no ports, so none of theirs count. The packet is parsed.
inline uint64_t flow_hash(const Packet& packet, const IpHeader& header) {
  uint64_t ports = header.protocol;
  const bool has_ports = header.protocol == kProtocolTcp || header.protocol == kProtocolUdp ||
                         header.protocol == kProtocolSctp;
  if (has_ports && !header.fragment && header.payload + 4 <= header.length)
    ports = ports << 32 | load32(packet.data + header.payload);
  return hash(header.destination, hash(header.source, ports));
}

}  // namespace nezu::pfe
