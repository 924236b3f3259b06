#include "services/ike/certificates/ocsp.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "tests/services/ike/authority.h"

namespace nezu::ike::test {
namespace {

struct Answers : testing::Test {
  Authority root{{.subject = "CN=root", .kind = KeyKind::kEcdsa256}};
  Made good = root.issue({.subject = "CN=good", .kind = KeyKind::kEcdsa256});
  Made bad = root.issue({.subject = "CN=bad", .kind = KeyKind::kEcdsa256});
  Certificate issuer = *Certificate::of_der(root.der());

  OcspAnswer ask(const Made& made, const AnswerWish& wish = {},
                 OcspNonce nonce = OcspNonce::kSent) {
    const Certificate certificate = *Certificate::of_der(made.der());
    const Bytes request = ocsp_request(certificate, issuer, nonce);
    return read_ocsp(root.ocsp(request, wish), request, certificate, issuer, nonce);
  }
  // A responder that the authority certified.
  Made responder(const Wish& wish) { return root.issue(wish); }
};

TEST_F(Answers, AreGoodOrRevoked) {
  root.revoke(bad);
  const std::time_t now = std::time(nullptr);
  const OcspAnswer answer = ask(good);
  EXPECT_EQ(answer.status, OcspStatus::kGood) << answer.error;
  EXPECT_NEAR(double(answer.until), double(now + 24 * 3600), 5);
  EXPECT_EQ(ask(bad).status, OcspStatus::kRevoked);
}

TEST_F(Answers, HoldForTheirTime) {
  EXPECT_EQ(ask(good, {.from_hours = -30, .to_hours = -1}).error, "the answer is out of date");
  EXPECT_EQ(ask(good, {.from_hours = 2}).error, "the answer is out of date");
  // One that says of no end is of now, or it is one that was kept to be told again.
  const OcspAnswer fresh = ask(good, {.from_hours = 0, .to_hours = std::nullopt});
  EXPECT_EQ(fresh.status, OcspStatus::kGood) << fresh.error;
  EXPECT_EQ(fresh.until, 0);
  EXPECT_EQ(ask(good, {.from_hours = -1, .to_hours = std::nullopt}).error,
            "the answer is out of date");
}

TEST_F(Answers, AreToTheRequest) {
  EXPECT_EQ(ask(good, {.nonce = false}).status, OcspStatus::kGood);
  EXPECT_EQ(ask(good, {.nonce = false}, OcspNonce::kRequired).error,
            "the answer is to another request");
  EXPECT_EQ(ask(good, {}, OcspNonce::kRequired).status, OcspStatus::kGood);
  const Certificate one = *Certificate::of_der(good.der()), other = *Certificate::of_der(bad.der());
  const Bytes first = ocsp_request(one, issuer, OcspNonce::kSent),
              second = ocsp_request(one, issuer, OcspNonce::kSent);
  EXPECT_EQ(read_ocsp(root.ocsp(first), second, one, issuer, OcspNonce::kSent).error,
            "the answer is to another request");
  EXPECT_EQ(read_ocsp(root.ocsp(first), first, other, issuer, OcspNonce::kSent).error,
            "the answer is about another certificate");
}

TEST_F(Answers, WithAWeakHashAreNotSigned) {
  for (const char* digest : {"sha1", "md5"})
    EXPECT_NE(ask(good, {.digest = digest}).status, OcspStatus::kGood) << digest;
  EXPECT_EQ(ask(good, {.digest = "sha384"}).status, OcspStatus::kGood);
}

TEST_F(Answers, MayBeSignedByOneWhomTheAuthorityCertifiedForThat) {
  const auto by = [&](const Wish& wish) {
    const Made made = responder(wish);
    return ask(good, {.signer = &made});
  };
  const Wish wish{
      .subject = "CN=responder", .kind = KeyKind::kEcdsa256, .key = 5, .extended = "OCSPSigning"};
  EXPECT_EQ(by(wish).status, OcspStatus::kGood) << by(wish).error;
  Wish plain = wish, weak = wish, over = wish;
  plain.extended.clear();
  weak.digest = "sha1";
  over.from_hours = -10, over.to_hours = -5;
  for (const Wish& each : {plain, weak, over})
    EXPECT_EQ(by(each).error, "the answer is not signed by the authority");
  // Of another authority.
  Authority other({.subject = "CN=other", .kind = KeyKind::kEcdsa256, .key = 8});
  const Made made = other.issue(wish);
  EXPECT_EQ(ask(good, {.signer = &made}).error, "the answer is not signed by the authority");
  // The authority of another name with the same key did not issue the certificate.
  Authority renamed({.subject = "CN=renamed", .kind = KeyKind::kEcdsa256});
  EXPECT_EQ(ask(good, {.signer = &renamed.own()}).error,
            "the answer is not signed by the authority");
}

// The key of a responder is not looked up beforehand: one that costs seconds is not used.
TEST_F(Answers, BySignersWithKeysThatAreNoneAreRefused) {
  const Key small(EVP_RSA_gen(768u), EVP_PKEY_free);
  const Made made = root.issue({.subject = "CN=responder", .extended = "OCSPSigning"}, small);
  EXPECT_EQ(ask(good, {.signer = &made}).error, "the answer is not signed by the authority");
}

TEST_F(Answers, ThatWereChangedAreRefused) {
  const Certificate certificate = *Certificate::of_der(good.der());
  const Bytes request = ocsp_request(certificate, issuer, OcspNonce::kSent);
  const Bytes answer = root.ocsp(request);
  const auto read = [&](ByteView octets) {
    return read_ocsp(octets, request, certificate, issuer, OcspNonce::kSent).status;
  };
  ASSERT_EQ(read(answer), OcspStatus::kGood);
  for (std::size_t length = 0; length < answer.size(); ++length)
    EXPECT_EQ(read(ByteView(answer).first(length)), OcspStatus::kInvalid) << length;
  // Behind the signature stand certificates that need not be right, if none of them is needed.
  std::size_t passed = 0;
  for (std::size_t i = 0; i < answer.size(); ++i) {
    Bytes bent = answer;
    bent[i] ^= 1;
    const OcspStatus status = read(bent);
    EXPECT_NE(status, OcspStatus::kRevoked) << i;
    if (status == OcspStatus::kGood) ++passed;
  }
  EXPECT_LT(passed, root.der().size());
  EXPECT_EQ(read(Bytes(kMaxOcspResponse + 1, 0x30)), OcspStatus::kInvalid);
  EXPECT_EQ(read({}), OcspStatus::kInvalid);
}

}  // namespace
}  // namespace nezu::ike::test
