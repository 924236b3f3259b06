#pragma once
#include "pfe-model/packet.h"

namespace nezu::pfe {

/// Turns `packet` (Packet::data at its IP header) into the answer to its sender that it is larger
/// than `mtu` (RFC 792 / RFC 1191 fragmentation needed, RFC 4443 packet too big), from `source`.
/// False: an error must not be answered so (RFC 1122 3.2.2, RFC 4443 2.4); the packet is unchanged.
bool make_too_big(Packet& packet, const Address& source, uint32_t mtu);

}  // namespace nezu::pfe
