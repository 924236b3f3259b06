#include "services/ike/crypto/signature.h"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "tests/services/ike/authority.h"

namespace nezu::ike::test {
namespace {

const std::set<HashAlgorithm> kAll = {HashAlgorithm::kSha1, HashAlgorithm::kSha256,
                                      HashAlgorithm::kSha384, HashAlgorithm::kSha512};
const Bytes kText(100, 't');

Bytes from_hex(std::string_view digits) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes.push_back(
        static_cast<std::uint8_t>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16)));
  return bytes;
}

Auth digital(const Bytes& data) {
  return {static_cast<std::uint8_t>(AuthMethod::kDigitalSignature), data};
}

Bytes signed_by(KeyKind kind, SignatureScheme scheme) {
  return sign(key_of(kind).get(), scheme, kText).value_or(Bytes());
}

bool begins(const Bytes& data, std::string_view hex) {
  const Bytes identifier = from_hex(hex);
  return data.size() > identifier.size() && data[0] == identifier.size() &&
         std::equal(identifier.begin(), identifier.end(), data.begin() + 1);
}

// The encodings that RFC 7427 appendix A prints.
TEST(Signature, AlgorithmsAreEncodedAsTheRfcHasThem) {
  const SignatureScheme sha256, sha512{AuthMethod::kDigitalSignature, HashAlgorithm::kSha512},
      pss{AuthMethod::kDigitalSignature, HashAlgorithm::kSha256, true};
  EXPECT_TRUE(begins(signed_by(KeyKind::kRsa, sha256), "300d06092a864886f70d01010b0500"));
  EXPECT_TRUE(begins(signed_by(KeyKind::kRsa, sha512), "300d06092a864886f70d01010d0500"));
  EXPECT_TRUE(begins(signed_by(KeyKind::kEcdsa256, sha256), "300a06082a8648ce3d040302"));
  EXPECT_TRUE(begins(signed_by(KeyKind::kEcdsa521, sha512), "300a06082a8648ce3d040304"));
  EXPECT_TRUE(
      begins(signed_by(KeyKind::kRsa, pss),
             "304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a"
             "864886f70d010108300d06096086480165030402010500a203020120"));
}

// OpenSSL writes the same AlgorithmIdentifiers into certificates.
TEST(Signature, AlgorithmsAreEncodedAsOpensslHasThem) {
  const Authority authority({.subject = "CN=x", .digest = "sha384"});
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(nullptr, &algorithm, authority.own().certificate.get());
  unsigned char* out = nullptr;
  const int length = i2d_X509_ALGOR(algorithm, &out);
  const Bytes data =
      signed_by(KeyKind::kRsa, {AuthMethod::kDigitalSignature, HashAlgorithm::kSha384, false});
  EXPECT_TRUE(begins(data, to_hex({out, static_cast<std::size_t>(length)})));
  OPENSSL_free(out);
}

TEST(Signature, HoldsForItsKeyAndTextOnly) {
  for (const KeyKind kind :
       {KeyKind::kRsa, KeyKind::kEcdsa256, KeyKind::kEcdsa384, KeyKind::kEcdsa521})
    for (const bool pss : {false, true}) {
      const SignatureScheme scheme{AuthMethod::kDigitalSignature, HashAlgorithm::kSha384, pss};
      const Auth auth = digital(signed_by(kind, scheme));
      EXPECT_TRUE(verify(key_of(kind).get(), auth, kText, kAll, true)) << name_of(kind);
      EXPECT_FALSE(verify(key_of(kind, 1).get(), auth, kText, kAll, true)) << name_of(kind);
      EXPECT_FALSE(verify(key_of(kind).get(), auth, Bytes(99, 't'), kAll, true)) << name_of(kind);
      for (std::size_t i = 0; i < auth.data.size(); i += 7) {
        Auth bad = auth;
        bad.data[i] ^= 1;
        EXPECT_FALSE(verify(key_of(kind).get(), bad, kText, kAll, true)) << name_of(kind) << i;
      }
    }
}

TEST(Signature, ByAHashThatWasNotAnnouncedIsRefused) {
  const Auth auth = digital(signed_by(KeyKind::kRsa, {}));
  EXPECT_FALSE(verify(key_of(KeyKind::kRsa).get(), auth, kText, {HashAlgorithm::kSha512}, true));
}

TEST(Signature, OldMethodsAreOfTheirKey) {
  const Bytes flat =
      signed_by(KeyKind::kEcdsa256, {AuthMethod::kEcdsa256, HashAlgorithm::kSha256, false});
  ASSERT_EQ(flat.size(), 64u);
  const auto method = [](AuthMethod value) { return static_cast<std::uint8_t>(value); };
  EVP_PKEY* key = key_of(KeyKind::kEcdsa256).get();
  EXPECT_TRUE(verify(key, {method(AuthMethod::kEcdsa256), flat}, kText, {}, true));
  EXPECT_FALSE(verify(key, {method(AuthMethod::kEcdsa256), flat}, kText, {}, false));
  EXPECT_FALSE(verify(key, {method(AuthMethod::kEcdsa384), flat}, kText, {}, true));
  EXPECT_FALSE(verify(key, {method(AuthMethod::kRsa), flat}, kText, {}, true));
  // r or s of nothing: CVE-2013-2944.
  Bytes no_r = flat, no_s = flat;
  std::fill_n(no_r.begin(), 32, std::uint8_t{0});
  std::fill_n(no_s.begin() + 32, 32, std::uint8_t{0});
  for (const Bytes& bad : {no_r, no_s, Bytes(64, 0), Bytes(), Bytes(63, 1), Bytes(65, 1)})
    EXPECT_FALSE(verify(key, {method(AuthMethod::kEcdsa256), bad}, kText, {}, true));
}

// What stands before a signature is compared, not parsed: nothing else passes.
TEST(Signature, StrangeAlgorithmsAreRefused) {
  EVP_PKEY* key = key_of(KeyKind::kRsa).get();
  const Bytes good =
      signed_by(KeyKind::kRsa, {AuthMethod::kDigitalSignature, HashAlgorithm::kSha256, true});
  const auto with = [&](std::string_view hex) {
    const Bytes identifier = from_hex(hex);
    Bytes data{static_cast<std::uint8_t>(identifier.size())};
    append(data, identifier);
    append(data, ByteView(good).subspan(1 + good[0]));
    return digital(data);
  };
  const std::string_view strange[] = {
      "300d06092a864886f70d01010a3000",  // PSS with its defaults, which are SHA-1
      // a salt of 2^31 octets: CVE-2021-41990
      "304506092a864886f70d01010a3038a00f300d06096086480165030402010500a11c301a06092a864886f70d0101"
      "08300d06096086480165030402010500a20602047fffffff",
      // MGF1 without a hash: CVE-2018-6459
      "303206092a864886f70d01010a3025a00f300d06096086480165030402010500a10d300b06092a864886f70d0101"
      "08a203020120",
      "300906072a8648ce3d0401",          // ecdsa-with-SHA1, of an RSA key
      "300d06092a864886f70d0101040500",  // MD5
      "", "30"};
  EXPECT_TRUE(verify(key, digital(good), kText, kAll, true));
  for (const auto& hex : strange) EXPECT_FALSE(verify(key, with(hex), kText, kAll, true)) << hex;
  EXPECT_FALSE(verify(key, digital({}), kText, kAll, true));
  EXPECT_FALSE(verify(key, digital({255, 1, 2}), kText, kAll, true));
  EXPECT_FALSE(
      verify(key, digital(Bytes(good.begin(), good.begin() + 1 + good[0])), kText, kAll, true));
}

// Padding that only looks right from the front, as Bleichenbacher's of 2006 and its successors
// (CVE-2018-16151, CVE-2018-16152): made with the private key, so that only the form can give it
// away.
TEST(Signature, LoosePaddingIsRefused) {
  EVP_PKEY* key = key_of(KeyKind::kRsa).get();
  const Bytes digest_info = from_hex("3031300d060960864801650304020105000420");
  Bytes hash(32);
  EVP_Digest(kText.data(), kText.size(), hash.data(), nullptr, EVP_sha256(), nullptr);
  const auto raw = [&](std::size_t padding, const Bytes& info, const Bytes& tail) {
    Bytes block{0, 1};
    block.insert(block.end(), padding, 0xff);
    block.push_back(0);
    append(block, info);
    append(block, hash);
    append(block, tail);
    block.resize(256);
    EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(key, nullptr);
    std::size_t size = 256;
    Bytes signature(size);
    EVP_PKEY_sign_init(context);
    EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING);
    EVP_PKEY_sign(context, signature.data(), &size, block.data(), block.size());
    EVP_PKEY_CTX_free(context);
    Bytes data = from_hex("0f300d06092a864886f70d01010b0500");
    append(data, signature);
    return digital(data);
  };
  EXPECT_TRUE(verify(key, raw(256 - 3 - 51, digest_info, {}), kText, kAll, true));
  EXPECT_FALSE(verify(key, raw(8, digest_info, Bytes(194, 0)), kText, kAll, true));
  const Bytes no_null = from_hex(
      "302f300b0609608648016503040201"
      "0420");
  EXPECT_FALSE(verify(key, raw(256 - 3 - 49, no_null, {}), kText, kAll, true));
  const Bytes extra = from_hex(
      "3033300f0609608648016503040201"
      "05020000"
      "0420");
  EXPECT_FALSE(verify(key, raw(256 - 3 - 53, extra, {}), kText, kAll, true));
}

TEST(Signature, KeysThatAreNoneAreRefused) {
  EXPECT_EQ(kind_of(nullptr), KeyKind::kNone);
  const Key small(EVP_RSA_gen(768u), EVP_PKEY_free);
  EXPECT_EQ(kind_of(small.get()), KeyKind::kNone);
  const Key edwards(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free);
  EXPECT_EQ(kind_of(edwards.get()), KeyKind::kNone);
  const Key koblitz(EVP_EC_gen("secp256k1"), EVP_PKEY_free);
  EXPECT_EQ(kind_of(koblitz.get()), KeyKind::kNone);
  // The parameters of P-256 written out are no named curve.
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nullptr);
  EVP_PKEY* made = nullptr;
  EVP_PKEY_keygen_init(context);
  EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1);
  EVP_PKEY_CTX_set_ec_param_enc(context, OPENSSL_EC_EXPLICIT_CURVE);
  EVP_PKEY_keygen(context, &made);
  EVP_PKEY_CTX_free(context);
  unsigned char* der = nullptr;
  const int length = i2d_PUBKEY(made, &der);
  const unsigned char* at = der;
  const Key written_out(d2i_PUBKEY(nullptr, &at, length), EVP_PKEY_free);
  EVP_PKEY_free(made);
  OPENSSL_free(der);
  ASSERT_TRUE(written_out);
  EXPECT_EQ(kind_of(written_out.get()), KeyKind::kNone);
}

TEST(Signature, SchemesAreChosen) {
  using H = HashAlgorithm;
  const std::vector<H> ours = {H::kSha256, H::kSha384, H::kSha512};
  EXPECT_EQ(choose_scheme(KeyKind::kEcdsa384, kAll, ours, false, true)->hash, H::kSha384);
  EXPECT_EQ(choose_scheme(KeyKind::kEcdsa384, {H::kSha512}, ours, false, true)->hash, H::kSha512);
  EXPECT_EQ(choose_scheme(KeyKind::kRsa, {H::kSha512, H::kSha384}, ours, false, true)->hash,
            H::kSha384);
  EXPECT_EQ(choose_scheme(KeyKind::kRsa, {}, ours, false, true)->method, AuthMethod::kRsa);
  EXPECT_FALSE(choose_scheme(KeyKind::kRsa, {}, ours, false, false));
  EXPECT_FALSE(choose_scheme(KeyKind::kRsa, {H::kSha1}, ours, true, false));
  EXPECT_FALSE(choose_scheme(KeyKind::kNone, kAll, ours, false, true));
}

}  // namespace
}  // namespace nezu::ike::test
