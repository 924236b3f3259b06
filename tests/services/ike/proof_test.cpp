// IKE_AUTH with certificates between two tables.
#include <gtest/gtest.h>

#include <algorithm>

#include "services/ike/distinguished_name.h"
#include "services/ike/session/events.h"
#include "services/ike/session/sk.h"
#include "tests/services/ike/authority.h"
#include "tests/services/ike/two_peers.h"

namespace nezu::ike::test {
namespace {

const std::vector<KeyKind> kAnyKey = {KeyKind::kRsa, KeyKind::kEcdsa256, KeyKind::kEcdsa384,
                                      KeyKind::kEcdsa521};

// Two routers, each with a certificate of one authority; tests change what they like before up().
struct Certified {
  Authority root{{.subject = "CN=root,O=Nezu"}};
  Gateway a = gateway_a(), b = gateway_b();
  Made made_a, made_b;
  std::vector<Certificate> between;
  std::unique_ptr<TwoPeers> net;

  explicit Certified(KeyKind kind = KeyKind::kEcdsa256)
      : made_a(root.issue({.subject = "CN=a,O=Nezu", .alternate = "IP:16.1.1.2", .kind = kind})),
        made_b(root.issue(
            {.subject = "CN=b,O=Nezu", .alternate = "IP:16.1.1.1", .kind = kind, .key = 1})) {
    for (Gateway* gateway : {&a, &b}) {
      gateway->pre_shared_key.clear();
      gateway->certificates.local = "own";
      gateway->certificates.authorities = {"ca"};
      gateway->certificates.keys = kAnyKey;
      gateway->certificates.hashes = {HashAlgorithm::kSha256, HashAlgorithm::kSha384,
                                      HashAlgorithm::kSha512};
    }
  }

  void load(Gateway& gateway, const Made& made, const std::vector<Bytes>& above = {}) const {
    auto credential = std::make_shared<Credential>();
    const auto own = *Certificate::of_der(made.der());
    credential->chain = {made.der()};
    credential->chain.insert(credential->chain.end(), above.begin(), above.end());
    credential->subject = own.subject();
    credential->kind = own.kind();
    credential->authorities = Certificate::of_der(root.der())->key_hash();
    gateway.credential = credential;
  }

  TwoPeers& up() {
    if (!a.credential) load(a, made_a);
    if (!b.credential) load(b, made_b);
    net = std::make_unique<TwoPeers>(a, b);
    net->a.key = made_a.key;
    net->b.key = made_b.key;
    net->a.trusted = net->b.trusted = {{"ca", *Certificate::of_der(root.der())}};
    return *net;
  }
  bool establish() {
    up().establish();
    return bool(net->agree());
  }
};

class ProofOfEveryKind : public testing::TestWithParam<std::tuple<KeyKind, bool>> {};

TEST_P(ProofOfEveryKind, ProvesBothEnds) {
  const auto [kind, pss] = GetParam();
  Certified pair(kind);
  pair.a.certificates.pss = pair.b.certificates.pss = pss;
  ASSERT_TRUE(pair.establish()) << testing::PrintToString(pair.net->a.events)
                                << testing::PrintToString(pair.net->b.events);
  EXPECT_EQ(pair.net->a.only_sa().key, kind);
  EXPECT_FALSE(pair.net->a.only_sa().auth);
  EXPECT_EQ(to_string(pair.net->b.only_sa().remote_identity), "16.1.1.2");
}
INSTANTIATE_TEST_SUITE_P(Keys, ProofOfEveryKind,
                         testing::Values(std::tuple(KeyKind::kRsa, false),
                                         std::tuple(KeyKind::kRsa, true),
                                         std::tuple(KeyKind::kEcdsa256, false),
                                         std::tuple(KeyKind::kEcdsa384, false),
                                         std::tuple(KeyKind::kEcdsa521, false)));

// A peer of before RFC 7427 announces no hashes.
TEST(Proof, FallsBackToTheMethodsOfBefore) {
  for (const KeyKind kind : {KeyKind::kRsa, KeyKind::kEcdsa256, KeyKind::kEcdsa521}) {
    Certified pair(kind);
    pair.b.certificates.hashes.clear();
    EXPECT_TRUE(pair.establish()) << name_of(kind);
    Certified strict(kind);
    strict.b.certificates.hashes.clear();
    strict.a.certificates.old_methods = false;
    EXPECT_FALSE(strict.establish()) << name_of(kind);
    EXPECT_TRUE(strict.net->a.has_event("takes no signature"));
  }
}

// One that signs with SHA-1 is refused by who wants RFC 7427 alone, and by all when it knows that
// RFC: nobody talks two ends down to SHA-1.
TEST(Proof, NobodyIsTalkedDownToSha1) {
  Certified strict(KeyKind::kRsa);
  strict.a.certificates.hashes.clear();  // announces none, and signs as of before
  strict.b.certificates.old_methods = false;
  EXPECT_FALSE(strict.establish());
  EXPECT_TRUE(strict.net->b.has_event("the peer's signature is wrong"));

  const auto sha1 = [](const std::set<HashAlgorithm>& announced) {
    Certified pair(KeyKind::kRsa);
    PeerProof proof;
    proof.certificates = {pair.made_a.der()};
    proof.octets = Bytes(100, 't');
    proof.auth = {static_cast<std::uint8_t>(AuthMethod::kRsa),
                  *sign(pair.made_a.key.get(), {AuthMethod::kRsa, HashAlgorithm::kSha1, false},
                        proof.octets)};
    proof.identity = Identity::of(*Address::parse("16.1.1.2"));
    proof.keys = kAnyKey;
    proof.sha1 = announced.empty();
    return verify_peer(proof, {{"ca", *Certificate::of_der(pair.root.der())}}, {},
                       std::time(nullptr))
        .error;
  };
  EXPECT_EQ(sha1({}), "");
  EXPECT_EQ(sha1({HashAlgorithm::kSha256}), "the peer's signature is wrong");
}

// What was announced is what the verifier is told.
TEST(Proof, APeerThatAnnouncedHashesMayNotSignWithSha1) {
  for (const bool announces : {true, false}) {
    Certified pair(KeyKind::kRsa);
    if (!announces) pair.a.certificates.hashes.clear();
    pair.a.fragmentation = false;
    TwoPeers& net = pair.up();
    net.a.act(net.a.table->tunnel_wanted(TwoPeers::kTunnel, net.now), net.now);
    net.to_b();
    net.to_a();
    net.b.hold_dh = true;
    net.deliver(net.b, net.take(net.a));
    ASSERT_EQ(net.b.proofs.size(), 1u);
    EXPECT_EQ(std::get<VerifyJob>(net.b.proofs.front()).proof.sha1, !announces);
  }
}

// The key of ours is of the authentication-method as well, and what is amiss stands in the reason
// of the tunnel.
TEST(Proof, OurKeyIsHeldToTheMethod) {
  Certified pair(KeyKind::kEcdsa256);
  pair.a.certificates.keys = {KeyKind::kRsa};
  EXPECT_FALSE(pair.establish());
  EXPECT_TRUE(pair.net->a.has_event(
      "Key of local certificate own is ECDSA-256, which the authentication-method does not have"));
  EXPECT_TRUE(pair.net->a.table->sas().empty());
}

TEST(Proof, SignsWithAHashThatThePeerAnnounced) {
  Certified pair(KeyKind::kRsa);
  pair.a.certificates.hashes = {HashAlgorithm::kSha256, HashAlgorithm::kSha512};
  pair.b.certificates.hashes = {HashAlgorithm::kSha512};
  EXPECT_TRUE(pair.establish());
}

// Each step from the records alone: no job is lost and none done twice.
TEST(Proof, SurvivesARestartAtEveryStep) {
  Certified pair;
  TwoPeers& net = pair.up();
  net.a.restart_always = net.b.restart_always = true;
  net.establish();
  net.pass(20 * kSecond);
  EXPECT_TRUE(net.agree()) << testing::PrintToString(net.a.events);
}

TEST(Proof, TheRequestThatComesAgainMeanwhileWaits) {
  Certified pair;
  pair.a.fragmentation = false;
  TwoPeers& net = pair.up();
  net.a.act(net.a.table->tunnel_wanted(TwoPeers::kTunnel, net.now), net.now);
  net.to_b();
  net.to_a();
  const Datagram request = net.take(net.a);
  net.b.hold_dh = true;
  net.deliver(net.b, request);
  net.deliver(net.b, request);
  EXPECT_EQ(net.b.proofs.size(), 1u);
  EXPECT_EQ(net.b.drops("still-computing"), 1u);
  net.b.hold_dh = false;
  net.b.work(net.now);
  net.settle();
  EXPECT_TRUE(net.agree());
}

// Nobody ever answers: the SA goes, on both sides.
TEST(Proof, ThatNeverEndsIsGivenUp) {
  Certified pair;
  TwoPeers& net = pair.up();
  net.b.hold_dh = true;
  net.establish();
  net.b.jobs.clear();
  net.pass(120 * kSecond);
  EXPECT_TRUE(net.b.table->sas().empty());
  EXPECT_FALSE(net.agree());
}

TEST(Proof, LongChainsGoInFragments) {
  Certified pair(KeyKind::kRsa);
  Authority middle({.subject = "CN=middle,O=Nezu"}, pair.root);
  Authority lower({.subject = "CN=lower,O=Nezu", .key = 1}, middle);
  pair.made_a = lower.issue({.subject = "CN=a,O=Nezu", .alternate = "IP:16.1.1.2"});
  pair.load(pair.a, pair.made_a, {lower.der(), middle.der()});
  ASSERT_TRUE(pair.establish()) << testing::PrintToString(pair.net->b.events);
  EXPECT_GT(pair.net->b.only_sa().counters.input_fragments, 5u);
}

TEST(Proof, NeedsTheCertificatesBetween) {
  Certified pair;
  Authority middle({.subject = "CN=middle,O=Nezu", .kind = KeyKind::kEcdsa256}, pair.root);
  pair.made_a = middle.issue(
      {.subject = "CN=a,O=Nezu", .alternate = "IP:16.1.1.2", .kind = KeyKind::kEcdsa256});
  pair.load(pair.a, pair.made_a);
  EXPECT_FALSE(pair.establish());
  EXPECT_TRUE(pair.net->b.has_event("unable to get local issuer certificate"));
}

// Why a peer is refused, in the words of the log.
struct Bad {
  const char* name;
  std::function<void(Certified&)> spoil;
  const char* reason;
};
const Wish kGood = {
    .subject = "CN=a,O=Nezu", .alternate = "IP:16.1.1.2", .kind = KeyKind::kEcdsa256};
Wish with(const std::function<void(Wish&)>& change) {
  Wish wish = kGood;
  change(wish);
  return wish;
}
const Bad kBad[] = {
    {"Expired",
     [](Certified& pair) {
       pair.made_a = pair.root.issue(with([](Wish& w) { w.from_hours = -48, w.to_hours = -1; }));
     },
     "certificate has expired"},
    {"NotYetValid",
     [](Certified& pair) {
       pair.made_a = pair.root.issue(with([](Wish& w) { w.from_hours = 2; }));
     },
     "certificate is not yet valid"},
    {"OtherAuthority",
     [](Certified& pair) {
       Authority other({.subject = "CN=root,O=Nezu", .key = 7});
       pair.made_a = other.issue(kGood);
     },
     "certificate"},
    {"SelfSigned",
     [](Certified& pair) {
       pair.made_a =
           Authority(with([](Wish& w) { w.usage = "digitalSignature,keyCertSign"; })).own();
     },
     "self-signed certificate"},
    {"OtherIdentity",
     [](Certified& pair) {
       pair.made_a = pair.root.issue(with([](Wish& w) { w.alternate = "IP:16.1.1.3"; }));
     },
     "identity 16.1.1.2 is not in the peer's certificate"},
    {"NotForSignatures",
     [](Certified& pair) {
       pair.made_a = pair.root.issue(with([](Wish& w) { w.usage = "keyEncipherment"; }));
     },
     "not for signatures"},
    {"NotForIke",
     [](Certified& pair) {
       pair.made_a = pair.root.issue(with([](Wish& w) { w.extended = "serverAuth,clientAuth"; }));
     },
     "not for IKE (extendedKeyUsage)"},
    {"AuthorityThatMayNotCertify",
     [](Certified& pair) {
       Authority middle({.subject = "CN=middle,O=Nezu",
                         .kind = KeyKind::kEcdsa256,
                         .usage = "critical,cRLSign,digitalSignature"},
                        pair.root);
       pair.made_a = middle.issue(kGood);
       pair.load(pair.a, pair.made_a, {middle.der()});
     },
     "certificate"},
    {"NoAuthorityBetween",
     [](Certified& pair) {
       const Made leaf = pair.root.issue({.subject = "CN=leaf,O=Nezu", .kind = KeyKind::kEcdsa256});
       Authority fake({.subject = "CN=leaf,O=Nezu", .kind = KeyKind::kEcdsa256});
       // The leaf's own key signs, as if it were an authority's.
       pair.made_a =
           Authority({.subject = "CN=leaf,O=Nezu", .kind = KeyKind::kEcdsa256}).issue(kGood);
       pair.load(pair.a, pair.made_a, {leaf.der()});
     },
     "certificate"},
    {"NameConstraints",
     [](Certified& pair) {
       Authority middle({.subject = "CN=middle,O=Nezu",
                         .kind = KeyKind::kEcdsa256,
                         .constraints = "permitted;IP:10.0.0.0/255.0.0.0"},
                        pair.root);
       pair.made_a = middle.issue(kGood);
       pair.load(pair.a, pair.made_a, {middle.der()});
     },
     "permitted subtree violation"},
    {"KindOfKey",
     [](Certified& pair) {
       pair.b.certificates.keys = {KeyKind::kRsa};
       pair.a.certificates.keys = kAnyKey;
     },
     "a key of this kind is not accepted: ECDSA-256"},
    {"Sha1",
     [](Certified& pair) {
       pair.made_a = pair.root.issue(with([](Wish& w) { w.digest = "sha1"; }));
     },
     "CA signature digest algorithm too weak"},
};
void PrintTo(const Bad& bad, std::ostream* out) {
  *out << bad.name;
}

class BadProof : public testing::TestWithParam<Bad> {};

TEST_P(BadProof, IsRefusedWithAReason) {
  Certified pair;
  GetParam().spoil(pair);
  EXPECT_FALSE(pair.establish());
  EXPECT_TRUE(pair.net->b.has_event(GetParam().reason))
      << testing::PrintToString(pair.net->b.events);
  EXPECT_TRUE(pair.net->a.has_event(std::string(events::kAuthenticationFailed)));
  EXPECT_TRUE(pair.net->a.table->sas().empty());
  EXPECT_TRUE(pair.net->b.table->sas().empty());
}
INSTANTIATE_TEST_SUITE_P(Peers, BadProof, testing::ValuesIn(kBad),
                         [](const auto& each) { return each.param.name; });

// The same seen from the other side: the responder is the one who is not authentic.
TEST(Proof, AResponderIsCheckedAsWell) {
  Certified pair;
  pair.made_b = Authority({.subject = "CN=b",
                           .alternate = "IP:16.1.1.1",
                           .kind = KeyKind::kEcdsa256,
                           .usage = "digitalSignature,keyCertSign"})
                    .own();
  EXPECT_FALSE(pair.establish());
  EXPECT_TRUE(pair.net->a.has_event("self-signed certificate"));
  pair.net->pass(10 * kSecond);
  EXPECT_TRUE(pair.net->a.children().empty());
}

TEST(Proof, ASignatureOfAnotherKeyIsWrong) {
  Certified pair;
  pair.up().a.key = key_of(KeyKind::kEcdsa256, 9);
  pair.net->establish();
  EXPECT_FALSE(pair.net->agree());
  EXPECT_TRUE(pair.net->b.has_event("the peer's signature is wrong"));
}

TEST(Proof, ACertificateThatIsNotLoadedIsNamed) {
  Certified pair;
  pair.a.credential = std::make_shared<Credential>();
  EXPECT_FALSE(pair.establish());
  EXPECT_TRUE(pair.net->a.has_event("Local certificate own is not loaded"));
}

// A secret does not stand in for a certificate, nor the reverse.
TEST(Proof, KindsOfProofAreNotMixed) {
  Certified pair;
  pair.a = gateway_a();
  EXPECT_FALSE(pair.establish());
  Certified other;
  other.b = gateway_b();
  EXPECT_FALSE(other.establish());
}

TEST(Proof, NamesAsIdentities) {
  struct Case {
    const char *container, *fields;
    bool fits;
  };
  const Case cases[] = {
      {"", "", true},
      {"OU=lab,O=Nezu", "", true},
      {"O=Nezu,OU=lab", "", false},
      {"CN=a,O=Nezu", "", false},
      {"", "O=nezu,CN=A", true},
      {"", "O=Nezu,C=JP", false},
      {"CN=a,OU=lab", "O=Nezu", true},
  };
  for (const Case& each : cases) {
    Certified pair;
    pair.made_a = pair.root.issue({.subject = "CN=a,OU=lab,O=Nezu", .kind = KeyKind::kEcdsa256});
    pair.a.local_identity.type = Identity::Type::kDistinguishedName;
    pair.b.remote_identity.type = Identity::Type::kDistinguishedName;
    pair.b.name_container = name_of_text(each.container).value_or(Bytes());
    pair.b.name_fields = name_of_text(each.fields).value_or(Bytes());
    EXPECT_EQ(pair.establish(), each.fits) << each.container << " " << each.fields;
    if (each.fits) {
      EXPECT_EQ(to_string(pair.net->b.only_sa().remote_identity), "CN=a, OU=lab, O=Nezu");
    }
  }
}

TEST(Proof, HostnamesStandInTheSubjectAltName) {
  Certified pair;
  pair.made_a = pair.root.issue({.subject = "CN=a",
                                 .alternate = "DNS:A.Nezu.Example,email:a@nezu.example",
                                 .kind = KeyKind::kEcdsa256});
  const std::string name = "a.nezu.example";
  pair.a.local_identity =
      pair.b.remote_identity = {Identity::Type::kHostname, bytes_of(view_of(name))};
  EXPECT_TRUE(pair.establish());
  const std::string user = "a@nezu.example";
  pair.a.local_identity =
      pair.b.remote_identity = {Identity::Type::kUserAtHostname, bytes_of(view_of(user))};
  EXPECT_TRUE(pair.establish());
  pair.a.local_identity =
      pair.b.remote_identity = {Identity::Type::kKeyId, bytes_of(view_of(name))};
  EXPECT_FALSE(pair.establish());
}

// RFC 4301 section 4.4.2.1. The one hour that the certificate holds is less than the lifetime of
// the SA: with a new one the peer proves itself anew in time, without one it is over.
TEST(Proof, EndsWithThePeersCertificate) {
  for (const bool renewed : {true, false}) {
    Certified pair;
    for (Gateway* gateway : {&pair.a, &pair.b})
      gateway->children[0].establish = EstablishTunnels::kImmediately;
    pair.made_b = pair.root.issue({.subject = "CN=b,O=Nezu",
                                   .alternate = "IP:16.1.1.1",
                                   .kind = KeyKind::kEcdsa256,
                                   .key = 1,
                                   .to_hours = 1});
    ASSERT_TRUE(pair.establish());
    TwoPeers& net = *pair.net;
    const IkeSa& first = net.a.only_sa();
    const Time end = first.proven_until;
    EXPECT_NEAR(double(end - net.now), double(3600 * kSecond), double(5 * kSecond));
    EXPECT_EQ(first.hard_at, end);
    EXPECT_LT(first.soft_at, end);
    if (renewed) {
      const Made fresh = pair.root.issue({.subject = "CN=b,O=Nezu",
                                          .alternate = "IP:16.1.1.1",
                                          .kind = KeyKind::kEcdsa256,
                                          .key = 1});
      pair.load(pair.b, fresh);
      net.b.act(net.b.table->configure(config_of(pair.b), net.now), net.now);
      net.pass(3700 * kSecond);
      ASSERT_TRUE(net.agree()) << testing::PrintToString(net.a.events);
      EXPECT_GT(net.a.established().front()->proven_until, end);
    } else {
      // A rekey does not make it longer.
      const Time end_b = net.b.only_sa().proven_until;
      net.a.act(net.a.table->rekey_ike(first.index, net.now), net.now);
      net.settle();
      ASSERT_EQ(net.a.established().size(), 1u);
      EXPECT_EQ(net.a.established()[0]->hard_at, end);
      EXPECT_EQ(net.b.established()[0]->proven_until, end_b);
    }
  }
}

// The IKE SA carries nothing when its soft end comes, and a tunnel again before its hard one.
TEST(Proof, IsMadeAnewForATunnelThatCameLate) {
  Certified pair;
  for (const bool a : {true, false})
    (a ? pair.made_a : pair.made_b) =
        pair.root.issue({.subject = a ? "CN=a,O=Nezu" : "CN=b,O=Nezu",
                         .alternate = a ? "IP:16.1.1.2" : "IP:16.1.1.1",
                         .kind = KeyKind::kEcdsa256,
                         .key = a ? 0 : 1,
                         .to_hours = 1});
  ASSERT_TRUE(pair.establish());
  TwoPeers& net = *pair.net;
  const auto old = net.a.only_sa().spi_i;
  const Time soft = net.a.only_sa().soft_at, end = net.a.only_sa().hard_at;
  net.a.act(net.a.table->delete_tunnel(TwoPeers::kTunnel, net.now), net.now);
  net.settle();
  net.pass(soft + kSecond - net.now);
  ASSERT_EQ(net.a.only_sa().spi_i, old);
  net.a.act(net.a.table->tunnel_wanted(TwoPeers::kTunnel, net.now), net.now);
  net.settle();
  ASSERT_TRUE(net.agree());
  net.pass(30 * kSecond);
  ASSERT_LT(net.now, end);
  EXPECT_TRUE(net.agree());
  EXPECT_NE(net.a.established().at(0)->spi_i, old);
}

TEST(Proof, RekeyKeepsTheKindOfKey) {
  Certified pair;
  ASSERT_TRUE(pair.establish());
  TwoPeers& net = *pair.net;
  net.a.act(net.a.table->rekey_ike(net.a.only_sa().index, net.now), net.now);
  net.settle();
  ASSERT_EQ(net.a.established().size(), 1u);
  EXPECT_EQ(net.a.established()[0]->key, KeyKind::kEcdsa256);
  EXPECT_EQ(net.b.established()[0]->key, KeyKind::kEcdsa256);
}

}  // namespace
}  // namespace nezu::ike::test
