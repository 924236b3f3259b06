// Rekeying and deletion of the IKE SA.
#include <gtest/gtest.h>

#include "services/ike/session/events.h"
#include "tests/services/ike/two_peers.h"

namespace nezu::ike::test {
namespace {
constexpr auto kTunnel = TwoPeers::kTunnel;

void rekey(TwoPeers& net, Peer& peer) {
  peer.act(peer.table->rekey_ike(peer.established().at(0)->index, net.now), net.now);
}

// One IKE SA a side, the same one, with its child.
void expect_one(const TwoPeers& net) {
  ASSERT_EQ(net.a.established().size(), 1u);
  ASSERT_EQ(net.b.established().size(), 1u);
  const IkeSa& a = *net.a.established()[0];
  const IkeSa& b = *net.b.established()[0];
  EXPECT_EQ(a.spi_i, b.spi_i);
  EXPECT_EQ(a.spi_r, b.spi_r);
  EXPECT_EQ(a.keys, b.keys);
  EXPECT_EQ(a.children.size(), 1u);
  EXPECT_EQ(b.children.size(), 1u);
  EXPECT_TRUE(net.agree());
}

TEST(IkeRekey, HandsTheChildrenOver) {
  TwoPeers net;
  net.establish();
  const IkeSa old = net.a.only_sa();
  rekey(net, net.a);
  ASSERT_TRUE(net.to_b());  // CREATE_CHILD_SA { SA, Ni, KEi } -->
  EXPECT_EQ(net.b.table->sas().size(), 2u);
  ASSERT_TRUE(net.to_a());  // <-- CREATE_CHILD_SA { SA, Nr, KEr }
  EXPECT_EQ(net.a.table->sas().size(), 2u);
  ASSERT_TRUE(net.to_b());  // INFORMATIONAL { D } -->
  EXPECT_EQ(net.b.table->sas().size(), 1u);
  ASSERT_TRUE(net.to_a());  // <-- INFORMATIONAL {}
  expect_one(net);
  const IkeSa& made = net.a.only_sa();
  EXPECT_NE(made.spi_i, old.spi_i);
  EXPECT_NE(made.keys.d, old.keys.d);
  EXPECT_EQ(made.next_request, 0u);
  EXPECT_EQ(made.children.at(0), old.children.at(0));
  EXPECT_FALSE(net.b.has_event(std::string(events::kIkeDeleted)));
}

// Until the DELETE the old SA has nothing to ask and no NAT to keep open: its heir has.
TEST(IkeRekey, TheOldSaOnlyWaitsForItsEnd) {
  Gateway gateway = gateway_b();
  gateway.dpd.emplace();
  gateway.dpd->interval_seconds = 10;
  TwoPeers net(gateway_a(), gateway);
  net.establish();
  const std::uint32_t old = net.b.only_sa().index;
  EXPECT_NE(net.b.only_sa().probe_at, 0);
  rekey(net, net.a);
  ASSERT_TRUE(net.to_b());
  net.pass(60 * kSecond, false);
  ASSERT_TRUE(net.b.table->sas().contains(old));
  const IkeSa& waits = net.b.table->sas().at(old);
  EXPECT_EQ(waits.probe_at, 0);
  EXPECT_EQ(waits.keepalive_at, 0);
  EXPECT_TRUE(waits.tasks.empty());
}

TEST(IkeRekey, TheNewSaWorks) {
  TwoPeers net;
  net.establish();
  for (int i = 0; i < 3; ++i) {
    rekey(net, i % 2 ? net.a : net.b);
    net.settle();
    net.a.act(net.a.table->rekey_tunnel(kTunnel, net.now), net.now);
    net.settle();
    net.b.act(net.b.table->rekey_tunnel(kTunnel, net.now), net.now);
    net.settle();
    expect_one(net);
  }
}

TEST(IkeRekey, ALostMessageIsSentAgain) {
  for (int lost = 0; lost < 4; ++lost) {
    TwoPeers net;
    net.establish();
    rekey(net, net.a);
    for (int i = 0; i < lost; ++i) i % 2 == 0 ? net.to_b() : net.to_a();
    net.lose(net.a);
    net.lose(net.b);
    net.pass(20 * kSecond);
    expect_one(net);
    EXPECT_EQ(net.a.table->sas().size(), 1u) << lost;
  }
}

TEST(IkeRekey, BothSidesAtOnce) {
  for (int shake = 0; shake < 8; ++shake) {
    TwoPeers net;
    net.establish();
    for (int i = 0; i < shake; ++i) {
      rekey(net, i % 2 ? net.a : net.b);
      net.settle();
    }
    rekey(net, net.a);
    rekey(net, net.b);
    const Datagram from_a = net.take(net.a), from_b = net.take(net.b);
    net.deliver(net.b, from_a);
    net.deliver(net.a, from_b);
    net.settle();
    net.pass(2 * kSecond);
    expect_one(net);
    EXPECT_EQ(net.a.table->sas().size(), 1u) << shake;
    EXPECT_EQ(net.b.table->sas().size(), 1u) << shake;
  }
}

TEST(IkeRekey, BothSidesAtOnceAndAMessageLate) {
  for (bool from_a_late : {true, false})
    for (bool request : {true, false}) {
      TwoPeers net;
      net.establish();
      rekey(net, net.a);
      rekey(net, net.b);
      if (request) {
        net.lose(from_a_late ? net.a : net.b);
      } else {
        const Datagram from_a = net.take(net.a), from_b = net.take(net.b);
        net.deliver(net.b, from_a);
        net.deliver(net.a, from_b);
        net.lose(from_a_late ? net.a : net.b);
      }
      net.settle();
      net.pass(10 * kSecond);
      expect_one(net);
    }
}

// b computes the answer to a's request until its own exchange is over.
TEST(IkeRekey, BothSidesAtOnceAndASlowSecret) {
  for (int shake = 0; shake < 6; ++shake) {
    TwoPeers net;
    net.establish();
    for (int i = 0; i < shake; ++i) {
      rekey(net, net.a);
      net.settle();
    }
    rekey(net, net.a);
    rekey(net, net.b);
    const Datagram from_a = net.take(net.a), from_b = net.take(net.b);
    net.b.hold_dh = true;
    net.deliver(net.b, from_a);
    net.deliver(net.a, from_b);
    net.to_b();
    ASSERT_EQ(net.b.jobs.size(), 2u);
    std::swap(net.b.jobs[0], net.b.jobs[1]);
    net.b.hold_dh = false;
    net.b.work(net.now);
    net.settle();
    net.pass(5 * kSecond);
    expect_one(net);
    EXPECT_EQ(net.a.table->sas().size(), 1u) << shake;
    EXPECT_EQ(net.b.table->sas().size(), 1u) << shake;
  }
}

// `clear` while the answer is awaited: what takes over goes too, whoever began.
TEST(IkeRekey, ADeleteThatWaitedIsForTheHeir) {
  for (bool both : {false, true}) {
    TwoPeers net;
    net.establish();
    rekey(net, net.a);
    if (both) rekey(net, net.b);
    net.a.act(net.a.table->delete_ike(net.a.established().at(0)->index, net.now), net.now);
    net.settle();
    net.pass(10 * kSecond);
    EXPECT_TRUE(net.a.children().empty()) << both;
    EXPECT_TRUE(net.b.children().empty()) << both;
    EXPECT_TRUE(net.a.table->sas().empty()) << both;
    EXPECT_TRUE(net.b.table->sas().empty()) << both;
  }
}

// RFC 7296 section 2.25.2.
TEST(IkeRekey, MeetsAChildRekey) {
  TwoPeers net;
  net.establish();
  rekey(net, net.a);
  net.b.act(net.b.table->rekey_tunnel(kTunnel, net.now), net.now);
  const Datagram from_a = net.take(net.a), from_b = net.take(net.b);
  net.deliver(net.b, from_a);  // <-- N(TEMPORARY_FAILURE)
  net.deliver(net.a, from_b);  // N(TEMPORARY_FAILURE) -->
  net.settle();
  net.pass(20 * kSecond);
  expect_one(net);
}

TEST(IkeRekey, MeetsADelete) {
  TwoPeers net;
  net.establish();
  rekey(net, net.a);
  net.b.act(net.b.table->delete_ike(net.b.only_sa().index, net.now), net.now);
  net.settle();
  net.pass(5 * kSecond);
  EXPECT_TRUE(net.a.table->sas().empty());
  EXPECT_TRUE(net.b.table->sas().empty());
  EXPECT_TRUE(net.a.inbound.empty() && net.b.inbound.empty());
}

TEST(IkeDelete, TakesTheChildrenWithIt) {
  TwoPeers net;
  net.establish();
  net.a.act(net.a.table->delete_ike(net.a.only_sa().index, net.now), net.now);
  ASSERT_TRUE(net.to_b());  // INFORMATIONAL { D } -->
  EXPECT_TRUE(net.b.table->sas().empty());
  EXPECT_TRUE(net.b.has_event(std::string(events::kIkeDeleted)));
  ASSERT_TRUE(net.to_a());  // <-- INFORMATIONAL {}
  EXPECT_TRUE(net.a.table->sas().empty());
  EXPECT_TRUE(net.a.inbound.empty() && net.b.inbound.empty());
  EXPECT_TRUE(net.a.store.empty() && net.b.store.empty());
}

// The tunnel is negotiated anew while the DELETE of the old IKE SA is on its way, and while
// something else that has no answer is before it.
TEST(IkeDelete, OfWhatIsClearedHoldsUpNothing) {
  for (const bool busy : {false, true}) {
    Gateway a = gateway_a();
    a.children[0].establish = EstablishTunnels::kImmediately;
    TwoPeers net(a);
    net.settle();
    ASSERT_TRUE(net.agree());
    const std::uint32_t old = net.a.only_sa().index;
    if (busy) net.a.act(net.a.table->rekey_tunnel(TwoPeers::kTunnel, net.now), net.now);
    net.lose(net.a);
    net.a.act(net.a.table->delete_ike(old, net.now), net.now);
    EXPECT_TRUE(net.a.children().empty());
    EXPECT_TRUE(net.a.inbound.empty() && net.a.outbound.empty());
    if (!busy) net.take(net.a);  // the DELETE is lost
    net.settle();
    ASSERT_TRUE(net.agree()) << busy << ": without a turn of the clock";
    EXPECT_NE(net.a.established().back()->index, old);
    net.pass(10 * kSecond);
    EXPECT_TRUE(net.agree()) << busy;
    EXPECT_EQ(net.a.table->sas().size(), 1u) << busy;
    EXPECT_EQ(net.b.table->sas().size(), 1u) << busy;
    EXPECT_EQ(net.b.children().size(), 1u) << busy;
  }
}

// The answer to a rekey that was under way brings nothing back for a moment.
TEST(IkeDelete, OfWhatIsClearedMakesNothingAnyMore) {
  TwoPeers net;
  net.establish();
  net.a.act(net.a.table->rekey_tunnel(TwoPeers::kTunnel, net.now), net.now);
  net.a.act(net.a.table->delete_ike(net.a.only_sa().index, net.now), net.now);
  ASSERT_TRUE(net.to_b() && net.to_a());
  EXPECT_TRUE(net.a.children().empty() && net.a.tunnel_sends.empty());
  net.settle();
  EXPECT_FALSE(net.a.has_event(std::string(events::kRekeyed)));
  EXPECT_TRUE(net.a.table->sas().empty() && net.b.table->sas().empty());
  EXPECT_TRUE(net.a.inbound.empty() && net.b.inbound.empty());
}

TEST(IkeDelete, BothSidesAtOnce) {
  TwoPeers net;
  net.establish();
  net.a.act(net.a.table->delete_ike(net.a.only_sa().index, net.now), net.now);
  net.b.act(net.b.table->delete_ike(net.b.only_sa().index, net.now), net.now);
  const Datagram from_a = net.take(net.a), from_b = net.take(net.b);
  net.deliver(net.b, from_a);
  net.deliver(net.a, from_b);
  net.settle();
  EXPECT_TRUE(net.a.table->sas().empty());
  EXPECT_TRUE(net.b.table->sas().empty());
}

TEST(IkeDelete, ToAPeerThatIsGoneEndsByItself) {
  TwoPeers net;
  net.establish();
  net.a.act(net.a.table->delete_ike(net.a.only_sa().index, net.now), net.now);
  net.pass(60 * kSecond, false);
  EXPECT_TRUE(net.a.table->sas().empty());
  EXPECT_TRUE(net.a.inbound.empty());
}

}  // namespace
}  // namespace nezu::ike::test
