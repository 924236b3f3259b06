#include "services/ike/crypto/cipher.h"

#include <openssl/evp.h>

#include <cstdlib>
#include <memory>

namespace nezu::ike {
namespace {
struct ContextFree {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextFree>;

const EVP_CIPHER* openssl_cipher(Encryption id) {
  switch (id) {
    case Encryption::kDesCbc:
    case Encryption::kTripleDesCbc:
      return EVP_des_ede3_cbc();
    case Encryption::kAesCbc128:
      return EVP_aes_128_cbc();
    case Encryption::kAesCbc192:
      return EVP_aes_192_cbc();
    case Encryption::kAesCbc256:
      return EVP_aes_256_cbc();
    case Encryption::kAesGcm128:
      return EVP_aes_128_gcm();
    case Encryption::kAesGcm192:
      return EVP_aes_192_gcm();
    case Encryption::kAesGcm256:
      return EVP_aes_256_gcm();
    case Encryption::kChaCha20Poly1305:
      return EVP_chacha20_poly1305();
    case Encryption::kNone:
      break;
  }
  return nullptr;
}

// OpenSSL 3 keeps single DES in a provider that is not loaded by default; triple DES with one key
// three times is the same cipher.
Bytes openssl_key(Encryption id, ByteView key) {
  return id == Encryption::kDesCbc ? joined({key, key, key}) : bytes_of(key);
}

std::optional<Bytes> cbc(Encryption id, ByteView key, ByteView iv, ByteView in, bool encrypt) {
  const auto& fact = facts(id);
  const bool fits = key.size() == fact.key && iv.size() == fact.iv && in.size() % fact.block == 0;
  if (id == Encryption::kNone || is_aead(id) || !fits || in.empty()) return std::nullopt;
  Context context(EVP_CIPHER_CTX_new());
  Bytes out(in.size() + EVP_MAX_BLOCK_LENGTH);
  int size = 0, more = 0;
  const bool done =
      EVP_CipherInit_ex(context.get(), openssl_cipher(id), nullptr, openssl_key(id, key).data(),
                        iv.data(), encrypt) &&
      EVP_CIPHER_CTX_set_padding(context.get(), 0) &&
      EVP_CipherUpdate(context.get(), out.data(), &size, in.data(), static_cast<int>(in.size())) &&
      EVP_CipherFinal_ex(context.get(), out.data() + size, &more);
  if (!done) return std::nullopt;
  out.resize(static_cast<std::size_t>(size) + static_cast<std::size_t>(more));
  return out;
}

// Key and nonce (salt, IV) set, associated data taken in.
bool aead_begin(EVP_CIPHER_CTX* context, Encryption id, ByteView key, ByteView iv,
                ByteView associated, bool encrypt) {
  const auto& fact = facts(id);
  if (!is_aead(id) || key.size() != fact.key + fact.salt || iv.size() != fact.iv) return false;
  const Bytes nonce = joined({key.subspan(fact.key), iv});
  int size = 0;
  return EVP_CipherInit_ex(context, openssl_cipher(id), nullptr, key.data(), nonce.data(),
                           encrypt) &&
         EVP_CipherUpdate(context, nullptr, &size, associated.data(),
                          static_cast<int>(associated.size()));
}
}  // namespace

std::optional<Bytes> cbc_encrypt(Encryption id, ByteView key, ByteView iv, ByteView plain) {
  return cbc(id, key, iv, plain, true);
}

std::optional<Bytes> cbc_decrypt(Encryption id, ByteView key, ByteView iv, ByteView text) {
  return cbc(id, key, iv, text, false);
}

Bytes aead_seal(Encryption id, ByteView key, ByteView iv, ByteView associated, ByteView plain) {
  Context context(EVP_CIPHER_CTX_new());
  const std::size_t icv = facts(id).icv;
  Bytes out(plain.size() + icv);
  int size = 0, more = 0;
  const bool done = aead_begin(context.get(), id, key, iv, associated, true) &&
                    EVP_CipherUpdate(context.get(), out.data(), &size, plain.data(),
                                     static_cast<int>(plain.size())) &&
                    EVP_CipherFinal_ex(context.get(), out.data() + size, &more) &&
                    EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(icv),
                                        out.data() + plain.size());
  if (!done) std::abort();  // wrong key sizes are ours: never send what is not encrypted
  return out;
}

std::optional<Bytes> aead_open(Encryption id, ByteView key, ByteView iv, ByteView associated,
                               ByteView text) {
  const std::size_t icv = facts(id).icv;
  if (text.size() < icv) return std::nullopt;
  const std::size_t plain = text.size() - icv;
  Context context(EVP_CIPHER_CTX_new());
  Bytes out(plain + 1), tag = bytes_of(text.subspan(plain));
  int size = 0, more = 0;
  const bool done =
      aead_begin(context.get(), id, key, iv, associated, false) &&
      EVP_CipherUpdate(context.get(), out.data(), &size, text.data(), static_cast<int>(plain)) &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(icv),
                          tag.data()) &&
      EVP_CipherFinal_ex(context.get(), out.data() + size, &more) > 0;
  if (!done) return std::nullopt;
  out.resize(plain);
  return out;
}

}  // namespace nezu::ike
