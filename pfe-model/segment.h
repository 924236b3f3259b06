#pragma once
#include "pfe-model/counters.h"
#include "pfe-model/packet.h"

namespace nezu::pfe {

/// Does what the sender left undone about the checksum of one packet (Packet::data at the IP
/// header). False: the offload words do not fit the packet.
bool finish_checksum(Packet& packet);

/// Cuts a large TCP or UDP packet into the segments its offload words ask for, each complete, with
/// the Ethernet header in front of it; appends them to `out`. 0: malformed, or the pool is short;
/// nothing was appended. `large` stays the caller's and unchanged.
size_t segment(const Packet& large, Pool& pool, Queue& out);

/// Size of the IP packets that `packet` stands for on a wire: its own, or that of its segments.
size_t wire_size(const Packet& packet);

/// The packets and octets that `packet`, with `data` at any of its headers, is or will be on a
/// wire.
Traffic wire_traffic(const Packet& packet);

/// Cuts an IPv4 packet into fragments of at most `mtu` octets (RFC 791 3.2), as segment() does.
/// 0: not possible.
size_t fragment(const Packet& whole, size_t mtu, Pool& pool, Queue& out);

}  // namespace nezu::pfe
