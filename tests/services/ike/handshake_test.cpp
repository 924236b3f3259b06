// IKE_SA_INIT and IKE_AUTH between two tables.
#include <gtest/gtest.h>

#include <algorithm>

#include "services/ike/message/wire.h"
#include "services/ike/session/events.h"
#include "services/ike/session/exchange_init.h"
#include "services/ike/session/sk.h"
#include "services/ike/session/snapshot.h"
#include "tests/services/ike/two_peers.h"

namespace nezu::ike::test {
namespace {

void want(TwoPeers& net) {
  net.a.act(net.a.table->tunnel_wanted(TwoPeers::kTunnel, net.now), net.now);
}

TrafficSelector selector(const char* first, const char* last) {
  TrafficSelector range;
  range.first = *Address::parse(first);
  range.last = *Address::parse(last);
  return range;
}

TEST(Handshake, TwoRoutersAgreeOnATunnel) {
  TwoPeers net;
  want(net);
  // IKE_SA_INIT { SA, KE, Ni } -->
  EXPECT_EQ(net.a.only_sa().phase, Phase::kInitSent);
  ASSERT_TRUE(net.to_b());
  EXPECT_EQ(net.b.only_sa().phase, Phase::kAnswered);
  // <-- IKE_SA_INIT { SA, KE, Nr }
  ASSERT_TRUE(net.to_a());
  EXPECT_EQ(net.a.only_sa().phase, Phase::kAuthSent);
  EXPECT_EQ(net.a.only_sa().keys, net.b.only_sa().keys);
  EXPECT_EQ(net.a.only_sa().keys.ei.size(), 36u);
  // IKE_AUTH { IDi, AUTH, SA, TSi, TSr } -->
  ASSERT_TRUE(net.to_b());
  EXPECT_EQ(net.b.only_sa().phase, Phase::kEstablished);
  // <-- IKE_AUTH { IDr, AUTH, SA, TSi, TSr }
  ASSERT_TRUE(net.to_a());
  EXPECT_EQ(net.a.only_sa().phase, Phase::kEstablished);
  EXPECT_FALSE(net.a.has_mail() || net.b.has_mail());
  EXPECT_TRUE(net.agree());
  EXPECT_TRUE(net.a.has_event(std::string(events::kNegotiated)));
  EXPECT_TRUE(net.b.has_event(std::string(events::kNegotiated)));
  EXPECT_EQ(to_string(net.a.only_sa().remote_identity), "16.1.1.1");
  EXPECT_FALSE(net.a.only_sa().peer_behind_nat || net.a.only_sa().local_behind_nat);
  EXPECT_TRUE(net.a.only_sa().init_request.empty());
}

// Every IKE and ESP suite of the configuration language, and every group.
TEST(Handshake, RunsEveryAlgorithm) {
  struct Suite {
    const char *encryption, *authentication, *group, *esp;
  };
  const Suite suites[] = {
      {"chacha20-poly1305", "sha-512", "group31", "chacha20-poly1305"},
      {"", "", "", ""},  // the defaults: 3des-cbc, hmac-sha1-96, group2
      {"des-cbc", "md5", "group1", "des-cbc"},
      {"3des-cbc", "sha1", "group5", "3des-cbc"},
      {"aes-128-cbc", "sha-256", "group14", "aes-128-cbc"},
      {"aes-192-cbc", "sha-384", "group15", "aes-192-cbc"},
      {"aes-256-cbc", "sha-512", "group16", "aes-256-cbc"},
      {"aes-128-gcm", "", "group19", "aes-128-gcm"},
      {"aes-192-gcm", "sha-384", "group20", "aes-192-gcm"},
      {"aes-256-gcm", "sha-512", "group21", "aes-256-gcm"},
      {"aes-256-gcm", "sha1", "group24", "aes-256-gcm"},
      {"aes-256-gcm", "sha-256", "group31", "aes-256-gcm"},
  };
  for (const Suite& suite : suites) {
    Gateway a = gateway_a(), b = gateway_b();
    a.proposals =
        b.proposals = {*ike_proposal("p", suite.encryption, suite.authentication, suite.group, 0)};
    a.children[0].proposals =
        b.children[0].proposals = {*esp_proposal("e", suite.esp, "", true, 0, 0)};
    TwoPeers net(a, b);
    net.establish();
    EXPECT_TRUE(net.agree()) << suite.encryption << " " << suite.group;
    ASSERT_EQ(net.b.children().size(), 1u) << suite.encryption << " " << suite.group;
    EXPECT_TRUE(net.b.children()[0]->suite.extended_sequence);
    EXPECT_EQ(net.b.children()[0]->hard_at, net.now + 3600 * kSecond);
  }
}

TEST(Handshake, TheDefaultsAreThoseOfTheReferenceOutput) {
  const IkeProposal defaults = *ike_proposal("p", "", "", "", 0);
  EXPECT_EQ(facts(defaults.integrity).shown, "hmac-sha1-96");
  EXPECT_EQ(facts(defaults.encryption).name, "3des-cbc");
  EXPECT_EQ(facts(defaults.prf).shown, "hmac-sha1");
  EXPECT_EQ(defaults.dh, DhGroup::kModp1024);
  EXPECT_EQ(defaults.lifetime_seconds, 28800u);
  EXPECT_FALSE(ike_proposal("p", "camellia-128-cbc", "", "", 0));
  EXPECT_FALSE(ike_proposal("p", "", "", "group3", 0));
}

// Each message of the exchange once lost, once doubled.
TEST(Handshake, SurvivesALostMessage) {
  for (int lost = 0; lost < 4; ++lost) {
    TwoPeers net;
    want(net);
    for (int i = 0; i < lost; ++i) i % 2 == 0 ? net.to_b() : net.to_a();
    net.lose(net.a);
    net.lose(net.b);
    EXPECT_FALSE(net.agree());
    net.pass(3 * kSecond);
    EXPECT_TRUE(net.agree()) << "message " << lost;
    EXPECT_EQ(net.a.children().size(), 1u);
    EXPECT_EQ(net.b.children().size(), 1u);
  }
}

TEST(Handshake, SurvivesEveryMessageTwice) {
  TwoPeers net;
  want(net);
  for (int i = 0; i < 20 && (net.a.has_mail() || net.b.has_mail()); ++i) {
    if (net.a.has_mail()) {
      const Datagram message = net.take(net.a);
      net.deliver(net.b, message);
      net.deliver(net.b, message);
    }
    if (net.b.has_mail()) {
      const Datagram message = net.take(net.b);
      net.deliver(net.a, message);
      net.deliver(net.a, message);
    }
  }
  EXPECT_TRUE(net.agree());
  EXPECT_EQ(net.b.only_sa().children.size(), 1u);
  EXPECT_EQ(net.a.only_sa().children.size(), 1u);
}

TEST(Handshake, ARepeatedRequestIsAnsweredWithTheSameOctets) {
  TwoPeers net;
  want(net);
  const Datagram request = net.take(net.a);
  net.deliver(net.b, request);
  const Datagram first = net.take(net.b);
  net.deliver(net.b, request);
  EXPECT_EQ(net.take(net.b).bytes, first.bytes);
}

TEST(Handshake, RequestsThatComeWhileTheSecretIsComputedAreDropped) {
  TwoPeers net;
  net.b.hold_dh = true;
  want(net);
  const Datagram request = net.take(net.a);
  net.deliver(net.b, request);
  net.deliver(net.b, request);
  EXPECT_EQ(net.b.drops("still-computing"), 1u);
  EXPECT_EQ(net.b.jobs.size(), 1u);
}

TEST(Handshake, AWrongKeyIsSaidAndLeavesNothing) {
  Gateway b = gateway_b();
  b.pre_shared_key = bytes_of(view_of("test124"));
  TwoPeers net(gateway_a(), b);
  net.establish();
  EXPECT_TRUE(net.a.table->sas().empty());
  EXPECT_TRUE(net.b.table->sas().empty());
  EXPECT_TRUE(net.a.has_event(std::string(events::kAuthenticationFailed)));
  EXPECT_TRUE(net.b.has_event(std::string(events::kAuthenticationFailed)));
  EXPECT_TRUE(net.a.inbound.empty() && net.b.inbound.empty());
  EXPECT_TRUE(net.a.store.empty() && net.b.store.empty());
}

TEST(Handshake, AResponderWithoutTheKeyIsToldSo) {
  TwoPeers net;
  want(net);
  net.to_b();
  net.to_a();
  // The responder's AUTH is made with another key than the initiator checks it with.
  net.a.config.pre_shared_key = bytes_of(view_of("other"));
  net.to_b();
  auto record = restore(net.a.store.begin()->second);
  ASSERT_TRUE(record);
  record->policy = digest_of(net.a.config);  // as if begun with it
  net.a.store.begin()->second = snapshot(*record);
  net.a.restart(net.now);
  net.to_a();
  // INFORMATIONAL { N(AUTHENTICATION_FAILED) } -->
  EXPECT_TRUE(net.a.table->sas().empty());
  ASSERT_TRUE(net.to_b());
  EXPECT_TRUE(net.b.table->sas().empty());
  EXPECT_TRUE(net.b.inbound.empty());
}

TEST(Handshake, AnUnexpectedIdentityIsRefused) {
  Gateway b = gateway_b();
  b.remote_identity = {Identity::Type::kHostname, bytes_of(view_of("peer.example"))};
  TwoPeers net(gateway_a(), b);
  net.establish();
  EXPECT_TRUE(net.a.has_event(std::string(events::kAuthenticationFailed)));
  EXPECT_TRUE(net.b.inbound.empty());
}

TEST(Handshake, NamesServeAsIdentities) {
  Gateway a = gateway_a(), b = gateway_b();
  a.local_identity =
      b.remote_identity = {Identity::Type::kHostname, bytes_of(view_of("a.example"))};
  a.remote_identity =
      b.local_identity = {Identity::Type::kUserAtHostname, bytes_of(view_of("b@example"))};
  TwoPeers net(a, b);
  net.establish();
  EXPECT_TRUE(net.agree());
  EXPECT_EQ(to_string(net.b.only_sa().remote_identity), "a.example");
}

// IKE_SA_INIT {…} -->  <-- N(NO_PROPOSAL_CHOSEN): may be forged, so the initiator goes on asking
// for a while.
TEST(Handshake, NoCommonProposal) {
  Gateway b = gateway_b();
  b.proposals = {*ike_proposal("p", "aes-128-gcm", "sha-256", "group31", 0)};
  TwoPeers net(gateway_a(), b);
  want(net);
  net.settle();
  EXPECT_TRUE(net.b.table->sas().empty());
  EXPECT_EQ(net.a.only_sa().phase, Phase::kInitSent);
  net.pass(120 * kSecond);
  EXPECT_TRUE(net.a.table->sas().empty());
  EXPECT_TRUE(net.a.has_event("negotiation failed: No proposal chosen"));
}

TEST(Handshake, AForgedRefusalDoesNotEndIt) {
  TwoPeers net;
  want(net);
  const Datagram request = net.a.wire.front();
  Datagram forged = request;
  std::swap(forged.path.local, forged.path.remote);
  for (const auto type : {NotifyType::kNoProposalChosen, NotifyType::kInvalidSyntax,
                          NotifyType::kAuthenticationFailed}) {
    forged.bytes = init::refusal(parse_header(request.bytes), {type, Protocol::kNone, {}, {}});
    net.deliver(net.a, forged);
  }
  net.settle();
  EXPECT_TRUE(net.agree());
}

// a offers group31 and group19 and sends a value of group31, b only knows group19.
TEST(Handshake, AnotherGroupIsTriedWhenThePeerAsksForIt) {
  Gateway a = gateway_a(), b = gateway_b();
  a.proposals.push_back(*ike_proposal("q", "aes-256-gcm", "sha-256", "group19", 0));
  b.proposals = {a.proposals[1]};
  TwoPeers net(a, b);
  want(net);
  net.to_b();  // IKE_SA_INIT { SA, KE(31), Ni } -->
  EXPECT_TRUE(net.b.table->sas().empty());
  net.to_a();  // <-- N(INVALID_KE_PAYLOAD, 19)
  net.settle();
  EXPECT_TRUE(net.agree());
  EXPECT_EQ(net.b.only_sa().suite.dh, DhGroup::kEcp256);
}

TEST(Handshake, AGroupThatIsNotOursIsNotTried) {
  TwoPeers net;
  want(net);
  const Datagram request = net.take(net.a);
  Datagram forged = request;
  std::swap(forged.path.local, forged.path.remote);
  for (std::uint16_t group : {0, 2, 1025, 65535}) {
    forged.bytes = init::refusal(
        parse_header(request.bytes),
        {NotifyType::kInvalidKePayload, Protocol::kNone, {}, Writer().u16(group).done()});
    net.deliver(net.a, forged);
  }
  EXPECT_FALSE(net.a.has_mail());
  EXPECT_EQ(net.a.only_sa().phase, Phase::kInitSent);
}

TEST(Handshake, SelectorsAreNarrowedToWhatBothAllow) {
  Gateway a = gateway_a(), b = gateway_b();
  a.children[0].local = {selector("10.0.0.0", "10.0.255.255")};
  b.children[0].remote = {selector("10.0.1.0", "10.0.1.255"), selector("10.9.0.0", "10.9.0.9")};
  b.children[0].local = {selector("10.7.0.0", "10.7.0.255")};
  b.children[0].local[0].protocol = 6;
  TwoPeers net(a, b);
  net.establish();
  EXPECT_TRUE(net.agree());
  const ChildSa& mine = *net.a.children().at(0);
  EXPECT_EQ(mine.local_selectors, std::vector<TrafficSelector>{selector("10.0.1.0", "10.0.1.255")});
  EXPECT_EQ(mine.remote_selectors, b.children[0].local);
  EXPECT_EQ(mine.local_selectors, net.b.children().at(0)->remote_selectors);
}

TEST(Handshake, WithoutCommonSelectorsTheIkeSaStaysAlone) {
  Gateway a = gateway_a(), b = gateway_b();
  a.children[0].local = {selector("10.0.0.0", "10.0.0.255")};
  b.children[0].remote = {selector("10.1.0.0", "10.1.0.255")};
  TwoPeers net(a, b);
  net.establish();
  EXPECT_EQ(net.a.only_sa().phase, Phase::kEstablished);
  EXPECT_TRUE(net.a.children().empty() && net.b.children().empty());
  EXPECT_TRUE(net.a.has_event("TS unacceptable"));
}

TEST(Handshake, WithoutCommonEspProposalTheIkeSaStaysAlone) {
  Gateway b = gateway_b();
  b.children[0].proposals = {*esp_proposal("e", "aes-128-gcm", "", false, 0, 0)};
  TwoPeers net(gateway_a(), b);
  net.establish();
  EXPECT_EQ(net.b.only_sa().phase, Phase::kEstablished);
  EXPECT_TRUE(net.a.children().empty() && net.b.children().empty());
  EXPECT_TRUE(net.a.has_event("No proposal chosen"));
}

// A NAT before a: what it sends comes from elsewhere, and goes back through.
struct BehindNat : TwoPeers {
  using TwoPeers::TwoPeers;
  Endpoint outside{*Address::parse("203.0.113.9"), 20001};

  static Gateway far_side() {
    Gateway b = gateway_b();
    b.remote = *Address::parse("203.0.113.9");
    b.any_identity = true;
    return b;
  }
  void out() {
    while (!a.wire.empty()) {
      const Datagram datagram = take(a);
      if (datagram.keepalive) ++keepalives;
      if (datagram.keepalive) continue;
      const Path path{0, {b.config.local, datagram.path.remote.port}, outside};
      b.act(b.table->handle(datagram.bytes, path, now), now);
    }
  }
  void in() {
    while (!b.wire.empty()) {
      const Datagram datagram = take(b);
      if (datagram.path.remote != outside) {
        ++astray;
        continue;
      }
      const std::uint16_t port = datagram.path.local.port;
      const Path path{0, {a.config.local, port}, {a.config.remote, port}};
      a.act(a.table->handle(datagram.bytes, path, now), now);
    }
  }
  void exchange() {
    for (int i = 0; i < 20 && (a.has_mail() || b.has_mail()); ++i) out(), in();
  }
  int keepalives = 0, astray = 0;
};

TEST(Encapsulation, IsInUdpToThePortThatIsConfigured) {
  Gateway a = gateway_a(), b = gateway_b();
  a.encapsulation_port = b.encapsulation_port = 5000;
  TwoPeers net(a, b);
  net.establish();
  ASSERT_TRUE(net.agree());
  for (const Peer* peer : {&net.a, &net.b}) {
    EXPECT_EQ(peer->children().at(0)->udp_local, 5000);
    EXPECT_EQ(peer->children().at(0)->udp_remote, 5000);
    EXPECT_EQ(peer->only_sa().path.remote.port, 500);
  }
}

TEST(Encapsulation, OfAVpnGoesBeforeThatOfItsGateway) {
  Gateway a = gateway_a(), b = gateway_b();
  a.encapsulation_port = b.encapsulation_port = 5000;
  a.children.at(0).encapsulation_port = b.children.at(0).encapsulation_port = 4565;
  TwoPeers net(a, b);
  net.establish();
  ASSERT_TRUE(net.agree());
  for (const Peer* peer : {&net.a, &net.b}) {
    EXPECT_EQ(peer->children().at(0)->udp_local, 4565);
    EXPECT_EQ(peer->children().at(0)->udp_remote, 4565);
  }
  ChildPolicy other = a.children.at(0);
  other.encapsulation_port = 4566;
  EXPECT_NE(digest_of(other), digest_of(a.children.at(0))) << "so a change makes a new pair";
}

// It goes before packet-encapsulation.
TEST(NatTraversal, ThePeersMeetOnPort4500AndEspIsInUdp) {
  Gateway a = gateway_a(), b = BehindNat::far_side();
  a.encapsulation_port = b.encapsulation_port = 5000;
  BehindNat net(a, b);
  want(net);
  net.exchange();
  ASSERT_TRUE(net.agree());
  EXPECT_TRUE(net.a.only_sa().local_behind_nat && net.b.only_sa().peer_behind_nat);
  EXPECT_EQ(net.a.only_sa().path.remote.port, kNatPort);
  EXPECT_EQ(net.b.only_sa().path.remote, net.outside);
  EXPECT_EQ(net.a.children().at(0)->udp_remote, kNatPort);
  EXPECT_EQ(net.b.children().at(0)->udp_remote, net.outside.port);
  EXPECT_EQ(net.a.children().at(0)->udp_local, kNatPort);
  EXPECT_EQ(net.b.children().at(0)->udp_local, kNatPort);
  EXPECT_FALSE(net.a.children().at(0)->peer_may_move);
  EXPECT_TRUE(net.b.children().at(0)->peer_may_move);
  // The NAT is reminded of us.
  for (int i = 0; i < 3; ++i) {
    net.now += 20 * kSecond;
    net.a.act(net.a.table->timeout(net.now), net.now);
    net.exchange();
  }
  EXPECT_EQ(net.keepalives, 3);
}

TEST(NatTraversal, APeerThatMovesIsFollowedByWhatItAuthenticates) {
  BehindNat net(gateway_a(), BehindNat::far_side());
  want(net);
  net.exchange();
  const std::uint32_t spi = net.b.sends_on(TwoPeers::kTunnel)->spi_out;
  const Endpoint before = net.outside;
  // Anyone may send from elsewhere.
  Header header;
  header.spi_i = net.a.only_sa().spi_i;
  header.spi_r = net.a.only_sa().spi_r;
  header.exchange = ExchangeType::kInformational;
  header.initiator = true;
  header.message = net.b.only_sa().next_expected;
  const Endpoint thief{*Address::parse("198.51.100.66"), 4500};
  const Bytes forged = seal(header, 0, {}, sending_keys(net.a.only_sa()), Bytes(8, 9));
  Bytes bent = forged;
  bent.back() ^= 1;
  net.b.act(net.b.table->handle(bent, {0, {net.b.config.local, kNatPort}, thief}, net.now),
            net.now);
  EXPECT_EQ(net.b.only_sa().path.remote, before);
  // The NAT gives a another port: the next request tells, and the pair goes on with its numbers.
  net.outside.port = 31313;
  net.a.act(net.a.table->rekey_ike(net.a.only_sa().index, net.now), net.now);
  net.exchange();
  EXPECT_EQ(net.astray, 0);
  EXPECT_EQ(net.b.only_sa().path.remote, net.outside);
  EXPECT_EQ(net.b.sends_on(TwoPeers::kTunnel)->spi_out, spi);
  EXPECT_EQ(net.b.outbound.at(spi).udp_remote, 31313);
  // Another address: the plane keys by it, so the pair is made anew.
  net.outside = {*Address::parse("203.0.113.77"), 40404};
  net.a.act(net.a.table->rekey_ike(net.a.only_sa().index, net.now), net.now);
  net.exchange();
  net.now += kSecond;
  net.exchange();
  EXPECT_TRUE(net.agree());
  EXPECT_NE(net.b.sends_on(TwoPeers::kTunnel)->spi_out, spi);
  EXPECT_EQ(to_string(net.b.sends_on(TwoPeers::kTunnel)->remote), "203.0.113.77");
  // The plane saw ESP from a new port before IKE spoke.
  const auto generation = net.b.sends_on(TwoPeers::kTunnel)->generation;
  net.outside.port = 50505;
  net.b.act(net.b.table->peer_moved(generation, net.outside, net.now), net.now);
  EXPECT_EQ(net.b.only_sa().path.remote, net.outside);
  EXPECT_EQ(net.b.sends_on(TwoPeers::kTunnel)->udp_remote, 50505);
  // A commit that changes nothing of it leaves it alone.
  net.b.act(net.b.table->configure(config_of(net.b.config), net.now), net.now);
  EXPECT_EQ(net.b.established().size(), 1u);
}

// Of two pairs the plane may send on the one or the other (the peer narrowed the later one): it is
// told the port of both, and of the later one last.
TEST(NatTraversal, APeerThatMovesIsFollowedByEveryPair) {
  Gateway b = BehindNat::far_side();
  b.children[0].install_interval_seconds = 5;
  BehindNat net(gateway_a(), b);
  want(net);
  net.exchange();
  ++net.now;
  net.b.act(net.b.table->rekey_tunnel(TwoPeers::kTunnel, net.now), net.now);
  net.exchange();
  ASSERT_EQ(net.b.children().size(), 2u);
  const std::uint32_t sends = net.b.sends_on(TwoPeers::kTunnel)->spi_out;
  net.outside.port = 50505;
  net.b.act(net.b.table->peer_moved(net.b.children().at(0)->generation, net.outside, net.now),
            net.now);
  EXPECT_EQ(net.b.outbound.size(), 2u);
  EXPECT_EQ(net.b.sends_on(TwoPeers::kTunnel)->spi_out, sends);
  for (const auto& [spi, pair] : net.b.inbound) EXPECT_EQ(pair.udp_remote, 50505) << spi;
  for (const auto& [spi, pair] : net.b.outbound) EXPECT_EQ(pair.udp_remote, 50505) << spi;
}

// We answered a rekey and wait for the peer to send on the new pair: it has sent nothing itself, so
// it goes along as it is, and does not begin where the peer was.
TEST(NatTraversal, APairThatHasNotSentFollowsToAnotherAddress) {
  Gateway a = gateway_a();
  a.children[0].install_interval_seconds = 2;
  BehindNat net(a, BehindNat::far_side());
  want(net);
  net.exchange();
  ++net.now;
  net.a.act(net.a.table->rekey_tunnel(TwoPeers::kTunnel, net.now), net.now);
  net.exchange();
  ASSERT_EQ(net.b.children().size(), 2u);
  const std::uint32_t waiting = net.b.children().at(1)->spi_out;
  ASSERT_NE(net.b.sends_on(TwoPeers::kTunnel)->spi_out, waiting);
  net.outside = {*Address::parse("203.0.113.77"), 40404};
  net.now += 2 * kSecond;
  net.a.act(net.a.table->timeout(net.now), net.now);  // its DELETE of the old pair
  net.exchange();
  ASSERT_TRUE(net.b.outbound.contains(waiting));
  EXPECT_EQ(to_string(net.b.outbound.at(waiting).remote), "203.0.113.77");
  EXPECT_EQ(net.b.outbound.at(waiting).udp_remote, 40404);
}

TEST(NatTraversal, WithoutItNothingIsSaidOfNats) {
  Gateway a = gateway_a(), b = BehindNat::far_side();
  a.nat_traversal = false;
  BehindNat net(a, b);
  want(net);
  net.exchange();
  EXPECT_EQ(net.a.only_sa().path.remote.port, 500);
  EXPECT_EQ(net.b.children().at(0)->udp_remote, 0);
}

TEST(Handshake, GeneralIkeIdTakesEveryIdentityThatHasTheKey) {
  Gateway a = gateway_a(), b = gateway_b();
  a.local_identity = {Identity::Type::kKeyId, {1, 2, 3}};
  b.any_identity = true;
  TwoPeers net(a, b);
  net.establish();
  EXPECT_TRUE(net.agree());
}

TEST(Handshake, ANatIsSeenFromBothSides) {
  TwoPeers net;
  want(net);
  Datagram request = net.take(net.a);
  request.path.local.port = 1234;  // as b sees a
  net.deliver(net.b, request);
  EXPECT_TRUE(net.b.only_sa().peer_behind_nat);
  EXPECT_FALSE(net.b.only_sa().local_behind_nat);
  Datagram response = net.take(net.b);
  response.path.remote.port = 500;
  net.deliver(net.a, response);
  EXPECT_TRUE(net.a.only_sa().local_behind_nat);
  EXPECT_FALSE(net.a.only_sa().peer_behind_nat);
}

TEST(Handshake, MessagesLargerThanTheFragmentSizeArriveInPieces) {
  Gateway a = gateway_a(), b = gateway_b();
  for (int i = 0; i < 20; ++i) {
    const std::string third = std::to_string(i);
    a.children[0].local.push_back(
        selector(("10.0." + third + ".0").c_str(), ("10.0." + third + ".99").c_str()));
  }
  TwoPeers net(a, b);
  want(net);
  net.to_b();
  net.to_a();
  EXPECT_TRUE(net.a.only_sa().peer_fragments);
  EXPECT_GT(net.a.wire.size(), 1u);
  for (const Datagram& piece : net.a.wire) EXPECT_LE(piece.bytes.size() + 28, 576u);
  std::reverse(net.a.wire.begin(), net.a.wire.end());
  net.settle();
  EXPECT_TRUE(net.agree());
  EXPECT_GT(net.b.only_sa().counters.input_fragments, 1u);
}

TEST(Handshake, WithoutFragmentationEverythingIsOneMessage) {
  Gateway a = gateway_a();
  for (int i = 0; i < 20; ++i) a.children[0].local.push_back(selector("10.0.0.0", "10.0.0.9"));
  a.fragmentation = false;
  TwoPeers net(a, gateway_b());
  net.establish();
  EXPECT_TRUE(net.agree());
  EXPECT_EQ(net.b.only_sa().counters.input_fragments, 0u);
}

// The peer took it away, and before it is made anew a commit says that nobody here is to make it.
TEST(Establish, WhatACommitTakesBackIsNotBegun) {
  for (const auto establish : {EstablishTunnels::kOnTraffic, EstablishTunnels::kResponderOnly}) {
    Gateway a = gateway_a();
    a.children[0].establish = EstablishTunnels::kImmediately;
    TwoPeers net(a, gateway_b());
    net.settle();
    ASSERT_TRUE(net.agree());
    net.b.act(net.b.table->delete_tunnel(TwoPeers::kTunnel, net.now), net.now);
    net.settle();
    ASSERT_TRUE(net.a.table->next_attempt(TwoPeers::kTunnel));
    a.children[0].establish = establish;
    net.a.act(net.a.table->configure(config_of(a), net.now), net.now);
    net.pass(60 * kSecond);
    EXPECT_TRUE(net.a.children().empty());
  }
}

}  // namespace
}  // namespace nezu::ike::test
