#include "services/ike/certificates/crl.h"

#include <gtest/gtest.h>
#include <openssl/x509.h>

#include "services/ike/certificates/certificate.h"
#include "services/ike/distinguished_name.h"
#include "tests/services/ike/authority.h"

namespace nezu::ike::test {
namespace {

struct Lists : testing::Test {
  Authority root{{.subject = "CN=root", .kind = KeyKind::kEcdsa256}};
  Made good = root.issue({.subject = "CN=good", .kind = KeyKind::kEcdsa256});
  Made bad = root.issue({.subject = "CN=bad", .kind = KeyKind::kEcdsa256});
  std::time_t now = std::time(nullptr);

  static Certificate certificate(const Made& made) { return *Certificate::of_der(made.der()); }
  static Crl read(const Bytes& der) { return *Crl::read(der); }
};

TEST_F(Lists, SayWhoIsRevoked) {
  root.revoke(bad);
  const Crl crl = read(root.crl());
  EXPECT_TRUE(crl.is_signed_by(certificate(root.own())));
  EXPECT_TRUE(crl.lists(certificate(bad)));
  EXPECT_FALSE(crl.lists(certificate(good)));
  EXPECT_EQ(name_text(crl.issuer()), "CN=root");
  EXPECT_EQ(crl.size(), 1u);
  ASSERT_EQ(crl.entries(5).size(), 1u);
  EXPECT_EQ(crl.entries(5)[0].serial, certificate(bad).serial());
  EXPECT_TRUE(crl.entries(0).empty());
  // The serial of another authority's is another one.
  Authority other({.subject = "CN=other", .kind = KeyKind::kEcdsa256});
  EXPECT_FALSE(crl.lists(certificate(other.own())));
}

TEST_F(Lists, AreReadInBothFormsOrNotAtAll) {
  const Bytes der = root.crl();
  for (std::size_t length = 0; length < der.size(); ++length)
    EXPECT_FALSE(Crl::read(ByteView(der).first(length))) << length;
  Bytes longer = der;
  longer.push_back(0);
  EXPECT_FALSE(Crl::read(longer));
  EXPECT_EQ(read(der).der(), der);
  EXPECT_FALSE(Crl::read(certificate(good).der()));
}

// Each octet changed: it cannot be read, or nobody signed it. None passes.
TEST_F(Lists, ThatWereChangedAreNotSigned) {
  root.revoke(bad);
  const Bytes der = root.crl();
  const Certificate authority = certificate(root.own());
  for (std::size_t i = 0; i < der.size(); ++i) {
    Bytes bent = der;
    bent[i] ^= 1;
    const auto crl = Crl::read(bent);
    EXPECT_FALSE(crl && crl->is_signed_by(authority)) << i;
  }
}

TEST_F(Lists, AreSignedByTheNameAndTheKey) {
  const Crl crl = read(root.crl());
  // Another key under the same name; another name with the same key.
  Authority same_name({.subject = "CN=root", .kind = KeyKind::kEcdsa256, .key = 7});
  Authority same_key({.subject = "CN=renamed", .kind = KeyKind::kEcdsa256});
  EXPECT_FALSE(crl.is_signed_by(certificate(same_name.own())));
  EXPECT_FALSE(crl.is_signed_by(certificate(same_key.own())));
  // One that may sign certificates only.
  Authority no_lists(
      {.subject = "CN=root", .kind = KeyKind::kEcdsa256, .usage = "critical,keyCertSign"});
  EXPECT_FALSE(crl.is_signed_by(certificate(no_lists.own())));
}

TEST_F(Lists, WithAWeakHashAreNotSigned) {
  Authority rsa({.subject = "CN=root"});
  for (const char* digest : {"md5", "sha1"})
    EXPECT_FALSE(read(rsa.crl({.digest = digest})).is_signed_by(certificate(rsa.own()))) << digest;
  EXPECT_FALSE(read(root.crl({.digest = "sha1"})).is_signed_by(certificate(root.own())));
  for (const char* digest : {"sha224", "sha256", "sha384", "sha512"})
    EXPECT_TRUE(read(rsa.crl({.digest = digest})).is_signed_by(certificate(rsa.own()))) << digest;
}

TEST_F(Lists, HoldForTheirTime) {
  EXPECT_TRUE(read(root.crl()).is_current(now));
  EXPECT_FALSE(read(root.crl({.from_hours = -30, .to_hours = -1})).is_current(now));
  const Crl tomorrow = read(root.crl({.from_hours = 24, .to_hours = 48}));
  EXPECT_FALSE(tomorrow.is_current(now));
  EXPECT_TRUE(tomorrow.is_of_future(now));
  EXPECT_TRUE(tomorrow.is_current(now + 25 * 3600));
  // Without a word about the next: a day.
  const Crl endless = read(root.crl({.to_hours = std::nullopt}));
  EXPECT_EQ(endless.next_update(), 0);
  EXPECT_TRUE(endless.is_current(now));
  EXPECT_FALSE(endless.is_current(now + 23 * 3600));
}

TEST_F(Lists, HaveAnOrder) {
  const Crl first = read(root.crl({.from_hours = -4, .number = 9}));
  const Crl second = read(root.crl({.from_hours = -3, .number = 10}));
  const Crl counted = read(root.crl({.from_hours = -3, .number = 11}));
  const Crl uncounted = read(root.crl({.from_hours = -3}));
  EXPECT_TRUE(first.is_older_than(second));
  EXPECT_FALSE(second.is_older_than(first));
  EXPECT_FALSE(first.is_older_than(first));
  EXPECT_TRUE(second.is_older_than(counted));
  EXPECT_FALSE(counted.is_older_than(second));
  EXPECT_FALSE(uncounted.is_older_than(counted) || counted.is_older_than(uncounted));
}

TEST_F(Lists, OfAPartOrWithWhatIsNotUnderstoodAreNone) {
  EXPECT_TRUE(Crl::read(root.crl({.number = 1})));
  EXPECT_FALSE(Crl::read(root.crl({.critical = "1.2.3.4.5"})));
  EXPECT_FALSE(Crl::read(root.crl({.critical = "2.5.29.27"})));  // delta
  EXPECT_FALSE(Crl::read(root.crl({.critical = "2.5.29.28"})));  // distribution point
}

}  // namespace
}  // namespace nezu::ike::test
