#include "services/ike/session/keys.h"

#include "services/ike/crypto/prf.h"
#include "services/ike/message/wire.h"

namespace nezu::ike {
namespace {
// {SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr} = prf+ (SKEYSEED, Ni | Nr | SPIi | SPIr)
IkeKeys expand(const IkeSuite& suite, ByteView skeyseed, const KeySeed& seed) {
  const Bytes spis = Writer().u64(seed.spi_i).u64(seed.spi_r).done();
  const std::size_t d = facts(suite.prf).output;
  const std::size_t a = is_aead(suite.encryption) ? 0 : facts(suite.integrity).key;
  const std::size_t e = facts(suite.encryption).key + facts(suite.encryption).salt;
  const Bytes stream = prf_plus(suite.prf, skeyseed, joined({seed.nonce_i, seed.nonce_r, spis}),
                                3 * d + 2 * a + 2 * e);
  Reader reader(stream);
  IkeKeys keys;
  keys.d = bytes_of(reader.take(d));
  keys.ai = bytes_of(reader.take(a));
  keys.ar = bytes_of(reader.take(a));
  keys.ei = bytes_of(reader.take(e));
  keys.er = bytes_of(reader.take(e));
  keys.pi = bytes_of(reader.take(d));
  keys.pr = bytes_of(reader.take(d));
  return keys;
}

EspKeys take_esp_keys(Reader& reader, const EspSuite& suite) {
  EspKeys keys;
  keys.encryption = bytes_of(reader.take(facts(suite.encryption).key));
  keys.salt = bytes_of(reader.take(facts(suite.encryption).salt));
  if (!is_aead(suite.encryption))
    keys.integrity = bytes_of(reader.take(facts(suite.integrity).key));
  return keys;
}
}  // namespace

IkeKeys derive_ike_keys(const IkeSuite& suite, const KeySeed& seed) {
  const Bytes nonces = joined({seed.nonce_i, seed.nonce_r});
  return expand(suite, prf(suite.prf, nonces, seed.shared_secret), seed);
}

IkeKeys derive_rekeyed_ike_keys(const IkeSuite& suite, const KeySeed& seed, Prf old_prf,
                                ByteView old_d) {
  const Bytes data = joined({seed.shared_secret, seed.nonce_i, seed.nonce_r});
  return expand(suite, prf(old_prf, old_d, data), seed);
}

ChildKeys derive_child_keys(const EspSuite& suite, Prf prf_id, ByteView sk_d,
                            ByteView shared_secret, ByteView nonce_i, ByteView nonce_r) {
  const auto& cipher = facts(suite.encryption);
  const std::size_t integrity = is_aead(suite.encryption) ? 0 : facts(suite.integrity).key;
  const std::size_t one = cipher.key + cipher.salt + integrity;
  const Bytes stream = prf_plus(prf_id, sk_d, joined({shared_secret, nonce_i, nonce_r}), 2 * one);
  Reader reader(stream);
  ChildKeys keys;
  keys.initiator = take_esp_keys(reader, suite);
  keys.responder = take_esp_keys(reader, suite);
  return keys;
}

Bytes psk_auth(Prf prf_id, ByteView psk, ByteView octets) {
  return prf(prf_id, prf(prf_id, psk, view_of("Key Pad for IKEv2")), octets);
}

}  // namespace nezu::ike
