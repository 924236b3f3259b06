// Key material: RFC 7296 sections 2.14 (SKEYSEED), 2.15 (AUTH), 2.17 (KEYMAT) and 2.18 (rekey).
#pragma once

#include "services/ike/session/sa.h"

namespace nezu::ike {

/// What both halves of the derivation need. `nonces` is Ni | Nr.
struct KeySeed {
  ByteView shared_secret;
  ByteView nonce_i;
  ByteView nonce_r;
  std::uint64_t spi_i = 0;
  std::uint64_t spi_r = 0;
};

IkeKeys derive_ike_keys(const IkeSuite& suite, const KeySeed& seed);
/// Of an IKE SA that replaces another: `old` gives the PRF and SK_d that SKEYSEED comes from.
IkeKeys derive_rekeyed_ike_keys(const IkeSuite& suite, const KeySeed& seed, Prf old_prf,
                                ByteView old_d);

struct ChildKeys {
  EspKeys initiator;  // what the exchange's initiator sends with
  EspKeys responder;
};
/// `shared_secret` is empty without PFS.
ChildKeys derive_child_keys(const EspSuite& suite, Prf prf_id, ByteView sk_d,
                            ByteView shared_secret, ByteView nonce_i, ByteView nonce_r);

/// prf (prf (psk, "Key Pad for IKEv2"), octets), of what signed_octets() gives.
Bytes psk_auth(Prf prf_id, ByteView psk, ByteView octets);

}  // namespace nezu::ike
