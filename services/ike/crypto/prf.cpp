#include "services/ike/crypto/prf.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <string_view>

namespace nezu::ike {
namespace {
struct ContextFree {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MAC_CTX, ContextFree>;

Context new_context(const char* digest) {
  static EVP_MAC* const kHmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  Context context(EVP_MAC_CTX_new(kHmac));
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(digest), 0),
      OSSL_PARAM_construct_end()};
  if (!EVP_MAC_CTX_set_params(context.get(), params)) std::abort();
  return context;
}

// Looking an algorithm up costs OpenSSL more than a short HMAC, so each thread keeps one context a
// digest.
EVP_MAC_CTX* context_of(const char* digest) {
  thread_local std::map<std::string_view, Context> contexts;
  Context& context = contexts[digest];
  if (!context) context = new_context(digest);
  return context.get();
}

// HMAC cannot fail on these arguments; if it does, going on would mean keys of zeros.
Bytes hmac(const char* digest, ByteView key, ByteView data) {
  static constexpr std::uint8_t kNoKey = 0;
  EVP_MAC_CTX* context = context_of(digest);
  Bytes out(EVP_MAX_MD_SIZE);
  std::size_t size = 0;
  if (!EVP_MAC_init(context, key.empty() ? &kNoKey : key.data(), key.size(), nullptr) ||
      !EVP_MAC_update(context, data.data(), data.size()) ||
      !EVP_MAC_final(context, out.data(), &size, out.size()))
    std::abort();
  out.resize(size);
  return out;
}
}  // namespace

Bytes prf(Prf id, ByteView key, ByteView data) {
  return hmac(facts(id).digest, key, data);
}

// prf+ (K,S) = T1 | T2 | …, T1 = prf (K, S | 0x01), Tn = prf (K, Tn-1 | S | n)
Bytes prf_plus(Prf id, ByteView key, ByteView seed, std::size_t size) {
  Bytes stream, block;
  for (std::uint8_t n = 1; stream.size() < size && n != 0; ++n) {
    block = prf(id, key, joined({block, seed, ByteView(&n, 1)}));
    append(stream, block);
  }
  stream.resize(size);
  return stream;
}

Bytes mac(Integrity id, ByteView key, ByteView data) {
  Bytes full = hmac(facts(id).digest, key, data);
  full.resize(facts(id).icv);
  return full;
}

Bytes sha1(ByteView data) {
  Bytes out(20);
  std::size_t size = 0;
  if (!EVP_Q_digest(nullptr, "SHA1", nullptr, data.data(), data.size(), out.data(), &size))
    std::abort();
  return out;
}

Bytes hmac_sha256(ByteView key, ByteView data) {
  return hmac("SHA256", key, data);
}

}  // namespace nezu::ike
