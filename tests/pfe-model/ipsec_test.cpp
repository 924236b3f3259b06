// Tunnels of whole PFEs on wires in memory.
#include <fcntl.h>

#include "pfe-model/esp.h"
#include "tunnelled.h"

namespace nezu::pfe::test {
namespace {

TEST_F(Tunnelled, CarriesAPacketAndTakesTwoHops) {
  const std::string esp = seal_one();
  ASSERT_FALSE(esp.empty());
  EXPECT_EQ(esp.find("secret"), std::string::npos);
  EXPECT_EQ(esp[23], 50);
  EXPECT_EQ(a.total(Count::kFabricOut), 2u) << "ingress to anchor to egress";
  open(esp);
  ASSERT_EQ(lan_b->out.size(), 1u);
  EXPECT_EQ(lan_b->out[0].bytes.substr(34), "secret!!");
  EXPECT_EQ(lan_b->out[0].bytes[22], 62);
  EXPECT_EQ(stats(b).decrypted_packets(), 1u);
  EXPECT_EQ(stats(b).decrypted_bytes(), esp.size() - 14);
  EXPECT_EQ(stats(a).encrypted_bytes(), 28u);
}

TEST_F(Tunnelled, RefusesReplaysAndForgeriesAndMovesNothingForThem) {
  const std::string first = seal_one(), second = seal_one();
  std::string forged = second;
  forged[14 + 20 + 4] = 0x40;  // a jump of 2^30 with a bad ICV
  open(forged);
  EXPECT_EQ(stats(b).authentication_failures(), 1u);
  open(first);
  open(first);
  open(second);
  EXPECT_EQ(stats(b).replay_errors(), 1u);
  EXPECT_EQ(stats(b).decrypted_packets(), 2u);
  EXPECT_EQ(lan_b->out.size(), 2u);
}

TEST_F(Tunnelled, CountsWhatIsWrongWithAnEspPacket) {
  const std::string good = seal_one();
  const auto outer = [&](const std::string& esp) { return ipv4_frame(kMac2, kA, kB, 50, esp); };
  open(outer(good.substr(34, 7)));
  EXPECT_EQ(b.total(Drop::kEspBadHeader), 1u);
  open(outer(good.substr(34, 35)));
  EXPECT_EQ(b.total(Drop::kEspBadHeader), 2u);
  EXPECT_EQ(stats(b).bad_headers(), 1u);
  open(outer(good.substr(34, good.size() - 34 - 1)));
  EXPECT_EQ(b.total(Drop::kEspBadHeader), 3u);
  std::string unknown = good.substr(34);
  unknown[3] = 99;
  open(outer(unknown));
  EXPECT_EQ(b.total(Drop::kEspUnknownSpi), 1u);
  std::string fragment = outer(good.substr(34));
  fragment[20] = 0x20;
  write_ipv4_checksum(reinterpret_cast<uint8_t*>(fragment.data()) + 14);
  open(fragment);
  EXPECT_EQ(b.total(Drop::kEspFragment), 1u);
  EXPECT_TRUE(lan_b->out.empty());
}

TEST_F(Tunnelled, DropsWhatTheSelectorsDoNotHold) {
  a.add_route(octets({172, 16, 0, 0}), 12, 100);
  EXPECT_EQ(seal_one("x", octets({172, 16, 0, 1})), "");
  EXPECT_EQ(a.total(Drop::kNoPolicy), 1u);
  // b's own selectors are narrower than what a sends.
  b.plane.tables.tunnels.at(1)->selectors[0].remote_last = *Address::parse(octets({10, 0, 0, 9}));
  open(seal_one());
  EXPECT_EQ(b.total(Drop::kSelector), 1u);
  EXPECT_TRUE(lan_b->out.empty());
}

// While a rekey narrows, each SA holds its own.
TEST_F(Tunnelled, AnSaMayHaveSelectorsOfItsOwn) {
  api::Request request = sa_message(true, kB, kA, 5002);
  auto* selector = request.mutable_sa()->add_selector();
  selector->set_local_first(octets({10, 0, 0, 0}));
  selector->set_local_last(octets({10, 255, 255, 255}));
  selector->set_remote_first(octets({10, 0, 0, 0}));
  selector->set_remote_last(octets({10, 255, 255, 255}));
  ASSERT_EQ(b.call(2, request), "");
  b.plane.tables.tunnels.at(1)->selectors[0].remote_last = *Address::parse(octets({10, 0, 0, 9}));
  open(seal_one());
  EXPECT_EQ(lan_b->out.size(), 1u) << "the tunnel has been narrowed, this SA has not";
  selector->set_remote_last(octets({10, 0, 0, 9}));
  ASSERT_EQ(b.call(2, request), "");
  open(seal_one());
  EXPECT_EQ(b.total(Drop::kSelector), 1u);
  EXPECT_EQ(lan_b->out.size(), 1u);
  selector->set_remote_last("x");
  EXPECT_NE(b.call(2, request), "");
}

TEST_F(Tunnelled, WithoutAnSaTrafficIsReportedOnceASecond) {
  api::Request remove;
  *remove.mutable_remove()->mutable_sa() = sa_message(false, kA, kB, 5002).sa();
  ASSERT_EQ(a.call(2, remove), "");
  uint64_t events = 0;
  for (int i = 0; i < 30; ++i) {
    lan_a->in.push_back({ipv4_frame(kMac1, kFrom, kTo, 17, "x"), {}});
    a.run(1'000'000'000 + static_cast<uint64_t>(i) * 100'000'000);
    a.plane.take_events([&](const Event& event) {
      EXPECT_EQ(event.what, Event::What::kTunnelWanted);
      ++events;
    });
  }
  EXPECT_EQ(events, 3u);
  EXPECT_EQ(a.total(Drop::kNoSa), 30u);
}

TEST_F(Tunnelled, OnlyThePeersIkeIsTakenForEstablished) {
  a.plane.tables.interfaces.at(2)->host = Descriptor(::open("/dev/null", O_WRONLY));
  const std::string ike = octets({1, 244, 1, 244, 0, 36, 0, 0}) + std::string(28, 's');
  core_a->in.push_back({ipv4_frame(kMac2, kB, kA, 17, ike), {}});
  core_a->in.push_back({ipv4_frame(kMac2, octets({192, 0, 2, 77}), kA, 17, ike), {}});
  a.run();
  EXPECT_EQ(a.total(Count::kPuntIkeEstablished), 1u);
  EXPECT_EQ(a.total(Count::kPuntIkeNew), 1u) << "a stranger's";
}

// However many a second come from addresses that nobody is at, a peer that begins is heard.
TEST_F(Tunnelled, StrangersIkeDoesNotStarveThePeers) {
  a.plane.tables.interfaces.at(2)->host = Descriptor(::open("/dev/null", O_WRONLY));
  const std::string begins = octets({1, 244, 1, 244, 0, 36, 0, 0}) + std::string(8, 's') +
                             std::string(8, '\0') + std::string(12, 's');
  for (uint64_t round = 0; round < 100; ++round) {
    for (int i = 0; i < 60; ++i)
      core_a->in.push_back({ipv4_frame(kMac2, octets({192, 0, 2, 77}), kA, 17, begins), {}});
    core_a->in.push_back({ipv4_frame(kMac2, kB, kA, 17, begins), {}});
    a.run(1'000'000'000 + round * 1'000'000);  // 60,000 a second
  }
  EXPECT_EQ(a.total(Count::kPuntIkePeer), 100u);
  EXPECT_LT(a.total(Count::kPuntIkeNew), 300u);
  EXPECT_GT(a.total(Drop::kPoliced), 5000u);
}

TEST_F(Tunnelled, WithoutSelectorsNothingIsTakenEither) {
  const std::string esp = seal_one();
  b.plane.tables.tunnels.at(1)->selectors.clear();
  open(esp);
  EXPECT_EQ(b.total(Drop::kSelector), 1u);
  EXPECT_TRUE(lan_b->out.empty());
}

TEST_F(Tunnelled, CountsWhatIsNoPacketAfterAll) {
  EspKey& key = *a.plane.tables.tunnels.at(1)->outbound->esp;
  std::string esp = ipv4_frame(kMac2, kA, kB, 50, std::string(key.sealed_size(12), '\0'));
  auto* data = reinterpret_cast<uint8_t*>(esp.data()) + 34 + key.front();
  std::memcpy(data, "no IP packet", 12);
  ASSERT_TRUE(seal(key, 5002, {1, false}, kProtocolIpv4, data, 12));
  open(esp);
  EXPECT_EQ(b.total(Drop::kEspInner), 1u);
  EXPECT_EQ(stats(b).decryption_failures(), 1u);
}

/// A cipher that has ceased to work.
struct BrokenKey final : EspKey {
  BrokenKey() : EspKey(8, 4, 16) {}
  bool protect(uint8_t*, size_t, EspSequence) override { return false; }
  bool unprotect(uint8_t*, size_t, EspSequence) override { return false; }
};

TEST_F(Tunnelled, WhatCannotBeProtectedIsNotSent) {
  a.plane.tables.tunnels.at(1)->outbound->esp = std::make_unique<BrokenKey>();
  EXPECT_EQ(seal_one(), "");
  EXPECT_EQ(a.total(Drop::kSealing), 1u);
  EXPECT_EQ(a.total(Count::kSealed), 0u);
}

TEST_F(Tunnelled, ATunnelNotYetNegotiatedAsksForItself) {
  Tunnel& tunnel = *a.plane.tables.tunnels.at(1);
  tunnel.selectors.clear();
  EXPECT_EQ(seal_one(), "");
  EXPECT_EQ(a.total(Drop::kNoPolicy), 1u) << "an SA without selectors carries nothing";
  tunnel.outbound_spi = 0;
  tunnel.outbound = nullptr;
  EXPECT_EQ(seal_one(), "");
  EXPECT_EQ(a.total(Drop::kNoSa), 1u);
  int events = 0;
  a.plane.take_events([&](const Event&) { ++events; });
  EXPECT_EQ(events, 1);
}

TEST_F(Tunnelled, StopsAtTheLastSequenceNumber) {
  Sa& sa = *a.plane.tables.tunnels.at(1)->outbound;
  sa.record->sent = UINT32_MAX - 1;
  EXPECT_NE(seal_one(), "");
  core_a->out.clear();
  EXPECT_EQ(seal_one(), "");
  EXPECT_EQ(seal_one(), "");
  EXPECT_EQ(a.total(Drop::kSaStopped), 2u);
  int events = 0;
  a.plane.take_events([&](const Event& event) {
    EXPECT_EQ(event.limit, kReportExhausted);
    ++events;
  });
  EXPECT_EQ(events, 1);
}

TEST_F(Tunnelled, TwoTunnelsNeverShareAnSa) {
  Tables& tables = a.plane.tables;
  Tunnel& first = *tables.tunnels.at(1);
  api::Request request;
  auto* second = request.mutable_tunnel();
  second->set_id(2);
  second->set_interface(100);
  second->set_anchor_pfe(1);
  second->set_order(1);
  second->set_outbound_spi(5002);
  second->set_remote(kB);
  ASSERT_EQ(a.call(2, request), "");
  EXPECT_NE(first.outbound, nullptr);
  EXPECT_EQ(tables.tunnels.at(2)->outbound, nullptr) << "the SA is the other tunnel's";

  api::Request stolen = sa_message(false, kA, kB, 5002, 2);
  stolen.mutable_sa()->set_tunnel(2);
  EXPECT_NE(a.call(2, stolen), "");
  EXPECT_NE(a.call(2, sa_message(false, kA, octets({192, 0, 2, 9}), 5002)), "")
      << "the record of the SA to b";
  EXPECT_NE(seal_one(), "");

  api::Request hello;
  hello.mutable_hello()->set_owner(api::OWNER_IKED);
  ASSERT_EQ(a.call(2, hello), "");
  EXPECT_EQ(a.call(2, stolen), "") << "the SA was of a client that is gone";
  EXPECT_EQ(first.outbound, nullptr);
  EXPECT_EQ(tables.tunnels.at(2)->outbound->generation, 2u);
}

TEST_F(Tunnelled, AnSaEventThatFoundNoRoomIsReportedByTheNextPacket) {
  Sa& sa = *a.plane.tables.tunnels.at(1)->outbound;
  auto& events = a.plane.pfes.at(2)->events();
  while (events.push(Event{})) continue;
  sa.soft_packets = 1;
  EXPECT_NE(seal_one(), "");
  sa.hard_bytes = 1;
  EXPECT_NE(seal_one(), "");
  std::vector<uint32_t> limits;
  const auto take = [&] {
    a.plane.take_events([&](const Event& event) {
      if (event.what == Event::What::kSa) limits.push_back(event.limit);
    });
  };
  take();
  EXPECT_TRUE(limits.empty());
  seal_one();
  EXPECT_EQ(a.total(Drop::kSaStopped), 1u);
  take();
  EXPECT_EQ(limits, (std::vector<uint32_t>{kReportSoft, kReportHard}));
  seal_one();
  take();
  EXPECT_EQ(limits.size(), 2u) << "once each";
}

TEST_F(Tunnelled, AnSaEventOutlivesThePfeThatReportedIt) {
  Sa& sa = *a.plane.tables.tunnels.at(1)->outbound;
  sa.soft_packets = 1;
  seal_one();
  api::Request request;
  request.mutable_remove()->mutable_pfe()->set_id(2);
  ASSERT_EQ(a.call(1, request), "");
  request.mutable_pfe()->set_id(2);
  request.mutable_pfe()->set_online(true);
  ASSERT_EQ(a.call(1, request), "");
  seal_one();
  int limits = 0;
  a.plane.take_events([&](const Event& event) { limits += event.what == Event::What::kSa; });
  EXPECT_EQ(limits, 1);
}

TEST_F(Tunnelled, ExtendedSequenceCrossesTheWrap) {
  for (auto* router : {&a, &b})
    for (auto& [key, sa] : router->plane.tables.sas) sa->extended_sequence = true;
  a.plane.tables.tunnels.at(1)->outbound->record->sent = UINT32_MAX - 3;
  for (auto& [key, sa] : b.plane.tables.sas)
    if (key.spi == 5002) sa->record->replay.top = UINT32_MAX - 3;
  for (int i = 0; i < 8; ++i) open(seal_one());
  EXPECT_EQ(lan_b->out.size(), 8u);
}

TEST_F(Tunnelled, CongestionMarksComeThrough) {
  std::string esp = seal_one();
  const auto mark = [&](std::string frame) {
    frame[15] = 3;
    write_ipv4_checksum(reinterpret_cast<uint8_t*>(frame.data()) + 14);
    return frame;
  };
  open(mark(esp));
  EXPECT_EQ(b.total(Drop::kEcn), 1u) << "the inner packet said it cannot bear the mark";
  std::string capable = ipv4_frame(kMac1, kFrom, kTo, 17, "x");
  capable[15] = static_cast<char>(0xb8 | 2);  // EF, ECT(0)
  write_ipv4_checksum(reinterpret_cast<uint8_t*>(capable.data()) + 14);
  lan_a->in.push_back({capable, {}});
  a.run();
  EXPECT_EQ(static_cast<uint8_t>(core_a->out.back().bytes[15]), 0xb8 | 2);
  open(mark(core_a->out.back().bytes));
  ASSERT_EQ(lan_b->out.size(), 1u);
  EXPECT_EQ(static_cast<uint8_t>(lan_b->out[0].bytes[15]), 0xb8 | 3);
}

TEST_F(Tunnelled, TheOuterDscpIsCopiedInwardsIfConfigured) {
  for (const bool copies : {false, true}) {
    for (auto& [id, tunnel] : b.plane.tables.tunnels) tunnel->copy_dscp = copies;
    std::string esp = seal_one();
    esp[15] = static_cast<char>(0xb8);  // EF, set on the way
    write_ipv4_checksum(reinterpret_cast<uint8_t*>(esp.data()) + 14);
    open(esp);
    const std::string& inner = lan_b->out.back().bytes;
    EXPECT_EQ(static_cast<uint8_t>(inner[15]), copies ? 0xb8 : 0);
    EXPECT_EQ(fold_checksum(sum_words(reinterpret_cast<const uint8_t*>(inner.data()) + 14, 20)), 0);
  }
}

TEST_F(Tunnelled, ATunnelToOurselvesEnds) {
  a.add_local(kB, 2);
  EXPECT_EQ(seal_one(), "");
  EXPECT_EQ(a.total(Drop::kLoop), 1u);
}

TEST_F(Tunnelled, ATunnelThroughItselfEnds) {
  a.add_route(octets({192, 0, 2, 2}), 32, 100);
  a.plane.tables.tunnels.at(1)->selectors[0].local_first = *Address::parse(octets({0, 0, 0, 0}));
  a.plane.tables.tunnels.at(1)->selectors[0].local_last =
      *Address::parse(octets({255, 255, 255, 255}));
  a.plane.tables.tunnels.at(1)->selectors[0].remote_first = *Address::parse(octets({0, 0, 0, 0}));
  a.plane.tables.tunnels.at(1)->selectors[0].remote_last =
      *Address::parse(octets({255, 255, 255, 255}));
  EXPECT_EQ(seal_one(), "");
  EXPECT_EQ(a.total(Drop::kLoop), 1u);
}

}  // namespace
}  // namespace nezu::pfe::test
