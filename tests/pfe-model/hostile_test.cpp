// What a stranger on the wire, or a peer with the keys, may send: dropped and counted for what it
// is, and the SA goes on.
#include <cstring>
#include <random>

#include "pfe-model/esp.h"
#include "tunnelled.h"

namespace nezu::pfe::test {
namespace {

std::string ipv6_packet(const std::string& next_headers, uint8_t first, const std::string& payload,
                        size_t claimed) {
  std::string ip(40, '\0');
  ip[0] = 0x60;
  store16(reinterpret_cast<uint8_t*>(ip.data()) + 4, static_cast<uint16_t>(claimed));
  ip[6] = static_cast<char>(first);
  ip[7] = 64;
  return ip + next_headers + payload;
}

class Hostile : public Tunnelled {
 protected:
  /// An ESP packet of a's SA to b: `inner` and whatever trailer.
  std::string esp(const std::string& inner, uint8_t next_header, int padding = -1) {
    EspKey& key = *a.plane.tables.tunnels.at(1)->outbound->esp;
    std::string frame =
        ipv4_frame(kMac2, kA, kB, 50, std::string(key.sealed_size(inner.size()), '\0'));
    auto* start = reinterpret_cast<uint8_t*>(frame.data()) + 34;
    std::memcpy(start + key.front(), inner.data(), inner.size());
    const EspSequence sequence{++sequence_, false};
    if (!seal(key, 5002, sequence, next_header, start + key.front(), inner.size()) || padding < 0)
      return frame;
    // The pad length that is asked for, whatever it means.
    const size_t encrypted = frame.size() - 34 - key.front() - key.icv();
    EXPECT_EQ(nezu::pfe::open(key, sequence, start, frame.size() - 34).fault, OpenFault::kNone);
    start[key.front() + encrypted - 2] = static_cast<uint8_t>(padding);
    store32(start, 5002);
    store32(start + 4, static_cast<uint32_t>(sequence.number));
    EXPECT_TRUE(key.protect(start, encrypted, sequence));
    return frame;
  }
  std::string inner(const std::string& payload = "payload!", uint8_t ttl = 64,
                    const std::string& source = kFrom, const std::string& destination = kTo) {
    return ipv4_frame(kMac2, source, destination, 17, payload, ttl).substr(14);
  }
  std::string changed(std::string packet, size_t at, int value) {
    packet[at] = static_cast<char>(value);
    auto* ip = reinterpret_cast<uint8_t*>(packet.data());
    if (size_t{4} * (ip[0] & 15u) <= packet.size()) write_ipv4_checksum(ip);
    return packet;
  }
  void expect(Drop why, const std::string& frame, const char* what) {
    const uint64_t before = b.total(why), all = b.dropped();
    open(frame);
    EXPECT_EQ(b.total(why), before + 1) << what;
    EXPECT_EQ(b.dropped(), all + 1) << what << ": counted once";
  }
  void still_carries() {
    a.plane.tables.tunnels.at(1)->outbound->record->sent = sequence_;
    const size_t before = lan_b->out.size();
    open(seal_one());
    EXPECT_EQ(lan_b->out.size(), before + 1);
  }

  uint64_t sequence_ = 0;
};

TEST_F(Hostile, EachBadTrailerIsOne) {
  expect(Drop::kEspDummy, esp("dummy", 59), "dummy");
  for (const int next : {0, 1, 6, 17, 50, 51, 255})
    expect(Drop::kEspBadTrailer, esp(inner(), static_cast<uint8_t>(next)), "next header");
  expect(Drop::kEspBadTrailer, esp(inner(), 4, 255), "more padding than packet");
  expect(Drop::kEspBadTrailer, esp(inner(), 4, 3), "padding that does not count up");
  EXPECT_EQ(stats(b).bad_trailers(), 9u);
  EXPECT_TRUE(lan_b->out.empty());
  still_carries();
}

TEST_F(Hostile, EachBadInnerPacketIsOne) {
  expect(Drop::kEspInner, esp("", 4), "nothing");
  expect(Drop::kEspInner, esp(inner().substr(0, 19), 4), "half a header");
  expect(Drop::kEspInner, esp(changed(inner(), 3, 200), 4), "longer than what is there");
  expect(Drop::kEspInner, esp(changed(inner(), 3, 19), 4), "shorter than its header");
  expect(Drop::kEspInner, esp(changed(inner(), 0, 0x44), 4), "header of 16 octets");
  expect(Drop::kEspInner, esp(changed(inner(), 0, 0x4f), 4), "header longer than the packet");
  expect(Drop::kEspInner, esp(inner(), 41), "IPv4 called IPv6");
  expect(Drop::kEspInner, esp(ipv6_packet("", 17, "payload!", 8), 4), "IPv6 called IPv4");
  expect(Drop::kEspInner, esp(ipv6_packet("", 17, "payload!", 9), 41),
         "IPv6, longer than is there");
  std::string flipped = inner();
  flipped[10] = static_cast<char>(flipped[10] ^ 1);
  expect(Drop::kEspInner, esp(flipped, 4), "checksum");
  EXPECT_EQ(stats(b).decryption_failures(), 10u);
  EXPECT_EQ(stats(b).authentication_failures(), 0u);
  EXPECT_TRUE(lan_b->out.empty());
  still_carries();
}

TEST_F(Hostile, WhatTheSelectorsDoNotHoldIsNotForwarded) {
  const auto outside = octets({172, 16, 0, 1});
  expect(Drop::kSelector, esp(inner("x", 64, outside), 4), "a spoofed source");
  expect(Drop::kSelector, esp(inner("x", 64, kFrom, outside), 4), "elsewhere");
  expect(Drop::kSelector, esp(inner("x", 64, kTo, outside), 4), "as if it were ours");
  expect(Drop::kSelector, esp(inner("x", 64, kA, kB), 4), "our own outside");
  std::string chain;
  for (int i = 0; i < 40; ++i) chain += octets({i == 39 ? 17 : 60, 0, 0, 0, 0, 0, 0, 0});
  expect(Drop::kSelector, esp(ipv6_packet(chain, 60, "payload!", chain.size() + 8), 41),
         "extension headers in a row");
  EXPECT_EQ(stats(b).selector_errors(), 5u);
  EXPECT_TRUE(lan_b->out.empty());
  still_carries();
}

// A port cannot be looked at in what has none: such a fragment is in no selector of ports.
TEST_F(Hostile, AFragmentInsideHasNoPorts) {
  const std::string rest = changed(inner("these look like ports"), 7, 100);
  open(esp(rest, 4));
  EXPECT_EQ(lan_b->out.size(), 1u) << "without ports it is as any other";
  Selector& selector = b.plane.tables.tunnels.at(1)->selectors[0];
  selector.protocol = 17;
  selector.local_port_first = selector.local_port_last = 0x35;
  expect(Drop::kSelector, esp(rest, 4), "with ports it is not");
}

TEST_F(Hostile, ItsTimeToLiveEndsInsideToo) {
  for (const int ttl : {0, 1}) {
    const uint64_t before = b.total(Count::kExceptionTtl);
    open(esp(inner("x", static_cast<uint8_t>(ttl)), 4));
    EXPECT_EQ(b.total(Count::kExceptionTtl), before + 1);
  }
  EXPECT_TRUE(lan_b->out.empty());
}

// Its own ESP inside its own ESP: taken out once, never again and again.
TEST_F(Hostile, ATunnelInItselfEnds) {
  Selector& selector = b.plane.tables.tunnels.at(1)->selectors[0];
  selector.local_first = selector.remote_first = *Address::parse(octets({0, 0, 0, 0}));
  selector.local_last = selector.remote_last = *Address::parse(octets({255, 255, 255, 255}));
  std::string packet = inner();
  for (int depth = 0; depth < 12; ++depth) packet = esp(packet, 4).substr(14);
  const uint64_t all = b.dropped();
  open(kMac2 + octets({2, 9, 9, 9, 9, 9, 8, 0}) + packet);
  EXPECT_EQ(b.dropped(), all + 1);
  EXPECT_LE(b.total(Count::kOpened), 5u);
  EXPECT_TRUE(lan_b->out.empty());
}

TEST_F(Hostile, NumbersThatCannotBe) {
  const auto numbered = [&](uint64_t number, bool good) {
    sequence_ = number - 1;
    std::string frame = esp(inner(), 4);
    if (!good) frame.back() = static_cast<char>(frame.back() ^ 1);
    return frame;
  };
  expect(Drop::kEspReplay, numbered(0, true), "number 0");
  open(numbered(1, true));
  ASSERT_EQ(lan_b->out.size(), 1u);
  expect(Drop::kEspAuthentication, numbered(uint64_t{1} << 31, false), "a jump of 2^31, forged");
  expect(Drop::kEspAuthentication, numbered(UINT32_MAX, false), "to the last, forged");
  open(numbered(2, true));
  EXPECT_EQ(lan_b->out.size(), 2u) << "which moved nothing";
  open(numbered(UINT32_MAX, true));
  EXPECT_EQ(lan_b->out.size(), 3u) << "the last number";
  expect(Drop::kEspReplay, numbered(UINT32_MAX, true), "again");
  expect(Drop::kEspReplay, numbered(3, true), "out of the window");
}

TEST_F(Hostile, AFloodOfUnknownSpisIsCountedAndNothingElse) {
  for (uint32_t spi = 0; spi < 3000; ++spi) {
    std::string packet(60, 'x');
    store32(reinterpret_cast<uint8_t*>(packet.data()), spi < 256 ? spi : spi * 2654435761u);
    core_b->in.push_back(
        {ipv4_frame(kMac2, octets({198, 51, 100, static_cast<int>(spi % 250)}), kB, 50, packet),
         {}});
  }
  while (!core_b->in.empty()) b.run();
  EXPECT_EQ(b.total(Drop::kEspUnknownSpi), 3000u);
  EXPECT_EQ(b.dropped(), 3000u);
  EXPECT_TRUE(core_b->out.empty())
      << "nobody is told: an answer to each would be a gift to whoever spoofs";
  uint64_t events = 0;
  b.plane.take_events([&](const Event&) { ++events; });
  EXPECT_EQ(events, 0u);
  still_carries();
}

TEST_F(Hostile, AnSaThatGoesWhileItsPacketIsOnTheFabric) {
  const std::string packet = seal_one();
  Pfe& received = *b.plane.pfes.at(0);
  Pfe& anchor = *b.plane.pfes.at(2);
  core_b->in.push_back({packet, {}});
  received.begin(1'000'000'000);
  received.receive(*b.plane.tables.ports.at(2));
  received.finish();
  ASSERT_TRUE(anchor.fabric_waiting());
  api::Request remove;
  *remove.mutable_remove()->mutable_sa() = sa_message(true, kB, kA, 5002).sa();
  ASSERT_EQ(b.call(2, remove), "");
  anchor.begin(1'000'000'000);
  anchor.receive_fabric();
  anchor.finish();
  b.run();
  EXPECT_EQ(b.total(Drop::kEspUnknownSpi), 1u);
  EXPECT_TRUE(lan_b->out.empty());
}

TEST_F(Hostile, FragmentsOfEspAreDroppedWhateverTheyAre) {
  const std::string packet = seal_one();
  for (const auto& [field, what] : {std::pair{0x2000, "the first"},
                                    {0x0001, "the last"},
                                    {0x2001, "one in the middle"},
                                    {0x3fff, "past the end of any packet"},
                                    {0x6000, "the first, not to be fragmented"}}) {
    std::string fragment = packet;
    store16(reinterpret_cast<uint8_t*>(fragment.data()) + 20, static_cast<uint16_t>(field));
    write_ipv4_checksum(reinterpret_cast<uint8_t*>(fragment.data()) + 14);
    expect(Drop::kEspFragment, fragment, what);
  }
  expect(
      Drop::kEspFragment,
      [&] {
        std::string tiny = packet.substr(0, 34 + 8);
        auto* ip = reinterpret_cast<uint8_t*>(tiny.data()) + 14;
        store16(ip + 2, 28);
        store16(ip + 6, 0x2000);
        write_ipv4_checksum(ip);
        return tiny;
      }(),
      "a tiny one");
  EXPECT_EQ(stats(b).decrypted_packets(), 0u);
  still_carries();
}

// Any octets, and good packets with some of them changed: none is taken, none is counted twice, no
// buffer is lost.
TEST_F(Hostile, RandomPacketsAreCountedOnceEach) {
  std::mt19937 random(7);
  sequence_ = 0;
  const size_t buffers = b.plane.pfes.at(2)->buffers();
  for (int i = 0; i < 20000; ++i) {
    std::string body;
    if (i % 2) {
      body.resize(8 + random() % 120);
      for (char& octet : body) octet = static_cast<char>(random());
      store32(reinterpret_cast<uint8_t*>(body.data()), 5002);
    } else {
      body = esp(inner(), 4).substr(34);
      body[4 + random() % (body.size() - 4)] ^= static_cast<char>(1 + random() % 255);
    }
    core_b->in.push_back({ipv4_frame(kMac2, kA, kB, 50, body), {}});
    b.run();
  }
  EXPECT_EQ(b.dropped(), 20000u);
  EXPECT_TRUE(lan_b->out.empty());
  EXPECT_EQ(b.plane.pfes.at(2)->buffers(), buffers);
  still_carries();
}

}  // namespace
}  // namespace nezu::pfe::test
