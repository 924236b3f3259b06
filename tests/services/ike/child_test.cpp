// CREATE_CHILD_SA and the deletion of child SAs, as ladders.
#include <gtest/gtest.h>

#include "services/ike/session/events.h"
#include "tests/services/ike/two_peers.h"

namespace nezu::ike::test {
namespace {
constexpr auto kTunnel = TwoPeers::kTunnel;

void rekey(TwoPeers& net, Peer& peer) {
  peer.act(peer.table->rekey_tunnel(kTunnel, net.now), net.now);
}

Gateway with_pfs(Gateway gateway, DhGroup group) {
  gateway.children[0].pfs = group;
  return gateway;
}

std::uint32_t spi_in(const Peer& peer) {
  return peer.children().at(0)->spi_in;
}

TEST(ChildRekey, MakesTheNewPairBeforeItBreaksTheOld) {
  TwoPeers net;
  net.establish();
  const std::uint32_t old_a = spi_in(net.a), old_b = spi_in(net.b);
  rekey(net, net.a);
  // CREATE_CHILD_SA { N(REKEY_SA), SA, Ni, TSi, TSr } -->
  ASSERT_TRUE(net.to_b());
  EXPECT_EQ(net.b.inbound.size(), 2u);                 // the new one is in before the answer
  EXPECT_EQ(net.b.sends_on(kTunnel)->spi_out, old_a);  // and b goes on sending on the old one
  // <-- CREATE_CHILD_SA { SA, Nr, TSi, TSr }
  ASSERT_TRUE(net.to_a());
  EXPECT_NE(net.a.sends_on(kTunnel)->spi_out, old_b);
  EXPECT_TRUE(net.b.receives(net.a.sends_on(kTunnel)->spi_out));
  EXPECT_TRUE(net.a.receives(old_a));  // a still hears the old one
  // INFORMATIONAL { D(old) } -->
  ASSERT_TRUE(net.to_b());
  EXPECT_NE(net.b.sends_on(kTunnel)->spi_out, old_a);
  EXPECT_FALSE(net.b.receives(old_b));
  // <-- INFORMATIONAL { D(old) }
  ASSERT_TRUE(net.to_a());
  EXPECT_FALSE(net.a.receives(old_a));
  EXPECT_TRUE(net.agree());
  EXPECT_EQ(net.a.children().size(), 1u);
  EXPECT_EQ(net.b.children().size(), 1u);
  EXPECT_TRUE(net.a.has_event(std::string(events::kRekeyed)));
  EXPECT_TRUE(net.b.has_event(std::string(events::kRekeyed)));
  EXPECT_TRUE(net.b.has_event(std::string(events::kDeletedByPeer)));
  EXPECT_EQ(net.a.only_sa().counters.initiated.requests, 1u);
  EXPECT_EQ(net.b.only_sa().counters.answered.responses, 1u);
}

TEST(ChildRekey, EitherSideMayBegin) {
  for (bool by_a : {true, false}) {
    TwoPeers net;
    net.establish();
    const auto before = net.a.children().at(0)->generation;
    rekey(net, by_a ? net.a : net.b);
    net.settle();
    EXPECT_TRUE(net.agree());
    EXPECT_NE(net.a.children().at(0)->generation, before);
  }
}

TEST(ChildRekey, WithPerfectForwardSecrecy) {
  for (DhGroup group : {DhGroup::kX25519, DhGroup::kEcp256, DhGroup::kModp1024}) {
    TwoPeers net(with_pfs(gateway_a(), group), with_pfs(gateway_b(), group));
    net.establish();
    rekey(net, net.a);
    net.settle();
    EXPECT_TRUE(net.agree());
    EXPECT_EQ(net.b.children().at(0)->pfs, group);
    EXPECT_TRUE(net.b.has_event(std::string(events::kRekeyed)));
  }
}

TEST(ChildRekey, UnequalForwardSecrecyKeepsTheOldPair) {
  TwoPeers net(with_pfs(gateway_a(), DhGroup::kX25519), gateway_b());
  net.establish();
  const std::uint32_t old = spi_in(net.a);
  rekey(net, net.a);
  net.settle();
  EXPECT_TRUE(net.agree());
  EXPECT_EQ(spi_in(net.a), old);
  EXPECT_EQ(net.a.only_sa().counters.initiated.no_proposal_chosen, 1u);
  EXPECT_EQ(net.b.only_sa().counters.answered.no_proposal_chosen, 1u);
}

TEST(ChildRekey, ALostMessageIsSentAgain) {
  for (int lost = 0; lost < 4; ++lost) {
    TwoPeers net;
    net.establish();
    const std::uint32_t old = spi_in(net.a);
    rekey(net, net.a);
    for (int i = 0; i < lost; ++i) i % 2 == 0 ? net.to_b() : net.to_a();
    net.lose(net.a);
    net.lose(net.b);
    net.pass(3 * kSecond);
    EXPECT_TRUE(net.agree()) << "message " << lost;
    EXPECT_EQ(net.a.children().size(), 1u);
    EXPECT_EQ(net.b.children().size(), 1u);
    EXPECT_NE(spi_in(net.a), old);
  }
}

// Packets that are still on their way on the old pair find it there.
TEST(ChildRekey, TheOldPairIsLeftForTheInstallInterval) {
  Gateway a = gateway_a(), b = gateway_b();
  a.children[0].install_interval_seconds = b.children[0].install_interval_seconds = 3;
  TwoPeers net(a, b);
  net.establish();
  const std::uint32_t old_a = spi_in(net.a), old_b = spi_in(net.b);
  rekey(net, net.a);
  net.settle();
  EXPECT_NE(net.a.sends_on(kTunnel)->spi_out, old_b) << "the initiator goes over at once";
  net.pass(2 * kSecond);
  EXPECT_TRUE(net.a.receives(old_a) && net.b.receives(old_b));
  EXPECT_EQ(net.b.sends_on(kTunnel)->spi_out, old_a) << "the responder when it is told";
  // Who is about to close a pair does not make another one of it, RFC 7296 section 2.25.1.
  rekey(net, net.b);
  net.settle();
  EXPECT_EQ(net.a.children().size(), 2u);
  net.pass(1 * kSecond);
  EXPECT_FALSE(net.a.receives(old_a) || net.b.receives(old_b));
  EXPECT_TRUE(net.agree());
}

// A peer that takes the new pair and never deletes the old one is not waited for without end.
TEST(ChildRekey, AResponderSwitchesInTheEnd) {
  TwoPeers net;
  net.establish();
  const std::uint32_t old_a = spi_in(net.a);
  rekey(net, net.a);
  net.to_b();
  net.to_a();
  net.lose(net.a);  // the DELETE
  EXPECT_EQ(net.b.sends_on(kTunnel)->spi_out, old_a);
  net.now += 119 * kSecond;
  net.b.act(net.b.table->timeout(net.now), net.now);
  EXPECT_EQ(net.b.sends_on(kTunnel)->spi_out, old_a);
  net.now += kSecond;
  net.b.act(net.b.table->timeout(net.now), net.now);
  EXPECT_NE(net.b.sends_on(kTunnel)->spi_out, old_a);
  EXPECT_TRUE(net.agree());
}

// RFC 7296 section 2.8.1: both requests cross. The pair with the lowest nonce goes, its initiator
// closes it, the other initiator closes the old pair.
TEST(ChildRekey, BothSidesAtOnce) {
  for (unsigned shake = 0; shake < 16; ++shake) {
    TwoPeers net;
    for (unsigned i = 0; i < shake; ++i) {  // other nonces each time
      net.a.act(net.a.table->configure(config_of(net.a.config), net.now), net.now);
    }
    net.establish();
    for (unsigned i = 0; i < shake; ++i) {
      rekey(net, i % 2 ? net.a : net.b);
      net.settle();
    }
    const std::uint32_t old = spi_in(net.a);
    rekey(net, net.a);
    rekey(net, net.b);
    //                    CREATE_CHILD_SA { N(REKEY_SA) … } -->
    // <-- CREATE_CHILD_SA { N(REKEY_SA) … }
    const Datagram from_a = net.take(net.a), from_b = net.take(net.b);
    net.deliver(net.b, from_a);
    net.deliver(net.a, from_b);
    EXPECT_EQ(net.a.inbound.size(), 2u);
    net.settle();
    EXPECT_TRUE(net.agree()) << shake;
    EXPECT_EQ(net.a.children().size(), 1u) << shake;
    EXPECT_EQ(net.b.children().size(), 1u) << shake;
    EXPECT_NE(spi_in(net.a), old);
    net.pass(10 * kSecond);
    EXPECT_TRUE(net.agree()) << shake;
  }
}

// b computes the answer to a's request until its own rekey is over.
TEST(ChildRekey, BothSidesAtOnceAndASlowSecret) {
  TwoPeers net(with_pfs(gateway_a(), DhGroup::kX25519), with_pfs(gateway_b(), DhGroup::kX25519));
  net.establish();
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
  EXPECT_LE(net.b.inbound.size(), 2u);
  net.settle();
  net.pass(20 * kSecond);
  EXPECT_TRUE(net.agree());
  EXPECT_EQ(net.a.children().size(), 1u);
  EXPECT_EQ(net.b.children().size(), 1u);
}

// Who has answered a rekey has the new pair and may rekey that at once, before the other has
// computed its secret.
TEST(ChildRekey, OfAPairWhoseSecretIsBeingComputedHasToWait) {
  TwoPeers net(with_pfs(gateway_a(), DhGroup::kX25519), with_pfs(gateway_b(), DhGroup::kX25519));
  net.establish();
  const std::uint32_t old = spi_in(net.b);
  rekey(net, net.a);
  net.to_b();
  net.a.hold_dh = true;
  net.to_a();
  for (const ChildSa* child : net.b.children())
    if (child->spi_in != old)
      net.b.act(net.b.table->limit_reached(child->generation, Limit::kSoft, net.now), net.now);
  ASSERT_TRUE(net.to_a());
  ASSERT_TRUE(net.to_b());
  EXPECT_EQ(net.b.children().size(), 2u) << "it is not told that there is none";
  net.a.hold_dh = false;
  net.a.work(net.now);
  net.settle();
  net.pass(10 * kSecond);
  EXPECT_TRUE(net.agree());
  EXPECT_EQ(net.a.children().size(), 1u);
  EXPECT_EQ(net.b.children().size(), 1u);
}

// The IKE SA goes while the secret of a child is computed: nothing is made on what is closing.
TEST(ChildRekey, ASlowSecretOfAnIkeSaThatEnds) {
  TwoPeers net(with_pfs(gateway_a(), DhGroup::kX25519), with_pfs(gateway_b(), DhGroup::kX25519));
  net.establish();
  rekey(net, net.a);
  net.b.hold_dh = true;
  net.to_b();
  net.b.act(net.b.table->delete_ike(net.b.only_sa().index, net.now), net.now);
  net.b.hold_dh = false;
  net.b.work(net.now);
  EXPECT_TRUE(net.b.children().empty());
  net.settle();
  EXPECT_TRUE(net.a.table->sas().empty() && net.b.table->sas().empty());
  EXPECT_TRUE(net.a.inbound.empty() && net.b.inbound.empty());
}

// One answer of a collision is lost and comes by retransmission only after the old pair is gone.
TEST(ChildRekey, BothSidesAtOnceAndAnAnswerLate) {
  for (bool lose_a : {true, false}) {
    TwoPeers net;
    net.establish();
    rekey(net, net.a);
    rekey(net, net.b);
    const Datagram from_a = net.take(net.a), from_b = net.take(net.b);
    net.deliver(net.b, from_a);
    net.deliver(net.a, from_b);
    net.lose(lose_a ? net.a : net.b);
    net.settle();
    net.pass(5 * kSecond);
    EXPECT_TRUE(net.agree()) << lose_a;
    EXPECT_EQ(net.a.children().size(), 1u) << lose_a;
    EXPECT_EQ(net.b.children().size(), 1u) << lose_a;
  }
}

// One request of a collision is lost; when it comes again the old pair is being deleted or gone.
TEST(ChildRekey, BothSidesAtOnceAndARequestLate) {
  for (bool late_a : {true, false}) {
    TwoPeers net;
    net.establish();
    rekey(net, net.a);
    rekey(net, net.b);
    net.lose(late_a ? net.a : net.b);
    net.settle();
    net.pass(10 * kSecond);
    EXPECT_TRUE(net.agree()) << late_a;
    EXPECT_EQ(net.a.children().size(), 1u) << late_a;
    EXPECT_EQ(net.b.children().size(), 1u) << late_a;
  }
}

TEST(ChildRekey, CrossesADelete) {
  TwoPeers net;
  net.establish();
  rekey(net, net.a);
  net.b.act(net.b.table->delete_tunnel(kTunnel, net.now), net.now);
  const Datagram rekeys = net.take(net.a), deletes = net.take(net.b);
  net.deliver(net.b, rekeys);   // <-- N(TEMPORARY_FAILURE)
  net.deliver(net.a, deletes);  // D -->
  net.settle();
  net.pass(10 * kSecond);
  EXPECT_TRUE(net.a.children().empty());
  EXPECT_TRUE(net.b.children().empty());
  EXPECT_TRUE(net.a.inbound.empty() && net.b.inbound.empty());
  EXPECT_EQ(net.a.only_sa().phase, Phase::kEstablished);
}

TEST(ChildDelete, TakesBothHalvesOnBothSides) {
  TwoPeers net;
  net.establish();
  net.a.act(net.a.table->delete_tunnel(kTunnel, net.now), net.now);
  net.settle();
  EXPECT_TRUE(net.a.children().empty() && net.b.children().empty());
  EXPECT_TRUE(net.a.tunnel_sends.empty() && net.b.tunnel_sends.empty());
  EXPECT_TRUE(net.a.has_event(std::string(events::kCleared)));
  EXPECT_TRUE(net.b.has_event(std::string(events::kDeletedByPeer)));
  EXPECT_EQ(net.a.only_sa().counters.children_deleted, 1u);
}

// Nobody waits for a peer that says nothing.
TEST(ChildDelete, OfWhatIsClearedIsAtOnce) {
  TwoPeers net;
  net.establish();
  net.a.act(net.a.table->delete_tunnel(kTunnel, net.now), net.now);
  EXPECT_TRUE(net.a.children().empty());
  EXPECT_TRUE(net.a.inbound.empty() && net.a.outbound.empty() && net.a.tunnel_sends.empty());
  net.lose(net.a);
  net.pass(2 * kSecond);
  EXPECT_TRUE(net.b.children().empty()) << "it is told until it has heard it";
}

// What our rekey of it makes is of the past too, however far the rekey is.
TEST(ChildDelete, OfWhatIsClearedDuringOurRekey) {
  for (const char* at : {"key", "request", "answer", "secret"})
    for (bool restarts : {false, true}) {
      SCOPED_TRACE(at);
      TwoPeers net(with_pfs(gateway_a(), DhGroup::kX25519),
                   with_pfs(gateway_b(), DhGroup::kX25519));
      net.establish();
      net.a.hold_dh = at == std::string("key");
      rekey(net, net.a);
      if (at == std::string("answer") || at == std::string("secret")) net.to_b();
      net.a.hold_dh = net.a.hold_dh || at == std::string("secret");
      if (at == std::string("secret")) net.to_a();
      net.a.act(net.a.table->delete_tunnel(kTunnel, net.now), net.now);
      net.a.hold_dh = false;
      restarts ? net.a.restart(net.now) : net.a.work(net.now);
      net.settle();
      net.pass(10 * kSecond);
      EXPECT_FALSE(net.a.has_event(std::string(events::kRekeyed)));
      EXPECT_TRUE(net.a.children().empty() && net.b.children().empty());
      EXPECT_TRUE(net.a.inbound.empty() && net.b.inbound.empty());
      EXPECT_TRUE(net.a.only_sa().outstanding.empty() && net.a.only_sa().ours.empty());
    }
}

TEST(ChildDelete, OfWhatIsClearedDuringOurRekeyLeavesRoomForAnother) {
  TwoPeers net;
  net.establish();
  const std::uint32_t old = spi_in(net.a);
  rekey(net, net.a);
  net.a.act(net.a.table->delete_tunnel(kTunnel, net.now), net.now);
  net.a.act(net.a.table->tunnel_wanted(kTunnel, net.now), net.now);
  net.settle();
  EXPECT_TRUE(net.agree());
  EXPECT_EQ(net.a.children().size(), 1u);
  EXPECT_EQ(net.b.children().size(), 1u);
  EXPECT_EQ(net.a.children().at(0)->replaces, 0u);
  EXPECT_NE(spi_in(net.a), old);
}

// A successor that waits to take over goes with the others, and is not told to send before.
TEST(ChildDelete, OfAllOfAnIkeSaLetsNoneTakeOver) {
  TwoPeers net;
  net.establish();
  rekey(net, net.a);
  ASSERT_TRUE(net.to_b());
  const IkeSa sa = net.b.only_sa();
  ASSERT_EQ(sa.children.size(), 2u);
  ASSERT_EQ(sa.children[1].state, ChildSa::State::kInbound);
  const Output out = net.b.table->delete_ike(sa.index, net.now);
  std::vector<std::uint64_t> gone;
  for (const Action& action : out.actions) {
    EXPECT_FALSE(std::holds_alternative<InstallChild>(action));
    if (const auto* removal = std::get_if<RemoveChild>(&action))
      gone.push_back(removal->generation);
  }
  EXPECT_EQ(gone, (std::vector{sa.children[0].generation, sa.children[1].generation}));
  EXPECT_TRUE(net.b.children().empty());
  EXPECT_EQ(net.b.only_sa().counters.children_deleted, 2u);
}

// RFC 7296 section 1.4.1: the answers to crossing DELETEs name nothing.
TEST(ChildDelete, BothSidesAtOnce) {
  TwoPeers net;
  net.establish();
  net.a.act(net.a.table->delete_tunnel(kTunnel, net.now), net.now);
  net.b.act(net.b.table->delete_tunnel(kTunnel, net.now), net.now);
  const Datagram from_a = net.take(net.a), from_b = net.take(net.b);
  net.deliver(net.b, from_a);
  net.deliver(net.a, from_b);
  net.settle();
  EXPECT_TRUE(net.a.children().empty() && net.b.children().empty());
  EXPECT_EQ(net.a.only_sa().phase, Phase::kEstablished);
  EXPECT_TRUE(net.a.only_sa().outstanding.empty() && net.b.only_sa().outstanding.empty());
}

TEST(ChildCreate, AnotherTunnelGetsAPairOnTheSameIkeSa) {
  Gateway a = gateway_a(), b = gateway_b();
  for (Gateway* each : {&a, &b}) {
    ChildPolicy second = each->children[0];
    second.tunnel = kTunnel + 1;
    second.vpn = "vpn2";
    each->children.push_back(second);
  }
  TwoPeers net(a, b);
  net.establish();
  net.a.act(net.a.table->tunnel_wanted(kTunnel + 1, net.now), net.now);
  net.settle();
  EXPECT_EQ(net.a.only_sa().children.size(), 2u);
  EXPECT_TRUE(net.agree(kTunnel));
  EXPECT_TRUE(net.agree(kTunnel + 1));
  EXPECT_EQ(net.b.children().at(1)->vpn, "vpn2");
}

// The peer changed its configuration and makes a tunnel's pair anew; that it deletes the old one
// comes later.
TEST(ChildCreate, WhatIsMeantExactlyIsNotTakenForAWiderTunnel) {
  const auto range = [](const char* first, const char* last) {
    return std::vector{TrafficSelector{*Address::parse(first), *Address::parse(last)}};
  };
  Gateway a = with_tunnels(gateway_a(), 2), b = with_tunnels(gateway_b(), 2);
  for (Gateway* each : {&a, &b})
    each->children[0].local = each->children[0].remote = range("10.1.5.0", "10.1.5.255");
  a.children[1] = a.children[0];
  a.children[1].tunnel = kTunnel + 1;
  TwoPeers net(a, b);
  net.establish();
  net.a.act(net.a.table->tunnel_wanted(kTunnel + 1, net.now), net.now);
  net.settle();
  ASSERT_EQ(net.b.children().size(), 2u);
  for (const ChildSa* child : net.b.children()) EXPECT_EQ(child->tunnel, kTunnel);
}

// The peer takes the tunnel down: it is wanted again after a pause, in which it is configured to
// wait for traffic.
TEST(ChildCreate, WhatIsToWaitForTrafficNowIsNotBegunForWhatWas) {
  for (const bool changed : {false, true}) {
    Gateway a = gateway_a();
    a.children[0].establish = EstablishTunnels::kImmediately;
    TwoPeers net(a);
    net.establish();
    net.b.act(net.b.table->delete_ike(net.b.only_sa().index, net.now), net.now);
    net.settle();
    ASSERT_TRUE(net.a.children().empty());
    if (changed) a.children[0].establish = EstablishTunnels::kOnTraffic;
    net.a.act(net.a.table->configure(config_of(a), net.now), net.now);
    net.pass(60 * kSecond);
    EXPECT_EQ(net.a.children().empty(), changed);
  }
}

// Each asks before it has heard the other, and the messages pass each other in all ways. One pair
// is enough, and no packet is lost over it.
TEST(ChildCreate, BothSidesAtOnceLeaveOnePair) {
  constexpr std::uint32_t kOther = kTunnel + 1;
  for (unsigned shake = 0; shake < 32; ++shake) {
    SCOPED_TRACE(shake);
    TwoPeers net(with_tunnels(gateway_a(), 2), with_tunnels(gateway_b(), 2));
    net.establish();
    if (shake % 2) rekey(net, net.a), net.settle();  // other nonces
    if (shake % 3) rekey(net, net.b), net.settle();
    net.a.act(net.a.table->tunnel_wanted(kOther, net.now), net.now);
    net.b.act(net.b.table->tunnel_wanted(kOther, net.now), net.now);
    SentNow from_a(net.a, net.b, kOther), from_b(net.b, net.a, kOther);
    for (unsigned ways = shake; net.a.has_mail() || net.b.has_mail(); ways /= 2) {
      const bool to_a = net.b.has_mail() && (ways % 2 || !net.a.has_mail());
      to_a ? net.to_a() : net.to_b();
      (to_a ? from_b : from_a).one_arrived();
      from_a.look();
      from_b.look();
    }
    EXPECT_TRUE(net.agree(kOther));
    EXPECT_EQ(net.a.only_sa().children.size(), 2u);
    EXPECT_EQ(net.b.only_sa().children.size(), 2u);
    net.pass(10 * kSecond);
    EXPECT_TRUE(net.agree(kOther));
  }
}

// The same with perfect forward secrecy, where computations end in any order: that of our own key
// after the peer's request was answered, or that of our answer after our own pair was made.
TEST(ChildCreate, BothSidesAtOnceLeaveOnePairWhateverIsComputedFirst) {
  constexpr std::uint32_t kOther = kTunnel + 1;
  for (unsigned shake = 0; shake < 16; ++shake) {
    SCOPED_TRACE(shake);
    Gateway a = with_tunnels(gateway_a(), 2), b = with_tunnels(gateway_b(), 2);
    a.children[1].pfs = b.children[1].pfs = DhGroup::kX25519;
    TwoPeers net(a, b);
    net.establish();
    for (unsigned i = 0; i < shake / 2; ++i) rekey(net, net.a), net.settle();  // other nonces
    net.a.events.clear();
    net.b.act(net.b.table->tunnel_wanted(kOther, net.now), net.now);
    net.a.hold_dh = shake % 2;
    net.a.act(net.a.table->tunnel_wanted(kOther, net.now), net.now);
    net.a.hold_dh = true;
    ASSERT_TRUE(net.to_a());
    ASSERT_TRUE(shake % 2 || (net.to_b() && net.to_a()));
    ASSERT_EQ(net.a.jobs.size(), 2u);
    std::swap(net.a.jobs.front(), net.a.jobs.back());
    net.a.hold_dh = false;
    net.a.work(net.now);
    net.settle();
    EXPECT_TRUE(net.agree(kOther));
    net.pass(2 * kSecond);
    EXPECT_TRUE(net.agree(kOther));
    EXPECT_EQ(net.a.only_sa().children.size(), 2u);
    EXPECT_EQ(net.b.only_sa().children.size(), 2u);
    EXPECT_FALSE(net.a.has_event(std::string(events::kHardExpired)));
  }
}

TEST(ChildCreate, TrafficAsksOnlyOnceForWhatIsThere) {
  TwoPeers net;
  net.establish();
  net.a.act(net.a.table->tunnel_wanted(kTunnel, net.now), net.now);
  net.a.act(net.a.table->tunnel_wanted(99, net.now), net.now);
  net.settle();
  EXPECT_EQ(net.a.children().size(), 1u);
}

}  // namespace
}  // namespace nezu::ike::test
