#include "services/ike/session/nat.h"

#include "services/ike/crypto/prf.h"
#include "services/ike/message/wire.h"

namespace nezu::ike {
namespace {
// True if the peer sent hashes of this type and none of them is that of the endpoint.
bool is_translated(const Header& header, const Payloads& payloads, NotifyType type,
                   const Endpoint& endpoint) {
  const Bytes seen = nat_hash(header.spi_i, header.spi_r, endpoint);
  bool any = false;
  for (const Notify& notify : payloads.notifies) {
    if (notify.type != type) continue;
    if (notify.data == seen) return false;
    any = true;
  }
  return any;
}
}  // namespace

Bytes nat_hash(std::uint64_t spi_i, std::uint64_t spi_r, const Endpoint& endpoint) {
  return sha1(
      Writer().u64(spi_i).u64(spi_r).bytes(endpoint.address.view()).u16(endpoint.port).done());
}

void detect_nat(IkeSa& sa, const Header& header, const Payloads& payloads) {
  sa.peer_behind_nat =
      is_translated(header, payloads, NotifyType::kNatDetectionSource, sa.path.remote);
  sa.local_behind_nat =
      is_translated(header, payloads, NotifyType::kNatDetectionDestination, sa.path.local);
}

}  // namespace nezu::ike
