// An initiator that refuses what it was answered says so: the peer has made its half by then.
// RFC 7296 sections 1.4.1 and 2.21.3.
#include <gtest/gtest.h>

#include <functional>

#include "services/ike/message/message.h"
#include "services/ike/message/wire.h"
#include "services/ike/session/sk.h"
#include "tests/services/ike/two_peers.h"

namespace nezu::ike::test {
namespace {
constexpr auto kTunnel = TwoPeers::kTunnel;

PayloadChain chain_of(const Payloads& payloads) {
  PayloadChain chain;
  if (payloads.id_r) chain.add(PayloadType::kIdR, payloads.id_r_body);
  if (payloads.auth) chain.add(PayloadType::kAuth, encode_auth(*payloads.auth));
  if (payloads.sa) chain.add(PayloadType::kSa, encode_sa(*payloads.sa));
  if (payloads.nonce) chain.add(PayloadType::kNonce, *payloads.nonce);
  if (payloads.ke) chain.add(PayloadType::kKe, encode_ke(*payloads.ke));
  if (payloads.ts_i) chain.add(PayloadType::kTsI, encode_ts(*payloads.ts_i));
  if (payloads.ts_r) chain.add(PayloadType::kTsR, encode_ts(*payloads.ts_r));
  return chain;
}

using Bend = std::function<void(Payloads&)>;

// b's next message, authentic but not what b said.
void bend_answer(TwoPeers& net, const Bend& bend) {
  Datagram answer = net.take(net.b);
  const SkKeys keys = sending_keys(net.b.only_sa());
  const auto opened = open(answer.bytes, keys);
  ASSERT_TRUE(opened);
  Payloads payloads = std::get<Payloads>(parse_payloads(opened->first_inner, opened->plain));
  bend(payloads);
  const PayloadChain chain = chain_of(payloads);
  answer.bytes = seal(parse_header(answer.bytes), chain.first(), chain.bytes(), keys, Bytes(8, 77));
  net.deliver(net.a, answer);
}

const Bend kWiderSelectors = [](Payloads& answer) {
  answer.ts_i->front().first = *Address::parse("0.0.0.0");
  answer.ts_i->front().last = *Address::parse("255.255.255.255");
};
const Bend kReservedSpi = [](Payloads& answer) { answer.sa->front().spi = {0, 0, 0, 7}; };
const Bend kTwoProposals = [](Payloads& answer) {
  answer.sa->front().number = 1;
  answer.sa->push_back(answer.sa->front());
  answer.sa->back().number = 2;
};
const Bend kOtherGroup = [](Payloads& answer) { answer.ke->group = 14; };
const Bend kZeroPoint = [](Payloads& answer) { answer.ke->data.assign(32, 0); };

struct Case {
  const char* name;
  Bend bend;
  bool secrecy;  // with a KE payload
};

class RefusedAnswer : public testing::TestWithParam<Case> {
 protected:
  static Gateway config(Gateway gateway) {
    gateway.children[0].local = gateway.children[0].remote = {
        {*Address::parse("10.0.0.0"), *Address::parse("10.255.255.255")}};
    if (GetParam().secrecy) gateway.children[0].pfs = DhGroup::kX25519;
    return gateway;
  }
  TwoPeers net_{config(gateway_a()), config(gateway_b())};
};

TEST_P(RefusedAnswer, OfARekeyIsTakenBackByThePeer) {
  net_.establish();
  const std::uint32_t old = net_.a.sends_on(kTunnel)->spi_out;
  net_.a.act(net_.a.table->rekey_tunnel(kTunnel, net_.now), net_.now);
  ASSERT_TRUE(net_.to_b());
  ASSERT_EQ(net_.b.children().size(), 2u);
  bend_answer(net_, GetParam().bend);
  net_.settle();
  EXPECT_EQ(net_.a.children().size(), 1u);
  EXPECT_EQ(net_.b.children().size(), 1u) << "the half that nobody uses is gone";
  EXPECT_TRUE(net_.agree());
  EXPECT_EQ(net_.a.sends_on(kTunnel)->spi_out, old);
}

class RefusedFirstAnswer : public RefusedAnswer {};  // IKE_AUTH has no KE

TEST_P(RefusedFirstAnswer, IsTakenBackByThePeer) {
  net_.a.act(net_.a.table->tunnel_wanted(kTunnel, net_.now), net_.now);
  ASSERT_TRUE(net_.to_b() && net_.to_a() && net_.to_b());
  ASSERT_EQ(net_.b.children().size(), 1u);
  bend_answer(net_, GetParam().bend);
  net_.settle();
  EXPECT_TRUE(net_.a.children().empty());
  EXPECT_TRUE(net_.b.children().empty());
  EXPECT_EQ(net_.b.only_sa().phase, Phase::kEstablished);
}

// Nothing that the peer says takes the place of its AUTH (CVE-2021-45079).
TEST(FirstAnswer, WithoutAuthEstablishesNothing) {
  TwoPeers net;
  net.a.act(net.a.table->tunnel_wanted(kTunnel, net.now), net.now);
  ASSERT_TRUE(net.to_b() && net.to_a() && net.to_b());
  bend_answer(net, [](Payloads& answer) { answer.auth.reset(); });
  EXPECT_TRUE(net.a.table->sas().empty());
  EXPECT_TRUE(net.a.inbound.empty() && net.a.outbound.empty());
}

const auto name_of_case = [](const auto& each) { return each.param.name; };
INSTANTIATE_TEST_SUITE_P(Bends, RefusedAnswer,
                         testing::Values(Case{"WiderSelectors", kWiderSelectors, false},
                                         Case{"ReservedSpi", kReservedSpi, false},
                                         Case{"TwoProposals", kTwoProposals, false},
                                         Case{"OtherGroup", kOtherGroup, true},
                                         Case{"ZeroPoint", kZeroPoint, true}),
                         name_of_case);
INSTANTIATE_TEST_SUITE_P(Bends, RefusedFirstAnswer,
                         testing::Values(Case{"WiderSelectors", kWiderSelectors, false},
                                         Case{"ReservedSpi", kReservedSpi, false},
                                         Case{"TwoProposals", kTwoProposals, false}),
                         name_of_case);

// The peer has given the children to an IKE SA that we have no keys for.
TEST(RefusedAnswerOfIkeRekey, EndsTheOldSaAndTheTunnelComesBack) {
  Gateway a = gateway_a(), b = gateway_b();
  a.children[0].establish = EstablishTunnels::kImmediately;
  TwoPeers net(a, b);
  net.settle();
  ASSERT_TRUE(net.agree());
  net.a.act(net.a.table->rekey_ike(net.a.only_sa().index, net.now), net.now);
  ASSERT_TRUE(net.to_b());
  ASSERT_EQ(net.b.table->sas().size(), 2u);
  Datagram answer = net.take(net.b);
  const SkKeys keys = sending_keys(net.b.table->sas().begin()->second);
  const auto opened = open(answer.bytes, keys);
  ASSERT_TRUE(opened);
  Payloads payloads = std::get<Payloads>(parse_payloads(opened->first_inner, opened->plain));
  kZeroPoint(payloads);
  const PayloadChain chain = chain_of(payloads);
  answer.bytes = seal(parse_header(answer.bytes), chain.first(), chain.bytes(), keys, Bytes(8, 77));
  ++net.now;  // the way takes a moment
  net.deliver(net.a, answer);
  net.settle();
  net.pass(10 * kSecond);
  EXPECT_TRUE(net.agree());
  EXPECT_EQ(net.a.children().size(), 1u);
  EXPECT_EQ(net.b.children().size(), 1u) << "INITIAL_CONTACT ends the SA without a peer";
  EXPECT_EQ(net.b.established().size(), 1u);
}

// Nothing happened that a restart would have to know.
TEST(RepeatedRequest, IsAnsweredWithoutARecord) {
  TwoPeers net;
  net.establish();
  net.a.act(net.a.table->rekey_tunnel(kTunnel, net.now), net.now);
  const Datagram request = net.a.wire.front();
  ASSERT_TRUE(net.to_b());
  const Bytes answer = net.b.wire.front().bytes;
  Path path = request.path;
  std::swap(path.local, path.remote);
  const Output out = net.b.table->handle(request.bytes, path, net.now);
  EXPECT_TRUE(out.changed.empty());
  ASSERT_EQ(out.messages.size(), 1u);
  EXPECT_EQ(out.messages[0].bytes, answer);
}

}  // namespace
}  // namespace nezu::ike::test
