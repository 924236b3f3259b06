// Half-open floods: COOKIE (RFC 7296 section 2.6) and the limits of the table.
#include <gtest/gtest.h>

#include "services/ike/message/message.h"
#include "services/ike/session/cookie.h"
#include "tests/services/ike/two_peers.h"

namespace nezu::ike::test {
namespace {
const Path kPath{0, {*Address::parse("16.1.1.1"), 500}, {*Address::parse("16.1.1.2"), 500}};

// The responder's table with a threshold that the first request reaches.
void threshold(TwoPeers& net, std::uint32_t cookies, std::uint32_t max) {
  Config config = config_of(net.b.config);
  config.half_open.cookie_threshold = cookies;
  config.half_open.max_count = max;
  net.b.act(net.b.table->configure(config, net.now), net.now);
}

void want(TwoPeers& net) {
  net.a.act(net.a.table->tunnel_wanted(TwoPeers::kTunnel, net.now), net.now);
}

// The same request as another initiator's: with an SPI of its own.
Datagram with_spi(Datagram datagram, std::uint8_t spi) {
  datagram.bytes[0] = spi;
  return datagram;
}

TEST(Cookie, BelongsToNonceAddressAndSpi) {
  Cookies cookies(seeded(1));
  const Bytes nonce(16, 7), other_nonce(16, 8);
  const Bytes cookie = cookies.make(nonce, kPath, 1, 0);
  EXPECT_LE(cookie.size(), 64u);
  EXPECT_TRUE(cookies.is_good(cookie, nonce, kPath, 1, 0));
  EXPECT_FALSE(cookies.is_good(cookie, other_nonce, kPath, 1, 0));
  EXPECT_FALSE(cookies.is_good(cookie, nonce, kPath, 2, 0));
  Path elsewhere = kPath;
  elsewhere.remote.address = *Address::parse("16.1.1.3");
  EXPECT_FALSE(cookies.is_good(cookie, nonce, elsewhere, 1, 0));
  EXPECT_FALSE(cookies.is_good({}, nonce, kPath, 1, 0));
  EXPECT_FALSE(cookies.is_good(Bytes(65, 1), nonce, kPath, 1, 0));
}

TEST(Cookie, IsGoodForOneMoreSecretAndNotLonger) {
  Cookies cookies(seeded(1));
  const Bytes nonce(16, 7);
  const Bytes cookie = cookies.make(nonce, kPath, 1, 0);
  EXPECT_TRUE(cookies.is_good(cookie, nonce, kPath, 1, 61 * kSecond));
  EXPECT_FALSE(cookies.is_good(cookie, nonce, kPath, 1, 122 * kSecond));
  const Bytes late = cookies.make(nonce, kPath, 1, 122 * kSecond);
  EXPECT_FALSE(cookies.is_good(late, nonce, kPath, 1, 1000 * kSecond));
}

TEST(Cookie, IsAskedForAndReturned) {
  TwoPeers net;
  threshold(net, 0, 10);
  want(net);
  net.to_b();  // IKE_SA_INIT { SA, KE, Ni } -->
  EXPECT_TRUE(net.b.table->sas().empty());
  net.to_a();  // <-- N(COOKIE)
  net.to_b();  // IKE_SA_INIT { N(COOKIE), SA, KE, Ni } -->
  EXPECT_EQ(net.b.only_sa().phase, Phase::kAnswered);
  net.settle();
  EXPECT_TRUE(net.agree());
  const auto& asked = net.a.table->journal().tally("gw").initiated[PeerTally::kInit];
  const auto& answered = net.b.table->journal().tally("gw").answered[PeerTally::kInit];
  for (const auto* tally : {&asked, &answered}) {
    EXPECT_EQ(tally->requests, 2u);
    EXPECT_EQ(tally->answers, 2u);
    EXPECT_EQ(tally->cookies, 1u);
    EXPECT_EQ(tally->cookies_returned, 1u);
  }
}

// Two copies of the first request: the one is asked for a cookie, the other is taken when fewer are
// half open. The initiator sends its request with the cookie, then hears the answer to the copy.
TEST(Cookie, ACopyThatWasTakenBeforeItIsReturned) {
  for (const bool computing : {false, true}) {
    TwoPeers net;
    threshold(net, 0, 10);
    want(net);
    const Datagram first = net.a.wire.front();
    ASSERT_TRUE(net.to_b());
    const Datagram cookie = net.take(net.b);
    threshold(net, 5, 10);
    net.b.hold_dh = computing;
    net.deliver(net.b, first);
    net.deliver(net.a, cookie);
    const Datagram second = net.take(net.a);
    Datagram forged = second;
    forged.bytes[kHeaderSize + 12] ^= 1;  // in the cookie
    net.deliver(net.b, forged);
    net.deliver(net.b, second);
    net.b.hold_dh = false;
    net.b.work(net.now);
    net.settle();
    EXPECT_TRUE(net.agree()) << computing;
    EXPECT_EQ(net.b.established().size(), 1u);
    EXPECT_FALSE(net.a.has_event("Authentication failed"));
  }
}

TEST(Cookie, AskedForAgainAndAgainTheInitiatorStops) {
  TwoPeers net;
  want(net);
  int asked = 0;
  for (; net.a.has_mail() && asked < 100; ++asked) {
    const Datagram request = net.take(net.a);
    Header header = parse_header(request.bytes);
    header.initiator = false;
    header.response = true;
    PayloadChain chain;
    chain.add(PayloadType::kNotify,
              encode_notify({NotifyType::kCookie, Protocol::kNone, {}, Bytes(8, 1)}));
    net.deliver(net.a, {request.path, encode_message(header, chain)});
  }
  EXPECT_LT(asked, 20);
}

TEST(Cookie, AWrongOneMakesNoState) {
  TwoPeers net;
  threshold(net, 0, 10);
  want(net);
  const Datagram first = net.a.wire.front();
  net.to_b();
  net.to_a();
  const Datagram request = net.take(net.a);
  // From another SPI the cookie is not worth anything.
  net.deliver(net.b, with_spi(request, 0x77));
  EXPECT_TRUE(net.b.table->sas().empty());
  EXPECT_EQ(net.b.drops("bad-cookie"), 1u);
}

TEST(HalfOpen, AFloodIsBoundedAndForgotten) {
  TwoPeers net;
  threshold(net, 100, 5);
  want(net);
  const Datagram request = net.take(net.a);
  for (std::uint8_t i = 1; i <= 50; ++i) net.deliver(net.b, with_spi(request, i));
  EXPECT_EQ(net.b.table->sas().size(), 5u);
  EXPECT_EQ(net.b.drops("half-open-limit"), 45u);
  net.pass(61 * kSecond, false);
  EXPECT_TRUE(net.b.table->sas().empty());
  EXPECT_TRUE(net.b.store.empty());
}

TEST(HalfOpen, AuthenticatedPeersDoNotCount) {
  TwoPeers net;
  threshold(net, 100, 1);
  net.establish();
  EXPECT_TRUE(net.agree());
  want(net);
  EXPECT_EQ(net.b.drops("half-open-limit"), 0u);
  threshold(net, 1, 1);  // changes no gateway
  EXPECT_TRUE(net.agree());
}

}  // namespace
}  // namespace nezu::ike::test
