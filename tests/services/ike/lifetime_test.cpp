// What the clock does: lifetimes, dead peers, tunnels that are to be up.
#include <gtest/gtest.h>

#include <algorithm>

#include "services/ike/session/events.h"
#include "tests/services/ike/two_peers.h"

namespace nezu::ike::test {
namespace {
constexpr auto kTunnel = TwoPeers::kTunnel;

Gateway immediately(Gateway gateway) {
  gateway.children[0].establish = EstablishTunnels::kImmediately;
  return gateway;
}

Gateway with_lifetimes(Gateway gateway, std::uint32_t ike, std::uint32_t esp) {
  gateway.proposals[0].lifetime_seconds = ike;
  gateway.children[0].proposals[0].lifetime_seconds = esp;
  return gateway;
}

Gateway with_dpd(Gateway gateway, DeadPeerDetection::Mode mode) {
  gateway.dpd = DeadPeerDetection{mode, 10, 3};
  return gateway;
}

int count(const Peer& peer, std::string_view event) {
  return static_cast<int>(std::count(peer.events.begin(), peer.events.end(), event));
}

TEST(Lifetime, SoftEndIsFifteenToThirtyPercentEarly) {
  for (int i = 0; i < 20; ++i) {
    TwoPeers net;
    for (int j = 0; j < i; ++j)
      net.a.act(net.a.table->tunnel_wanted(kTunnel, net.now), net.now), net.settle(),
          net.a.act(net.a.table->delete_tunnel(kTunnel, net.now), net.now), net.settle();
    net.establish();
    const ChildSa& child = *net.a.children().at(0);
    EXPECT_EQ(child.hard_at - child.created_at, 3600 * kSecond);
    EXPECT_LE(child.soft_at - child.created_at, 3060 * kSecond);
    EXPECT_GE(child.soft_at - child.created_at, 2520 * kSecond);
  }
}

// A day of rekeys on both levels, begun by whoever is first: the tunnel is never without a pair.
TEST(Lifetime, ADayOfRekeysKeepsTheTunnelUp) {
  TwoPeers net(with_lifetimes(gateway_a(), 300, 180), with_lifetimes(gateway_b(), 300, 180));
  net.establish();
  for (int minute = 0; minute < 24 * 60; ++minute) {
    net.pass(60 * kSecond);
    ASSERT_TRUE(net.agree()) << minute;
    ASSERT_LE(net.a.table->sas().size(), 2u) << minute;
    ASSERT_LE(net.a.inbound.size(), 2u) << minute;
  }
  EXPECT_GT(count(net.a, events::kRekeyed), 400);
  EXPECT_GT(count(net.a, "IKE SA rekey succeeds"), 200);
  EXPECT_EQ(count(net.a, events::kIkeDeleted), 0);
}

TEST(Lifetime, ResponderOnlyNoRekeyLeavesTheIkeSaToThePeerToo) {
  Gateway a = gateway_a(), b = gateway_b();
  b.children[0].establish = EstablishTunnels::kResponderOnlyNoRekey;
  b.proposals[0].lifetime_seconds = 600;  // the peer's is eight hours
  TwoPeers net(a, b);
  net.establish();
  net.pass(595 * kSecond);
  EXPECT_EQ(net.b.only_sa().next_request, 0u) << "b has asked for nothing";
}

TEST(Lifetime, ResponderOnlyNoRekeyLeavesItToThePeer) {
  Gateway b = with_lifetimes(gateway_b(), 28800, 180);
  b.children[0].establish = EstablishTunnels::kResponderOnlyNoRekey;
  TwoPeers net(with_lifetimes(gateway_a(), 28800, 3600), b);
  net.establish();
  net.pass(170 * kSecond);
  EXPECT_TRUE(net.agree());
  EXPECT_EQ(count(net.b, events::kSoftExpired), 0);
  net.pass(20 * kSecond);
  EXPECT_TRUE(net.b.children().empty());
  EXPECT_EQ(count(net.b, events::kHardExpired), 1);
  net.b.act(net.b.table->tunnel_wanted(kTunnel, net.now), net.now);
  EXPECT_FALSE(net.b.has_mail());
}

TEST(Lifetime, ThePlaneReportsBytes) {
  TwoPeers net;
  net.establish();
  const auto generation = net.a.children().at(0)->generation;
  net.a.act(net.a.table->limit_reached(generation + 1, Limit::kSoft, net.now), net.now);
  EXPECT_FALSE(net.a.has_mail());
  net.a.act(net.a.table->limit_reached(generation, Limit::kSoft, net.now), net.now);
  net.settle();
  EXPECT_TRUE(net.agree());
  EXPECT_NE(net.a.children().at(0)->generation, generation);
  EXPECT_EQ(count(net.a, events::kSoftExpired), 1);
  net.a.act(
      net.a.table->limit_reached(net.a.children().at(0)->generation, Limit::kSequence, net.now),
      net.now);
  net.settle();
  EXPECT_TRUE(net.a.children().empty() && net.b.children().empty());
}

// The plane is told when the time is over, not when the peer has agreed to it.
TEST(Lifetime, TheHardEndIsSharp) {
  Gateway a = with_lifetimes(gateway_a(), 28800, 180), b = with_lifetimes(gateway_b(), 28800, 180);
  TwoPeers net(a, b);
  net.establish();
  ASSERT_TRUE(net.agree());
  net.now = net.a.children().at(0)->hard_at;
  net.b.act(net.b.table->timeout(net.now), net.now);
  EXPECT_TRUE(net.b.inbound.empty() && net.b.outbound.empty());
  EXPECT_TRUE(net.b.has_event(std::string(events::kHardExpired)));
  EXPECT_FALSE(net.b.only_sa().outstanding.empty());
  net.settle();
  EXPECT_TRUE(net.a.children().empty());
  EXPECT_TRUE(net.a.has_event(std::string(events::kDeletedByPeer)));
  EXPECT_TRUE(net.b.only_sa().outstanding.empty());
  EXPECT_EQ(count(net.b, events::kHardExpired), 1);
}

TEST(Establish, ImmediatelyMeansFromTheConfiguration) {
  TwoPeers net(immediately(gateway_a()), gateway_b());
  net.settle();
  EXPECT_TRUE(net.agree());
  EXPECT_TRUE(net.a.only_sa().initiator);
}

TEST(Establish, FromBothSidesAtOnceLeavesOne) {
  TwoPeers net(immediately(gateway_a()), immediately(gateway_b()));
  net.settle();
  net.pass(10 * kSecond);
  EXPECT_TRUE(net.agree());
  EXPECT_EQ(net.a.established().size(), 1u);
  EXPECT_EQ(net.b.established().size(), 1u);
  EXPECT_EQ(net.a.children().size(), 1u);
  EXPECT_EQ(net.b.children().size(), 1u);
  EXPECT_EQ(net.a.inbound.size(), 1u);
  net.pass(60 * kSecond);
  EXPECT_TRUE(net.agree());
}

// Each end has traffic for another tunnel: of the two IKE SAs one goes, no tunnel does.
TEST(Establish, FromBothSidesAtOnceForDifferentTunnels) {
  for (const bool a_first : {false, true}) {
    TwoPeers net(with_tunnels(gateway_a(), 2), with_tunnels(gateway_b(), 2));
    if (a_first) net.a.table->configure(config_of(net.a.config), net.now);  // other nonces
    net.a.act(net.a.table->tunnel_wanted(kTunnel, net.now), net.now);
    net.b.act(net.b.table->tunnel_wanted(kTunnel + 1, net.now), net.now);
    SentNow sent[] = {{net.a, net.b, kTunnel},
                      {net.a, net.b, kTunnel + 1},
                      {net.b, net.a, kTunnel},
                      {net.b, net.a, kTunnel + 1}};
    const auto settle = [&] {
      for (bool to_b = a_first; net.a.has_mail() || net.b.has_mail(); to_b = !to_b) {
        if (!(to_b ? net.a : net.b).has_mail()) continue;
        to_b ? net.to_b() : net.to_a();
        for (const int each : {0, 1}) sent[each + (to_b ? 0 : 2)].one_arrived();
        for (SentNow& each : sent) each.look();
      }
    };
    settle();
    for (int i = 0; i < 100; ++i) {
      net.now += kSecond / 10;
      net.a.act(net.a.table->timeout(net.now), net.now);
      net.b.act(net.b.table->timeout(net.now), net.now);
      for (SentNow& each : sent) each.look();
      settle();
    }
    for (const SentNow& each : sent) EXPECT_TRUE(each.was_up());
    EXPECT_EQ(net.a.established().size(), 1u);
    EXPECT_EQ(net.b.established().size(), 1u);
    EXPECT_EQ(net.a.children().size(), 2u);
  }
}

// What the peer began and does not go on with does not stay beside what is up.
TEST(Establish, WhatThePeerAbandonedGoesSoon) {
  TwoPeers net;
  net.b.act(net.b.table->tunnel_wanted(kTunnel, net.now), net.now);
  net.to_a();
  net.lose(net.a);
  net.b.store.clear();
  net.b.restart(net.now);
  net.a.act(net.a.table->tunnel_wanted(kTunnel, net.now), net.now);
  net.pass(4 * kSecond);
  ASSERT_TRUE(net.agree());
  net.pass(8 * kSecond);
  EXPECT_EQ(net.a.table->sas().size(), 1u);
}

TEST(Establish, TriesUntilThePeerIsThere) {
  TwoPeers net(immediately(gateway_a()), gateway_b());
  net.pass(600 * kSecond, false);
  EXPECT_FALSE(net.a.table->sas().empty());
  EXPECT_LE(net.a.table->sas().size(), 1u);
  EXPECT_TRUE(net.a.has_event("No response from peer"));
  net.pass(80 * kSecond);
  EXPECT_TRUE(net.agree());
}

TEST(Establish, ComesBackWhenCleared) {
  TwoPeers net(immediately(gateway_a()), immediately(gateway_b()));
  net.settle();
  net.pass(10 * kSecond);
  const auto before = net.a.children().at(0)->generation;
  net.a.act(net.a.table->delete_tunnel(kTunnel, net.now), net.now);
  net.settle();
  net.pass(5 * kSecond);
  EXPECT_TRUE(net.agree());
  EXPECT_NE(net.a.children().at(0)->generation, before);
  EXPECT_EQ(net.a.children().size(), 1u);
  net.b.act(net.b.table->delete_ike(net.b.established().at(0)->index, net.now), net.now);
  net.settle();
  net.pass(10 * kSecond);
  EXPECT_TRUE(net.agree());
  EXPECT_EQ(net.a.established().size(), 1u);
  EXPECT_EQ(net.a.children().size(), 1u);
}

TEST(Establish, AllTunnelsOfAGateway) {
  Gateway a = immediately(gateway_a()), b = immediately(gateway_b());
  for (std::uint32_t i = 1; i < 5; ++i)
    for (Gateway* each : {&a, &b}) {
      each->children.push_back(each->children[0]);
      each->children.back().tunnel = kTunnel + i;
    }
  TwoPeers net(a, b);
  net.settle();
  net.pass(30 * kSecond);
  for (std::uint32_t i = 0; i < 5; ++i) EXPECT_TRUE(net.agree(kTunnel + i)) << i;
  EXPECT_EQ(net.a.children().size(), 5u);
  EXPECT_EQ(net.a.established().size(), 1u);
}

TEST(Establish, RefusedChildrenAreTriedAgainWithPauses) {
  Gateway b = gateway_b();
  b.children[0].proposals = {*esp_proposal("e", "aes-128-gcm", "", false, 0, 0)};
  TwoPeers net(immediately(gateway_a()), b);
  net.settle();
  net.pass(300 * kSecond);
  const auto refusals = std::count_if(
      net.a.events.begin(), net.a.events.end(),
      [](const std::string& event) { return event.find("No proposal") != std::string::npos; });
  EXPECT_GE(refusals, 4);
  EXPECT_LE(refusals, 12);
  EXPECT_EQ(net.a.table->sas().size(), 1u);
}

// b lost everything. Its new SA says INITIAL_CONTACT, so a does not keep the old one.
TEST(Establish, InitialContactEndsWhatThePeerForgot) {
  TwoPeers net(gateway_a(), immediately(gateway_b()));
  net.settle();
  ASSERT_TRUE(net.agree());
  net.now += 100 * kSecond;
  net.b.store.clear();
  net.b.inbound.clear();
  net.b.restart(net.now);
  net.settle();
  EXPECT_TRUE(net.agree());
  EXPECT_EQ(net.a.table->sas().size(), 1u);
  EXPECT_EQ(net.a.inbound.size(), 1u);
}

TEST(Configuration, RemovalDeletesWithNotice) {
  TwoPeers net;
  net.establish();
  net.a.act(net.a.table->configure(Config{}, net.now), net.now);
  net.settle();
  EXPECT_TRUE(net.a.table->sas().empty() && net.b.table->sas().empty());
  EXPECT_TRUE(net.a.inbound.empty() && net.b.inbound.empty());
}

TEST(Configuration, AChangedTunnelIsMadeAnew) {
  TwoPeers net(immediately(gateway_a()), gateway_b());
  net.settle();
  const auto before = net.a.children().at(0)->generation;
  Gateway changed = net.a.config;
  changed.children[0].proposals[0].lifetime_seconds = 1000;
  net.a.act(net.a.table->configure(config_of(changed), net.now), net.now);
  net.settle();
  net.pass(5 * kSecond);
  EXPECT_TRUE(net.agree());
  EXPECT_NE(net.a.children().at(0)->generation, before);
  EXPECT_TRUE(net.a.has_event(std::string(events::kReconfigured)));
}

TEST(Configuration, TheSameAgainChangesNothing) {
  TwoPeers net(immediately(gateway_a()), gateway_b());
  net.settle();
  const auto before = net.a.children().at(0)->generation;
  net.a.act(net.a.table->configure(config_of(net.a.config), net.now), net.now);
  EXPECT_FALSE(net.a.has_mail());
  EXPECT_EQ(net.a.children().at(0)->generation, before);
}

TEST(Configuration, AGatewayMayGoWhileItIsBeingTried) {
  TwoPeers net(immediately(gateway_a()), gateway_b());
  net.to_b();
  net.a.act(net.a.table->configure(Config{}, net.now), net.now);
  net.settle();
  EXPECT_TRUE(net.a.table->sas().empty());
}

// The tunnel an IKE SA was begun for goes while its secret is being computed, with and without a
// process in between.
TEST(Configuration, ATunnelMayGoWhileItsIkeSaIsBeingMade) {
  for (bool restarted : {false, true}) {
    TwoPeers net;
    net.a.hold_dh = true;
    net.a.act(net.a.table->tunnel_wanted(kTunnel, net.now), net.now);
    net.a.hold_dh = false;
    net.a.work(net.now);
    net.a.hold_dh = true;
    net.settle();
    ASSERT_EQ(net.a.only_sa().phase, Phase::kDeriving);
    net.a.config.children[0].tunnel = kTunnel + 1;
    net.a.hold_dh = false;
    if (restarted)
      net.a.restart(net.now);
    else
      net.a.act(net.a.table->configure(config_of(net.a.config), net.now), net.now);
    net.a.work(net.now);
    net.settle();
    EXPECT_TRUE(net.a.table->sas().empty());
    EXPECT_TRUE(net.a.jobs.empty());
    net.a.act(net.a.table->tunnel_wanted(kTunnel + 1, net.now), net.now);
    net.settle();
    EXPECT_EQ(net.a.established().size(), 1u);
  }
}

// A computation may end before the configuration is there again.
TEST(Configuration, ASecretMayComeBeforeIt) {
  TwoPeers net;
  net.a.act(net.a.table->tunnel_wanted(kTunnel, net.now), net.now);
  net.a.hold_dh = true;
  net.settle();
  ASSERT_EQ(net.a.only_sa().phase, Phase::kDeriving);
  SaTable fresh(seeded(9));
  for (const Action& action : fresh.restore({net.a.store.begin()->second}, net.now).actions)
    if (const auto* job = std::get_if<DhJob>(&action)) fresh.complete(run(*job), net.now);
  EXPECT_TRUE(fresh.sas().empty());
}

// A peer that is being made known is asked at the pace of requests, not at that of probes.
TEST(DeadPeer, ItsPaceIsNotThatOfTheHandshake) {
  Gateway a = gateway_a();
  a.dpd = DeadPeerDetection{DeadPeerDetection::Mode::kOptimized, 60, 5};
  TwoPeers net(a, gateway_b());
  net.a.act(net.a.table->tunnel_wanted(kTunnel, net.now), net.now);
  net.lose(net.a);
  net.pass(5 * kSecond);
  EXPECT_TRUE(net.agree());
}

TEST(DeadPeer, IsFoundAndTheTunnelStartedAgain) {
  TwoPeers net(with_dpd(immediately(gateway_a()), DeadPeerDetection::Mode::kAlwaysSend),
               gateway_b());
  net.settle();
  ASSERT_TRUE(net.agree());
  net.pass(45 * kSecond, false);
  EXPECT_TRUE(net.a.has_event(std::string(events::kPeerDead)));
  EXPECT_TRUE(net.a.inbound.empty());
  EXPECT_TRUE(net.a.only_sa().phase == Phase::kInitSent);
  net.pass(30 * kSecond);
  EXPECT_TRUE(net.agree());
}

TEST(DeadPeer, AnswersWhenItLives) {
  TwoPeers net(with_dpd(gateway_a(), DeadPeerDetection::Mode::kAlwaysSend), gateway_b());
  net.establish();
  const auto before = net.a.only_sa().counters.output_packets;
  net.pass(300 * kSecond);
  EXPECT_TRUE(net.agree());
  EXPECT_GE(net.a.only_sa().counters.output_packets - before, 15u);
}

TEST(DeadPeer, OptimizedAsksOnlyWhenTrafficGoesOutAndNoneComesIn) {
  TwoPeers net(with_dpd(gateway_a(), DeadPeerDetection::Mode::kOptimized), gateway_b());
  net.establish();
  const auto generation = net.a.children().at(0)->generation;
  const auto before = net.a.only_sa().counters.output_packets;
  net.pass(60 * kSecond);
  EXPECT_EQ(net.a.only_sa().counters.output_packets, before);
  net.a.table->traffic_seen(generation, net.now, net.now);
  net.pass(5 * kSecond);
  EXPECT_EQ(net.a.only_sa().counters.output_packets, before);
  net.now += 20 * kSecond;
  net.a.table->traffic_seen(generation, net.now - 20 * kSecond, net.now);
  net.pass(15 * kSecond);
  EXPECT_GT(net.a.only_sa().counters.output_packets, before);
}

TEST(DeadPeer, IdleTunnelIsProbed) {
  TwoPeers net(with_dpd(gateway_a(), DeadPeerDetection::Mode::kProbeIdleTunnel), gateway_b());
  net.establish();
  const auto before = net.a.only_sa().counters.output_packets;
  net.pass(60 * kSecond);
  EXPECT_GE(net.a.only_sa().counters.output_packets - before, 2u);
}

}  // namespace
}  // namespace nezu::ike::test
