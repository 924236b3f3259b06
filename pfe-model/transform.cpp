#include "pfe-model/transform.h"

#include "pfe-model/transform_evp.h"
#include "pfe-model/transform_gcm.h"

namespace nezu::pfe {

namespace {

constexpr size_t kSalt = 4;

size_t gcm_key(Cipher cipher) {
  switch (cipher) {
    case Cipher::kAesGcm128:
      return 16;
    case Cipher::kAesGcm192:
      return 24;
    case Cipher::kAesGcm256:
      return 32;
    default:
      return 0;
  }
}

template <typename Key>
std::unique_ptr<EspKey> usable(std::unique_ptr<Key> key) {
  return key->usable() ? std::move(key) : nullptr;
}

}  // namespace

std::unique_ptr<EspKey> EspKey::expand(const Secrets& secrets) {
  const size_t gcm = gcm_key(secrets.cipher);
  const bool chacha = secrets.cipher == Cipher::kChaCha20Poly1305;
  if (gcm != 0 || chacha) {
    const bool fits = secrets.key.size() == (chacha ? 32 : gcm) && secrets.salt.size() == kSalt;
    if (!fits || secrets.integrity != Integrity::kNone) return nullptr;
    if (chacha) return usable(std::make_unique<ChaChaKey>(secrets.key, secrets.salt));
    return std::make_unique<GcmKey>(secrets.key, secrets.salt);
  }
  const HmacKey::Mode* mode = HmacKey::mode_of(secrets.cipher);
  if (mode == nullptr || secrets.key.size() != mode->key || !secrets.salt.empty()) return nullptr;
  auto hmac = Hmac::expand(secrets.integrity, secrets.integrity_key);
  if (hmac == nullptr) return nullptr;
  return usable(std::make_unique<HmacKey>(*mode, secrets.key, std::move(hmac)));
}

bool same_tag(const uint8_t* a, const uint8_t* b, size_t octets) {
  uint8_t difference = 0;
  for (size_t i = 0; i < octets; ++i) difference |= a[i] ^ b[i];
  return difference == 0;
}

}  // namespace nezu::pfe
