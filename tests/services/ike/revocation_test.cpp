// What is asked of the servers of authorities, how often, and what counts of what they say.
#include "services/ike/pki/revocation.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <chrono>

#include "services/ike/pki/verifier.h"
#include "tests/services/ike/authority.h"
#include "tests/services/ike/authority_server.h"
#include "tests/services/state/loop.h"

namespace nezu::ike::test {
namespace {

using state::run_until;
using testing::HasSubstr;
using Method = AuthorityPolicy::Method;

struct Revocations : testing::Test {
  Authority root{{.subject = "CN=root", .kind = KeyKind::kEcdsa256}};
  Made one = issue("one"), two = issue("two");
  QTemporaryDir directory;
  std::vector<std::string> lines;
  Vault vault{directory.path().toStdString() + "/pki"};
  Revocation revocation{vault, [this](const std::string& line) { lines.push_back(line); }};
  Bytes list = root.crl();
  AnswerWish wish;
  bool answers = true;
  AuthorityServer server{[this](const std::string&, const Bytes& body) {
    if (!answers) return Bytes{};
    return body.empty() ? list : root.ocsp(body, wish);
  }};
  AuthorityPolicies policies;

  Revocations() {
    state::application();
    profile("ca").crl_urls = {server.url("/root.crl")};
    profile("ca").ocsp_urls = {server.url("/ocsp")};
    load("ca", root);
    configure();
  }

  static Certificate certificate(const Made& made) { return *Certificate::of_der(made.der()); }
  Made issue(const std::string& name) {
    return root.issue({.subject = "CN=" + name, .kind = KeyKind::kEcdsa256});
  }
  AuthorityPolicy& profile(const std::string& name) {
    policies[name].name = name;
    return policies[name];
  }
  void configure() { revocation.configure(policies); }
  void load(const std::string& name, const Authority& authority) {
    EXPECT_EQ(vault.put_authority(name, certificate(authority.own())), "");
    revocation.authorities_changed();
  }

  // As the verifier gives it: with the profiles that are trusted.
  ChainVerdict chain(const Made& made, const std::vector<std::string>& trusted = {"ca"}) {
    std::vector<ike::Authority> anchors, known;
    for (const auto& [name, each] : vault.authorities()) {
      known.push_back({name, each});
      if (std::ranges::find(trusted, name) != trusted.end()) anchors.push_back({name, each});
    }
    return verify_chain({certificate(made)}, anchors, known, std::time(nullptr));
  }
  std::string check(const Made& made, const std::vector<std::string>& trusted = {"ca"}) {
    std::optional<std::string> error;
    revocation.check(chain(made, trusted), [&](const std::string& why) { error = why; });
    EXPECT_TRUE(run_until([&] { return error.has_value(); }, 15'000));
    return error.value_or("never");
  }
  Crl current() const { return vault.lists().at("ca"); }
};

TEST_F(Revocations, AListIsLoadedOnceForAll) {
  int done = 0;
  for (const Made* each : {&one, &two, &one})
    revocation.check(chain(*each), [&](const std::string& why) { done += why.empty(); });
  EXPECT_TRUE(run_until([&] { return done == 3; }));
  EXPECT_EQ(check(two), "");
  EXPECT_EQ(server.requests(), 1);
}

// An attacker on the way replays the list of before the revocation.
TEST_F(Revocations, AnOlderListTakesNoYoungerOnesPlace) {
  const Bytes before = root.crl({.from_hours = -3, .number = 1});
  root.revoke(one);
  list = root.crl({.from_hours = -1, .number = 2});
  EXPECT_THAT(check(one), HasSubstr("is revoked"));
  list = before;
  profile("ca").refresh_hours = 1;
  configure();
  revocation.authorities_changed();  // the list is read from the vault, and due
  EXPECT_THAT(check(one), HasSubstr("is revoked"));
  EXPECT_EQ(server.requests(), 2);
  EXPECT_EQ(current().size(), 1u);
  EXPECT_THAT(lines, testing::Contains(HasSubstr("older than the one that is here")));
  // Nor by hand.
  EXPECT_THAT(revocation.load("ca", *Crl::read(before)), HasSubstr("CRL is older"));
  EXPECT_EQ(current().size(), 1u);
  revocation.forget("ca");
  EXPECT_EQ(revocation.load("ca", *Crl::read(before)), "");
}

TEST_F(Revocations, AListOfTomorrowIsNotTaken) {
  list = root.crl({.from_hours = 24, .to_hours = 48});
  EXPECT_THAT(check(one), HasSubstr("not valid yet"));
  EXPECT_THAT(revocation.load("ca", *Crl::read(list)), HasSubstr("not valid yet"));
  EXPECT_TRUE(vault.lists().empty());
}

// The server has nothing newer: it is not asked at every handshake.
TEST_F(Revocations, AStaleListIsNotLoadedAgainAtOnce) {
  root.revoke(two);
  list = root.crl({.from_hours = -30, .to_hours = -1});
  EXPECT_THAT(check(one), HasSubstr("out of date"));
  for (int i = 0; i < 5; ++i) EXPECT_THAT(check(one), HasSubstr("out of date"));
  EXPECT_EQ(server.requests(), 1);
  EXPECT_THAT(check(two), HasSubstr("is revoked"));  // who stands on it stays there
  profile("ca").accept_without_crl = true;
  configure();
  EXPECT_EQ(check(one), "");
  EXPECT_THAT(check(two), HasSubstr("is revoked"));
}

// What is there already is not written again, however often the server gives it.
TEST_F(Revocations, TheSameListIsWrittenOnce) {
  list = root.crl({.from_hours = -30, .to_hours = -1});
  EXPECT_THAT(check(one), HasSubstr("out of date"));
  const std::string file = directory.path().toStdString() + "/pki/crl/ca.der";
  ASSERT_EQ(unlink(file.c_str()), 0);
  revocation.authorities_changed();  // nothing keeps it from being asked for again
  EXPECT_THAT(check(one), HasSubstr("out of date"));
  EXPECT_EQ(server.requests(), 2);
  EXPECT_NE(access(file.c_str(), F_OK), 0);
  list = root.crl();
  revocation.authorities_changed();
  EXPECT_EQ(check(one), "");
  EXPECT_EQ(access(file.c_str(), F_OK), 0);
}

// Two profiles have one authority, a third has another.
TEST_F(Revocations, AListIsForgottenWithItsCopies) {
  Authority other({.subject = "CN=other", .kind = KeyKind::kEcdsa256, .key = 3});
  load("again", root);
  load("other", other);
  EXPECT_EQ(check(one), "");
  EXPECT_EQ(revocation.load("other", *Crl::read(other.crl())), "");
  EXPECT_EQ(vault.lists().size(), 3u);
  revocation.forget("ca");
  EXPECT_EQ(vault.names(Vault::Shelf::kLists), std::vector<std::string>{"other"});
  EXPECT_EQ(check(one), "");
  EXPECT_EQ(server.requests(), 2);
}

TEST_F(Revocations, TheSecondPlaceIsAskedWhenTheFirstIsStale) {
  profile("ca").crl_urls = {server.url("/old"), server.url("/new")};
  configure();
  server.set([&](const std::string& path, const Bytes&) {
    return path == "/old" ? root.crl({.from_hours = -30, .to_hours = -1}) : root.crl();
  });
  EXPECT_EQ(check(one), "");
  EXPECT_EQ(server.requests(), 2);
}

// Two profiles have one authority: what the IKE policy trusts says how it is asked about.
TEST_F(Revocations, TheProfileThatIsTrustedCounts) {
  profile("a-lax").method = Method::kDisable;
  load("a-lax", root);
  configure();
  root.revoke(one);
  list = root.crl();
  EXPECT_THAT(check(one, {"ca"}), HasSubstr("is revoked"));
  EXPECT_EQ(check(one, {"a-lax"}), "");
}

TEST_F(Revocations, AuthoritiesBetweenHaveTheirOwnProfile) {
  Authority middle({.subject = "CN=middle", .kind = KeyKind::kEcdsa256}, root);
  const Made leaf = middle.issue({.subject = "CN=leaf", .kind = KeyKind::kEcdsa256});
  profile("middle").crl_urls = {server.url("/middle.crl")};
  load("middle", middle);
  configure();
  server.set([&](const std::string& path, const Bytes&) {
    return path == "/middle.crl" ? middle.crl() : root.crl();
  });
  EXPECT_EQ(check(leaf), "");
  EXPECT_EQ(server.requests(), 2);
  root.revoke(middle.own());
  revocation.forget("");
  EXPECT_THAT(check(leaf), HasSubstr("CN=middle"));
}

// A list goes by name and key: the same key under another name is another authority.
TEST_F(Revocations, ARenamedAuthorityHasItsOwnList) {
  EXPECT_EQ(check(one), "");
  Authority renamed({.subject = "CN=renamed", .kind = KeyKind::kEcdsa256});
  const Made leaf = renamed.issue({.subject = "CN=leaf", .kind = KeyKind::kEcdsa256});
  renamed.revoke(leaf);
  profile("renamed").crl_urls = {server.url("/renamed.crl")};
  load("renamed", renamed);
  configure();
  server.set([&](const std::string&, const Bytes&) { return renamed.crl(); });
  EXPECT_THAT(check(leaf, {"renamed"}), HasSubstr("is revoked"));
}

TEST_F(Revocations, AListGoesWithItsAuthority) {
  EXPECT_EQ(check(one), "");
  ASSERT_EQ(vault.lists().size(), 1u);
  vault.remove(Vault::Shelf::kAuthorities, "ca");
  revocation.authorities_changed();
  EXPECT_TRUE(vault.lists().empty());
  load("ca", root);
  EXPECT_EQ(check(one), "");
  EXPECT_EQ(server.requests(), 2);
  // Renewed with its key it keeps the list, another authority does not.
  load("ca", Authority({.subject = "CN=root", .kind = KeyKind::kEcdsa256}));
  EXPECT_EQ(vault.lists().size(), 1u);
  load("ca", Authority({.subject = "CN=other", .kind = KeyKind::kEcdsa256, .key = 3}));
  EXPECT_TRUE(vault.lists().empty());
}

struct Responders : Revocations {
  Responders() {
    profile("ca").method = Method::kOcsp;
    configure();
  }
};

TEST_F(Responders, AreAskedOnceForAllWhoWaitAndAsLongAsTheAnswerHolds) {
  int done = 0;
  for (int i = 0; i < 5; ++i)
    revocation.check(chain(one), [&](const std::string& why) { done += why.empty(); });
  EXPECT_TRUE(run_until([&] { return done == 5; }));
  EXPECT_EQ(check(one), "");
  EXPECT_EQ(server.requests(), 1);
  EXPECT_EQ(revocation.counters().ocsp_good, 6u);
  root.revoke(two);
  EXPECT_THAT(check(two), HasSubstr("is revoked"));
}

TEST_F(Responders, WithoutATimeAreAskedEachTime) {
  wish = {.from_hours = 0, .to_hours = std::nullopt};
  EXPECT_EQ(check(one), "");
  root.revoke(one);
  EXPECT_THAT(check(one), HasSubstr("is revoked"));
}

TEST_F(Responders, ThatFailAreLeftAloneWhoeverIsAskedAbout) {
  answers = false;
  EXPECT_THAT(check(one), HasSubstr("no OCSP answer about"));
  EXPECT_THAT(check(one), HasSubstr("no OCSP answer about"));
  EXPECT_THAT(check(two), HasSubstr("no OCSP answer about"));
  EXPECT_EQ(server.requests(), 1);
  profile("ca").on_failure = AuthorityPolicy::OnFailure::kAccept;
  configure();
  EXPECT_EQ(check(two), "");
  profile("ca").on_failure = AuthorityPolicy::OnFailure::kFallBackToCrl;
  configure();
  answers = true;
  EXPECT_EQ(check(two), "");
  EXPECT_EQ(vault.lists().size(), 1u);
}

// Neither a failure nor an answer of the old place counts for the new one.
TEST_F(Responders, AtACorrectedUrlAreAskedAtOnce) {
  profile("ca").ocsp_urls = {"http://127.0.0.1:1/"};
  configure();
  EXPECT_THAT(check(one), HasSubstr("no OCSP answer about"));
  profile("ca").ocsp_urls = {server.url("/ocsp")};
  configure();
  EXPECT_EQ(check(one), "");
  root.revoke(one);
  EXPECT_EQ(check(one), "");  // as long as the answer holds
  profile("ca").ocsp_urls = {server.url("/other")};
  configure();
  EXPECT_THAT(check(one), HasSubstr("is revoked"));
  // What was taken without a nonce is not taken where one is required.
  wish.nonce = false;
  profile("ca").nonce = OcspNonce::kRequired;
  configure();
  EXPECT_THAT(check(one), HasSubstr("another request"));
}

// One that takes connections and says nothing: twenty peers wait once, not one after the other.
TEST_F(Responders, ThatAreSilentCostOneWait) {
  const int silent = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(silent, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(silent, 64), 0);
  getsockname(silent, reinterpret_cast<sockaddr*>(&address), &size);
  profile("ca").ocsp_urls = {"http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/"};
  configure();
  std::vector<Made> peers;
  for (int i = 0; i < 20; ++i) peers.push_back(issue("peer" + std::to_string(i)));
  const auto began = std::chrono::steady_clock::now();
  int refused = 0;
  for (const Made& peer : peers)
    revocation.check(chain(peer), [&](const std::string& why) { refused += !why.empty(); });
  EXPECT_TRUE(run_until([&] { return refused == 20; }, 15'000)) << refused;
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(9));
  close(silent);
}

// All profiles are trusted: the path ends at the root all the same, and who is revoked by it is
// nobody, though trusted by name.
TEST_F(Revocations, ATrustedAuthorityBelowATrustedRootIsAskedAbout) {
  Authority middle({.subject = "CN=middle", .kind = KeyKind::kEcdsa256}, root);
  const Made leaf = middle.issue({.subject = "CN=leaf", .kind = KeyKind::kEcdsa256});
  profile("a-middle").method = Method::kDisable;
  load("a-middle", middle);
  configure();
  Verifier verifier(vault, revocation, [](const ProofResult&) {});
  const auto verify = [&](const std::vector<std::string>& trusted) {
    std::optional<std::string> error;
    verifier.verify({certificate(leaf)}, trusted, [&](const std::string& why) { error = why; });
    EXPECT_TRUE(run_until([&] { return error.has_value(); }, 15'000));
    return error.value_or("never");
  };
  EXPECT_EQ(verify({"ca", "a-middle"}), "");
  EXPECT_EQ(server.requests(), 1);
  root.revoke(middle.own());
  list = root.crl({.from_hours = -1});
  EXPECT_EQ(revocation.load("ca", *Crl::read(list)), "");
  EXPECT_THAT(verify({"ca", "a-middle"}), HasSubstr("CN=middle"));
  EXPECT_EQ(verify({"a-middle"}), "");  // alone it is where the path ends
}

// What a list that comes later does to who stands already.
TEST_F(Revocations, WhoIsAskedAboutAgainIsToldOfANewList) {
  const ChainVerdict held = chain(one);
  int lists = 0;
  revocation.on_list([&] { ++lists; });
  const auto again = [&] {
    std::optional<std::pair<std::string, bool>> said;
    revocation.check_again(held, [&](const std::string& why, bool is_revoked) {
      said = {why, is_revoked};
    });
    EXPECT_TRUE(run_until([&] { return said.has_value(); }, 15'000));
    return said.value_or(std::pair<std::string, bool>("never", false));
  };
  EXPECT_EQ(again(), std::pair(std::string(), false));
  EXPECT_EQ(lists, 1);
  root.revoke(one);
  EXPECT_EQ(revocation.load("ca", *Crl::read(root.crl({.from_hours = -1}))), "");
  EXPECT_EQ(lists, 2);
  EXPECT_TRUE(again().second);
  EXPECT_EQ(revocation.load("ca", *Crl::read(root.crl({.from_hours = -1}))), "");
  // Where nobody can say it, nobody is revoked.
  revocation.forget("");
  answers = false;
  EXPECT_THAT(again(), testing::Pair(HasSubstr("no current CRL"), false));
}

// What is done without once a minute for each is said and counted of new ones only.
TEST_F(Revocations, WhoIsAskedAboutAgainMakesNoWords) {
  answers = false;
  const auto again = [&] {
    std::optional<std::string> error;
    revocation.check_again(chain(one), [&](const std::string& why, bool) { error = why; });
    EXPECT_TRUE(run_until([&] { return error.has_value(); }, 15'000));
    return error.value_or("never");
  };
  EXPECT_THAT(check(one), HasSubstr("no current CRL"));
  EXPECT_EQ(revocation.counters().refused, 1u);
  EXPECT_THAT(again(), HasSubstr("no current CRL"));
  EXPECT_EQ(revocation.counters().refused, 1u);
  profile("ca").accept_without_crl = true;
  configure();
  EXPECT_EQ(check(one), "");
  const std::size_t said = lines.size();
  EXPECT_THAT(lines.back(), HasSubstr("done without"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(again(), "");
  EXPECT_EQ(lines.size(), said);
}

TEST(Turns, EachPeerHasItsOwn) {
  Turns turns;
  std::string done, refused;
  const auto add = [&](const std::string& peer, std::size_t most) {
    turns.add(peer, {[&, peer] { done += peer; }, [&, peer] { refused += peer; }}, most);
  };
  for (int i = 0; i < 5; ++i) add("a", 8);
  for (const char* peer : {"b", "c", "b"}) add(peer, 8);
  EXPECT_EQ(refused, "");
  add("c", 8);  // one too many: of whom has the most
  add("a", 8);  // its own
  EXPECT_EQ(refused, "aa");
  EXPECT_EQ(turns.size(), 8u);
  while (const auto next = turns.next()) next->run();
  EXPECT_EQ(done, "abcabcaa");
  EXPECT_EQ(turns.size(), 0u);
  add("d", 0);
  EXPECT_EQ(refused, "aad");
  EXPECT_FALSE(turns.next());
}

// One peer sends six hundred proofs that are none: another one's is looked at in its turn.
TEST_F(Revocations, APeerWaitsForItsTurnAndNotForAllOfAnother) {
  std::vector<std::uint32_t> judged;
  int refused = 0;
  Verifier verifier(vault, revocation, [&](const ProofResult& result) {
    const bool was_looked_at = result.error.find("too many") == std::string::npos;
    refused += !was_looked_at;
    if (was_looked_at) judged.push_back(result.sa);
  });
  VerifyJob job;
  job.proof.certificates = {one.der()};
  job.sa = 1;
  for (int i = 0; i < 600; ++i) verifier.run(job, "192.0.2.1");
  job.sa = 2;
  verifier.run(job, "192.0.2.2");
  EXPECT_TRUE(run_until([&] { return int(judged.size()) + refused == 601; }, 30'000));
  EXPECT_EQ(refused, 601 - 512);
  const auto other = std::ranges::find(judged, 2u);
  EXPECT_LE(other - judged.begin(), 3);
}

// Junos' pkid had it that a failed chain took a core for good (CVE-2024-30397).
TEST_F(Revocations, FailedChainsTakeHalfACoreAtMostAndOthersStillPass) {
  profile("ca").method = Method::kDisable;
  configure();
  Authority stranger({.subject = "CN=root", .kind = KeyKind::kEcdsa521, .key = 3});
  const Certificate bad =
      certificate(stranger.issue({.subject = "CN=x", .kind = KeyKind::kEcdsa256}));
  int failed = 0, passed = 0;
  Verifier verifier(vault, revocation, [](const ProofResult&) {});
  const auto seconds = [](clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return double(time.tv_sec) + double(time.tv_nsec) / 1e9;
  };
  // Of the thread that verifies: what this one does is the test's own.
  const auto others = [&] {
    return seconds(CLOCK_PROCESS_CPUTIME_ID) - seconds(CLOCK_THREAD_CPUTIME_ID);
  };
  const double wall = seconds(CLOCK_MONOTONIC), cpu = others();
  for (int i = 0; i < 400; ++i)
    verifier.verify({bad}, {"ca"}, [&](const std::string& why) { failed += !why.empty(); });
  verifier.verify({certificate(one)}, {"ca"},
                  [&](const std::string& why) { passed += why.empty(); });
  EXPECT_TRUE(run_until([&] { return passed == 1; }, 30'000));
  EXPECT_EQ(failed, 400);
  EXPECT_LT((others() - cpu) / (seconds(CLOCK_MONOTONIC) - wall), 0.6);
  // What comes faster than it is looked at is refused, not kept.
  int refused = 0, all = 0;
  for (int i = 0; i < 1000; ++i)
    verifier.verify({bad}, {"ca"}, [&](const std::string& why) {
      ++all;
      refused += why.find("too many") != std::string::npos;
    });
  EXPECT_TRUE(run_until([&] { return all == 1000; }, 60'000));
  EXPECT_EQ(refused, 1000 - 512);
}

}  // namespace
}  // namespace nezu::ike::test
