#include "services/ike/certificates/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509v3.h>

#include <chrono>

#include "services/ike/certificates/chain.h"
#include "services/ike/distinguished_name.h"
#include "services/ike/message/payload_cert.h"
#include "tests/services/ike/authority.h"

namespace nezu::ike::test {
namespace {

using testing::HasSubstr;

TEST(DistinguishedName, IsReadAndWritten) {
  const auto name = name_of_text("CN=peer1, OU=a\\,b,O=Nezu ,DC=example,E=x@y");
  ASSERT_TRUE(name);
  EXPECT_EQ(name_text(*name), "CN=peer1, OU=a\\,b, O=Nezu, DC=example, emailAddress=x@y");
  for (const char* bad : {"", "CN", "CN=", "=x", "CN=a,", "CN=a,,O=b", "XX=a", "CN=a\\", ","})
    EXPECT_FALSE(name_of_text(bad)) << bad;
  EXPECT_FALSE(name_of_text("CN=" + std::string(5000, 'x')));
  EXPECT_TRUE(is_same_name(*name_of_text("CN=A B,O=x"), *name_of_text("CN=a  b,O=X")));
  EXPECT_FALSE(is_same_name(*name_of_text("CN=a,O=x"), *name_of_text("O=x,CN=a")));
}

// Short lengths, octets behind it, 64 KB: CVE-2013-6075 and its kind.
TEST(DistinguishedName, ThatIsNoneIsRefused) {
  const Bytes good = *name_of_text("CN=peer1,O=Nezu");
  EXPECT_TRUE(is_name_der(good));
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_FALSE(is_name_der(ByteView(good).first(length))) << length;
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(is_name_der(longer));
  EXPECT_FALSE(is_name_der(Bytes(65535, 0x30)));
}

TEST(Certificate, IsReadInBothForms) {
  Authority root({.subject = "CN=root", .kind = KeyKind::kEcdsa256});
  const Made made = root.issue({.subject = "CN=x", .kind = KeyKind::kEcdsa256});
  const std::string text = "leading words\n" + made.pem() + pem_of(made.key) + root.own().pem();
  const auto all = read_certificates(view_of(text));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(name_text(all[0].subject()), "CN=x");
  EXPECT_EQ(all[0].kind(), KeyKind::kEcdsa256);
  EXPECT_FALSE(all[0].is_authority());
  EXPECT_TRUE(all[1].is_authority() && all[1].is_self_signed());
  EXPECT_EQ(read_certificates(made.der()).size(), 1u);
  EXPECT_TRUE(read_certificates(view_of("nothing")).empty());
  EXPECT_TRUE(read_certificates(view_of(text.substr(0, 200))).empty());
  EXPECT_TRUE(read_certificates({}).empty());
}

TEST(Certificate, ThatIsCutOrLongIsRefused) {
  const Bytes der = Authority({.subject = "CN=root", .kind = KeyKind::kEcdsa256}).der();
  for (std::size_t length = 0; length < der.size(); ++length)
    EXPECT_FALSE(Certificate::of_der(ByteView(der).first(length))) << length;
  Bytes longer = der;
  longer.push_back(0);
  EXPECT_FALSE(Certificate::of_der(longer));
  EXPECT_FALSE(Certificate::of_der(Bytes(kMaxCertificate + 1, 0x30)));
  // Indefinite lengths inside each other: CVE-2017-9023.
  Bytes nested;
  while (nested.size() < 16000) append(nested, Bytes{0x30, 0x80, 0xa0, 0x80});
  EXPECT_FALSE(Certificate::of_der(nested));
}

TEST(Certificate, UrlsAreHttpAndFew) {
  Authority root({.subject = "CN=root", .kind = KeyKind::kEcdsa256});
  const auto urls = [&](const std::string& crl, const std::string& ocsp) {
    const auto made = *Certificate::of_der(
        root.issue(
                {.subject = "CN=x", .kind = KeyKind::kEcdsa256, .crl_url = crl, .ocsp_url = ocsp})
            .der());
    return std::pair(crl_urls(made), ocsp_urls(made));
  };
  const auto both = urls("http://ca.example/a.crl", "http://ca.example/ocsp");
  EXPECT_EQ(both.first, std::vector<std::string>{"http://ca.example/a.crl"});
  EXPECT_EQ(both.second, std::vector<std::string>{"http://ca.example/ocsp"});
  EXPECT_TRUE(urls("file:///etc/shadow", "ldap://x/y").first.empty());
  EXPECT_TRUE(urls("file:///etc/shadow", "ldap://x/y").second.empty());
}

TEST(Certificate, SaysWhatItIsFor) {
  Authority root({.subject = "CN=root", .kind = KeyKind::kEcdsa256});
  const auto problem = [&](const std::string& usage, const std::string& extended) {
    return use_problem(*Certificate::of_der(root.issue({.subject = "CN=x",
                                                        .kind = KeyKind::kEcdsa256,
                                                        .usage = usage,
                                                        .extended = extended})
                                                .der()));
  };
  for (const char* use : {"", "1.3.6.1.5.5.7.3.17", "anyExtendedKeyUsage",
                          "serverAuth,1.3.6.1.5.5.8.2.2", "ipsecTunnel,clientAuth"})
    EXPECT_EQ(problem("digitalSignature", use), "") << use;
  EXPECT_EQ(problem("nonRepudiation", ""), "");
  EXPECT_THAT(problem("keyEncipherment", ""), HasSubstr("not for signatures"));
  EXPECT_THAT(problem("", "serverAuth,clientAuth"), HasSubstr("not for IKE"));
  EXPECT_THAT(problem("", "1.2.3.4"), HasSubstr("not for IKE"));
}

// As many names as fit in: the time that a refusal takes is bounded (CVE-2021-41991).
TEST(Certificate, AThousandNamesAreLookedAtQuickly) {
  Authority root({.subject = "CN=root",
                  .kind = KeyKind::kEcdsa256,
                  .constraints = "permitted;DNS:.nezu.example"});
  std::string names;
  for (int i = 0; i < 600; ++i)
    names += (i ? ",DNS:" : "DNS:") + std::string("h") + std::to_string(i) + ".nezu.example";
  const Made made = root.issue({.subject = "CN=x", .alternate = names, .kind = KeyKind::kEcdsa256});
  const auto certificate = Certificate::of_der(made.der());
  ASSERT_TRUE(certificate);
  const auto began = std::clock();
  const auto verdict = verify_chain({*certificate}, {{"ca", *Certificate::of_der(root.der())}}, {},
                                    std::time(nullptr));
  EXPECT_EQ(verdict.error, "");
  const Identity absent{Identity::Type::kHostname, bytes_of(view_of("other.nezu.example"))};
  EXPECT_FALSE(stands_for(*certificate, absent));
  EXPECT_LT(double(std::clock() - began) / CLOCKS_PER_SEC, 0.5);
}

// A path as long as it may be holds, one more does not; authorities that name each other in a
// circle end.
TEST(Chain, IsBoundedInLength) {
  std::vector<std::unique_ptr<Authority>> line;
  line.push_back(std::make_unique<Authority>(Wish{.subject = "CN=0", .kind = KeyKind::kEcdsa256}));
  std::vector<Certificate> between;
  for (int i = 1; i <= kMaxChain + 1; ++i) {
    const auto leaf = *Certificate::of_der(
        line.back()->issue({.subject = "CN=leaf", .kind = KeyKind::kEcdsa256}).der());
    std::vector<Certificate> shown = {leaf};
    shown.insert(shown.end(), between.begin(), between.end());
    const auto verdict =
        verify_chain(shown, {{"ca", *Certificate::of_der(line[0]->der())}}, {}, std::time(nullptr));
    EXPECT_EQ(verdict.error.empty(), i <= kMaxChain + 1) << i << verdict.error;
    if (verdict.error.empty()) {
      EXPECT_EQ(verdict.profile, "ca");
      EXPECT_EQ(verdict.links.size(), static_cast<std::size_t>(i));
    }
    line.push_back(std::make_unique<Authority>(
        Wish{.subject = "CN=" + std::to_string(i), .kind = KeyKind::kEcdsa256, .key = i},
        *line.back()));
    between.push_back(*Certificate::of_der(line.back()->der()));
  }
  const auto leaf = *Certificate::of_der(
      line.back()->issue({.subject = "CN=leaf", .kind = KeyKind::kEcdsa256}).der());
  std::vector<Certificate> shown = {leaf};
  shown.insert(shown.end(), between.begin(), between.end());
  EXPECT_NE(
      verify_chain(shown, {{"ca", *Certificate::of_der(line[0]->der())}}, {}, std::time(nullptr))
          .error,
      "");
}

TEST(Chain, OfAuthoritiesInACircleEnds) {
  Authority a({.subject = "CN=a", .kind = KeyKind::kEcdsa256});
  Authority b({.subject = "CN=b", .kind = KeyKind::kEcdsa256}, a);
  // a's name and key again, signed by b.
  const Made again =
      b.issue({.subject = "CN=a", .kind = KeyKind::kEcdsa256, .authority = true}, a.own().key);
  const Made leaf = b.issue({.subject = "CN=leaf", .kind = KeyKind::kEcdsa256});
  Authority other({.subject = "CN=other", .kind = KeyKind::kEcdsa256});
  const auto verdict =
      verify_chain({*Certificate::of_der(leaf.der()), *Certificate::of_der(b.der()),
                    *Certificate::of_der(again.der())},
                   {{"ca", *Certificate::of_der(other.der())}}, {}, std::time(nullptr));
  EXPECT_NE(verdict.error, "");
}

// RFC 5280 section 4.1.1.2: the algorithm that is signed and the one beside the signature are one.
// The other way an algorithm can be changed without touching what is signed (CVE-2014-8275).
TEST(Chain, WithAnAlteredOuterAlgorithmIsRefused) {
  Authority root({.subject = "CN=root", .kind = KeyKind::kEcdsa256});
  Bytes der = root.issue({.subject = "CN=x", .kind = KeyKind::kEcdsa256}).der();
  const std::vector<ike::Authority> trusted = {{"ca", *Certificate::of_der(root.der())}};
  const auto verdict = [&] {
    const auto one = Certificate::of_der(der);
    return one ? verify_chain({*one}, trusted, {}, std::time(nullptr)).error : "cannot be read";
  };
  EXPECT_EQ(verdict(), "");
  const Bytes sha256 = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
  const auto outer = std::find_end(der.begin(), der.end(), sha256.begin(), sha256.end());
  ASSERT_NE(outer, der.end());
  for (const unsigned char other : {0x01, 0x03, 0x04}) {
    *(outer + 9) = other;
    EXPECT_NE(verdict(), "") << int(other);
  }
  *(outer + 9) = 0x02;
  EXPECT_EQ(verdict(), "");
}

// A name that goes on behind a NUL is another name, in the certificate or in IKE.
TEST(Certificate, NamesDoNotEndAtANul) {
  Authority root({.subject = "CN=root", .kind = KeyKind::kEcdsa256});
  const auto identity = [](const std::string& name) {
    return Identity{Identity::Type::kHostname, bytes_of(view_of(name))};
  };
  const std::string whole = "a.nezu.example", longer = whole + std::string(1, '\0') + ".evil";
  const Made made =
      root.issue({.subject = "CN=x", .alternate = "DNS:" + whole, .kind = KeyKind::kEcdsa256});
  EXPECT_TRUE(stands_for(*Certificate::of_der(made.der()), identity(whole)));
  EXPECT_FALSE(stands_for(*Certificate::of_der(made.der()), identity(longer)));
  const Made bare = root.issue({.subject = "CN=x", .kind = KeyKind::kEcdsa256});
  GENERAL_NAMES* names = GENERAL_NAMES_new();
  GENERAL_NAME* name = GENERAL_NAME_new();
  ASN1_IA5STRING* text = ASN1_IA5STRING_new();
  ASN1_STRING_set(text, longer.data(), int(longer.size()));
  GENERAL_NAME_set0_value(name, GEN_DNS, text);
  sk_GENERAL_NAME_push(names, name);
  X509_add1_ext_i2d(bare.certificate.get(), NID_subject_alt_name, names, 0, X509V3_ADD_REPLACE);
  GENERAL_NAMES_free(names);
  X509_sign(bare.certificate.get(), root.own().key.get(), EVP_sha256());
  EXPECT_FALSE(stands_for(*Certificate::of_der(bare.der()), identity(whole)));
  EXPECT_TRUE(stands_for(*Certificate::of_der(bare.der()), identity(longer)));
}

// What a stranger may show at most, to cost the most: authorities of 16384 bits that signed each
// other, with a public exponent of 4096 bits. None of their keys is used.
Key costly_key(int bits, const char* exponent) {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nullptr);
  BIGNUM *n = BN_new(), *e = nullptr;
  BN_rand(n, bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD);
  BN_hex2bn(&e, exponent);
  OSSL_PARAM_BLD* build = OSSL_PARAM_BLD_new();
  OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n);
  OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e);
  OSSL_PARAM* parameters = OSSL_PARAM_BLD_to_param(build);
  EVP_PKEY* key = nullptr;
  EVP_PKEY_fromdata_init(context);
  EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters);
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(build);
  EVP_PKEY_CTX_free(context);
  BN_free(n);
  BN_free(e);
  return Key(key, EVP_PKEY_free);
}

TEST(Chain, OfCostlyKeysIsRefusedQuickly) {
  Authority root({.subject = "CN=root", .kind = KeyKind::kEcdsa256});
  const std::string long_exponent(3072 / 4, 'f');
  for (const auto& [bits, exponent] :
       {std::pair(16384, std::string("ffffffffffffffff")), std::pair(3072, long_exponent)}) {
    // Every certificate of the path has such a key; its signature is another's, which is found out
    // only by computing with it.
    const Key key = costly_key(bits, exponent.c_str());
    ASSERT_TRUE(key);
    EXPECT_EQ(kind_of(key.get()), KeyKind::kNone);
    std::vector<Certificate> shown;
    Authority above({.subject = "CN=a7", .key = 1});
    shown.push_back(*Certificate::of_der(above.issue({.subject = "CN=leaf"}).der()));
    for (int i = 7; i > 0; --i) {
      Authority signer({.subject = "CN=a" + std::to_string(i - 1), .key = i % 3});
      shown.push_back(*Certificate::of_der(
          signer.issue({.subject = "CN=a" + std::to_string(i), .authority = true}, key).der()));
    }
    const auto began = std::clock();
    for (int i = 0; i < 20; ++i)
      EXPECT_NE(
          verify_chain(shown, {{"ca", *Certificate::of_der(root.der())}}, {}, std::time(nullptr))
              .error,
          "");
    EXPECT_LT(double(std::clock() - began) / CLOCKS_PER_SEC, 0.2) << bits;
    // Nor as the peer's own.
    const auto own = *Certificate::of_der(root.issue({.subject = "CN=x"}, key).der());
    EXPECT_THAT(
        verify_chain({own}, {{"ca", *Certificate::of_der(root.der())}}, {}, std::time(nullptr))
            .error,
        HasSubstr("not supported"));
  }
}

TEST(CertPayload, IsBounded) {
  EXPECT_FALSE(parse_cert(Bytes{4}));
  EXPECT_FALSE(parse_cert(Bytes(kMaxCertificate + 2, 4)));
  EXPECT_TRUE(parse_cert(Bytes{12, 1}));
  EXPECT_TRUE(validate_cert_request(Bytes{4}));
  EXPECT_TRUE(validate_cert_request(Bytes(21, 4)));
  EXPECT_FALSE(validate_cert_request(Bytes(22, 4)));
  EXPECT_FALSE(validate_cert_request({}));
  EXPECT_TRUE(validate_cert_request(Bytes{7, 1, 2}));
  EXPECT_EQ(parse_hashes(Bytes{0, 2, 0, 9, 0, 4}),
            (std::set{HashAlgorithm::kSha256, HashAlgorithm::kSha512}));
  EXPECT_FALSE(parse_hashes(Bytes{0, 2, 0}));
}

}  // namespace
}  // namespace nezu::ike::test
