// Whose turn it is among peers that are asked about again, and who goes when one is revoked.
#include "services/ike/pki/standing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QTemporaryDir>
#include <atomic>
#include <chrono>
#include <thread>

#include "services/ike/session/snapshot.h"
#include "tests/services/ike/authority.h"
#include "tests/services/ike/authority_server.h"
#include "tests/services/state/loop.h"

namespace nezu::ike::test {
namespace {

using state::run_until;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr std::uint32_t kPeers = Standing::kMostAsked + 6;

// A responder that is asked about each peer by itself, each time, and answers when it may.
struct StandingPeers : testing::Test {
  Authority root{{.subject = "CN=root", .kind = KeyKind::kEcdsa256}};
  QTemporaryDir directory;
  Vault vault{directory.path().toStdString() + "/pki"};
  Revocation revocation{vault, [](const std::string&) {}};
  SaTable table{[](std::span<std::uint8_t> bytes) { std::ranges::fill(bytes, 1); }};
  std::vector<std::uint32_t> revoked;
  Standing standing{revocation, table,
                    [this](std::uint32_t sa, const std::string&) { revoked.push_back(sa); },
                    [this](std::uint32_t sa, const Bytes& record) { kept[sa] = record; }};
  std::map<std::uint32_t, Bytes> kept;
  std::atomic<bool> answers = true;
  std::atomic<bool> slow = false;
  AuthorityServer server{[this](const std::string&, const Bytes& body) {
    while (!answers) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (slow) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return root.ocsp(body, {.from_hours = 0, .to_hours = std::nullopt});
  }};
  std::vector<Made> made;

  StandingPeers() {
    state::application();
    EXPECT_EQ(vault.put_authority("ca", *Certificate::of_der(root.der())), "");
    revocation.authorities_changed();
    AuthorityPolicy policy;
    policy.name = "ca";
    policy.method = AuthorityPolicy::Method::kOcsp;
    policy.ocsp_urls = {server.url("/ocsp")};
    revocation.configure({{"ca", policy}});
  }
  ~StandingPeers() override { answers = true; }

  // IKE SAs numbered from 1 on; one of them may have been rekeyed.
  void stand(std::uint32_t count, std::uint32_t rekeyed = 0, std::uint32_t successor = 0) {
    std::vector<Bytes> records;
    for (std::uint32_t i = 1; i <= count; ++i) {
      IkeSa sa;
      sa.index = i;
      sa.phase = Phase::kEstablished;
      sa.spi_i = sa.spi_r = i;
      if (i == rekeyed) sa.successor = successor;
      records.push_back(snapshot(sa));
    }
    table.restore(records, 1000);
    ASSERT_THAT(table.sas(), SizeIs(count));
  }
  ChainVerdict issue() {
    made.push_back(root.issue({.subject = "CN=peer", .kind = KeyKind::kEcdsa256}));
    const std::vector<ike::Authority> known = {{"ca", vault.authorities().at("ca")}};
    return verify_chain({*Certificate::of_der(made.back().der())}, known, known,
                        std::time(nullptr));
  }
  void prove_all() {
    for (const auto& [index, sa] : table.sas()) standing.proven(index, issue());
  }
  // As a new list does.
  void look_at_all() {
    revocation.forget("");
    standing.look();
  }
  bool rests() {
    return run_until([&] { return standing.asked() == 0; }, 20'000);
  }
};

TEST_F(StandingPeers, AreAskedAboutWhenTheyAreDue) {
  stand(3);
  prove_all();
  standing.look();
  EXPECT_EQ(standing.asked(), 0u) << "they have just been proven";
  root.revoke(made[1]);
  look_at_all();
  EXPECT_EQ(standing.asked(), 3u);
  EXPECT_TRUE(rests());
  EXPECT_THAT(revoked, ElementsAre(2u));
  EXPECT_EQ(standing.size(), 2u);
  standing.look();
  EXPECT_EQ(standing.asked(), 0u);
}

// Lists come faster than the servers answer: each peer has its turn all the same.
TEST_F(StandingPeers, HaveTurnsWhicheverTheirNumber) {
  stand(kPeers);
  prove_all();
  for (std::uint32_t i = Standing::kMostAsked; i < kPeers; ++i) root.revoke(made[i]);
  answers = false;
  look_at_all();
  look_at_all();
  EXPECT_EQ(standing.asked(), Standing::kMostAsked);
  answers = true;
  EXPECT_TRUE(run_until([&] { return standing.asked() == 0 || !revoked.empty(); }, 20'000));
  look_at_all();
  EXPECT_TRUE(run_until([&] { return revoked.size() == 6; }, 20'000));
  EXPECT_LT(server.requests(), int(Standing::kMostAsked) + 56);
  EXPECT_THAT(revoked, UnorderedElementsAre(65u, 66u, 67u, 68u, 69u, 70u));
}

// One who has no tunnel yet waits for none of those who have, nor does one that has both.
TEST_F(StandingPeers, WaitBehindNewOnes) {
  stand(Standing::kMostAsked);
  const ChainVerdict late = issue();
  prove_all();
  const ChainVerdict last = issue();
  standing.proven(Standing::kMostAsked, last);
  answers = false;
  look_at_all();
  int done = 0;
  std::uint64_t answered = 0;  // when both were; the server goes on while this thread does not run
  for (const ChainVerdict* each : {&late, &last})
    revocation.check(*each, [&](const std::string& error) {
      done += error.empty();
      answered = revocation.counters().ocsp_good;
    });
  slow = true;  // who asks for a new one may have to wait for a processor first
  answers = true;
  EXPECT_TRUE(run_until([&] { return done == 2; }, 20'000));
  slow = false;
  EXPECT_LT(answered, 20u);
  EXPECT_TRUE(rests());
  EXPECT_THAT(revoked, IsEmpty());
}

TEST_F(StandingPeers, HaveHeirsThatGoWithThem) {
  stand(3, 1, 2);
  standing.proven(1, issue());
  standing.changed({1, 3});
  EXPECT_EQ(standing.size(), 2u);
  look_at_all();
  EXPECT_EQ(standing.asked(), 2u);
  EXPECT_TRUE(rests());
  EXPECT_THAT(revoked, IsEmpty());
  root.revoke(made[0]);
  look_at_all();
  EXPECT_TRUE(rests());
  EXPECT_THAT(revoked, ElementsAre(1u, 2u)) << "each is told of once";
  EXPECT_EQ(standing.size(), 0u);
}

TEST_F(StandingPeers, StandOnWhatTheyProvedLast) {
  stand(1);
  standing.proven(1, issue());
  root.revoke(made[0]);
  answers = false;
  look_at_all();
  standing.proven(1, issue());
  answers = true;
  EXPECT_TRUE(rests());
  EXPECT_THAT(revoked, IsEmpty());
  look_at_all();
  EXPECT_EQ(standing.asked(), 1u);
  EXPECT_TRUE(rests());
  EXPECT_THAT(revoked, IsEmpty());
}

// The process that comes after knows them, and does not wait a minute to ask.
TEST_F(StandingPeers, OutliveTheProcess) {
  stand(3, 1, 2);
  standing.proven(1, issue());
  standing.changed({1});
  standing.proven(3, issue());
  ASSERT_THAT(kept, SizeIs(3));
  root.revoke(made[0]);
  revocation.forget("");
  Standing next{revocation, table,
                [this](std::uint32_t sa, const std::string&) { revoked.push_back(sa); },
                [this](std::uint32_t sa, const Bytes& record) { kept[sa] = record; }};
  for (const auto& [sa, record] : std::map(kept)) EXPECT_TRUE(next.restore(sa, record)) << sa;
  EXPECT_FALSE(next.restore(7, kept[3])) << "there is no such IKE SA";
  for (std::size_t cut = 0; cut < kept[3].size(); ++cut)
    ASSERT_FALSE(next.restore(3, ByteView(kept[3]).first(cut))) << cut;
  next.look();
  EXPECT_EQ(next.asked(), 3u);
  EXPECT_TRUE(run_until([&] { return next.asked() == 0; }, 20'000));
  EXPECT_THAT(revoked, UnorderedElementsAre(1u, 2u));
  EXPECT_TRUE(kept[1].empty() && kept[2].empty());
  EXPECT_FALSE(kept[3].empty());
}

TEST_F(StandingPeers, AreForgottenWithTheirSas) {
  stand(1);
  standing.proven(1, issue());
  standing.proven(7, issue());  // gone before the answer
  EXPECT_EQ(standing.size(), 2u);
  standing.look();
  EXPECT_EQ(standing.size(), 1u);
  EXPECT_TRUE(kept[7].empty() && !kept[1].empty());
}

}  // namespace
}  // namespace nezu::ike::test
