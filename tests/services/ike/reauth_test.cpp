// Reauthentication, make before break: RFC 7296 section 2.8.3.
#include <gtest/gtest.h>

#include <algorithm>

#include "services/ike/message/message.h"
#include "services/ike/session/events.h"
#include "services/ike/session/sk.h"
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

// The old certificate is revoked while the new one has taken over its tunnel, or half of it.
TEST(Reauthentication, OfARevokedPeerLeavesWhatTheNewProofMade) {
  TwoPeers net(with_lifetime(gateway_a(), 1), patient(gateway_b()));
  net.establish();
  const std::uint32_t old = net.a.only_sa().index;
  const auto has_both = [&] {
    return net.a.established().size() == 2 && net.a.children().size() == 2;
  };
  for (int i = 0; i < 10 * int(kLifetime) && !has_both(); ++i)
    if (!net.to_b() && !net.to_a()) {
      net.now += kSecond / 10;
      net.a.act(net.a.table->timeout(net.now), net.now);
      net.b.act(net.b.table->timeout(net.now), net.now);
    }
  ASSERT_TRUE(has_both());
  net.a.act(net.a.table->peer_is_revoked(old, "It is revoked", "the list", net.now), net.now);
  ASSERT_EQ(net.a.children().size(), 1u);
  ASSERT_NE(net.a.sends_on(kTunnel), nullptr);
  EXPECT_EQ(net.a.table->journal().trouble("gw", kTunnel), nullptr);
  net.settle();
  EXPECT_FALSE(net.a.table->sas().contains(old));
  EXPECT_EQ(net.a.children().size(), 1u);
  EXPECT_EQ(net.b.children().size(), 1u);
  EXPECT_TRUE(net.agree());
  EXPECT_EQ(inits(net.a), 2) << "nothing had to be made anew";
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

// Both are there; the first end is to prove itself anew after kLifetime.
class TwoTunnels : public testing::Test {
 protected:
  TwoTunnels() {
    net.establish();
    net.a.act(net.a.table->tunnel_wanted(kTunnel + 1, net.now), net.now);
    net.settle();
    EXPECT_EQ(net.a.children().size(), 2u);
  }

  TwoPeers net{with_two_tunnels(with_lifetime(gateway_a(), 1)),
               with_two_tunnels(patient(gateway_b()))};
};

TEST_F(TwoTunnels, AreTakenAlong) {
  Watch watch(net);
  watch.pass(kLifetime);
  EXPECT_EQ(watch.uncovered, 0);
  EXPECT_EQ(inits(net.a), 2);
  EXPECT_EQ(net.a.children().size(), 2u);
  EXPECT_TRUE(net.agree(kTunnel));
  EXPECT_TRUE(net.agree(kTunnel + 1));
}

const IkeSa* newest(const Peer& peer) {
  return peer.table->sas().empty() ? nullptr : &peer.table->sas().rbegin()->second;
}

// An answer of b's on its newest SA, as if it had refused.
void refuse(const Peer& b, Datagram& answer) {
  const Header header = parse_header(answer.bytes);
  PayloadChain chain;
  chain.add(PayloadType::kNotify, encode_notify({NotifyType::kNoAdditionalSas, {}, {}, {}}));
  answer.bytes = seal(header, chain.first(), chain.bytes(), sending_keys(*newest(b)), Bytes(8, 77));
}

TEST_F(TwoTunnels, AreNotReauthenticatedWithoutOneThatThePeerRefuses) {
  const auto old = net.a.only_sa().index;
  int refusals = 0;
  net.on_the_way = [&](Datagram& message) {
    const Header header = parse_header(message.bytes);
    const bool creates = header.exchange == ExchangeType::kCreateChild && header.response &&
                         newest(net.b) && header.spi_r == newest(net.b)->spi_r;
    if (!creates || net.a.table->sas().size() < 2 || refusals == 2) return;
    ++refusals;
    refuse(net.b, message);
  };
  Time at_refusal = 0;
  for (int i = 0; i < int(kLifetime) && refusals < 2; ++i) {
    net.pass(kSecond);
    if (refusals == 1 && at_refusal == 0) at_refusal = net.now;
    ASSERT_TRUE(net.a.sends_on(kTunnel) && net.a.sends_on(kTunnel + 1));
    EXPECT_TRUE(net.a.table->sas().contains(old));
    EXPECT_FALSE(net.a.has_event("IKE SA reauthentication succeeds"));
  }
  ASSERT_EQ(refusals, 2);
  EXPECT_GT(net.now - at_refusal, 3 * kSecond) << "not at once again";
  for (int i = 0; i < int(kLifetime) && !net.a.has_event("reauthentication succeeds"); ++i) {
    net.pass(kSecond);
    ASSERT_TRUE(net.a.sends_on(kTunnel) && net.a.sends_on(kTunnel + 1));
  }
  net.pass(10 * kSecond);
  EXPECT_TRUE(net.a.has_event("IKE SA reauthentication succeeds")) << "the third time it is made";
  EXPECT_FALSE(net.a.table->sas().contains(old));
  EXPECT_TRUE(net.agree(kTunnel));
  EXPECT_TRUE(net.agree(kTunnel + 1));
}

// Our new IKE SA is then to take over from what the peer made of the old one.
TEST_F(TwoTunnels, AreReauthenticatedWhileThePeerRekeys) {
  const auto old = net.b.only_sa().index;
  bool hold = true;
  net.on_the_way = [&](Datagram& message) {
    if (hold && parse_header(message.bytes).exchange == ExchangeType::kInit) message.bytes.clear();
  };
  for (int i = 0; i < int(kLifetime) && net.a.table->sas().size() < 2; ++i) net.pass(kSecond);
  ASSERT_EQ(net.a.table->sas().size(), 2u);
  net.b.act(net.b.table->rekey_ike(old, net.now), net.now);
  net.settle();
  ASSERT_TRUE(net.a.has_event("IKE SA rekey succeeds"));
  net.a.restart(net.now);
  hold = false;
  Watch watch(net);
  watch.pass(60);
  EXPECT_EQ(watch.uncovered, 0);
  EXPECT_TRUE(net.a.has_event("IKE SA reauthentication succeeds"));
  EXPECT_EQ(net.a.established().size(), 1u);
  EXPECT_EQ(net.b.established().size(), 1u);
  EXPECT_EQ(net.a.children().size(), 2u) << "nothing is left of the rekeyed one";
  EXPECT_EQ(net.a.only_sa().rekeyed, 0u);
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

// What reauthentication is for: the proof is wrong. Everything else comes through, so the old one
// is used to the last, tried again in the meantime, and then ends.
TEST(Reauthentication, OfAPeerThatCannotProveItselfLeavesTheOldOneToItsEnd) {
  TwoPeers net(with_lifetime(gateway_a(), 1), patient(gateway_b()));
  net.establish();
  const auto old = net.a.only_sa().index;
  const Time end = net.a.only_sa().hard_at;
  ASSERT_GT(end, net.now);
  int spoilt = 0;
  net.on_the_way = [&](Datagram& message) {
    const Header header = parse_header(message.bytes);
    if (header.exchange != ExchangeType::kAuth) return;
    const auto keys = sending_keys(*newest(net.b));
    const auto opened = open(message.bytes, keys);
    ASSERT_TRUE(opened);
    Bytes plain = opened->plain;
    const auto payloads = std::get<Payloads>(parse_payloads(opened->first_inner, plain));
    const auto at = std::search(plain.begin(), plain.end(), payloads.auth->data.begin(),
                                payloads.auth->data.end());
    *at ^= 1;
    ++spoilt;
    message.bytes = seal(header, opened->first_inner, plain, keys, Bytes(8, 77));
  };
  Watch watch(net);
  while (net.now + 2 * kSecond < end) watch.pass(1);
  EXPECT_EQ(watch.uncovered, 0) << "it carries the tunnel to its end";
  EXPECT_TRUE(net.a.table->sas().contains(old));
  EXPECT_GE(spoilt, 2) << "it is tried again";
  net.pass(5 * kSecond);
  EXPECT_FALSE(net.a.table->sas().contains(old)) << "it does not live on without proof";
  EXPECT_FALSE(net.a.has_event("IKE SA reauthentication succeeds"));
  const Trouble* trouble = net.a.table->journal().trouble("gw", kTunnel);
  ASSERT_TRUE(trouble);
  EXPECT_NE(trouble->what.find("another pre-shared key"), std::string::npos) << trouble->what;
}

// RFC 4478: b asks for it, a has nothing of the kind configured.
TEST(Reauthentication, WhenThePeerAsksForIt) {
  TwoPeers net(patient(gateway_a()), patient(gateway_b()));
  net.establish();
  std::uint32_t asked = 0;
  const auto ask = [&](const Bytes& lifetime) {
    const IkeSa& sa = net.b.only_sa();
    Header header;
    header.spi_i = sa.spi_i;
    header.spi_r = sa.spi_r;
    header.exchange = ExchangeType::kInformational;
    header.message = sa.next_request + asked++;
    PayloadChain chain;
    chain.add(PayloadType::kNotify, encode_notify({NotifyType::kAuthLifetime, {}, {}, lifetime}));
    net.deliver(net.a,
                {{0, sa.path.local, sa.path.remote},
                 seal(header, chain.first(), chain.bytes(), sending_keys(sa), Bytes(8, 77))});
    net.a.wire.clear();
  };
  ask({0, 0, 1});
  EXPECT_EQ(net.a.only_sa().reauth_at, 0) << "malformed";
  ask({0, 0, 0, 0});
  EXPECT_GE(net.a.only_sa().reauth_at, net.now + 7 * kSecond) << "not all the time";
  ask({0, 0, 0, 200});
  EXPECT_GT(net.a.only_sa().reauth_at, net.now + 130 * kSecond);
  net.a.restart(net.now);
  const auto old = net.a.only_sa().spi_i;
  Watch watch(net);
  watch.pass(200);
  EXPECT_EQ(watch.uncovered, 0);
  EXPECT_NE(net.a.only_sa().spi_i, old);
  EXPECT_EQ(net.a.only_sa().rekeyed, 0u);
  EXPECT_EQ(net.a.only_sa().reauth_at, 0) << "b did not ask again";
  EXPECT_TRUE(net.agree());
}

// RFC 4478, beside what the table says.
void ask_for_proof(TwoPeers& net, Peer& from, Peer& to, std::uint8_t seconds) {
  const IkeSa& sa = from.only_sa();
  Header header;
  header.spi_i = sa.spi_i;
  header.spi_r = sa.spi_r;
  header.initiator = sa.initiator;
  header.exchange = ExchangeType::kInformational;
  header.message = to.only_sa().next_expected;
  PayloadChain chain;
  chain.add(PayloadType::kNotify,
            encode_notify({NotifyType::kAuthLifetime, {}, {}, {0, 0, 0, seconds}}));
  net.deliver(to, {{0, sa.path.local, sa.path.remote},
                   seal(header, chain.first(), chain.bytes(), sending_keys(sa), Bytes(8, 77))});
  to.wire.clear();
}

// b rekeyed the IKE SA, so a is not the initiator of this one; of the first it was.
TEST(Reauthentication, WhenThePeerAsksForItAfterItsOwnRekey) {
  TwoPeers net(patient(gateway_a()), patient(gateway_b()));
  net.establish();
  net.b.act(net.b.table->rekey_ike(net.b.only_sa().index, net.now), net.now);
  net.settle();
  ASSERT_FALSE(net.a.only_sa().initiator);
  net.a.restart(net.now);
  ask_for_proof(net, net.b, net.a, 200);
  EXPECT_GT(net.a.only_sa().reauth_at, net.now + 130 * kSecond);
  ask_for_proof(net, net.a, net.b, 200);
  EXPECT_EQ(net.b.only_sa().reauth_at, 0) << "it answered the first IKE_SA_INIT";
}

// Its tunnel is away when the time comes and is back before the end.
TEST(Reauthentication, WaitsForATunnel) {
  TwoPeers net(patient(gateway_a()), patient(gateway_b()));
  net.establish();
  net.a.act(net.a.table->delete_tunnel(kTunnel, net.now), net.now);
  net.settle();
  ASSERT_TRUE(net.a.children().empty());
  const auto old = net.a.only_sa().spi_i;
  ask_for_proof(net, net.b, net.a, 10);
  net.pass(30 * kSecond);
  EXPECT_EQ(net.a.only_sa().spi_i, old);
  net.a.act(net.a.table->tunnel_wanted(kTunnel, net.now), net.now);
  net.settle();
  net.pass(30 * kSecond);
  EXPECT_NE(net.a.only_sa().spi_i, old);
  EXPECT_TRUE(net.agree());
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
