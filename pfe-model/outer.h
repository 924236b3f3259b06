#pragma once
#include "pfe-model/packet.h"

namespace nezu::pfe {

constexpr size_t kUdpHeader = 8;

/// The outer IP header of a tunnel.
struct Outer {
  const Address& local;
  const Address& remote;
  uint8_t protocol = kProtocolEsp;
  uint8_t traffic_class = 0;
  bool df = false;
  uint16_t id = 0;
};

inline size_t outer_header(const Address& address) {
  return address.size == 16 ? kIpv6Header : kIpv4Header;
}

/// Writes the outer IP header in front of `packet`.
void push_outer(Packet& packet, const Outer& outer);

/// What the way left on the outer header goes to the inner one: a congestion mark always, ECT(1)
/// over ECT(0) (RFC 6040 4.2), the DSCP if configured. False: the inner packet cannot bear the mark
/// and must be dropped.
bool take_over_class(uint8_t* inner, uint8_t outer, bool copy_dscp);

/// Writes a UDP header in front of `packet`. Its checksum is zero, as it should be (RFC 3948
/// 2.1, RFC 7348 5).
void push_udp(Packet& packet, uint16_t source, uint16_t destination);

/// With IPv6 outside zero is not allowed (RFC 8200 8.1): `ip` is then given its checksum.
void finish_udp(uint8_t* ip, size_t length);

}  // namespace nezu::pfe
