// Several requests at once: RFC 7296 section 2.3. What is put in any order, lost, doubled and
// answered again comes to the same; nobody is asked for more than it said.
#include <gtest/gtest.h>

#include <algorithm>

#include "services/ike/message/message.h"
#include "services/ike/message/wire.h"
#include "services/ike/session/proposal.h"
#include "services/ike/session/sk.h"
#include "services/ike/session/window.h"
#include "tests/services/ike/two_peers.h"

namespace nezu::ike::test {
namespace {
constexpr unsigned kTunnels = 12;
constexpr auto kTunnel = TwoPeers::kTunnel;

Gateway many(Gateway gateway) {
  gateway.children[0].establish = EstablishTunnels::kImmediately;
  return with_tunnels(std::move(gateway), kTunnels);
}

Gateway answering(Gateway gateway) {
  gateway.children[0].establish = EstablishTunnels::kResponderOnly;
  return with_tunnels(std::move(gateway), kTunnels);
}

struct Windows : testing::Test {
  TwoPeers net{many(gateway_a()), answering(gateway_b())};

  void SetUp() override {
    net.settle();
    expect_all_up();
  }
  void expect_all_up() {
    for (unsigned i = 0; i < kTunnels; ++i) EXPECT_TRUE(net.agree(kTunnel + i)) << i;
    EXPECT_EQ(net.a.children().size(), kTunnels);
    EXPECT_EQ(net.b.children().size(), kTunnels);
  }
  void rekey_all(Peer& peer) {
    for (unsigned i = 0; i < kTunnels; ++i)
      peer.act(peer.table->rekey_tunnel(kTunnel + i, net.now), net.now);
  }
  static std::uint32_t id_of(const Datagram& message) {
    return parse_header(message.bytes).message;
  }
  static std::vector<Datagram> all_of(Peer& peer) {
    std::vector<Datagram> all(peer.wire.begin(), peer.wire.end());
    peer.wire.clear();
    return all;
  }
};

TEST_F(Windows, AreToldWithTheInitialExchangesAndOfEachIkeSaAnew) {
  EXPECT_EQ(net.a.only_sa().peer_window, kWindow);
  EXPECT_EQ(net.b.only_sa().peer_window, kWindow);
  net.a.act(net.a.table->rekey_ike(net.a.only_sa().index, net.now), net.now);
  net.settle();
  EXPECT_EQ(net.a.only_sa().peer_window, 1u) << "nothing was said on the new one";
  rekey_all(net.a);
  EXPECT_EQ(net.a.wire.size(), 1u) << "b has not told";
  net.settle();
  EXPECT_EQ(net.a.only_sa().peer_window, kWindow);
  EXPECT_EQ(net.b.only_sa().peer_window, kWindow);
  expect_all_up();
}

// Request X waits for the answers to all up to X less the window.
TEST_F(Windows, AreFilledAndNeverExceeded) {
  rekey_all(net.a);
  const auto requests = all_of(net.a);
  ASSERT_EQ(requests.size(), kWindow);
  for (std::size_t i = 1; i < requests.size(); ++i) net.deliver(net.b, requests[i]);
  for (const Datagram& answer : all_of(net.b)) net.deliver(net.a, answer);
  EXPECT_FALSE(net.a.has_mail()) << "the first has no answer yet";
  net.deliver(net.b, requests[0]);
  net.deliver(net.a, net.take(net.b));
  EXPECT_EQ(net.a.wire.size(), kWindow);
  for (const Datagram& next : net.a.wire)
    EXPECT_LT(id_of(next), id_of(requests.back()) + 1 + kWindow);
  net.settle();
  expect_all_up();
}

TEST_F(Windows, TakeRequestsAndAnswersInAnyOrder) {
  std::mt19937 random(1);
  for (int round = 0; round < 20; ++round) {
    rekey_all(round % 2 ? net.a : net.b);
    while (net.a.has_mail() || net.b.has_mail())
      for (Peer* from : {&net.a, &net.b}) {
        auto messages = all_of(*from);
        std::shuffle(messages.begin(), messages.end(), random);
        for (const Datagram& each : messages) net.deliver(from == &net.a ? net.b : net.a, each);
      }
    expect_all_up();
    EXPECT_LE(net.b.only_sa().answers.size(), kWindow);
  }
}

TEST_F(Windows, AnswerEachOfThemAgainWithTheSameOctets) {
  rekey_all(net.a);
  auto requests = all_of(net.a);
  std::reverse(requests.begin(), requests.end());
  std::map<std::uint32_t, Bytes> answers;
  for (const Datagram& each : requests) {
    net.deliver(net.b, each);
    answers[id_of(each)] = net.take(net.b).bytes;
  }
  const auto pairs = net.b.children().size();
  for (const bool restart : {false, true}) {
    if (restart) net.b.restart(net.now);
    for (const Datagram& each : requests) {
      net.deliver(net.b, each);
      EXPECT_EQ(net.take(net.b).bytes, answers[id_of(each)]) << id_of(each) << restart;
    }
  }
  EXPECT_EQ(net.b.children().size(), pairs);
}

// The computation of one does not hold up another, and the second copy of it begins nothing.
TEST(Window, OthersAreAnsweredWhileASecretIsComputed) {
  Gateway a = many(gateway_a()), b = answering(gateway_b());
  a.children[0].pfs = b.children[0].pfs = DhGroup::kX25519;
  TwoPeers net(a, b);
  net.settle();
  net.a.act(net.a.table->rekey_tunnel(kTunnel, net.now), net.now);
  net.a.act(net.a.table->rekey_tunnel(kTunnel + 1, net.now), net.now);
  net.b.hold_dh = true;
  const Datagram slow = net.take(net.a), quick = net.take(net.a);
  net.deliver(net.b, slow);
  net.deliver(net.b, slow);
  EXPECT_FALSE(net.b.has_mail());
  EXPECT_EQ(net.b.jobs.size(), 1u);
  EXPECT_EQ(net.b.drops("still-computing"), 1u);
  net.deliver(net.b, quick);
  EXPECT_TRUE(net.b.has_mail());
  net.settle();
  EXPECT_EQ(net.b.only_sa().theirs.size(), 1u);
  net.b.restart(net.now);
  net.b.hold_dh = false;
  net.b.work(net.now);
  net.settle();
  for (unsigned i = 0; i < kTunnels; ++i) EXPECT_TRUE(net.agree(kTunnel + i)) << i;
  EXPECT_EQ(net.b.children().size(), kTunnels);
}

// Strange, but a window allows it: the second rekey of a pair comes while the secret of the first
// is being computed.
TEST(Window, ASecondRekeyOfAPairBesideTheFirstHasToWait) {
  Gateway a = many(gateway_a()), b = answering(gateway_b());
  for (Gateway* each : {&a, &b}) each->children[0].pfs = DhGroup::kX25519;
  TwoPeers net(a, b);
  net.settle();
  net.a.act(net.a.table->rekey_tunnel(kTunnel, net.now), net.now);
  net.b.hold_dh = true;
  ASSERT_TRUE(net.to_b());
  ASSERT_EQ(net.b.only_sa().theirs.size(), 1u);
  const IkeSa& sa = net.a.only_sa();
  const ChildPolicy& policy = a.children[0];
  PayloadChain chain;
  const auto old = std::find_if(sa.children.begin(), sa.children.end(),
                                [](const ChildSa& each) { return each.tunnel == kTunnel; });
  chain.add(
      PayloadType::kNotify,
      encode_notify({NotifyType::kRekeySa, Protocol::kEsp, Writer().u32(old->spi_in).done(), {}}));
  chain.add(PayloadType::kSa, encode_sa(offer_esp(policy.proposals, 4711, DhGroup::kX25519)));
  chain.add(PayloadType::kNonce, Bytes(32, 5));
  chain.add(PayloadType::kKe, encode_ke({31, Bytes(32, 9)}));
  chain.add(PayloadType::kTsI, encode_ts(policy.local));
  chain.add(PayloadType::kTsR, encode_ts(policy.remote));
  Header header;
  header.spi_i = sa.spi_i;
  header.spi_r = sa.spi_r;
  header.exchange = ExchangeType::kCreateChild;
  header.initiator = sa.initiator;
  header.message = sa.next_request + 5;  // not one that a comes to use
  net.deliver(net.b, {sa.path, seal(header, chain.first(), chain.bytes(), sending_keys(sa),
                                    Writer().u64(0xabcdef0000).done())});
  ASSERT_TRUE(net.b.has_mail());
  const auto opened = open(net.take(net.b).bytes, receiving_keys(sa));
  ASSERT_TRUE(opened);
  const auto said = std::get<Payloads>(parse_payloads(opened->first_inner, opened->plain));
  EXPECT_TRUE(find_notify(said, NotifyType::kTemporaryFailure));
  EXPECT_EQ(net.b.only_sa().theirs.size(), 1u);
  net.b.hold_dh = false;
  net.b.work(net.now);
  net.settle();
  EXPECT_TRUE(net.agree());
  EXPECT_EQ(net.b.children().size(), kTunnels);
}

// A rekey and the end of the IKE SA wait for what is under way, and nothing goes beside them.
TEST_F(Windows, DoNotMixWithTheIkeSa) {
  rekey_all(net.a);
  net.a.act(net.a.table->rekey_ike(net.a.only_sa().index, net.now), net.now);
  EXPECT_EQ(net.a.wire.size(), kWindow);
  int rekeys = 0;
  while (net.a.has_mail() || net.b.has_mail()) {
    for (const auto& [index, sa] : net.a.table->sas()) {
      const bool alone = std::any_of(sa.outstanding.begin(), sa.outstanding.end(), [](auto& each) {
        return each.task.kind == Task::Kind::kRekeyIke;
      });
      rekeys += alone;
      EXPECT_TRUE(!alone || sa.outstanding.size() == 1);
    }
    net.to_b() || net.to_a();
  }
  EXPECT_GT(rekeys, 0);
  expect_all_up();
  EXPECT_EQ(net.a.only_sa().rekeyed, 1u);
  rekey_all(net.a);
  net.a.act(net.a.table->delete_ike(net.a.only_sa().index, net.now), net.now);
  net.settle();
  EXPECT_TRUE(net.b.has_event("IKE SA is deleted by the peer"));
}

// Many peers take one at a time: what they did not say is not assumed.
TEST(Window, OfAPeerThatSaysNothingIsOne) {
  TwoPeers net(many(gateway_a()), answering(gateway_b()));
  net.on_the_way = [&](Datagram& message) {
    const Header header = parse_header(message.bytes);
    if (header.exchange == ExchangeType::kInit || net.b.table->sas().empty()) return;
    const auto keys = sending_keys(net.b.only_sa());
    auto opened = open(message.bytes, keys);
    ASSERT_TRUE(opened);
    const Bytes said = Writer().u16(16385).u32(kWindow).done();
    const auto at =
        std::search(opened->plain.begin(), opened->plain.end(), said.begin(), said.end());
    if (at == opened->plain.end()) return;
    at[0] = 0xa0;  // a status of nobody's
    static std::uint64_t iv = 1;
    message.bytes = seal(header, opened->first_inner, opened->plain, keys,
                         Writer().u64(0xfffff0000 + iv++).done());
  };
  const auto settle = [&] {
    while (net.a.has_mail() || net.b.has_mail()) {
      EXPECT_LE(net.a.only_sa().outstanding.size(), 1u);
      net.to_b();
      net.to_a();
    }
  };
  settle();
  EXPECT_EQ(net.a.only_sa().peer_window, 1u);
  for (unsigned i = 0; i < kTunnels; ++i)
    net.a.act(net.a.table->rekey_tunnel(kTunnel + i, net.now), net.now);
  EXPECT_EQ(net.a.wire.size(), 1u);
  settle();
  for (unsigned i = 0; i < kTunnels; ++i) EXPECT_TRUE(net.agree(kTunnel + i)) << i;
}

// What is under way need not end before a peer that is revoked does.
TEST_F(Windows, HaveRoomForTheEndOfARevokedPeer) {
  rekey_all(net.b);
  const auto theirs = all_of(net.b);
  net.a.act(net.a.table->rekey_tunnel(kTunnel, net.now), net.now);
  net.a.wire.clear();
  const std::uint32_t index = net.a.only_sa().index;
  net.a.act(net.a.table->peer_is_revoked(index, "It is revoked", "the list", net.now), net.now);
  EXPECT_TRUE(net.a.children().empty());
  EXPECT_TRUE(net.a.inbound.empty() && net.a.outbound.empty());
  EXPECT_TRUE(net.a.has_event("Peer certificate is revoked"));
  EXPECT_FALSE(net.a.has_event("IKE SA is deleted"));
  ASSERT_FALSE(net.a.wire.empty());
  EXPECT_EQ(parse_header(net.a.wire.front().bytes).exchange, ExchangeType::kInformational);
  for (const Datagram& each : theirs) net.deliver(net.a, each);
  EXPECT_TRUE(net.a.children().empty()) << "nothing is made for it";
  net.settle();
  EXPECT_TRUE(net.b.has_event("IKE SA is deleted by the peer"));
  EXPECT_FALSE(net.a.table->sas().contains(index));
}

// A peer that takes one request at a time and does not answer the one it has.
TEST(Window, WithoutRoomARevokedPeerEndsInSeconds) {
  for (const bool computes : {false, true}) {
    Gateway a = gateway_a(), b = gateway_b();
    a.children[0].pfs = b.children[0].pfs = DhGroup::kX25519;
    TwoPeers net(with_tunnels(a, 2), with_tunnels(b, 2));
    net.establish();
    net.a.hold_dh = computes;
    for (const auto& [index, sa] : net.a.table->sas()) const_cast<IkeSa&>(sa).peer_window = 1;
    net.a.act(net.a.table->delete_tunnel(kTunnel, net.now), net.now);
    net.a.wire.clear();
    net.b.act(net.b.table->tunnel_wanted(kTunnel + 1, net.now), net.now);
    if (computes) net.to_a();
    const std::uint32_t index = net.a.only_sa().index;
    net.a.act(net.a.table->peer_is_revoked(index, "It is revoked", "the list", net.now), net.now);
    EXPECT_TRUE(net.a.children().empty());
    EXPECT_TRUE(net.a.wire.empty()) << "there is no room";
    net.a.hold_dh = false;
    net.a.work(net.now);
    // It asks for another pair, and for a new IKE SA.
    net.b.act(net.b.table->rekey_ike(net.b.only_sa().index, net.now), net.now);
    for (int i = 0; i < 20; ++i) {
      while (net.to_a()) EXPECT_TRUE(net.a.children().empty()) << computes;
      net.lose(net.a);
      net.pass(kSecond, false);
      EXPECT_TRUE(net.a.children().empty()) << computes;
      EXPECT_LE(net.a.table->sas().size(), 1u);
    }
    EXPECT_FALSE(net.a.table->sas().contains(index)) << computes;
  }
}

// RFC 7296 section 2.25: while our DELETE waits for an answer to what went before.
TEST(Window, NothingIsMadeOnAnIkeSaThatIsAboutToEnd) {
  for (const bool ike : {false, true}) {
    TwoPeers net(with_tunnels(gateway_a(), 2), with_tunnels(gateway_b(), 2));
    net.establish();
    net.a.act(net.a.table->delete_tunnel(kTunnel, net.now), net.now);
    net.lose(net.a);
    IkeSa& sa = const_cast<IkeSa&>(net.a.only_sa());
    ASSERT_EQ(sa.outstanding.size(), 1u);
    sa.outstanding[0].task.kind = Task::Kind::kProbe;  // which is in nothing else's way
    net.a.act(net.a.table->delete_ike(sa.index, net.now), net.now);
    EXPECT_FALSE(net.a.has_mail());
    net.b.act(ike ? net.b.table->rekey_ike(net.b.only_sa().index, net.now)
                  : net.b.table->tunnel_wanted(kTunnel + 1, net.now),
              net.now);
    ASSERT_TRUE(net.to_a());
    EXPECT_TRUE(net.a.children().empty()) << ike;
    EXPECT_EQ(net.a.table->sas().size(), 1u) << ike;
    net.settle();
    net.pass(5 * kSecond);
    EXPECT_TRUE(net.a.table->sas().empty() && net.b.children().empty()) << ike;
  }
}

// Nor is what is too short, or nothing.
TEST_F(Windows, OfNoneOrOfAWrongSizeAreNotTaken) {
  IkeSa sa;
  Payloads payloads;
  const auto told = [&](Bytes data) {
    payloads.notifies = {{NotifyType::kSetWindowSize, Protocol::kNone, {}, std::move(data)}};
    take_window(sa, payloads);
    return sa.peer_window;
  };
  EXPECT_EQ(told({0, 0, 9}), 1u);
  EXPECT_EQ(told({0, 0, 0, 0, 9}), 1u);
  EXPECT_EQ(told({0, 0, 0, 0}), 1u);
  EXPECT_EQ(told({0, 0, 0, 3}), 3u);
}

// RFC 7383: pieces of several messages arrive mixed.
TEST_F(Windows, FragmentsOfSeveralMessagesComeTogether) {
  IkeSa sa;
  const auto header = [](std::uint32_t message) {
    Header made;
    made.message = message;
    return made;
  };
  const auto piece = [](std::uint16_t number, std::uint8_t octet) {
    Opened opened;
    opened.first_inner = 41;
    opened.plain = Bytes(30000, octet);
    opened.fragment = {number, 2};
    return opened;
  };
  EXPECT_FALSE(reassemble(sa, header(5), piece(1, 5)));
  EXPECT_FALSE(reassemble(sa, header(6), piece(2, 6)));
  const auto six = reassemble(sa, header(6), piece(1, 6));
  ASSERT_TRUE(six);
  EXPECT_EQ(six->plain, Bytes(60000, 6));
  const auto five = reassemble(sa, header(5), piece(2, 5));
  ASSERT_TRUE(five);
  EXPECT_EQ(five->plain, Bytes(60000, 5));
  EXPECT_TRUE(sa.reassembly.empty());
  for (std::uint32_t message = 1; message < 100; ++message) {
    reassemble(sa, header(message), piece(1, 1));
    EXPECT_LE(sa.reassembly.size(), 2u) << "octets are bounded for all together";
  }
}

// A process that dies after every step, on both sides, while everything comes in any order, twice
// or not at all.
TEST(Window, SurvivesRestartsInTheMiddle) {
  std::mt19937 random(3);
  TwoPeers net(many(gateway_a()), answering(gateway_b()));
  net.settle();
  net.a.restart_always = net.b.restart_always = true;
  for (int round = 0; round < 3; ++round) {
    for (unsigned i = 0; i < kTunnels; ++i)
      net.a.act(net.a.table->rekey_tunnel(kTunnel + i, net.now), net.now);
    for (int turn = 0; turn < 400; ++turn) {
      for (Peer* from : {&net.a, &net.b}) {
        std::vector<Datagram> messages(from->wire.begin(), from->wire.end());
        from->wire.clear();
        std::shuffle(messages.begin(), messages.end(), random);
        for (const Datagram& each : messages)
          for (unsigned copies = random() % 3; copies > 0; --copies)
            net.deliver(from == &net.a ? net.b : net.a, each);
        EXPECT_LE(from->only_sa().outstanding.size(), kWindow);
      }
      if (net.a.has_mail() || net.b.has_mail()) continue;
      if (net.a.only_sa().outstanding.empty() && net.b.only_sa().outstanding.empty()) break;
      net.now =
          std::min(net.a.next_timeout.value_or(net.now), net.b.next_timeout.value_or(net.now));
      for (Peer* peer : {&net.a, &net.b}) peer->act(peer->table->timeout(net.now), net.now);
    }
    for (unsigned i = 0; i < kTunnels; ++i) EXPECT_TRUE(net.agree(kTunnel + i)) << i;
    EXPECT_EQ(net.a.children().size(), kTunnels);
    EXPECT_EQ(net.b.children().size(), kTunnels);
  }
}

}  // namespace
}  // namespace nezu::ike::test
