// The crash contract: an SA as bytes and back, and a process that dies after every step.
#include <gtest/gtest.h>

#include <set>

#include "services/ike/crypto/dh.h"
#include "services/ike/message/header.h"
#include "services/ike/session/snapshot.h"
#include "tests/services/ike/two_peers.h"

namespace nezu::ike::test {
namespace {
constexpr auto kTunnel = TwoPeers::kTunnel;

// Whatever a table holds comes back equal.
void expect_round_trip(const Peer& peer) {
  for (const auto& [index, sa] : peer.table->sas()) {
    const Bytes record = snapshot(sa);
    const auto back = restore(record);
    ASSERT_TRUE(back) << peer.name;
    EXPECT_TRUE(*back == sa) << peer.name;
    EXPECT_EQ(snapshot(*back), record);
    EXPECT_EQ(peer.store.at(index), record) << "not said to be changed";
  }
}

TEST(Snapshot, ComesBackEqualAfterEveryStep) {
  Gateway a = gateway_a(), b = gateway_b();
  a.children[0].pfs = b.children[0].pfs = DhGroup::kX25519;
  TwoPeers net(a, b);
  net.a.hold_dh = net.b.hold_dh = true;
  const auto check = [&] {
    expect_round_trip(net.a);
    expect_round_trip(net.b);
  };
  const auto settle = [&] {
    for (int i = 0; i < 100; ++i) {
      net.to_b(), check();
      net.to_a(), check();
      for (Peer* peer : {&net.a, &net.b})
        while (!peer->jobs.empty()) {
          const DhJob job = peer->jobs.front();
          peer->jobs.pop_front();
          peer->act(peer->table->complete(run(job), net.now), net.now);
          check();
        }
    }
  };
  net.a.act(net.a.table->tunnel_wanted(kTunnel, net.now), net.now);
  settle();
  EXPECT_TRUE(net.agree());
  net.b.act(net.b.table->rekey_tunnel(kTunnel, net.now), net.now);
  settle();
  net.a.act(net.a.table->rekey_ike(1, net.now), net.now);
  net.b.act(net.b.table->rekey_ike(1, net.now), net.now);
  settle();
  EXPECT_TRUE(net.agree());
}

TEST(Snapshot, RefusesWhatIsNotOne) {
  TwoPeers net;
  net.establish();
  const Bytes good = snapshot(net.a.only_sa());
  EXPECT_FALSE(restore({}));
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(restore(ByteView(good).first(size))) << size;
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(restore(longer));
  Bytes other_version = good;
  other_version[3] ^= 1;
  EXPECT_FALSE(restore(other_version));
  for (std::size_t i = 4; i < good.size();
       ++i) {  // any octet may be wrong: no crash, no huge memory
    Bytes bent = good;
    bent[i] ^= 0xff;
    restore(bent);
  }
}

// Either side dies after each of its steps and comes back from the snapshots alone: nothing is
// lost, nothing is negotiated twice, and computations that were under way are asked for again.
TEST(Restart, AfterEveryStep) {
  for (int who = 0; who < 3; ++who) {
    Gateway a = gateway_a(), b = gateway_b();
    a.children[0].pfs = b.children[0].pfs = DhGroup::kX25519;
    TwoPeers net(a, b);
    net.a.restart_always = who != 1;
    net.b.restart_always = who != 0;
    net.establish();
    EXPECT_TRUE(net.agree()) << who;
    for (int round = 0; round < 2; ++round) {
      Peer& first = round == 0 ? net.a : net.b;
      first.act(first.table->rekey_tunnel(kTunnel, net.now), net.now);
      net.settle();
      EXPECT_TRUE(net.agree()) << who;
      ASSERT_EQ(first.established().size(), 1u);
      first.act(first.table->rekey_ike(first.established()[0]->index, net.now), net.now);
      net.settle();
      EXPECT_TRUE(net.agree()) << who;
    }
    EXPECT_EQ(net.a.children().size(), 1u);
    EXPECT_EQ(net.b.children().size(), 1u);
    EXPECT_EQ(net.a.established().at(0)->keys, net.b.established().at(0)->keys);
    net.a.act(net.a.table->delete_ike(net.a.established()[0]->index, net.now), net.now);
    net.settle();
    EXPECT_TRUE(net.a.table->sas().empty());
    EXPECT_TRUE(net.b.table->sas().empty());
    EXPECT_TRUE(net.a.inbound.empty() && net.b.inbound.empty());
  }
}

TEST(Restart, KeepsAnsweringARepeatedRequestWithTheSameOctets) {
  TwoPeers net;
  net.establish();
  net.a.act(net.a.table->rekey_tunnel(kTunnel, net.now), net.now);
  const Datagram request = net.take(net.a);
  net.deliver(net.b, request);
  const Datagram answer = net.take(net.b);
  net.b.restart(net.now);
  net.deliver(net.b, request);
  EXPECT_EQ(net.take(net.b).bytes, answer.bytes);
  EXPECT_EQ(net.b.children().size(), 2u);
}

TEST(Restart, NeverUsesAnIvTwice) {
  TwoPeers net;
  net.a.restart_always = true;
  net.establish();
  std::set<Bytes> ivs;
  for (int i = 0; i < 20; ++i) {
    net.a.act(net.a.table->rekey_tunnel(kTunnel, net.now), net.now);
    while (net.a.has_mail()) {
      const Datagram message = net.take(net.a);
      const auto at = message.bytes.begin() + kHeaderSize + 4;
      EXPECT_TRUE(ivs.insert(Bytes(at, at + 8)).second);
      net.deliver(net.b, message);
      net.to_a();
    }
  }
  EXPECT_GT(ivs.size(), 20u);
}

TEST(Restart, DoesNotKeepWhatTheConfigurationMovedMeanwhile) {
  TwoPeers net;
  net.establish();
  net.a.config.remote = *Address::parse("16.1.1.99");
  net.a.restart(net.now);
  net.settle();
  EXPECT_TRUE(net.a.table->sas().empty());
  EXPECT_TRUE(net.b.table->sas().empty());
}

TEST(Restart, SeesWhatTheConfigurationChangedMeanwhile) {
  for (bool whole_gateway : {true, false}) {
    TwoPeers net;
    net.establish();
    if (whole_gateway)
      net.a.config.pre_shared_key = bytes_of(view_of("another"));
    else
      net.a.config.children[0].proposals[0].lifetime_seconds = 7200;
    net.a.restart(net.now);
    net.settle();
    EXPECT_TRUE(net.a.children().empty() && net.b.children().empty()) << whole_gateway;
    EXPECT_EQ(net.a.table->sas().empty(), whole_gateway);
  }
}

// The process dies between two records of a hand-over, whoever began the rekey.
TEST(Restart, BetweenTheRecordsOfAHandOver) {
  for (bool mine : {true, false}) {
    TwoPeers net;
    net.establish();
    Peer& first = mine ? net.a : net.b;
    first.act(first.table->rekey_ike(first.only_sa().index, net.now), net.now);
    if (mine) net.to_b();
    net.a.hold_dh = true;
    mine ? net.to_a() : net.to_b();
    if (!mine) net.to_a();
    ASSERT_EQ(net.a.jobs.size(), 1u);
    const auto before = net.a.store;
    const Output out = net.a.table->complete(run(net.a.jobs.front()), net.now);
    ASSERT_GE(out.changed.size(), 2u);
    for (std::size_t written = 0; written < out.changed.size(); ++written) {
      net.a.store = before;
      for (std::size_t i = 0; i < written; ++i)
        net.a.store[out.changed[i]] = net.a.table->snapshot(out.changed[i]);
      std::vector<Bytes> records;
      for (const auto& [index, record] : net.a.store) records.push_back(record);
      SaTable fresh(seeded(5));
      fresh.restore(records, net.now);
      std::size_t pairs = 0;
      for (const auto& [index, sa] : fresh.sas()) pairs += sa.children.size();
      EXPECT_EQ(pairs, 1u) << mine << written;
    }
    // Only the first record was written: everything goes on as if nothing had been.
    net.a.store = before;
    net.a.store[out.changed[0]] = net.a.table->snapshot(out.changed[0]);
    net.a.hold_dh = false;
    net.a.restart(net.now);
    net.settle();
    net.pass(10 * kSecond);
    EXPECT_TRUE(net.agree()) << mine;
    EXPECT_EQ(net.a.table->sas().size(), 1u) << mine;
    EXPECT_EQ(net.a.children().size(), 1u) << mine;
  }
}

TEST(Snapshot, AnOctetIsAnOctet) {
  TwoPeers net;
  net.establish();
  IkeSa sa = net.a.only_sa();
  const std::size_t before = snapshot(sa).size();
  sa.children[0].local_selectors.resize(sa.children[0].local_selectors.size() + 100,
                                        sa.children[0].local_selectors.back());
  EXPECT_LE(snapshot(sa).size() - before, 100u * 40);
}

TEST(Restart, StartsNothingThatIsThere) {
  Gateway a = gateway_a();
  a.children[0].establish = EstablishTunnels::kImmediately;
  TwoPeers net(a, gateway_b());
  net.settle();
  EXPECT_TRUE(net.agree());
  net.a.restart(net.now);
  EXPECT_FALSE(net.a.has_mail());
  EXPECT_TRUE(net.agree());
}

}  // namespace
}  // namespace nezu::ike::test
