#include "services/ike/prf.h"

#include <openssl/evp.h>

#include <cstdlib>

namespace nezu::ike {
namespace {
// HMAC cannot fail on these arguments; if it does, going on would mean keys of zeros.
Bytes hmac(const char* digest, ByteView key, ByteView data) {
  static constexpr std::uint8_t kNoKey = 0;
  Bytes out(EVP_MAX_MD_SIZE);
  std::size_t size = 0;
  if (!EVP_Q_mac(nullptr, "HMAC", nullptr, digest, nullptr, key.empty() ? &kNoKey : key.data(),
                 key.size(), data.data(), data.size(), out.data(), out.size(), &size))
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
