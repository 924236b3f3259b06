#include "pfe-model/hmac.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cstring>

#include "pfe-model/ip.h"

namespace nezu::pfe {

namespace {

constexpr size_t kLargestHash = 64;

struct Kind {
  const char* digest;
  size_t key;
  size_t icv;
};

const Kind* kind_of(Integrity integrity) {
  static constexpr Kind kKinds[] = {{},
                                    {"MD5", 16, 12},
                                    {"SHA1", 20, 12},
                                    {"SHA256", 32, 16},
                                    {"SHA384", 48, 24},
                                    {"SHA512", 64, 32},
                                    {"SHA256", 32, 12}};
  const auto at = static_cast<size_t>(integrity);
  return at == 0 || at >= std::size(kKinds) ? nullptr : &kKinds[at];
}

}  // namespace

std::unique_ptr<Hmac> Hmac::expand(Integrity integrity, std::string_view key) {
  const Kind* kind = kind_of(integrity);
  if (kind == nullptr || key.size() != kind->key) return nullptr;
  static EVP_MAC* const kHmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EVP_MAC_CTX* context = kHmac == nullptr ? nullptr : EVP_MAC_CTX_new(kHmac);
  if (context == nullptr) return nullptr;
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(kind->digest), 0),
      OSSL_PARAM_construct_end()};
  const auto* octets = reinterpret_cast<const uint8_t*>(key.data());
  if (EVP_MAC_init(context, octets, key.size(), parameters) == 1)
    return std::unique_ptr<Hmac>(new Hmac(context, kind->icv));
  EVP_MAC_CTX_free(context);
  return nullptr;
}

Hmac::~Hmac() {
  EVP_MAC_CTX_free(context_);
}

bool Hmac::sign(const uint8_t* data, size_t length, EspSequence sequence, uint8_t* icv) {
  uint8_t hash[kLargestHash], high[4];
  size_t size = 0;
  store32(high, static_cast<uint32_t>(sequence.number >> 32));
  const bool made = EVP_MAC_init(context_, nullptr, 0, nullptr) == 1 &&
                    EVP_MAC_update(context_, data, length) == 1 &&
                    (!sequence.extended || EVP_MAC_update(context_, high, sizeof high) == 1) &&
                    EVP_MAC_final(context_, hash, &size, sizeof hash) == 1 && size >= icv_;
  if (made) std::memcpy(icv, hash, icv_);
  return made;
}

bool Hmac::verify(const uint8_t* data, size_t length, EspSequence sequence, const uint8_t* icv) {
  uint8_t wanted[kLargestHash];
  return sign(data, length, sequence, wanted) && same_tag(wanted, icv, icv_);
}

}  // namespace nezu::pfe
