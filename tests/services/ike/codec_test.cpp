// The message codec: what it builds it reads, and what is malformed it refuses.
#include <gtest/gtest.h>

#include "services/ike/crypto/cipher.h"
#include "services/ike/message/message.h"
#include "services/ike/message/wire.h"
#include "services/ike/session/nat.h"
#include "services/ike/session/sk.h"
#include "tests/services/ike/two_peers.h"

namespace nezu::ike::test {
namespace {

Bytes header_octets(std::uint8_t version, std::uint32_t length, std::size_t size) {
  Bytes out = Writer().u64(1).u64(0).u8(33).u8(version).u8(34).u8(8).u32(0).u32(length).done();
  out.resize(size);
  return out;
}

// One payload with a generic header that may lie.
Bytes generic(std::uint8_t next, std::uint8_t flags, std::uint16_t length, std::size_t body) {
  return Writer().u8(next).u8(flags).u16(length).bytes(Bytes(body)).done();
}

bool is_refused(std::uint8_t first, const Bytes& chain) {
  return std::holds_alternative<Refusal>(parse_payloads(first, chain));
}

TEST(Header, ShortLongAndLying) {
  for (std::size_t size : {0, 1, 4, 17, 27})
    EXPECT_EQ(validate_header(Bytes(size)), HeaderFault::kShort);
  EXPECT_EQ(validate_header(header_octets(0x20, 28, 28)), HeaderFault::kNone);
  EXPECT_EQ(validate_header(header_octets(0x20, 29, 28)), HeaderFault::kLength);
  EXPECT_EQ(validate_header(header_octets(0x20, 27, 28)), HeaderFault::kLength);
  EXPECT_EQ(validate_header(header_octets(0x20, 0xffffffff, 28)), HeaderFault::kLength);
  for (std::uint8_t version : {0x00, 0x10, 0x30, 0xf0})
    EXPECT_EQ(validate_header(header_octets(version, 28, 28)), HeaderFault::kVersion);
  Bytes no_spi = header_octets(0x20, 28, 28);
  no_spi[7] = 0;
  EXPECT_EQ(validate_header(no_spi), HeaderFault::kSpi);
  for (std::uint8_t exchange : {0, 2, 4, 33, 38, 255}) {
    Bytes octets = header_octets(0x20, 28, 28);
    octets[18] = exchange;
    EXPECT_EQ(validate_header(octets), HeaderFault::kExchange);
  }
}

TEST(Header, ReadsWhatItWrites) {
  Header header;
  header.spi_i = 0x0102030405060708;
  header.spi_r = 0x1112131415161718;
  header.next_payload = 46;
  header.exchange = ExchangeType::kCreateChild;
  header.response = true;
  header.message = 7;
  header.length = 28;
  const Header back = parse_header(encode_header(header));
  EXPECT_EQ(encode_header(back), encode_header(header));
  EXPECT_EQ(back.spi_r, header.spi_r);
  EXPECT_TRUE(back.response);
  EXPECT_FALSE(back.initiator);
}

TEST(Chain, LyingLengthsAreRefused) {
  for (std::uint16_t length : {0, 1, 2, 3}) EXPECT_TRUE(is_refused(43, generic(0, 0, length, 8)));
  EXPECT_TRUE(is_refused(43, generic(0, 0, 13, 8)));   // past the end
  EXPECT_TRUE(is_refused(43, generic(0, 0, 11, 8)));   // something left over
  EXPECT_TRUE(is_refused(43, generic(43, 0, 12, 8)));  // a next one that is not there
  EXPECT_TRUE(is_refused(0, Bytes(1)));
  EXPECT_FALSE(is_refused(43, generic(0, 0, 12, 8)));
  EXPECT_FALSE(is_refused(0, {}));
}

TEST(Chain, IsBounded) {
  Bytes chain;
  for (int i = 0; i < 2000; ++i) append(chain, generic(i == 1999 ? 0 : 43, 0, 4, 0));
  EXPECT_TRUE(is_refused(43, chain));
}

TEST(Chain, PayloadTypesOfIkev1AreRefused) {
  for (std::uint8_t type = 1; type <= 32; ++type)
    EXPECT_TRUE(is_refused(type, generic(0, 0, 8, 4)));
}

TEST(Chain, AnUnknownCriticalPayloadIsNamed) {
  const auto parsed = parse_payloads(200, generic(0, 0x80, 8, 4));
  ASSERT_TRUE(std::holds_alternative<Refusal>(parsed));
  EXPECT_EQ(std::get<Refusal>(parsed).type, NotifyType::kUnsupportedCriticalPayload);
  EXPECT_EQ(std::get<Refusal>(parsed).data, Bytes{200});
  EXPECT_FALSE(is_refused(200, generic(0, 0, 8, 4)));    // without the bit it is skipped
  EXPECT_FALSE(is_refused(43, generic(0, 0x80, 8, 4)));  // a known one may say what it likes
}

TEST(Chain, WhatMayComeOnceComesOnce) {
  PayloadChain chain;
  chain.add(PayloadType::kNonce, Bytes(16)).add(PayloadType::kNonce, Bytes(16));
  EXPECT_TRUE(is_refused(chain.first(), chain.bytes()));
  PayloadChain sealed;
  sealed.add(PayloadType::kSk, Bytes(64));
  EXPECT_TRUE(is_refused(sealed.first(), sealed.bytes()));
}

TEST(SaPayload, ReadsWhatItWrites) {
  std::vector<Offer> offers;
  for (std::uint8_t i = 1; i <= 3; ++i)
    offers.push_back({i,
                      Protocol::kEsp,
                      Bytes(4, i),
                      {{TransformType::kEncryption, 20, 256, false},
                       {TransformType::kExtendedSequence, 0, 0, false}}});
  EXPECT_EQ(parse_sa(encode_sa(offers)), offers);
}

TEST(SaPayload, CountsAndLengthsThatLieAreRefused) {
  const Offer offer{1, Protocol::kIke, {}, {{TransformType::kEncryption, 12, 128, false}}};
  const Bytes good = encode_sa({offer});
  ASSERT_TRUE(validate_sa(good));
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(validate_sa(ByteView(good).first(size))) << size;
  for (std::size_t place : {0, 2, 3, 6, 7, 8, 10, 11}) {
    Bytes bent = good;
    bent[place] = 255;
    EXPECT_FALSE(validate_sa(bent)) << place;
  }
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(validate_sa(longer));
  Offer second = offer;
  second.number = 3;
  EXPECT_FALSE(validate_sa(encode_sa({offer, second})));  // a gap
  second.number = 1;
  EXPECT_FALSE(validate_sa(encode_sa({offer, second})));
}

TEST(SaPayload, AKeyLengthOfZeroOrTwoOfThemCannotBeChosen) {
  Bytes body = encode_sa({{1, Protocol::kIke, {}, {{TransformType::kEncryption, 12, 128, false}}}});
  body[body.size() - 2] = body[body.size() - 1] = 0;
  const auto offers = parse_sa(body);
  ASSERT_TRUE(offers);
  EXPECT_TRUE(offers->front().transforms.front().strange);
}

TEST(SaPayload, AnAttributeInLongFormIsSkippedInBounds) {
  // type 99 with four octets
  const Bytes transform =
      Writer().u8(0).u8(0).u16(16).u8(1).u8(0).u16(12).u16(99).u16(4).u32(0).done();
  const Bytes offer =
      joined({Writer().u8(0).u8(0).u16(24).u8(1).u8(1).u8(0).u8(1).done(), transform});
  const auto offers = parse_sa(offer);
  ASSERT_TRUE(offers);
  EXPECT_TRUE(offers->front().transforms.front().strange);
  Bytes lying = offer;
  lying[lying.size() - 5] = 5;
  EXPECT_FALSE(parse_sa(lying));
}

TEST(TsPayload, ReadsWhatItWrites) {
  TrafficSelector v4{*Address::parse("10.0.0.0"), *Address::parse("10.0.0.255"), 6, 500, 1010};
  TrafficSelector v6{*Address::parse("2001:db8::"), *Address::parse("2001:db8::ff"), 0, 0, 65535};
  EXPECT_EQ(parse_ts(encode_ts({v4, v6})), (std::vector{v4, v6}));
}

TEST(TsPayload, RangesThatRunBackwardsAndCountsThatLieAreRefused) {
  TrafficSelector selector{*Address::parse("10.0.0.9"), *Address::parse("10.0.0.1"), 0, 0, 65535};
  EXPECT_FALSE(validate_ts(encode_ts({selector})));
  std::swap(selector.first, selector.last);
  EXPECT_TRUE(validate_ts(encode_ts({selector})));
  selector.port_first = 2, selector.port_last = 1;
  EXPECT_FALSE(validate_ts(encode_ts({selector})));
  EXPECT_FALSE(validate_ts(encode_ts({})));
  selector.port_last = 3;
  const Bytes good = encode_ts({selector});
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(validate_ts(ByteView(good).first(size)));
  Bytes many = good;
  many[0] = 255;
  EXPECT_FALSE(validate_ts(many));
  for (std::uint8_t length : {0, 7, 15, 17, 40}) {
    Bytes bent = good;
    bent[7] = length;
    EXPECT_FALSE(validate_ts(bent)) << int(length);
  }
  Bytes unknown = good;
  unknown[4] = 9;
  ASSERT_TRUE(parse_ts(unknown));
  EXPECT_TRUE(parse_ts(unknown)->empty());
}

TEST(IdPayload, OnlyWellFormedOnesOfKnownTypes) {
  const auto id = [](std::uint8_t type, ByteView data) {
    return validate_id(joined({Writer().u8(type).u8(0).u16(0).done(), data}));
  };
  EXPECT_TRUE(id(1, Bytes(4)));
  EXPECT_TRUE(id(5, Bytes(16)));
  EXPECT_TRUE(id(2, view_of("peer.example")));
  EXPECT_FALSE(id(1, Bytes(3)));
  EXPECT_FALSE(id(5, Bytes(4)));
  EXPECT_FALSE(id(0, Bytes(4)));
  EXPECT_FALSE(id(255, Bytes(4)));
  EXPECT_FALSE(id(9, Bytes(2)));
  EXPECT_FALSE(id(2, Bytes(60000, 'a')));
  EXPECT_FALSE(id(2, joined({view_of("peer"), Bytes(1), view_of(".example")})));
  EXPECT_FALSE(id(2, {}));
}

TEST(NotifyPayload, ReadsWhatItWrites) {
  const Notify notify{NotifyType::kRekeySa, Protocol::kEsp, Bytes(4, 1), Bytes(3, 2)};
  EXPECT_EQ(parse_notify(encode_notify(notify)), notify);
  EXPECT_FALSE(parse_notify(Bytes{3, 4, 0, 0, 1, 2, 3}));
  EXPECT_FALSE(parse_notify(Bytes(3)));
}

TEST(DeletePayload, CountsThatLieAreRefused) {
  const Delete both{Protocol::kEsp, {256, 257}};
  EXPECT_EQ(parse_delete(encode_delete(both)), both);
  EXPECT_EQ(parse_delete(encode_delete({Protocol::kIke, {}})), (Delete{Protocol::kIke, {}}));
  EXPECT_FALSE(parse_delete(Bytes{3, 4, 0, 2, 0, 0, 1, 0}));
  EXPECT_FALSE(parse_delete(Bytes{3, 8, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0}));
  EXPECT_FALSE(parse_delete(Bytes{1, 0, 0, 1}));
}

TEST(KePayload, IsBounded) {
  EXPECT_FALSE(validate_ke(Bytes(4)));
  EXPECT_FALSE(validate_ke(Bytes(2000)));
  EXPECT_FALSE(validate_nonce(Bytes(15)));
  EXPECT_FALSE(validate_nonce(Bytes(257)));
  EXPECT_TRUE(validate_nonce(Bytes(256)));
}

struct Suite {
  Encryption encryption;
  Integrity integrity;
};
constexpr Suite kSuites[] = {{Encryption::kTripleDesCbc, Integrity::kHmacSha1_96},
                             {Encryption::kAesCbc256, Integrity::kHmacSha512_256},
                             {Encryption::kAesGcm128, Integrity::kNone},
                             {Encryption::kAesGcm256, Integrity::kNone}};

TEST(Sk, OpensWhatItSealedAndNothingElse) {
  for (const Suite& suite : kSuites) {
    const auto& cipher = facts(suite.encryption);
    const Bytes key(cipher.key + cipher.salt, 7), integrity(facts(suite.integrity).key, 8);
    const SkKeys keys{suite.encryption, suite.integrity, key, integrity};
    for (std::size_t size : {0, 1, 15, 16, 17, 500}) {
      Header header;
      header.spi_i = 1;
      header.exchange = ExchangeType::kInformational;
      const Bytes plain(size, 3), iv(cipher.iv, 9);
      const Bytes message = seal(header, 41, plain, keys, iv);
      EXPECT_EQ(validate_header(message), HeaderFault::kNone);
      EXPECT_LE(message.size(), size + seal_overhead(keys));
      const auto opened = open(message, keys);
      ASSERT_TRUE(opened);
      EXPECT_EQ(opened->plain, plain);
      EXPECT_EQ(opened->first_inner, 41);
      for (std::size_t i = 0; i < message.size(); ++i) {
        Bytes bent = message;
        bent[i] ^= 0x40;
        EXPECT_FALSE(open(bent, keys)) << i;
      }
      for (std::size_t cut = kHeaderSize; cut < message.size(); ++cut)
        EXPECT_FALSE(open(ByteView(message).first(cut), keys)) << cut;
      const auto piece = open(seal(header, 41, plain, keys, iv, {2, 3}), keys);
      ASSERT_TRUE(piece);
      EXPECT_EQ(piece->fragment.number, 2);
    }
  }
}

// Sealed as the keys ask for it: `before` stands between the header and SK.
Bytes sealed_by_hand(std::uint8_t first, const Bytes& before, const Bytes& inside,
                     const Bytes& key) {
  const Bytes iv(8, 9);
  const std::size_t body = iv.size() + inside.size() + 16;
  Bytes out = Writer().u64(1).u64(0).u8(first).u8(0x20).u8(37).u8(8).u32(5).done();
  append(out, Writer().u32(std::uint32_t(kHeaderSize + before.size() + 4 + body)).done());
  append(out, before);
  append(out, Writer().u8(41).u8(0).u16(std::uint16_t(4 + body)).done());
  const Bytes sealed = aead_seal(Encryption::kAesGcm128, key, iv, out, inside);
  append(out, iv);
  append(out, sealed);
  return out;
}

TEST(Sk, PaddingLongerThanTheBodyIsRefused) {
  const Bytes key(20, 7);
  const SkKeys keys{Encryption::kAesGcm128, Integrity::kNone, key, {}};
  Header header;
  header.spi_i = 1;
  header.exchange = ExchangeType::kInformational;
  // seal() appends a pad length of 0: what precedes it can only be body.
  const auto opened = open(seal(header, 0, Bytes(3, 200), keys, Bytes(8)), keys);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->plain.size(), 3u);
  EXPECT_FALSE(open(seal(header, 41, {}, keys, Bytes(8), {0x0003, 0x0002}), keys));  // 3 of 2
  EXPECT_TRUE(open(sealed_by_hand(46, {}, {0, 0, 2}, key), keys)) << "all of it is padding";
  for (const Bytes& inside : {Bytes{0, 0, 3}, Bytes{1}, Bytes{0, 255}, Bytes{}})
    EXPECT_FALSE(open(sealed_by_hand(46, {}, inside, key), keys)) << inside.size();
}

// Neither what is known nor what is not, once or as often as it goes.
TEST(Sk, StandsAlone) {
  const Bytes key(20, 7);
  const SkKeys keys{Encryption::kAesGcm128, Integrity::kNone, key, {}};
  ASSERT_TRUE(open(sealed_by_hand(46, {}, {0}, key), keys));
  for (const std::uint8_t type : {43, 41, 200})
    for (const std::size_t count : {1, 20, 100}) {
      Bytes before;
      for (std::size_t left = count; left > 0; --left)
        append(before, generic(left > 1 ? type : 46, 0, 4, 0));
      EXPECT_FALSE(open(sealed_by_hand(type, before, {0}, key), keys)) << int(type) << ' ' << count;
    }
}

// RFC 7296 section 2.23: one of several hashes that fits is enough, and who sends none says
// nothing.
TEST(NatDetection, WrongMissingAndSeveralHashes) {
  IkeSa sa;
  sa.path = {0, {*Address::parse("16.1.1.1"), 500}, {*Address::parse("16.1.1.2"), 500}};
  Header header;
  header.spi_i = 1;
  const auto found = [&](const std::vector<Bytes>& hashes) {
    Payloads payloads;
    for (const Bytes& each : hashes)
      payloads.notifies.push_back({NotifyType::kNatDetectionSource, Protocol::kNone, {}, each});
    detect_nat(sa, header, payloads);
    EXPECT_FALSE(sa.local_behind_nat);
    return sa.peer_behind_nat;
  };
  const Bytes right = nat_hash(1, 0, sa.path.remote), wrong = nat_hash(2, 0, sa.path.remote);
  EXPECT_FALSE(found({}));
  EXPECT_FALSE(found({right}));
  EXPECT_FALSE(found({right, right}));
  EXPECT_FALSE(found({wrong, right, wrong}));
  EXPECT_TRUE(found({wrong}));
  EXPECT_TRUE(found({wrong, wrong}));
  EXPECT_TRUE(found({{}}));
  EXPECT_TRUE(found({Bytes(19, 1), Bytes(21, 1)}));
}

// Every octet of every message of a handshake bent once: never a crash, never a pair that does not
// fit.
TEST(Bent, EveryOctetOfAHandshake) {
  for (int message = 0; message < 4; ++message)
    for (std::size_t at = 0;; at += 3) {
      TwoPeers net;
      net.a.act(net.a.table->tunnel_wanted(TwoPeers::kTunnel, net.now), net.now);
      for (int i = 0; i < message; ++i) i % 2 == 0 ? net.to_b() : net.to_a();
      Peer& from = message % 2 == 0 ? net.a : net.b;
      Peer& to = message % 2 == 0 ? net.b : net.a;
      Datagram bent = net.take(from);
      if (at >= bent.bytes.size()) break;
      bent.bytes[at] ^= 0x21;
      net.deliver(to, bent);
      net.settle();
      // What the other side never heard of may stand alone; a pair that both have fits.
      const bool both = !net.a.children().empty() && !net.b.children().empty();
      EXPECT_TRUE(!both || net.agree()) << message << " " << at;
    }
}

}  // namespace
}  // namespace nezu::ike::test
