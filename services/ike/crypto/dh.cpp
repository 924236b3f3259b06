#include "services/ike/crypto/dh.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/dh.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <memory>
#include <optional>

namespace nezu::ike {
namespace {

template <auto Free>
struct Freed {
  template <typename Object>
  void operator()(Object* object) const {
    Free(object);
  }
};
using Bignum = std::unique_ptr<BIGNUM, Freed<BN_clear_free>>;
using Scratch = std::unique_ptr<BN_CTX, Freed<BN_CTX_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using ParamsBuilder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using Curve = std::unique_ptr<EC_GROUP, Freed<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, Freed<EC_POINT_clear_free>>;

struct GroupFacts {
  DhGroup group;
  const char* name;      // OpenSSL's; nullptr: prime below
  std::size_t size;      // octets of a public value
  std::size_t exponent;  // octets of a private key: twice the strength, RFC 3526 section 8
  int curve;             // NID; 0: not a Weierstrass curve
};
constexpr GroupFacts kGroups[] = {
    {DhGroup::kModp768, nullptr, 96, 32, 0},
    {DhGroup::kModp1024, nullptr, 128, 32, 0},
    {DhGroup::kModp1536, "modp_1536", 192, 32, 0},
    {DhGroup::kModp2048, "modp_2048", 256, 32, 0},
    {DhGroup::kModp3072, "modp_3072", 384, 36, 0},
    {DhGroup::kModp4096, "modp_4096", 512, 42, 0},
    {DhGroup::kModp2048s256, "dh_2048_256", 256, 32, 0},
    {DhGroup::kEcp256, "P-256", 64, 32, NID_X9_62_prime256v1},
    {DhGroup::kEcp384, "P-384", 96, 48, NID_secp384r1},
    {DhGroup::kEcp521, "P-521", 132, 66, NID_secp521r1},
    {DhGroup::kX25519, "X25519", 32, 32, 0},
};

const GroupFacts* facts_of(DhGroup group) {
  for (const auto& each : kGroups)
    if (each.group == group) return &each;
  return nullptr;
}

Bignum number_of(ByteView octets) {
  return Bignum(BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
}

Key key_of(const char* type, int selection, OSSL_PARAM_BLD* builder) {
  Params params(OSSL_PARAM_BLD_to_param(builder));
  KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata_init(context.get()) <= 0 ||
      EVP_PKEY_fromdata(context.get(), &key, selection, params.get()) <= 0)
    return nullptr;
  return Key(key);
}

// The peer's value has been checked by then, each group in its own way.
std::optional<Bytes> derive(EVP_PKEY* own, EVP_PKEY* peer, bool pad) {
  if (!own || !peer) return std::nullopt;
  KeyContext context(EVP_PKEY_CTX_new(own, nullptr));
  std::size_t size = 0;
  if (EVP_PKEY_derive_init(context.get()) <= 0 ||
      (pad && EVP_PKEY_CTX_set_dh_pad(context.get(), 1) <= 0) ||
      EVP_PKEY_derive_set_peer_ex(context.get(), peer, 0) <= 0 ||
      EVP_PKEY_derive(context.get(), nullptr, &size) <= 0)
    return std::nullopt;
  Bytes secret(size);
  if (EVP_PKEY_derive(context.get(), secret.data(), &size) <= 0) return std::nullopt;
  secret.resize(size);
  return secret;
}

// ---- MODP

struct Modp {
  Bignum p, g, q;
};

Bignum parameter(EVP_PKEY* key, const char* name) {
  BIGNUM* value = nullptr;
  EVP_PKEY_get_bn_param(key, name, &value);
  return Bignum(value);
}

Modp named_modp(const char* name) {
  ParamsBuilder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, name, 0);
  const Key key = key_of("DHX", EVP_PKEY_KEY_PARAMETERS, builder.get());
  const Key plain = key ? nullptr : key_of("DH", EVP_PKEY_KEY_PARAMETERS, builder.get());
  EVP_PKEY* found = key ? key.get() : plain.get();
  return {parameter(found, OSSL_PKEY_PARAM_FFC_P), parameter(found, OSSL_PKEY_PARAM_FFC_G),
          parameter(found, OSSL_PKEY_PARAM_FFC_Q)};
}

Modp modp_of(const GroupFacts& facts) {
  if (facts.name) return named_modp(facts.name);
  Bignum g(BN_new());
  BN_set_word(g.get(), 2);
  auto* prime = facts.group == DhGroup::kModp768 ? BN_get_rfc2409_prime_768(nullptr)
                                                 : BN_get_rfc2409_prime_1024(nullptr);
  return {Bignum(prime), std::move(g), nullptr};
}

Key modp_key(const Modp& group, const char* what, const BIGNUM* value) {
  ParamsBuilder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_FFC_P, group.p.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_FFC_G, group.g.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), what, value);
  return key_of("DH", EVP_PKEY_KEYPAIR, builder.get());
}

// base ^ exponent: with the generator it is our public value, with the peer's value the shared
// secret.
std::optional<Bytes> modp_power(const Modp& group, const BIGNUM* base, ByteView exponent) {
  const Bignum x = number_of(exponent);
  const Key own = modp_key(group, OSSL_PKEY_PARAM_PRIV_KEY, x.get());
  const Key peer = modp_key(group, OSSL_PKEY_PARAM_PUB_KEY, base);
  return derive(own.get(), peer.get(), true);
}

// RFC 6989: 1 < y < p-1 for safe primes, and y ^ q = 1 where the subgroup is smaller (group 24).
bool is_modp_value(const GroupFacts& facts, const Modp& group, const BIGNUM* y) {
  Bignum p_minus_1(BN_dup(group.p.get()));
  BN_sub_word(p_minus_1.get(), 1);
  if (BN_cmp(y, BN_value_one()) <= 0 || BN_cmp(y, p_minus_1.get()) >= 0) return false;
  if (facts.group != DhGroup::kModp2048s256) return true;
  Scratch scratch(BN_CTX_new());
  Bignum power(BN_new());
  return BN_mod_exp(power.get(), y, group.q.get(), group.p.get(), scratch.get()) &&
         BN_is_one(power.get());
}

void run_modp(const GroupFacts& facts, const DhJob& job, DhResult& result) {
  const Modp group = modp_of(facts);
  if (job.want_public) {
    const auto power = modp_power(group, group.g.get(), job.private_key);
    if (!power) return;
    result.public_key = *power;
  }
  result.ok = true;
  if (job.peer_public.empty()) return;
  const Bignum y = number_of(job.peer_public);
  result.ok = job.peer_public.size() == facts.size && is_modp_value(facts, group, y.get());
  if (!result.ok) return;
  const auto power = modp_power(group, y.get(), job.private_key);
  result.ok = power.has_value();
  if (power) result.shared_secret = *power;
}

// ---- Weierstrass curves. A public value is x | y, the shared secret is x (RFC 5903).

constexpr std::uint8_t kUncompressed = 4;

std::optional<Bytes> curve_public(const GroupFacts& facts, ByteView private_key) {
  const Curve curve(EC_GROUP_new_by_curve_name(facts.curve));
  const Point point(EC_POINT_new(curve.get()));
  const Bignum d = number_of(private_key);
  Bytes octets(facts.size + 1);
  if (!EC_POINT_mul(curve.get(), point.get(), d.get(), nullptr, nullptr, nullptr) ||
      EC_POINT_point2oct(curve.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, octets.data(),
                         octets.size(), nullptr) != octets.size())
    return std::nullopt;
  octets.erase(octets.begin());
  return octets;
}

Key curve_key(const GroupFacts& facts, ByteView public_value, const BIGNUM* private_key) {
  const Bytes point = joined({ByteView(&kUncompressed, 1), public_value});
  ParamsBuilder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, facts.name, 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  if (private_key) OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, private_key);
  return key_of("EC", private_key ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, builder.get());
}

// EVP_PKEY_fromdata refuses a point that is not on the curve; these curves have no small subgroups.
std::optional<Bytes> curve_secret(const GroupFacts& facts, const DhJob& job) {
  if (job.peer_public.size() != facts.size) return std::nullopt;
  const Bignum d = number_of(job.private_key);
  const Key peer = curve_key(facts, job.peer_public, nullptr);
  if (!peer) return std::nullopt;
  // ECDH never looks at the public half of our own key, so any point of the curve will do there.
  const Key own = curve_key(facts, job.peer_public, d.get());
  return derive(own.get(), peer.get(), false);
}

// ---- X25519, RFC 8031

std::optional<Bytes> x25519_public(ByteView private_key) {
  const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, private_key.data(),
                                             private_key.size()));
  Bytes octets(32);
  std::size_t size = octets.size();
  if (!key || !EVP_PKEY_get_raw_public_key(key.get(), octets.data(), &size)) return std::nullopt;
  return octets;
}

std::optional<Bytes> x25519_secret(const DhJob& job) {
  if (job.peer_public.size() != 32) return std::nullopt;
  const Key own(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, job.private_key.data(),
                                             job.private_key.size()));
  const Key peer(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, job.peer_public.data(),
                                             job.peer_public.size()));
  auto secret = derive(own.get(), peer.get(), false);
  const auto is_zero = [](std::uint8_t octet) { return octet == 0; };
  if (secret && std::all_of(secret->begin(), secret->end(), is_zero)) return std::nullopt;
  return secret;
}

void run_curve(const GroupFacts& facts, const DhJob& job, DhResult& result) {
  const bool x25519 = facts.group == DhGroup::kX25519;
  if (job.want_public) {
    const auto own = x25519 ? x25519_public(job.private_key) : curve_public(facts, job.private_key);
    if (!own) return;
    result.public_key = *own;
  }
  result.ok = true;
  if (job.peer_public.empty()) return;
  const auto secret = x25519 ? x25519_secret(job) : curve_secret(facts, job);
  result.ok = secret.has_value();
  if (secret) result.shared_secret = *secret;
}

// Uniform in 1 … order-1 by drawing again, RFC 5903 section 6.
Bytes draw_scalar(const GroupFacts& facts, const Random& random) {
  const Curve curve(EC_GROUP_new_by_curve_name(facts.curve));
  const BIGNUM* order = EC_GROUP_get0_order(curve.get());
  while (true) {
    Bytes scalar = random_bytes(random, facts.exponent);
    if (facts.group == DhGroup::kEcp521) scalar[0] &= 1;
    const Bignum number = number_of(scalar);
    if (!BN_is_zero(number.get()) && BN_cmp(number.get(), order) < 0) return scalar;
  }
}
}  // namespace

std::size_t public_size(DhGroup group) {
  const GroupFacts* facts = facts_of(group);
  return facts ? facts->size : 0;
}

Bytes draw_private_key(DhGroup group, const Random& random) {
  const GroupFacts* facts = facts_of(group);
  if (!facts) return {};
  if (facts->curve != 0) return draw_scalar(*facts, random);
  Bytes key = random_bytes(random, facts->exponent);
  if (group == DhGroup::kModp2048s256) key[0] &= 0x7f;  // below the order of its subgroup
  return key;
}

DhResult run(const DhJob& job) {
  DhResult result;
  result.sa = job.sa;
  result.job = job.job;
  const GroupFacts* facts = facts_of(job.group);
  if (!facts || job.private_key.size() != facts->exponent) return result;
  if (facts->curve != 0 || job.group == DhGroup::kX25519)
    run_curve(*facts, job, result);
  else
    run_modp(*facts, job, result);
  ERR_clear_error();
  return result;
}

}  // namespace nezu::ike
