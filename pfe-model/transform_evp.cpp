#include "pfe-model/transform_evp.h"

#include <openssl/evp.h>
#include <openssl/provider.h>

#include <cstring>

#include "pfe-model/ip.h"

namespace nezu::pfe {

namespace {

constexpr size_t kAeadIv = 8;
constexpr size_t kAeadIcv = 16;

const uint8_t* octets(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

/// nullptr: the library does not have the cipher. Without this check it would pass text through.
EVP_CIPHER_CTX* context_for(const EVP_CIPHER* cipher, std::string_view key, int encrypt) {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  if (context != nullptr && cipher != nullptr &&
      EVP_CipherInit_ex(context, cipher, nullptr, octets(key), nullptr, encrypt) == 1 &&
      EVP_CIPHER_CTX_set_padding(context, 0) == 1)
    return context;
  EVP_CIPHER_CTX_free(context);
  return nullptr;
}

/// What comes out in whole blocks takes the place of what goes in. False: not done.
bool run_through(EVP_CIPHER_CTX* context, uint8_t* text, size_t length) {
  int n = 0;
  return EVP_CipherUpdate(context, text, &n, text, static_cast<int>(length)) == 1 &&
         static_cast<size_t>(n) == length;
}

/// DES alone is in OpenSSL's legacy provider, which is given back before OpenSSL ends.
struct LegacyProvider {
  OSSL_PROVIDER* provider = OSSL_PROVIDER_try_load(nullptr, "legacy", 1);
  ~LegacyProvider() {
    if (provider) OSSL_PROVIDER_unload(provider);
  }
};

const EVP_CIPHER* find_cipher(const char* name) {
  static const LegacyProvider kLegacy;
  return EVP_get_cipherbyname(name);
}

/// The nonce of salt and IV, and what is authenticated only (RFC 7634 2). False: not done.
bool start_aead(EVP_CIPHER_CTX* context, const uint8_t* salt, const uint8_t* esp,
                EspSequence sequence) {
  uint8_t nonce[12], associated[12];
  std::memcpy(nonce, salt, 4);
  std::memcpy(nonce + 4, esp + kEspHeader, kAeadIv);
  std::memcpy(associated, esp, kEspHeader);
  if (sequence.extended) store64(associated + 4, sequence.number);
  int n;
  return EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, nonce, -1) == 1 &&
         EVP_CipherUpdate(context, nullptr, &n, associated, sequence.extended ? 12 : 8) == 1;
}

}  // namespace

ChaChaKey::ChaChaKey(std::string_view key, std::string_view salt)
    : EspKey(kAeadIv, 4, kAeadIcv),
      encrypt_(context_for(EVP_chacha20_poly1305(), key, 1)),
      decrypt_(context_for(EVP_chacha20_poly1305(), key, 0)) {
  std::memcpy(salt_, salt.data(), 4);
}

ChaChaKey::~ChaChaKey() {
  EVP_CIPHER_CTX_free(encrypt_);
  EVP_CIPHER_CTX_free(decrypt_);
}

bool ChaChaKey::protect(uint8_t* esp, size_t length, EspSequence sequence) {
  store64(esp + kEspHeader, sequence.number);
  uint8_t* text = esp + front();
  int n;
  return start_aead(encrypt_, salt_, esp, sequence) && run_through(encrypt_, text, length) &&
         EVP_CipherFinal_ex(encrypt_, text + length, &n) == 1 &&
         EVP_CIPHER_CTX_ctrl(encrypt_, EVP_CTRL_AEAD_GET_TAG, kAeadIcv, text + length) == 1;
}

bool ChaChaKey::unprotect(uint8_t* esp, size_t length, EspSequence sequence) {
  uint8_t* text = esp + front();
  int n;
  return start_aead(decrypt_, salt_, esp, sequence) &&
         EVP_CIPHER_CTX_ctrl(decrypt_, EVP_CTRL_AEAD_SET_TAG, kAeadIcv, text + length) == 1 &&
         run_through(decrypt_, text, length) &&
         EVP_CipherFinal_ex(decrypt_, text + length, &n) == 1;
}

const HmacKey::Mode* HmacKey::mode_of(Cipher cipher) {
  static constexpr Mode kNone{nullptr, 0, 4}, kAes128{"AES-128-CBC", 16, 16},
      kAes192{"AES-192-CBC", 24, 16}, kAes256{"AES-256-CBC", 32, 16},
      kTripleDes{"DES-EDE3-CBC", 24, 8}, kDes{"DES-CBC", 8, 8};
  switch (cipher) {
    case Cipher::kNone:
      return &kNone;
    case Cipher::kAesCbc128:
      return &kAes128;
    case Cipher::kAesCbc192:
      return &kAes192;
    case Cipher::kAesCbc256:
      return &kAes256;
    case Cipher::kTripleDesCbc:
      return &kTripleDes;
    case Cipher::kDesCbc:
      return &kDes;
    default:
      return nullptr;
  }
}

HmacKey::HmacKey(const Mode& mode, std::string_view key, std::unique_ptr<Hmac> hmac)
    : EspKey(mode.name == nullptr ? 0 : mode.block, mode.block, hmac->icv()),
      hmac_(std::move(hmac)) {
  if (mode.name == nullptr) return;
  const EVP_CIPHER* cipher = find_cipher(mode.name);
  encrypt_ = context_for(cipher, key, 1);
  decrypt_ = context_for(cipher, key, 0);
}

HmacKey::~HmacKey() {
  EVP_CIPHER_CTX_free(encrypt_);
  EVP_CIPHER_CTX_free(decrypt_);
}

/// An IV must not be predicted (RFC 3602 3): it is the sequence number, encrypted, which is what
/// the chain makes of it as the first block after zeros.
bool HmacKey::protect(uint8_t* esp, size_t length, EspSequence sequence) {
  if (encrypt_ != nullptr) {
    static constexpr uint8_t kZero[16] = {};
    uint8_t* start = esp + kEspHeader;
    std::memset(start, 0, iv());
    store64(start + iv() - 8, sequence.number);
    if (EVP_CipherInit_ex(encrypt_, nullptr, nullptr, nullptr, kZero, -1) != 1 ||
        !run_through(encrypt_, start, iv() + length))
      return false;
  }
  return hmac_->sign(esp, front() + length, sequence, esp + front() + length);
}

bool HmacKey::unprotect(uint8_t* esp, size_t length, EspSequence sequence) {
  uint8_t* text = esp + front();
  if (!hmac_->verify(esp, front() + length, sequence, text + length)) return false;
  if (decrypt_ == nullptr) return true;
  return EVP_CipherInit_ex(decrypt_, nullptr, nullptr, nullptr, esp + kEspHeader, -1) == 1 &&
         run_through(decrypt_, text, length);
}

}  // namespace nezu::pfe
