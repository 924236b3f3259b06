// Peers and strangers that do not follow the protocol: no crash, no state, nobody else's SA is
// touched.
#include <gtest/gtest.h>

#include "services/ike/message/message.h"
#include "services/ike/message/payload_ts.h"
#include "services/ike/message/wire.h"
#include "services/ike/selectors.h"
#include "services/ike/session/keys.h"
#include "services/ike/session/proposal.h"
#include "services/ike/session/sk.h"
#include "services/ike/session/window.h"
#include "tests/services/ike/two_peers.h"

namespace nezu::ike::test {
namespace {
constexpr auto kTunnel = TwoPeers::kTunnel;

// A peer that knows the keys of its SA and says with them whatever a test wants.
struct Liar {
  TwoPeers& net;
  IkeSa sa;  // a's view

  explicit Liar(TwoPeers& two) : net(two), sa(two.a.only_sa()) {}

  // The answer of b, opened; nothing: it is silent.
  std::optional<Payloads> say(ExchangeType exchange, const PayloadChain& chain) {
    net.b.wire.clear();
    Header header;
    header.spi_i = sa.spi_i;
    header.spi_r = sa.spi_r;
    header.exchange = exchange;
    header.initiator = sa.initiator;
    header.message = sa.next_request;
    const Bytes iv = Writer().u64(0xabcdef0000 + sa.next_request).done();
    net.deliver(net.b, {net.a.only_sa().path,
                        seal(header, chain.first(), chain.bytes(), sending_keys(sa), iv)});
    if (net.b.wire.empty()) return std::nullopt;
    ++sa.next_request;
    const auto opened = open(net.take(net.b).bytes, receiving_keys(sa));
    if (!opened) return std::nullopt;
    return std::get<Payloads>(parse_payloads(opened->first_inner, opened->plain));
  }

  NotifyType error_of(const std::optional<Payloads>& answer) {
    const Notify* error = answer ? find_error(*answer) : nullptr;
    return error ? error->type : NotifyType::kNone;
  }
};

PayloadChain child_request(std::uint32_t spi, std::uint8_t seed, const Notify* rekey = nullptr) {
  PayloadChain chain;
  if (rekey) chain.add(PayloadType::kNotify, encode_notify(*rekey));
  chain.add(PayloadType::kSa,
            encode_sa(offer_esp(gateway_a().children[0].proposals, spi, DhGroup::kNone)));
  chain.add(PayloadType::kNonce, Bytes(32, seed));
  chain.add(PayloadType::kTsI, encode_ts(any_selector()));
  chain.add(PayloadType::kTsR, encode_ts(any_selector()));
  return chain;
}

Notify rekey_of(std::uint32_t spi) {
  return {NotifyType::kRekeySa, Protocol::kEsp, Writer().u32(spi).done(), {}};
}

Path path_to_b(std::uint16_t port = 500) {
  return {0, {*Address::parse("16.1.1.1"), 500}, {*Address::parse("16.1.1.2"), port}};
}

Header first_header(std::uint64_t spi) {
  Header header;
  header.spi_i = spi;
  header.exchange = ExchangeType::kInit;
  header.initiator = true;
  return header;
}

// IKE_SA_INIT to b; its answer, if any.
std::optional<Payloads> init(TwoPeers& net, const PayloadChain& chain, std::uint64_t spi = 99) {
  net.b.wire.clear();
  net.b.act(net.b.table->handle(encode_message(first_header(spi), chain), path_to_b(), net.now),
            net.now);
  if (net.b.wire.empty()) return std::nullopt;
  const Bytes answer = net.take(net.b).bytes;
  return std::get<Payloads>(
      parse_payloads(parse_header(answer).next_payload, ByteView(answer).subspan(kHeaderSize)));
}

PayloadChain init_chain(const std::vector<Offer>& offers, const KeyExchange& ke) {
  PayloadChain chain;
  chain.add(PayloadType::kSa, encode_sa(offers));
  chain.add(PayloadType::kKe, encode_ke(ke));
  chain.add(PayloadType::kNonce, Bytes(32, 5));
  return chain;
}

// Each time from another SPI, as another initiator.
NotifyType answer_to(TwoPeers& net, const PayloadChain& chain) {
  static std::uint64_t spi = 100;
  const auto answer = init(net, chain, ++spi);
  const Notify* error = answer ? find_error(*answer) : nullptr;
  return error ? error->type : NotifyType::kNone;
}

TEST(Stranger, ShortAndHugeDatagrams) {
  TwoPeers net;
  net.establish();
  for (std::size_t size : {0, 1, 4, 17, 27, 28, 29, 65507})
    for (std::uint8_t fill : {0x00, 0x20, 0xff})
      net.b.act(net.b.table->handle(Bytes(size, fill), path_to_b(), net.now), net.now);
  EXPECT_FALSE(net.b.has_mail());
  EXPECT_EQ(net.b.drops("short-message"), 15u);
  EXPECT_TRUE(net.agree());
}

TEST(Stranger, AHigherMajorVersionIsAnsweredOnceAPacketAndPaced) {
  TwoPeers net;
  Header header = first_header(7);
  header.major = 3;
  for (int i = 0; i < 500; ++i)
    net.b.act(net.b.table->handle(encode_message(header, {}), path_to_b(), net.now), net.now);
  EXPECT_EQ(net.b.wire.size(), 50u);
  EXPECT_EQ(parse_header(net.b.wire.front().bytes).major, 2);
  EXPECT_EQ(net.b.drops("refusal-limit"), 450u);
  EXPECT_TRUE(net.b.table->sas().empty());
}

// Main, aggressive and quick mode, informational, and of a group; whatever else it says.
TEST(Stranger, OfIkeVersion1IsCountedAndNotAnswered) {
  TwoPeers net;
  net.establish();
  const IkeSa& sa = net.b.only_sa();
  std::uint64_t sent = 0;
  for (const std::uint8_t exchange : {2, 4, 32, 5, 6})
    for (const std::uint64_t spi_r : {std::uint64_t{0}, sa.spi_r})
      for (const std::uint8_t version : {0x10, 0x11, 0x00}) {
        Header header = first_header(sa.spi_i);
        header.spi_r = spi_r;
        Bytes message = encode_message(
            header, init_chain(offer_ike(gateway_a().proposals, {}), {31, Bytes(32, 9)}));
        message[17] = version;
        message[18] = exchange;
        net.b.act(net.b.table->handle(message, path_to_b(), net.now), net.now);
        ++sent;
      }
  EXPECT_FALSE(net.b.has_mail());
  EXPECT_EQ(net.b.drops("bad-version"), sent);
  EXPECT_TRUE(net.agree());
}

TEST(Stranger, FirstRequestsThatLackAPayloadMakeNoState) {
  const auto offers = offer_ike(gateway_a().proposals, {});
  const KeyExchange ke{31, Bytes(32, 9)};
  for (int without = 0; without < 3; ++without) {
    TwoPeers net;
    PayloadChain chain;
    if (without != 0) chain.add(PayloadType::kSa, encode_sa(offers));
    if (without != 1) chain.add(PayloadType::kKe, encode_ke(ke));
    if (without != 2) chain.add(PayloadType::kNonce, Bytes(32));
    EXPECT_EQ(answer_to(net, chain), NotifyType::kInvalidSyntax) << without;
    EXPECT_TRUE(net.b.table->sas().empty());
    EXPECT_TRUE(net.b.jobs.empty());
  }
}

TEST(Stranger, OffersThatAreNotWhole) {
  const KeyExchange ke{31, Bytes(32, 9)};
  const auto without = [](TransformType type) {
    auto offers = offer_ike(gateway_a().proposals, {});
    std::erase_if(offers[0].transforms, [&](const Transform& each) { return each.type == type; });
    return offers;
  };
  TwoPeers net;
  for (TransformType type : {TransformType::kEncryption, TransformType::kPrf, TransformType::kDh})
    EXPECT_EQ(answer_to(net, init_chain(without(type), ke)), NotifyType::kNoProposalChosen);
  auto many = offer_ike(gateway_a().proposals, {});
  while (many[0].transforms.size() < 255)
    many[0].transforms.push_back({TransformType::kPrf, 77, 0, false});
  EXPECT_EQ(answer_to(net, init_chain(many, ke)), NotifyType::kNone);  // ours is among them
  auto strange = offer_ike(gateway_a().proposals, {});
  strange[0].transforms.push_back({TransformType(6), 36, 0, false});  // a type we cannot answer
  EXPECT_EQ(answer_to(net, init_chain(strange, ke)), NotifyType::kNoProposalChosen);
  auto unkeyed = offer_ike(gateway_a().proposals, {});
  unkeyed[0].transforms[0].key_bits = 0;  // AES without a key length
  EXPECT_EQ(answer_to(net, init_chain(unkeyed, ke)), NotifyType::kNoProposalChosen);
}

// They have numbers, and nobody here can compute them.
TEST(Stranger, OffersOfAlgorithmsThatAreNotThere) {
  const KeyExchange ke{31, Bytes(32, 9)};
  TwoPeers net;
  const auto refused = [&](TransformType type, std::uint16_t id, std::uint16_t bits) {
    auto offers = offer_ike(gateway_a().proposals, {});
    for (Transform& each : offers[0].transforms)
      if (each.type == type) each = {type, id, bits, false};
    return answer_to(net, init_chain(offers, ke)) == NotifyType::kNoProposalChosen;
  };
  // RC5, Blowfish, NULL, AES-CTR, AES-CCM, GMAC, Camellia; ids nobody has given.
  for (const std::uint16_t id : {0, 4, 7, 11, 13, 14, 16, 21, 23, 999, 65535})
    for (const std::uint16_t bits : {0, 128, 256})
      EXPECT_TRUE(refused(TransformType::kEncryption, id, bits)) << id;
  for (const std::uint16_t id : {0, 3, 4, 8, 999}) EXPECT_TRUE(refused(TransformType::kPrf, id, 0));
  for (const std::uint16_t id : {0, 3, 4, 13, 22, 1025, 65535})
    EXPECT_TRUE(refused(TransformType::kDh, id, 0)) << id;
  EXPECT_TRUE(net.b.table->sas().empty());
}

TEST(Stranger, GroupsThatDoNotFit) {
  const auto offers = offer_ike(gateway_a().proposals, {});
  for (std::uint16_t group : {0, 1, 14, 1025, 65535}) {
    TwoPeers net;
    const auto answer = init(net, init_chain(offers, {group, Bytes(32, 9)}));
    const Notify* wanted = answer ? find_notify(*answer, NotifyType::kInvalidKePayload) : nullptr;
    ASSERT_TRUE(wanted) << group;
    EXPECT_EQ(wanted->data, (Bytes{0, 31}));
    EXPECT_TRUE(net.b.table->sas().empty());
  }
  TwoPeers net;
  EXPECT_EQ(answer_to(net, init_chain(offers, {31, Bytes(31, 9)})), NotifyType::kInvalidSyntax);
  EXPECT_EQ(answer_to(net, init_chain(offers, {31, Bytes(33, 9)})), NotifyType::kInvalidSyntax);
}

TEST(Stranger, APublicValueThatIsNoneFailsTheExchange) {
  TwoPeers net;
  init(net, init_chain(offer_ike(gateway_a().proposals, {}), {31, Bytes(32, 0)}));
  EXPECT_TRUE(net.b.table->sas().empty());
  EXPECT_TRUE(net.b.store.empty());
}

TEST(Stranger, FromAnUnknownAddressOrInstance) {
  TwoPeers net;
  const Bytes message = encode_message(
      first_header(3), init_chain(offer_ike(gateway_a().proposals, {}), {31, Bytes(32, 9)}));
  Path elsewhere = path_to_b();
  elsewhere.remote.address = *Address::parse("16.1.1.77");
  net.b.act(net.b.table->handle(message, elsewhere, net.now), net.now);
  Path other_instance = path_to_b();
  other_instance.instance = 3;
  net.b.act(net.b.table->handle(message, other_instance, net.now), net.now);
  EXPECT_EQ(net.b.drops("no-gateway"), 2u);
  EXPECT_FALSE(net.b.has_mail());
}

// CVE-2019-12312, CVE-2014-2338: nothing but IKE_AUTH before IKE_AUTH.
// A request a minute, in the peer's name and never gone on with.
TEST(Stranger, DoesNotKeepUsFromStarting) {
  Gateway b = gateway_b();
  b.children[0].establish = EstablishTunnels::kImmediately;
  TwoPeers net(gateway_a(), b);
  net.lose(net.b);
  net.pass(61 * kSecond, false);
  const auto offers = offer_ike(gateway_a().proposals, {});
  std::uint64_t spi = 1;
  std::size_t begun = 0;
  for (int second = 0; second < 600; ++second) {
    if (second % 30 == 0) init(net, init_chain(offers, {31, Bytes(32, 9)}), ++spi);
    net.now += kSecond;
    net.b.act(net.b.table->timeout(net.now), net.now);
    for (; net.b.has_mail(); net.b.wire.pop_front()) {
      const Header header = parse_header(net.b.wire.front().bytes);
      begun += header.initiator && header.exchange == ExchangeType::kInit;
    }
  }
  EXPECT_GT(begun, 10u);
}

TEST(Unauthenticated, NothingButAuthIsHeard) {
  TwoPeers net;
  net.a.act(net.a.table->tunnel_wanted(kTunnel, net.now), net.now);
  net.to_b();
  net.to_a();
  net.lose(net.a);  // IKE_AUTH
  Liar liar(net);
  liar.sa.next_request = 1;
  for (ExchangeType exchange : {ExchangeType::kInformational, ExchangeType::kCreateChild}) {
    EXPECT_FALSE(liar.say(exchange, child_request(4711, 1)));
    EXPECT_FALSE(liar.say(exchange, {}));
  }
  EXPECT_EQ(net.b.only_sa().phase, Phase::kAnswered);
  EXPECT_EQ(net.b.drops("unexpected"), 4u);
}

TEST(Unauthenticated, AnAuthWithoutAuthIsRefused) {
  TwoPeers net;
  net.a.act(net.a.table->tunnel_wanted(kTunnel, net.now), net.now);
  net.to_b();
  net.to_a();
  net.lose(net.a);
  Liar liar(net);
  liar.sa.next_request = 1;
  PayloadChain chain;
  chain.add(PayloadType::kIdI, encode_id(Identity::of(*Address::parse("16.1.1.2"))));
  chain.add(PayloadType::kEap, Bytes{3, 1, 0, 4});  // EAP-Success
  EXPECT_EQ(liar.error_of(liar.say(ExchangeType::kAuth, chain)), NotifyType::kAuthenticationFailed);
  EXPECT_TRUE(net.b.table->sas().empty());
  EXPECT_TRUE(net.b.inbound.empty());
}

TEST(Authenticated, RekeyOfWhatIsNotThere) {
  TwoPeers net;
  net.establish();
  Liar liar(net);
  Notify wrong[] = {rekey_of(0), rekey_of(12345678), rekey_of(1), rekey_of(1), rekey_of(1)};
  wrong[1].protocol = Protocol::kNone;
  wrong[2].protocol = Protocol::kIke;
  wrong[3].spi.clear();
  wrong[4].spi = Bytes(8, 1);
  for (const Notify& each : wrong)
    EXPECT_EQ(liar.error_of(liar.say(ExchangeType::kCreateChild, child_request(4711, 1, &each))),
              NotifyType::kChildSaNotFound);
  EXPECT_TRUE(net.agree());
  EXPECT_EQ(net.b.children().size(), 1u);
}

TEST(Authenticated, ASecondRekeyOfTheSamePairHasToWait) {
  TwoPeers net;
  net.establish();
  Liar liar(net);
  const Notify rekey = rekey_of(net.a.children().at(0)->spi_in);
  EXPECT_EQ(liar.error_of(liar.say(ExchangeType::kCreateChild, child_request(5001, 1, &rekey))),
            NotifyType::kNone);
  EXPECT_EQ(liar.error_of(liar.say(ExchangeType::kCreateChild, child_request(5002, 2, &rekey))),
            NotifyType::kTemporaryFailure);
  EXPECT_EQ(net.b.children().size(), 2u);
}

TEST(Authenticated, ChildrenWithoutEndAreRefused) {
  TwoPeers net;
  net.establish();
  Liar liar(net);
  NotifyType last{};
  for (std::uint32_t i = 0; i < 100; ++i)
    last = liar.error_of(liar.say(ExchangeType::kCreateChild,
                                  child_request(5000 + i, static_cast<std::uint8_t>(i))));
  EXPECT_EQ(last, NotifyType::kNoAdditionalSas);
  EXPECT_LT(net.b.children().size(), 20u);
}

TEST(Authenticated, ReservedSpisAreNotTaken) {
  TwoPeers net;
  net.establish();
  Liar liar(net);
  for (std::uint32_t spi : {0u, 1u, 255u})
    EXPECT_EQ(liar.error_of(liar.say(ExchangeType::kCreateChild, child_request(spi, 1))),
              NotifyType::kNoProposalChosen);
}

// RFC 7296 section 3.13.1: legal, though nothing of ours is OPAQUE.
TEST(Authenticated, OpaquePortsAreNoSyntaxError) {
  TwoPeers net;
  net.establish();
  Liar liar(net);
  auto opaque = any_selector();
  opaque[0].port_first = 65535;
  opaque[0].port_last = 0;
  opaque.resize(1);
  PayloadChain chain;
  chain.add(PayloadType::kSa,
            encode_sa(offer_esp(gateway_a().children[0].proposals, 4711, DhGroup::kNone)));
  chain.add(PayloadType::kNonce, Bytes(32, 1));
  chain.add(PayloadType::kTsI, encode_ts(opaque));
  chain.add(PayloadType::kTsR, encode_ts(opaque));
  EXPECT_EQ(liar.error_of(liar.say(ExchangeType::kCreateChild, chain)),
            NotifyType::kTsUnacceptable);
  EXPECT_TRUE(net.agree());
}

TEST(Authenticated, AnSpiThatIsSentToAlreadyIsRefused) {
  TwoPeers net;
  net.establish();
  Liar liar(net);
  const std::uint32_t used = net.b.children().at(0)->spi_out;
  EXPECT_EQ(liar.error_of(liar.say(ExchangeType::kCreateChild, child_request(used, 1))),
            NotifyType::kNoProposalChosen);
  EXPECT_TRUE(net.agree());
  EXPECT_EQ(liar.error_of(liar.say(ExchangeType::kCreateChild, child_request(4711, 2))),
            NotifyType::kNone);
  EXPECT_EQ(liar.error_of(liar.say(ExchangeType::kCreateChild, child_request(4711, 3))),
            NotifyType::kNoProposalChosen);
  EXPECT_EQ(net.b.children().size(), 2u);
}

TrafficSelector host(std::uint8_t net, std::uint8_t number) {
  TrafficSelector selector;
  selector.first = selector.last = Address::of(Bytes{10, net, 0, number});
  return selector;
}

TEST(Authenticated, MoreSelectorPairsThanThePlaneTakesAreNarrowed) {
  Gateway b = gateway_b();
  b.fragmentation = false;
  TwoPeers net(gateway_a(), b);
  net.establish();
  Liar liar(net);
  std::vector<TrafficSelector> from, to;
  for (int i = 0; i < 100; ++i) {
    from.push_back(host(1, static_cast<std::uint8_t>(i)));
    to.push_back(host(2, static_cast<std::uint8_t>(i)));
  }
  PayloadChain chain;
  chain.add(PayloadType::kSa,
            encode_sa(offer_esp(gateway_a().children[0].proposals, 4711, DhGroup::kNone)));
  chain.add(PayloadType::kNonce, Bytes(32, 1));
  chain.add(PayloadType::kTsI, encode_ts(from));
  chain.add(PayloadType::kTsR, encode_ts(to));
  const auto answer = liar.say(ExchangeType::kCreateChild, chain);
  ASSERT_TRUE(answer && answer->ts_i && answer->ts_r);
  EXPECT_EQ(selector_pairs(ChildPolicy(), *answer->ts_i, *answer->ts_r).size(), kMaxSelectorPairs);
  const ChildSa& made = *net.b.children().at(1);
  EXPECT_EQ(made.local_selectors, *answer->ts_r);
  EXPECT_EQ(made.remote_selectors, *answer->ts_i);
}

TEST(Authenticated, MalformedInsideEndsTheSa) {
  TwoPeers net;
  net.establish();
  Liar liar(net);
  PayloadChain chain;
  chain.add(PayloadType::kTsI, Bytes{255, 0, 0, 0});
  EXPECT_EQ(liar.error_of(liar.say(ExchangeType::kCreateChild, chain)), NotifyType::kInvalidSyntax);
  EXPECT_TRUE(net.b.table->sas().empty());
  EXPECT_TRUE(net.b.inbound.empty());
}

TEST(Authenticated, AnUnknownCriticalPayloadInsideIsNamedAndTheSaLives) {
  TwoPeers net;
  net.establish();
  Liar liar(net);
  PayloadChain chain;
  chain.add(PayloadType(200), Bytes(4));
  Bytes critical = chain.bytes();
  critical[1] = 0x80;
  // PayloadChain sets no critical bits: sealed by hand.
  Header header;
  header.spi_i = liar.sa.spi_i;
  header.spi_r = liar.sa.spi_r;
  header.exchange = ExchangeType::kInformational;
  header.initiator = liar.sa.initiator;
  header.message = liar.sa.next_request;
  net.deliver(net.b,
              {liar.sa.path, seal(header, 200, critical, sending_keys(liar.sa), Bytes(8, 1))});
  const auto opened = open(net.take(net.b).bytes, receiving_keys(liar.sa));
  ASSERT_TRUE(opened);
  const auto answer = std::get<Payloads>(parse_payloads(opened->first_inner, opened->plain));
  EXPECT_TRUE(find_notify(answer, NotifyType::kUnsupportedCriticalPayload));
  EXPECT_EQ(net.b.only_sa().phase, Phase::kEstablished);
}

TEST(Authenticated, DeletesOfNothingAndOfEverythingTwice) {
  TwoPeers net;
  net.establish();
  Liar liar(net);
  PayloadChain nothing;
  nothing.add(PayloadType::kDelete, encode_delete({Protocol::kEsp, {1, 2, 3}}));
  nothing.add(PayloadType::kDelete, encode_delete({Protocol::kAh, {net.a.children()[0]->spi_in}}));
  const auto answer = liar.say(ExchangeType::kInformational, nothing);
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->deletes.empty());
  EXPECT_EQ(net.b.children().size(), 1u);
  const std::uint32_t spi = net.a.children()[0]->spi_in;
  PayloadChain twice;
  twice.add(PayloadType::kDelete, encode_delete({Protocol::kEsp, {spi, spi}}));
  twice.add(PayloadType::kDelete, encode_delete({Protocol::kEsp, {spi}}));
  const auto deleted = liar.say(ExchangeType::kInformational, twice);
  ASSERT_TRUE(deleted);
  EXPECT_EQ(deleted->deletes.size(), 1u);
  EXPECT_TRUE(net.b.children().empty());
}

// Item 27: ids outside the window are nobody's business, a repeated id gets the answer it got.
TEST(Window, IdsFarAheadAndReplaysWithOtherContent) {
  TwoPeers net;
  net.establish();
  Liar liar(net);
  const std::uint32_t expected = liar.sa.next_request;
  for (std::uint32_t id : {expected + kWindow, expected + 1000, 0xffffffffu, 0u}) {
    liar.sa.next_request = id;
    EXPECT_FALSE(liar.say(ExchangeType::kInformational, {})) << id;
  }
  liar.sa.next_request = expected;
  EXPECT_TRUE(liar.say(ExchangeType::kInformational, {}));
  const auto children = net.b.children().size();
  liar.sa.next_request = expected;  // again, as something else
  EXPECT_TRUE(liar.say(ExchangeType::kCreateChild, child_request(5001, 1)));
  EXPECT_EQ(net.b.children().size(), children);
}

// A peer with several requests under way rekeys the new pair before its DELETE of the old one
// comes: what it has not deleted is what it has for certain.
TEST(Window, ADeleteThatTheNextRekeyOvertook) {
  TwoPeers net;
  net.establish();
  Liar liar(net);
  const std::uint32_t first = net.b.children().at(0)->spi_out;
  const auto drop = [&](std::uint32_t spi) {
    PayloadChain chain;
    chain.add(PayloadType::kDelete, encode_delete({Protocol::kEsp, {spi}}));
    liar.say(ExchangeType::kInformational, chain);
  };
  const Notify of_first = rekey_of(first), of_second = rekey_of(5001);
  liar.say(ExchangeType::kCreateChild, child_request(5001, 1, &of_first));
  liar.say(ExchangeType::kCreateChild, child_request(5002, 2, &of_second));
  ASSERT_EQ(net.b.children().size(), 3u);
  EXPECT_EQ(net.b.sends_on(kTunnel)->spi_out, first);
  drop(first);
  ASSERT_TRUE(net.b.sends_on(kTunnel));
  EXPECT_EQ(net.b.sends_on(kTunnel)->spi_out, 5001u);
  drop(5001);
  ASSERT_TRUE(net.b.sends_on(kTunnel));
  EXPECT_EQ(net.b.sends_on(kTunnel)->spi_out, 5002u);
}

TEST(Window, AResponseNobodyAskedForIsDropped) {
  TwoPeers net;
  net.establish();
  Liar liar(net);
  Header header;
  header.spi_i = liar.sa.spi_i;
  header.spi_r = liar.sa.spi_r;
  header.exchange = ExchangeType::kCreateChild;
  header.initiator = liar.sa.initiator;
  header.response = true;
  const auto chain = child_request(5001, 1);
  net.deliver(net.b, {liar.sa.path, seal(header, chain.first(), chain.bytes(),
                                         sending_keys(liar.sa), Bytes(8, 1))});
  EXPECT_EQ(net.b.drops("unexpected-id"), 1u);
}

TEST(Fragments, AreBoundedInNumberAndSize) {
  TwoPeers net;
  net.establish();
  Liar liar(net);
  Header header;
  header.spi_i = liar.sa.spi_i;
  header.spi_r = liar.sa.spi_r;
  header.exchange = ExchangeType::kInformational;
  header.initiator = liar.sa.initiator;
  header.message = liar.sa.next_request;
  const auto piece = [&](std::uint16_t number, std::uint16_t total, std::size_t size) {
    const Bytes iv = Writer().u32(total).u32(number).done();
    net.deliver(net.b, {liar.sa.path,
                        seal(header, 41, Bytes(size), sending_keys(liar.sa), iv, {number, total})});
  };
  piece(1, 65535, 100);
  EXPECT_TRUE(net.b.only_sa().reassembly.empty());
  for (std::uint16_t i = 1; i < 64; ++i) piece(i, 64, 60000);
  ASSERT_EQ(net.b.only_sa().reassembly.size(), 1u);
  EXPECT_LE(net.b.only_sa().reassembly[0].octets, 65535u);
  piece(1, 3, 100);  // fewer pieces than before: an older sending
  EXPECT_EQ(net.b.only_sa().reassembly[0].total, 64);
  piece(1, 63, 0);
  for (int i = 0; i < 50; ++i) piece(2, 64, 100);
  EXPECT_EQ(net.b.only_sa().phase, Phase::kEstablished);
  // Another message begins anew and is not disturbed by what lies there.
  EXPECT_TRUE(liar.say(ExchangeType::kInformational, {}));
  EXPECT_TRUE(net.b.only_sa().reassembly.empty());
}

TEST(Stranger, WritesNoRecords) {
  TwoPeers net;
  net.establish();
  const IkeSa& sa = net.b.only_sa();
  Header header;
  header.spi_i = sa.spi_i;
  header.spi_r = sa.spi_r;
  header.exchange = ExchangeType::kInformational;
  header.initiator = !sa.initiator;
  const Liar liar(net);
  for (std::uint32_t message : {sa.next_expected - 1, sa.next_expected, sa.next_expected + 9})
    for (bool response : {false, true}) {
      header.message = message;
      header.response = response;
      SkKeys keys = sending_keys(liar.sa);
      Bytes forged = seal(header, 0, {}, keys, Bytes(8, 1));
      forged.back() ^= 1;
      const Output out = net.b.table->handle(forged, path_to_b(), net.now);
      EXPECT_TRUE(out.changed.empty()) << message << response;
      EXPECT_TRUE(out.messages.empty());
    }
}

TEST(Address, OnlyTheSasOwnAddressesAreHeard) {
  TwoPeers net;
  net.establish();
  net.a.act(net.a.table->rekey_tunnel(kTunnel, net.now), net.now);
  Datagram moved = net.take(net.a);
  moved.path.local.address = *Address::parse("16.1.1.66");
  net.deliver(net.b, moved);
  EXPECT_EQ(net.b.drops("wrong-source"), 1u);
  EXPECT_FALSE(net.b.has_mail());
}

}  // namespace
}  // namespace nezu::ike::test
