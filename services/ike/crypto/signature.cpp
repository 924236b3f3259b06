#include "services/ike/crypto/signature.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <memory>

#include "services/ike/der.h"
#include "services/ike/message/wire.h"

namespace nezu::ike {
namespace {
using Digest = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;

constexpr int kLeastRsaBits = 1024;
constexpr int kMostRsaBits = 8192;
constexpr int kMostExponentBits = 64;

struct HashFact {
  HashAlgorithm hash;
  std::string_view name;
  std::uint8_t size;
  const EVP_MD* (*digest)();
  std::uint8_t rsa;                 // last octet of …WithRSAEncryption, 1.2.840.113549.1.1.
  std::uint8_t ecdsa;               // last octet of ecdsa-with-SHA2…, 1.2.840.10045.4.3.
  std::array<std::uint8_t, 9> oid;  // of the hash itself; SHA-1 has no use for it
};
constexpr HashFact kHashes[] = {
    {HashAlgorithm::kSha1, "sha1", 20, EVP_sha1, 5, 0, {}},
    {HashAlgorithm::kSha256,
     "sha256",
     32,
     EVP_sha256,
     11,
     2,
     {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01}},
    {HashAlgorithm::kSha384,
     "sha384",
     48,
     EVP_sha384,
     12,
     3,
     {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02}},
    {HashAlgorithm::kSha512,
     "sha512",
     64,
     EVP_sha512,
     13,
     4,
     {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03}},
};

const HashFact& fact(HashAlgorithm hash) {
  return *std::find_if(std::begin(kHashes), std::end(kHashes),
                       [&](const HashFact& each) { return each.hash == hash; });
}

Bytes tagged(std::uint8_t tag, ByteView body) {
  return Writer().u8(tag).u8(static_cast<std::uint8_t>(body.size())).bytes(body).done();
}

constexpr std::uint8_t kSequence = 0x30, kOid = 0x06, kInteger = 0x02;
constexpr std::uint8_t kNull[] = {0x05, 0x00};

Bytes pkcs1_oid(std::uint8_t last) {
  const std::uint8_t oid[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, last};
  return tagged(kOid, oid);
}

// An AlgorithmIdentifier; NULL parameters are there or left out.
Bytes algorithm(const Bytes& oid, bool null) {
  return tagged(kSequence, null ? joined({oid, ByteView(kNull)}) : oid);
}

Bytes ecdsa_algorithm(const HashFact& hash) {
  if (hash.hash == HashAlgorithm::kSha1) {
    const std::uint8_t sha1[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01};
    return algorithm(tagged(kOid, sha1), false);
  }
  const std::uint8_t oid[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, hash.ecdsa};
  return algorithm(tagged(kOid, oid), false);
}

// RSASSA-PSS with one hash for all, the salt as long as it: RFC 7427 appendix A.4.
Bytes pss_algorithm(const HashFact& hash, bool null) {
  constexpr std::uint8_t kRsassaPss = 10, kMgf1 = 8;
  const Bytes inner = algorithm(tagged(kOid, hash.oid), null);
  const Bytes mask = tagged(kSequence, joined({pkcs1_oid(kMgf1), inner}));
  const std::uint8_t salt[] = {hash.size};
  const Bytes parameters =
      joined({tagged(0xa0, inner), tagged(0xa1, mask), tagged(0xa2, tagged(kInteger, salt))});
  return tagged(kSequence, joined({pkcs1_oid(kRsassaPss), tagged(kSequence, parameters)}));
}

Bytes algorithm_of(KeyKind key, const SignatureScheme& scheme) {
  const HashFact& hash = fact(scheme.hash);
  if (key != KeyKind::kRsa) return ecdsa_algorithm(hash);
  return scheme.pss ? pss_algorithm(hash, true) : algorithm(pkcs1_oid(hash.rsa), true);
}

struct Named {
  SignatureScheme scheme;
  KeyKind family = KeyKind::kRsa;  // kRsa, or any other for ECDSA
};

// What the octets of an AlgorithmIdentifier say, if they are one of ours.
std::optional<Named> named_by(ByteView octets) {
  const auto same = [&](const Bytes& known) { return std::ranges::equal(known, octets); };
  for (const HashFact& hash : kHashes) {
    const SignatureScheme plain{AuthMethod::kDigitalSignature, hash.hash, false};
    if (same(algorithm(pkcs1_oid(hash.rsa), true)) || same(algorithm(pkcs1_oid(hash.rsa), false)))
      return Named{plain, KeyKind::kRsa};
    if (same(ecdsa_algorithm(hash))) return Named{plain, KeyKind::kEcdsa256};
    if (hash.hash == HashAlgorithm::kSha1) continue;
    const SignatureScheme pss{AuthMethod::kDigitalSignature, hash.hash, true};
    if (same(pss_algorithm(hash, true)) || same(pss_algorithm(hash, false)))
      return Named{pss, KeyKind::kRsa};
  }
  return std::nullopt;
}

bool set_padding(EVP_PKEY_CTX* context, KeyKind key, bool pss) {
  if (key != KeyKind::kRsa) return true;
  if (EVP_PKEY_CTX_set_rsa_padding(context, pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) <= 0)
    return false;
  return !pss || EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) > 0;
}

// RFC 4754: the two numbers side by side, each of the curve's size.
std::size_t number_size(KeyKind key) {
  return key == KeyKind::kEcdsa256 ? 32 : key == KeyKind::kEcdsa384 ? 48 : 66;
}

std::optional<Bytes> flat_of(ByteView der, KeyKind key) {
  const unsigned char* at = der.data();
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), ECDSA_SIG_free);
  if (!signature) return std::nullopt;
  const int size = static_cast<int>(number_size(key));
  Bytes flat(2 * number_size(key));
  if (BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), flat.data(), size) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), flat.data() + size, size) < 0)
    return std::nullopt;
  return flat;
}

std::optional<Bytes> der_of(ByteView flat, KeyKind key) {
  const std::size_t size = number_size(key);
  if (flat.size() != 2 * size) return std::nullopt;
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(ECDSA_SIG_new(),
                                                                        ECDSA_SIG_free);
  BIGNUM* r = BN_bin2bn(flat.data(), static_cast<int>(size), nullptr);
  BIGNUM* s = BN_bin2bn(flat.data() + size, static_cast<int>(size), nullptr);
  if (!signature || !r || !s || ECDSA_SIG_set0(signature.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return std::nullopt;
  }
  Bytes der = encoded(signature.get(), i2d_ECDSA_SIG);
  if (der.empty()) return std::nullopt;
  return der;
}

std::optional<Bytes> signature_of(EVP_PKEY* key, KeyKind kind, const SignatureScheme& scheme,
                                  ByteView octets) {
  const Digest digest(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_PKEY_CTX* context = nullptr;  // the digest's
  std::size_t size = 0;
  if (EVP_DigestSignInit(digest.get(), &context, fact(scheme.hash).digest(), nullptr, key) != 1 ||
      !set_padding(context, kind, scheme.pss) ||
      EVP_DigestSign(digest.get(), nullptr, &size, octets.data(), octets.size()) != 1)
    return std::nullopt;
  Bytes signature(size);
  if (EVP_DigestSign(digest.get(), signature.data(), &size, octets.data(), octets.size()) != 1)
    return std::nullopt;
  signature.resize(size);
  return signature;
}

bool holds(EVP_PKEY* key, KeyKind kind, const SignatureScheme& scheme, ByteView signature,
           ByteView octets) {
  if (signature.empty()) return false;
  const Digest digest(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_PKEY_CTX* context = nullptr;
  return EVP_DigestVerifyInit(digest.get(), &context, fact(scheme.hash).digest(), nullptr, key) ==
             1 &&
         set_padding(context, kind, scheme.pss) &&
         EVP_DigestVerify(digest.get(), signature.data(), signature.size(), octets.data(),
                          octets.size()) == 1;
}

AuthMethod old_method(KeyKind key) {
  switch (key) {
    case KeyKind::kRsa:
      return AuthMethod::kRsa;
    case KeyKind::kEcdsa256:
      return AuthMethod::kEcdsa256;
    case KeyKind::kEcdsa384:
      return AuthMethod::kEcdsa384;
    default:
      return AuthMethod::kEcdsa521;
  }
}

HashAlgorithm own_hash(KeyKind key) {
  switch (key) {
    case KeyKind::kEcdsa384:
      return HashAlgorithm::kSha384;
    case KeyKind::kEcdsa521:
      return HashAlgorithm::kSha512;
    default:
      return HashAlgorithm::kSha256;
  }
}

// RSA of before RFC 7427 is with SHA-1: the peer has no way to know of another.
SignatureScheme old_scheme(KeyKind key) {
  return {old_method(key), key == KeyKind::kRsa ? HashAlgorithm::kSha1 : own_hash(key), false};
}

// A modulus that is odd, an exponent that is odd, above 1 and of a size that costs no time.
bool is_sound_rsa(EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < kLeastRsaBits || bits > kMostRsaBits) return false;
  BIGNUM *n = nullptr, *e = nullptr;
  const bool both = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
                    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) == 1;
  const Number modulus(n, BN_free), exponent(e, BN_free);
  return both && BN_is_odd(n) && BN_is_odd(e) && !BN_is_one(e) &&
         BN_num_bits(e) <= kMostExponentBits;
}

KeyKind curve_of(EVP_PKEY* key) {
  char name[32] = {};
  // RFC 5480 section 2.1.1: parameters of their own are no named curve, whatever they resemble.
  int explicit_parameters = 0;
  if (EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
                             &explicit_parameters) == 1 &&
      explicit_parameters != 0)
    return KeyKind::kNone;
  if (EVP_PKEY_get_group_name(key, name, sizeof name, nullptr) != 1) return KeyKind::kNone;
  const std::string_view curve = name;
  if (curve == "prime256v1") return KeyKind::kEcdsa256;
  if (curve == "secp384r1") return KeyKind::kEcdsa384;
  return curve == "secp521r1" ? KeyKind::kEcdsa521 : KeyKind::kNone;
}

bool verify_digital(EVP_PKEY* key, KeyKind kind, ByteView data, ByteView octets,
                    const std::set<HashAlgorithm>& accepted) {
  Reader reader(data);
  const ByteView identifier = reader.take(reader.u8());
  const ByteView signature = reader.rest();
  const auto named = named_by(identifier);
  if (reader.failed() || !named || !accepted.contains(named->scheme.hash)) return false;
  if ((named->family == KeyKind::kRsa) != (kind == KeyKind::kRsa)) return false;
  return holds(key, kind, named->scheme, signature, octets);
}
}  // namespace

std::optional<HashAlgorithm> hash_named(std::string_view name) {
  for (const HashFact& each : kHashes)
    if (each.name == name) return each.hash;
  return std::nullopt;
}

std::string_view name_of(HashAlgorithm hash) {
  return fact(hash).name;
}

std::string_view name_of(KeyKind kind) {
  constexpr std::string_view kNames[] = {"unknown", "RSA", "ECDSA-256", "ECDSA-384", "ECDSA-521"};
  return kNames[static_cast<std::size_t>(kind)];
}

KeyKind kind_of(EVP_PKEY* key) {
  if (!key) return KeyKind::kNone;
  if (EVP_PKEY_is_a(key, "RSA")) return is_sound_rsa(key) ? KeyKind::kRsa : KeyKind::kNone;
  return EVP_PKEY_is_a(key, "EC") ? curve_of(key) : KeyKind::kNone;
}

std::optional<SignatureScheme> choose_scheme(KeyKind key, const std::set<HashAlgorithm>& theirs,
                                             const std::vector<HashAlgorithm>& preferred, bool pss,
                                             bool old_methods) {
  if (key == KeyKind::kNone) return std::nullopt;
  SignatureScheme scheme;
  scheme.pss = pss && key == KeyKind::kRsa;
  const auto fits = [&](HashAlgorithm hash) {
    return theirs.contains(hash) && !(scheme.pss && hash == HashAlgorithm::kSha1) &&
           std::find(preferred.begin(), preferred.end(), hash) != preferred.end();
  };
  scheme.hash = own_hash(key);
  if (key != KeyKind::kRsa && fits(scheme.hash)) return scheme;
  for (const HashAlgorithm hash : preferred) {
    scheme.hash = hash;
    if (fits(hash)) return scheme;
  }
  if (!old_methods) return std::nullopt;
  return old_scheme(key);
}

std::optional<Bytes> sign(EVP_PKEY* key, const SignatureScheme& scheme, ByteView octets) {
  const KeyKind kind = kind_of(key);
  if (kind == KeyKind::kNone) return std::nullopt;
  auto signature = signature_of(key, kind, scheme, octets);
  if (!signature) return std::nullopt;
  if (scheme.method != AuthMethod::kDigitalSignature)
    return kind == KeyKind::kRsa ? signature : flat_of(*signature, kind);
  const Bytes identifier = algorithm_of(kind, scheme);
  return Writer()
      .u8(static_cast<std::uint8_t>(identifier.size()))
      .bytes(identifier)
      .bytes(*signature)
      .done();
}

bool verify(EVP_PKEY* key, const Auth& auth, ByteView octets,
            const std::set<HashAlgorithm>& accepted, bool old_methods) {
  const KeyKind kind = kind_of(key);
  if (kind == KeyKind::kNone) return false;
  if (auth.method == static_cast<std::uint8_t>(AuthMethod::kDigitalSignature))
    return verify_digital(key, kind, auth.data, octets, accepted);
  const SignatureScheme scheme = old_scheme(kind);
  if (!old_methods || auth.method != static_cast<std::uint8_t>(scheme.method)) return false;
  if (kind == KeyKind::kRsa) return holds(key, kind, scheme, auth.data, octets);
  const auto der = der_of(auth.data, kind);
  return der && holds(key, kind, scheme, *der, octets);
}

}  // namespace nezu::ike
