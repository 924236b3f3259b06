// Reauthentication, make before break: RFC 7296 section 2.8.3.
#include <gtest/gtest.h>

#include <algorithm>

#include "services/ike/events.h"
#include "tests/services/ike/two_peers.h"

namespace nezu::ike::test {
namespace {
constexpr auto kTunnel = TwoPeers::kTunnel;
constexpr std::uint32_t kLifetime = 300;

Gateway with_lifetime(Gateway gateway, std::uint32_t frequency) {
  gateway.proposals = {*ike_proposal("p", "aes-256-gcm", "sha-256", "group31", kLifetime)};
  gateway.reauth_frequency = frequency;
  return gateway;
}

// It leaves the end of the IKE SA to the other one.
Gateway patient(Gateway gateway) {
  gateway = with_lifetime(std::move(gateway), 0);
  gateway.proposals.front().lifetime_seconds = 10 * kLifetime;
  return gateway;
}

// Whether a packet sent at any moment would be taken.
struct Watch {
  explicit Watch(TwoPeers& two) : net(two) {}

  // In steps of a second; a packet sent at any moment has to be taken.
  void pass(Time seconds) {
    for (Time i = 0; i < seconds; ++i) {
      net.pass(kSecond);
      uncovered += !net.a.sends_on(kTunnel) || !net.b.sends_on(kTunnel) ||
                   !net.b.receives(net.a.sends_on(kTunnel)->spi_out) ||
                   !net.a.receives(net.b.sends_on(kTunnel)->spi_out);
    }
  }
  TwoPeers& net;
  int uncovered = 0;
};

int inits(const Peer& peer) {
  int count = 0;
  for (const Exchange* each : peer.table->journal().exchanges())
    count += each->type == ExchangeType::kInit;
  return count;
}

TEST(Reauthentication, MakesANewIkeSaBeforeTheOldOneGoes) {
  TwoPeers net(with_lifetime(gateway_a(), 1), patient(gateway_b()));
  net.establish();
  const auto old = net.a.only_sa();
  Watch watch(net);
  watch.pass(kLifetime);
  EXPECT_EQ(watch.uncovered, 0);
  EXPECT_EQ(net.a.established().size(), 1u);
  EXPECT_EQ(net.b.established().size(), 1u);
  EXPECT_NE(net.a.only_sa().spi_i, old.spi_i);
  EXPECT_EQ(net.a.children().size(), 1u);
  EXPECT_TRUE(net.agree());
  EXPECT_EQ(inits(net.a), 2) << "the peer proved itself anew";
  EXPECT_EQ(net.a.only_sa().rekeyed, 0u);
  EXPECT_TRUE(net.a.has_event("IKE SA reauthentication succeeds"));
  EXPECT_FALSE(net.a.has_event("IKE SA rekey succeeds"));
  EXPECT_EQ(net.a.table->journal().trouble("gw", kTunnel), nullptr);
}

TEST(Reauthentication, EveryOtherTimeOnly) {
  TwoPeers net(with_lifetime(gateway_a(), 2), patient(gateway_b()));
  net.establish();
  Watch watch(net);
  watch.pass(kLifetime);
  EXPECT_EQ(inits(net.a), 1);
  EXPECT_TRUE(net.a.has_event("IKE SA rekey succeeds"));
  watch.pass(kLifetime);
  EXPECT_EQ(inits(net.a), 2);
  EXPECT_TRUE(net.a.has_event("IKE SA reauthentication succeeds"));
  EXPECT_EQ(watch.uncovered, 0);
}

Gateway with_two_tunnels(Gateway gateway) {
  ChildPolicy second = gateway.children[0];
  second.tunnel = kTunnel + 1;
  second.selector = "two";
  gateway.children[0].local =
      gateway.children[0].remote = {{*Address::parse("10.0.0.0"), *Address::parse("10.0.255.255")}};
  second.local = second.remote = {{*Address::parse("10.1.0.0"), *Address::parse("10.1.255.255")}};
  gateway.children.push_back(second);
  return gateway;
}

TEST(Reauthentication, TakesEveryTunnelAlong) {
  TwoPeers net(with_two_tunnels(with_lifetime(gateway_a(), 1)),
               with_two_tunnels(patient(gateway_b())));
  net.establish();
  net.a.act(net.a.table->tunnel_wanted(kTunnel + 1, net.now), net.now);
  net.settle();
  ASSERT_EQ(net.a.children().size(), 2u);
  Watch watch(net);
  watch.pass(kLifetime);
  EXPECT_EQ(watch.uncovered, 0);
  EXPECT_EQ(inits(net.a), 2);
  EXPECT_EQ(net.a.children().size(), 2u);
  EXPECT_TRUE(net.agree(kTunnel));
  EXPECT_TRUE(net.agree(kTunnel + 1));
}

TEST(Reauthentication, BothEndsAtOnce) {
  TwoPeers net(with_lifetime(gateway_a(), 1), with_lifetime(gateway_b(), 1));
  for (Gateway* each : {&net.a.config, &net.b.config})
    each->children[0].establish = EstablishTunnels::kImmediately;
  net.a.act(net.a.table->configure(config_of(net.a.config), net.now), net.now);
  net.b.act(net.b.table->configure(config_of(net.b.config), net.now), net.now);
  net.settle();
  net.pass(20 * kSecond);
  Watch watch(net);
  watch.pass(6 * Time{kLifetime});
  EXPECT_EQ(watch.uncovered, 0);
  net.pass(10 * kSecond);
  EXPECT_TRUE(net.agree());
  EXPECT_LE(net.a.established().size(), 2u);
}

// The peer's key was changed meanwhile: that is what reauthentication finds out.
TEST(Reauthentication, OfAPeerThatCannotProveItselfLeavesTheOldOneToItsEnd) {
  TwoPeers net(with_lifetime(gateway_a(), 1), patient(gateway_b()));
  net.establish();
  const auto old = net.a.only_sa().index;
  net.pass(100 * kSecond);
  // Only a's new handshakes fail, on the wire: b's answer to IKE_AUTH never comes through.
  bool reached_end = false;
  for (int i = 0; i < 400 && !reached_end; ++i) {
    net.pass(kSecond, net.a.table->sas().size() < 2);
    reached_end = !net.a.table->sas().contains(old);
  }
  EXPECT_TRUE(reached_end) << "it does not live on without proof";
}

TEST(Reauthentication, SurvivesARestartAtEveryStep) {
  TwoPeers net(with_lifetime(gateway_a(), 1), patient(gateway_b()));
  net.a.restart_always = net.b.restart_always = true;
  net.establish();
  const auto old = net.a.only_sa().spi_i;
  Watch watch(net);
  watch.pass(kLifetime);
  EXPECT_EQ(watch.uncovered, 0);
  EXPECT_EQ(net.a.established().size(), 1u);
  EXPECT_NE(net.a.only_sa().spi_i, old);
  EXPECT_TRUE(net.agree());
}

// It never begins an IKE SA, so it rekeys.
TEST(Reauthentication, IsNotForWhoOnlyAnswers) {
  Gateway b = with_lifetime(gateway_b(), 1);
  b.children[0].establish = EstablishTunnels::kResponderOnly;
  TwoPeers net(patient(gateway_a()), b);
  net.establish();
  net.pass(kLifetime * kSecond);
  EXPECT_EQ(inits(net.b), 1);
  EXPECT_TRUE(net.b.has_event("IKE SA rekey succeeds"));
  EXPECT_TRUE(net.agree());
}
}  // namespace
}  // namespace nezu::ike::test
