// What the journal keeps of an exchange, and the words it finds for one that failed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "services/ike/message/message.h"
#include "services/ike/session/compare.h"
#include "services/ike/session/decode.h"
#include "services/ike/session/snapshot.h"
#include "services/ike/session/window.h"
#include "tests/services/ike/two_peers.h"

namespace nezu::ike::test {
namespace {
using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto kTunnel = TwoPeers::kTunnel;

void want(TwoPeers& net) {
  net.a.act(net.a.table->tunnel_wanted(kTunnel, net.now), net.now);
}

std::vector<const Exchange*> exchanges(const Peer& peer) {
  return peer.table->journal().exchanges();
}

const Exchange& last(const Peer& peer) {
  return *exchanges(peer).back();
}

// Every line of every message.
std::string text(const Exchange& exchange) {
  std::string all;
  for (const Said& said : exchange.messages)
    for (const KeptPayload& payload : payloads_of(said))
      for (const std::string& line : lines_of(payload))
        all += name_of(payload.type) + ' ' + line + '\n';
  return all;
}

std::string trouble(const Peer& peer) {
  const Trouble* found = peer.table->journal().trouble(peer.config.name, kTunnel);
  return found ? found->what + " | " + found->look_at : "none";
}

std::string row(const Exchange& exchange, const std::string& what) {
  for (const Row& each : side_by_side(exchange))
    if (each.what == what) return each.initiator + " | " + each.responder + " | " + each.verdict;
  return "no row " + what;
}

TEST(Journal, KeepsAHandshakeAtBothEnds) {
  TwoPeers net;
  net.establish();
  for (const Peer* peer : {&net.a, &net.b}) {
    ASSERT_EQ(exchanges(*peer).size(), 2u) << peer->name;
    const Exchange &init = *exchanges(*peer)[0], &auth = *exchanges(*peer)[1];
    EXPECT_EQ(init.type, ExchangeType::kInit);
    EXPECT_EQ(auth.type, ExchangeType::kAuth);
    EXPECT_EQ(init.ours, peer == &net.a);
    EXPECT_EQ(outcome_of(init), "done");
    EXPECT_EQ(outcome_of(auth), "done");
    EXPECT_NE(init.spi_r, 0u);
    EXPECT_EQ(row(init, "proposal 1 encryption"), "aes-256-gcm | aes-256-gcm | chosen");
    EXPECT_EQ(row(init, "KE"), "group31 | group31 | same");
    EXPECT_EQ(row(auth, "TSi"), "0.0.0.0/0, ::/0 | 0.0.0.0/0, ::/0 | same");
    EXPECT_THAT(text(init), HasSubstr("KE group31, public value of 32 octets\n"));
    EXPECT_THAT(text(init), HasSubstr("Nonce 32 octets\n"));
    EXPECT_THAT(text(auth), HasSubstr("IDi inet 16.1.1.2\n"));
    EXPECT_THAT(text(auth), HasSubstr("AUTH pre-shared key, proof of "));
  }
  EXPECT_EQ(trouble(net.a), "none");
}

// The answer holds no payload, and the SA is gone with it.
TEST(Journal, KeepsTheAnswerToADelete) {
  TwoPeers net;
  net.establish();
  net.a.act(net.a.table->delete_ike(net.a.only_sa().index, net.now), net.now);
  net.settle();
  for (const Peer* peer : {&net.a, &net.b}) {
    EXPECT_EQ(last(*peer).type, ExchangeType::kInformational) << peer->name;
    EXPECT_EQ(outcome_of(last(*peer)), "done") << peer->name;
    EXPECT_EQ(last(*peer).messages.size(), 2u) << peer->name;
  }
}

bool holds(const Bytes& kept, ByteView secret) {
  return std::search(kept.begin(), kept.end(), secret.begin(), secret.end()) != kept.end();
}

// Nothing that could help anyone to the keys: not the values, not the nonces, not the proofs.
TEST(Journal, HoldsNoSecret) {
  TwoPeers net;
  net.establish();
  net.a.act(net.a.table->rekey_tunnel(kTunnel, net.now), net.now);
  net.settle();
  const IkeSa& sa = net.a.only_sa();
  for (const Exchange* exchange : exchanges(net.a))
    for (const Said& said : exchange->messages) {
      for (const Bytes& each : {sa.nonce_i, sa.nonce_r, sa.keys.d, sa.keys.ei, sa.keys.er})
        EXPECT_FALSE(holds(said.kept, each));
      EXPECT_FALSE(holds(said.kept, net.a.config.pre_shared_key));
      for (const KeptPayload& payload : payloads_of(said)) {
        const bool proof = payload.type == PayloadType::kAuth;
        const bool value = payload.type == PayloadType::kKe || payload.type == PayloadType::kNonce;
        if (proof || value) {
          EXPECT_LE(payload.body.size(), proof ? 1u : 2u);
        }
      }
    }
}

TEST(Explain, WhichAttributeOfTheProposalsDiffers) {
  Gateway a = gateway_a(), b = gateway_b();
  a.proposals = {*ike_proposal("p", "aes-256-cbc", "sha-256", "group31", 0)};
  b.proposals = {*ike_proposal("q", "aes-128-cbc", "sha-512", "group31", 0),
                 *ike_proposal("r", "aes-256-cbc", "sha-256", "group19", 0)};
  TwoPeers net(a, b);
  want(net);
  ASSERT_TRUE(net.to_b());
  EXPECT_EQ(
      trouble(net.b),
      "None of the peer's IKE proposals is acceptable here (NO_PROPOSAL_CHOSEN): DH group: the "
      "peer offers group31, this end accepts group19 | the IKE policies' proposals (dh-group, "
      "encryption-algorithm, authentication-algorithm) at the two ends");
  EXPECT_EQ(outcome_of(last(net.b)), "refused by this end: NO_PROPOSAL_CHOSEN");
  EXPECT_EQ(row(last(net.b), "proposal 1 DH group"), "group31 | group19 | differs");
  EXPECT_EQ(row(last(net.b), "proposal 1 encryption"), "aes-256-cbc | aes-256-cbc | same");
  ASSERT_TRUE(net.to_a());
  EXPECT_THAT(trouble(net.a),
              HasSubstr("The peer accepts none of our IKE proposals "
                        "(NO_PROPOSAL_CHOSEN), it does not say which part it lacks. We "
                        "offered aes-256-cbc, hmac-sha256-128, hmac-sha256, group31"));
  EXPECT_EQ(outcome_of(last(net.a)), "refused by the peer: NO_PROPOSAL_CHOSEN");
  EXPECT_EQ(row(last(net.a), "proposal 1 encryption"), "aes-256-cbc | not told | ");
}

TEST(Explain, AnotherGroupIsTriedAndSaid) {
  Gateway a = gateway_a(), b = gateway_b();
  a.proposals = {*ike_proposal("p", "aes-256-gcm", "sha-256", "group19", 0),
                 *ike_proposal("q", "aes-256-gcm", "sha-256", "group31", 0)};
  TwoPeers net(a, b);
  net.establish();
  const Exchange& init = *exchanges(net.a).front();
  EXPECT_EQ(init.messages.size(), 4u);
  EXPECT_EQ(outcome_of(init), "done");
  EXPECT_THAT(text(init), HasSubstr("N INVALID_KE_PAYLOAD: group31 is wanted\n"));
  EXPECT_EQ(trouble(net.b), "none") << "it was no mistake";
}

TEST(Explain, AGroupThatNobodyHere) {
  TwoPeers net;
  want(net);
  Datagram request = net.take(net.a);
  PayloadChain chain;
  chain.add(PayloadType::kNotify, encode_notify({NotifyType::kInvalidKePayload, {}, {}, {0, 20}}));
  Header header = parse_header(request.bytes);
  header.response = true;
  header.initiator = false;
  net.deliver(net.a, {{0, request.path.remote, request.path.local}, encode_message(header, chain)});
  EXPECT_THAT(trouble(net.a), HasSubstr("The peer wants group20 for the key exchange"));
}

// As many as stand, whatever was answered besides.
TEST(Tally, CountsIkeSasThatCameToStand) {
  Gateway b = gateway_b();
  b.pre_shared_key = Bytes(5, 'x');
  TwoPeers net(gateway_a(), b);
  want(net);
  net.settle();
  for (const Peer* peer : {&net.a, &net.b})
    EXPECT_EQ(peer->table->journal().tally("gw").proven, 0u) << peer->name;
  TwoPeers well;
  well.establish();
  for (const Peer* peer : {&well.a, &well.b})
    EXPECT_EQ(peer->table->journal().tally("gw").proven, 1u) << peer->name;
}

TEST(Explain, AnotherPreSharedKey) {
  Gateway b = gateway_b();
  b.pre_shared_key = Bytes(5, 'x');
  TwoPeers net(gateway_a(), b);
  want(net);
  net.settle();
  EXPECT_THAT(trouble(net.b),
              HasSubstr("The peer 16.1.1.2 (inet 16.1.1.2) has another pre-shared key"));
  EXPECT_THAT(trouble(net.a), HasSubstr("The peer refused our authentication"));
  EXPECT_EQ(outcome_of(last(net.a)), "refused by the peer: AUTHENTICATION_FAILED");
}

struct IdentityCase {
  const char* name;
  Identity said, expected;
  const char* words;
};

Identity name(Identity::Type type, std::string_view text) {
  return {type, bytes_of(view_of(text))};
}

class WrongIdentity : public testing::TestWithParam<IdentityCase> {};

TEST_P(WrongIdentity, IsRefusedInWordsByTheResponder) {
  Gateway a = gateway_a(), b = gateway_b();
  a.local_identity = GetParam().said;
  b.remote_identity = GetParam().expected;
  TwoPeers net(a, b);
  want(net);
  net.settle();
  EXPECT_THAT(trouble(net.b), HasSubstr("The peer 16.1.1.2 " + std::string(GetParam().words)));
  EXPECT_TRUE(net.b.children().empty());
}

TEST_P(WrongIdentity, IsRefusedInWordsByTheInitiator) {
  Gateway a = gateway_a(), b = gateway_b();
  b.local_identity = GetParam().said;
  a.remote_identity = GetParam().expected;
  TwoPeers net(a, b);
  want(net);
  net.settle();
  EXPECT_THAT(trouble(net.a), HasSubstr("The peer 16.1.1.1 " + std::string(GetParam().words)));
  EXPECT_TRUE(net.a.children().empty());
  EXPECT_TRUE(net.b.children().empty()) << "it is told";
  EXPECT_THAT(trouble(net.b), HasSubstr("The peer refused our authentication"));
  EXPECT_EQ(outcome_of(last(net.a)), "told the peer: AUTHENTICATION_FAILED");
  const auto all = exchanges(net.a);
  EXPECT_EQ(outcome_of(*all.at(all.size() - 2)), "answered, refused by this end");
}

TEST_P(WrongIdentity, TheRightOneIsTaken) {
  Gateway a = gateway_a(), b = gateway_b();
  a.local_identity = b.remote_identity = GetParam().expected;
  b.local_identity = a.remote_identity = GetParam().said;
  TwoPeers net(a, b);
  net.establish();
  EXPECT_TRUE(net.agree());
  EXPECT_EQ(net.b.only_sa().remote_identity, GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, WrongIdentity,
    testing::Values(IdentityCase{"Inet", Identity::of(*Address::parse("9.9.9.9")),
                                 Identity::of(*Address::parse("8.8.8.8")),
                                 "says it is inet 9.9.9.9, expected is inet 8.8.8.8"},
                    IdentityCase{"Inet6", Identity::of(*Address::parse("2001:db8::9")),
                                 Identity::of(*Address::parse("2001:db8::8")),
                                 "says it is inet6 2001:db8::9, expected is inet6 2001:db8::8"},
                    IdentityCase{"Hostname", name(Identity::Type::kHostname, "a.example"),
                                 name(Identity::Type::kHostname, "b.example"),
                                 "says it is hostname a.example, expected is hostname b.example"},
                    IdentityCase{
                        "User", name(Identity::Type::kUserAtHostname, "a@b.example"),
                        name(Identity::Type::kUserAtHostname, "c@b.example"),
                        "says it is user-at-hostname a@b.example, expected is user-at-hostname"},
                    IdentityCase{"KeyId", name(Identity::Type::kKeyId, "seven"),
                                 name(Identity::Type::kHostname, "seven"),
                                 "says it is key-id seven, expected is hostname seven"}),
    [](const auto& each) { return std::string(each.param.name); });

TEST(Explain, SelectorsThatDoNotMeet) {
  Gateway a = gateway_a(), b = gateway_b();
  const auto range = [](const char* first, const char* last) {
    return std::vector<TrafficSelector>{{*Address::parse(first), *Address::parse(last)}};
  };
  a.children[0].local = range("10.1.0.0", "10.1.255.255");
  a.children[0].remote = range("10.2.0.0", "10.2.255.255");
  b.children[0].local = range("10.3.0.0", "10.3.255.255");
  b.children[0].remote = range("10.1.0.0", "10.1.255.255");
  TwoPeers net(a, b);
  want(net);
  net.settle();
  EXPECT_THAT(
      trouble(net.b),
      HasSubstr("Traffic selectors do not meet (TS_UNACCEPTABLE): the peer offers 10.1.0.0/16 "
                "at its end and 10.2.0.0/16 here, this end has 10.1.0.0/16 remote and "
                "10.3.0.0/16 local"));
  EXPECT_THAT(trouble(net.a),
              HasSubstr("The peer does not accept our traffic selectors "
                        "(TS_UNACCEPTABLE): 10.1.0.0/16 here, 10.2.0.0/16 at its end"));
  EXPECT_EQ(row(last(net.b), "TSr"), "10.2.0.0/16 | 10.3.0.0/16 | differs");
  EXPECT_EQ(outcome_of(last(net.a)), "IKE SA made, tunnel refused by the peer: TS_UNACCEPTABLE");
}

TEST(Explain, IpsecProposalsThatDiffer) {
  Gateway a = gateway_a(), b = gateway_b();
  b.children[0].proposals = {*esp_proposal("e", "aes-128-gcm", "", false, 3600, 0)};
  TwoPeers net(a, b);
  want(net);
  net.settle();
  EXPECT_THAT(trouble(net.b),
              HasSubstr("None of the peer's IPsec proposals is acceptable here "
                        "(NO_PROPOSAL_CHOSEN): encryption: the peer offers aes-256-gcm, this end "
                        "accepts aes-128-gcm"));
  EXPECT_THAT(trouble(net.a), HasSubstr("The peer accepts none of our IPsec proposals"));
}

// Asks for a group of each pair's own, as gateway_a() does not.
Gateway secretive_b() {
  Gateway b = gateway_b();
  b.children[0].pfs = DhGroup::kEcp256;
  return b;
}

// The first pair needs no group of its own: the mistake shows at the first rekey.
TEST(Explain, SecrecyOfOneEndOnly) {
  TwoPeers net(gateway_a(), secretive_b());
  net.establish();
  net.a.act(net.a.table->rekey_tunnel(kTunnel, net.now), net.now);
  net.settle();
  EXPECT_THAT(trouble(net.b),
              HasSubstr("DH group: the peer offers none, this end accepts group19 | "
                        "perfect-forward-secrecy of the IPsec policies at the two ends"));
  EXPECT_TRUE(net.agree()) << "the old pair works on";
}

// A rekeyed IKE SA counts its messages from 0 again: the second is no IKE_AUTH.
TEST(Explain, SecrecyOfOneEndOnlyOnARekeyedIkeSa) {
  TwoPeers net(gateway_a(), secretive_b());
  net.establish();
  net.a.act(net.a.table->rekey_ike(net.a.only_sa().index, net.now), net.now);
  net.settle();
  net.a.act(net.a.table->rekey_tunnel(kTunnel, net.now), net.now);
  net.settle();
  EXPECT_THAT(trouble(net.b),
              HasSubstr("DH group: the peer offers none, this end accepts group19"));
  EXPECT_EQ(row(last(net.b), "proposal 1 DH group"), "none | group19 | differs");
}

// What was offered is what is said: IKE_AUTH offers no group, whatever the policy has.
TEST(Explain, RefusedProposalsAsTheyWereOffered) {
  Gateway a = gateway_a(), b = gateway_b();
  a.children[0].pfs = DhGroup::kX25519;
  b.children[0].proposals = {*esp_proposal("e", "aes-128-gcm", "", false, 3600, 0)};
  TwoPeers net(a, b);
  want(net);
  net.settle();
  EXPECT_THAT(trouble(net.a), HasSubstr("We offered aes-256-gcm, no ESN |"));
}

// Both ask at the same moment, and both are refused: each refusal is that of its own exchange.
TEST(Explain, ARefusalBelongsToTheExchangeThatWasRefused) {
  TwoPeers net(gateway_a(), secretive_b());
  net.establish();
  net.a.act(net.a.table->rekey_tunnel(kTunnel, net.now), net.now);
  net.b.act(net.b.table->rekey_tunnel(kTunnel, net.now), net.now);
  const Datagram from_a = net.take(net.a);
  ASSERT_TRUE(net.to_a());
  net.deliver(net.b, from_a);
  net.settle();
  for (const Peer* peer : {&net.a, &net.b}) {
    const Trouble* found = peer->table->journal().trouble("gw", kTunnel);
    ASSERT_TRUE(found) << peer->name;
    const Exchange* exchange = peer->table->journal().exchange(found->exchange);
    ASSERT_TRUE(exchange) << peer->name;
    EXPECT_EQ(exchange->why, found->what) << peer->name;
    for (const Exchange* each : exchanges(*peer)) {
      const bool refused = each->why.find("The peer ") == 0 || each->why.find("The peer's ") == 0;
      if (!each->why.empty()) {
        EXPECT_EQ(each->ours, refused) << peer->name << ": " << each->why;
      }
    }
  }
}

TEST(Explain, ARefusedRekeyOfTheIkeSa) {
  Gateway b = gateway_b();
  TwoPeers net(gateway_a(), b);
  net.establish();
  // b's proposals change under it, which a commit would not do: its SA would end.
  const std::uint64_t policy = net.b.only_sa().policy;
  b.proposals = {*ike_proposal("q", "aes-128-gcm", "sha-256", "group31", 28800)};
  const_cast<IkeSa&>(net.b.only_sa()).policy = digest_of(b);
  net.b.act(net.b.table->configure(config_of(b), net.now), net.now);
  ASSERT_NE(net.b.only_sa().policy, policy);
  ASSERT_EQ(net.b.established().size(), 1u);
  net.a.act(net.a.table->rekey_ike(net.a.only_sa().index, net.now), net.now);
  net.settle();
  EXPECT_THAT(trouble(net.b),
              HasSubstr("None of the peer's proposals for the rekey of the IKE SA is acceptable "
                        "here (NO_PROPOSAL_CHOSEN): encryption: the peer offers aes-256-gcm, this "
                        "end accepts aes-128-gcm"));
  EXPECT_EQ(row(last(net.b), "proposal 1 encryption"), "aes-256-gcm | aes-128-gcm | differs");
  EXPECT_TRUE(net.b.has_event("IKE SA rekey of the peer refused: NO_PROPOSAL_CHOSEN"));
  EXPECT_THAT(trouble(net.a), HasSubstr("The peer accepts none of our proposals for the rekey of "
                                        "the IKE SA (NO_PROPOSAL_CHOSEN). We offered aes-256-gcm"));
  EXPECT_TRUE(net.agree()) << "the old one works on";
}

TEST(Explain, ATunnelThroughWhichNobodyAnswers) {
  TwoPeers net;
  net.establish();
  const std::string why = "VPN monitoring: 10.0.0.1 did not answer, asked 10 times";
  net.a.act(net.a.table->tunnel_is_dead(kTunnel, why, "the far end", net.now), net.now);
  EXPECT_TRUE(net.a.children().empty()) << "before the peer has said anything";
  EXPECT_FALSE(net.a.has_event("cleared"));
  EXPECT_THAT(trouble(net.a), HasSubstr(why));
  net.settle();
  EXPECT_TRUE(net.b.children().empty()) << "it is told";
  EXPECT_EQ(net.a.established().size(), 1u);
  net.establish();
  EXPECT_TRUE(net.agree());
  EXPECT_EQ(trouble(net.a), "none");
}

TEST(Explain, WhichMessageGotNoAnswerAndHowOften) {
  TwoPeers net;
  want(net);
  net.pass(120 * kSecond, false);
  EXPECT_THAT(trouble(net.a),
              HasSubstr("IKE_SA_INIT was sent 6 times to 16.1.1.1:500 without an answer"));
  EXPECT_EQ(outcome_of(*exchanges(net.a).front()), "no answer to 6 requests");
}

TEST(Explain, AuthWithoutAnswer) {
  TwoPeers net;
  want(net);
  ASSERT_TRUE(net.to_b() && net.to_a());
  net.pass(120 * kSecond, false);
  EXPECT_THAT(trouble(net.a), HasSubstr("IKE_SA_INIT was answered, but IKE_AUTH was sent 6 times"));
}

TEST(Explain, AStrangerWhoKnocks) {
  TwoPeers net;
  want(net);
  Datagram request = net.take(net.a);
  request.path.local.address = *Address::parse("16.1.1.77");
  net.deliver(net.b, request);
  EXPECT_EQ(net.b.table->journal().stranger().times, 1u);
  EXPECT_EQ(to_string(net.b.table->journal().stranger().path.remote.address), "16.1.1.77");
  net.deliver(net.b, request);
  EXPECT_EQ(net.b.table->journal().stranger().times, 2u);
  request.path.local.port = 4711;  // a NAT's
  net.deliver(net.b, request);
  EXPECT_EQ(net.b.table->journal().stranger().times, 3u);
  Datagram other = request;
  other.path.local.address = *Address::parse("16.1.1.78");
  net.deliver(net.b, other);
  EXPECT_EQ(net.b.table->journal().stranger().times, 1u) << "of this one";
  // Whom a commit makes known is none any more.
  Gateway known = gateway_b();
  known.remote = *Address::parse("16.1.1.78");
  net.b.act(net.b.table->configure(config_of(known), net.now), net.now);
  EXPECT_EQ(net.b.table->journal().stranger().times, 0u);
}

TEST(Explain, SuccessSettlesIt) {
  Gateway b = gateway_b();
  b.pre_shared_key = Bytes(5, 'x');
  TwoPeers net(gateway_a(), b);
  want(net);
  net.settle();
  EXPECT_NE(trouble(net.a), "none");
  net.b.act(net.b.table->configure(config_of(gateway_b()), net.now), net.now);
  want(net);
  net.settle();
  EXPECT_TRUE(net.agree());
  EXPECT_EQ(trouble(net.a), "none");
  EXPECT_EQ(trouble(net.b), "none");
}

// Whoever begins handshakes that lead nowhere pushes out none that was authenticated.
TEST(Journal, IsBoundedAndAFloodLeavesWhatWasProven) {
  Gateway b = gateway_b();
  TwoPeers net(gateway_a(), b);
  net.establish();
  want(net);
  const std::uint32_t first = exchanges(net.b).front()->number;
  Journal journal;
  const IkeSa& sa = net.b.only_sa();
  Header header;
  header.exchange = ExchangeType::kCreateChild;
  for (std::uint32_t message = 0; message < 1000; ++message) {
    header.message = message;
    journal.said(sa, header, 0, {}, {});
    EXPECT_LE(journal.exchanges().size(), Journal::kKept);
  }
  Peer& peer = net.b;
  for (int i = 0; i < 500; ++i) {
    TwoPeers other(gateway_a(), b);
    want(other);
    Datagram request = other.take(other.a);
    for (int octet = 0; octet < 8; ++octet)
      request.bytes[std::size_t(octet)] ^= std::uint8_t(i + octet * 7 + i / 256);
    net.deliver(peer, request);
    peer.wire.clear();
    net.now += 100;
  }
  EXPECT_LE(exchanges(peer).size(), 2 * Journal::kKept);
  EXPECT_TRUE(peer.table->journal().exchange(first)) << "of the peer that proved who it is";
}

// A message of any size is cut, and what is left can be read.
TEST(Journal, CutsLongMessages) {
  PayloadChain chain;
  for (int i = 0; i < 30; ++i) chain.add(PayloadType::kVendor, Bytes(400, 'v'));
  Said said;
  Journal::keep(chain.first(), chain.bytes(), said);
  EXPECT_TRUE(said.clipped);
  EXPECT_LE(said.kept.size(), Journal::kMostOctets);
  EXPECT_EQ(payloads_of(said).size(), 10u);
}

// A chain of certificates pushes nothing out: what is shown of them is their size.
TEST(Journal, KeepsWhatComesBehindCertificates) {
  PayloadChain chain;
  chain.add(PayloadType::kIdI, encode_id(Identity::of(*Address::parse("16.1.1.2"))));
  for (int i = 0; i < 4; ++i) chain.add(PayloadType::kCert, Bytes(1800, 'c'));
  chain.add(PayloadType::kTsI,
            encode_ts({{*Address::parse("10.0.0.0"), *Address::parse("10.0.0.9")}}));
  Said said;
  Journal::keep(chain.first(), chain.bytes(), said);
  EXPECT_FALSE(said.clipped);
  EXPECT_LT(said.kept.size(), 200u);
  const auto kept = payloads_of(said);
  ASSERT_EQ(kept.size(), 6u);
  EXPECT_EQ(lines_of(kept[1]), std::vector<std::string>{"1800 octets"});
  EXPECT_TRUE(kept[5].kept_whole());
}

TEST(Decode, NamesWhatThisRouterCannotDo) {
  Offer offer;
  offer.transforms = {
      {TransformType::kEncryption, 23, 256, false}, {TransformType::kEncryption, 12, 64, false},
      {TransformType::kPrf, 8, 0, false},           {TransformType::kIntegrity, 5, 0, false},
      {TransformType::kDh, 99, 0, false},           {TransformType::kEncryption, 4711, 0, false}};
  EXPECT_EQ(text_of(offer),
            "camellia-cbc-256 or aes-cbc-64 or encryption 4711, aes-xcbc-96, aes128-cmac, group99");
}

TEST(Decode, SurvivesRubbish) {
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    Said said;
    for (auto size = random() % 80; size > 0; --size) said.kept.push_back(std::uint8_t(random()));
    if (!said.kept.empty()) said.kept[0] = std::uint8_t(33 + random() % 16);
    if (said.kept.size() > 5)
      said.kept[1] = said.kept[3] = 0, said.kept[2] = said.kept[4] = std::uint8_t(random() % 70);
    Exchange exchange;
    exchange.messages = {said, said, said};
    exchange.messages[1].what = Said::What::kAnswer;
    exchange.messages[2].what = Said::What::kAcceptable;
    (void)text(exchange);
    (void)side_by_side(exchange);
    (void)outcome_of(exchange);
  }
}
}  // namespace
}  // namespace nezu::ike::test
