// Bridge domains: two local interfaces and two endpoints of VXLAN.
#include <gtest/gtest.h>

#include "memory_wire.h"
#include "pfe-model/clock.h"
#include "pfe-model/ip.h"
#include "told.h"

namespace nezu::pfe::test {
namespace {

constexpr uint32_t kVtep = 300;
constexpr uint64_t kSecond = 1'000'000'000;
const std::string kAll(6, '\xff');
const std::string kHostA = octets({2, 10, 0, 0, 0, 1}), kHostB = octets({2, 10, 0, 0, 0, 2}),
                  kFarC = octets({2, 10, 0, 0, 0, 3});

/// Ports 1 and 2 in the domain, port 3 to the core; endpoints .2 and .3 there.
class Bridged : public testing::Test {
 protected:
  Bridged() {
    one = &router.add_port(1, 0);
    two = &router.add_port(2, 1);
    core = &router.add_port(3, 2, 1600);
    router.add_local(kLocal, 3);
    router.add_route(octets({192, 0, 2, 0}), 24, 3);
    for (const auto& far : {kFar2, kFar3}) router.add_neighbour(3, far, kNext);
    add_vtep(kVtep, kFar2);
    add_vtep(kVtep + 1, kFar3);
    EXPECT_EQ(set_bridge({1, 2, kVtep, kVtep + 1}), "");
  }
  void add_vtep(uint32_t index, const std::string& remote, bool up = true) {
    api::Request request;
    auto* interface = request.mutable_interface();
    interface->set_index(index);
    interface->set_up(up);
    interface->set_mtu(9192);
    interface->mutable_vtep()->set_pfe(1);
    interface->mutable_vtep()->set_local(kLocal);
    interface->mutable_vtep()->set_remote(remote);
    interface->mutable_vtep()->set_port(4789);
    EXPECT_EQ(router.call(1, request), "");
  }
  std::string set_bridge(const std::vector<uint32_t>& members, uint32_t limit = 100) {
    api::Request request;
    auto* bridge = request.mutable_bridge();
    bridge->set_id(5);
    bridge->set_pfe(1);
    bridge->set_vni(100);
    for (const uint32_t member : members) bridge->add_member(member);
    bridge->set_mac_limit(limit);
    bridge->set_ageing_seconds(300);
    return router.call(1, request);
  }
  static std::string frame(const std::string& to, const std::string& from,
                           const std::string& payload = "payload of any kind") {
    return to + from + octets({0x88, 0xb5}) + payload;
  }
  void receive(MemoryWire& wire, const std::string& bytes, uint64_t now = kSecond) {
    for (MemoryWire* each : {one, two, core}) each->out.clear();
    wire.in.push_back({bytes, {}});
    router.run(now);
  }
  std::string around(const std::string& inner, const std::string& source, uint32_t vni = 100) {
    std::string udp = octets({0xc0, 1, 4789 >> 8, 4789 & 255, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0}) +
                      octets({static_cast<int>(vni), 0}) + inner;
    store16(reinterpret_cast<uint8_t*>(udp.data()) + 4, static_cast<uint16_t>(udp.size()));
    return ipv4_frame(octets({2, 0, 0, 0, 0, 3}), source, kLocal, 17, udp);
  }
  std::string inside(size_t at) { return core->out.at(at).bytes.substr(14 + 20 + 8 + 8); }
  size_t stations() { return router.plane.tables.bridges.at(5)->macs.size(); }
  api::BridgeStatistics page(const std::string& after) {
    api::Request request;
    request.mutable_get_statistics()->set_bridge(5);
    request.mutable_get_statistics()->set_after(after);
    api::Response response;
    EXPECT_EQ(router.call(1, request, &response), "");
    EXPECT_EQ(response.statistics().bridge_size(), 1);
    return response.statistics().bridge(0);
  }
  const std::string kLocal = octets({192, 0, 2, 1}), kFar2 = octets({192, 0, 2, 2}),
                    kFar3 = octets({192, 0, 2, 3});
  MemoryRouter router;
  MemoryWire *one, *two, *core;
};

TEST_F(Bridged, AFrameAndItsCopiesAreOneStory) {
  ASSERT_EQ(router.call(1, trace_order()), "");
  receive(*one, frame(kHostB, kHostA));
  receive(*two, frame(kHostA, kHostB));
  const api::TraceReport report = trace_report(router);
  ASSERT_EQ(report.packet_size(), 2);
  const api::TracedPacket& flooded = report.packet(0);
  EXPECT_EQ(flooded.text(),
            "Ethernet type 0x88b5 02:0a:00:00:00:01 > 02:0a:00:00:00:02, 33 octets");
  const std::string story = lines_of(flooded);
  EXPECT_TRUE(story.find("1 bridge | domain 5: 02:0a:00:00:00:02 is not known yet, to all "
                         "members\n") != story.npos)
      << story;
  EXPECT_TRUE(flooded.fate().ends_with(", 3 times")) << flooded.fate() << story;
  EXPECT_TRUE(story.find("vxlan | into VXLAN, VNI 100") != story.npos) << story;
  EXPECT_TRUE(lines_of(report.packet(1)).find("bridge | domain 5: 02:0a:00:00:00:01 is behind ") !=
              std::string::npos);
}

TEST_F(Bridged, FloodsWhatItDoesNotKnow) {
  receive(*one, frame(kAll, kHostA));
  EXPECT_EQ(one->out.size(), 0u);
  ASSERT_EQ(two->out.size(), 1u);
  EXPECT_EQ(two->out[0].bytes, frame(kAll, kHostA));
  ASSERT_EQ(core->out.size(), 2u);
  EXPECT_EQ(core->out[0].bytes.substr(14 + 16, 4), kFar2);
  EXPECT_EQ(core->out[1].bytes.substr(14 + 16, 4), kFar3);
  for (size_t i : {0, 1}) EXPECT_EQ(inside(i), frame(kAll, kHostA));
  EXPECT_EQ(core->out[0].bytes.substr(14 + 20 + 8, 8), octets({8, 0, 0, 0, 0, 0, 100, 0}));
  receive(*two, frame(kFarC, kHostB));  // unicast, but nobody knows where
  EXPECT_EQ(one->out.size() + core->out.size(), 3u);
}

TEST_F(Bridged, LearnsWhereStationsAre) {
  receive(*one, frame(kAll, kHostA));
  receive(*two, frame(kHostA, kHostB));
  EXPECT_EQ(one->out.size(), 1u);
  EXPECT_EQ(core->out.size(), 0u);
  receive(*core, around(frame(kHostA, kFarC), kFar3));
  ASSERT_EQ(one->out.size(), 1u);
  EXPECT_EQ(one->out[0].bytes, frame(kHostA, kFarC));
  EXPECT_EQ(two->out.size(), 0u);
  receive(*one, frame(kFarC, kHostA));
  ASSERT_EQ(core->out.size(), 1u);
  EXPECT_EQ(core->out[0].bytes.substr(14 + 16, 4), kFar3);
  EXPECT_EQ(two->out.size(), 0u);
  EXPECT_EQ(stations(), 3u);
}

// A frame of one endpoint goes to no other, which has its own from the sender.
TEST_F(Bridged, SplitHorizon) {
  receive(*core, around(frame(kAll, kFarC), kFar2));
  EXPECT_EQ(one->out.size(), 1u);
  EXPECT_EQ(two->out.size(), 1u);
  EXPECT_EQ(core->out.size(), 0u);
  receive(*core, around(frame(kFarC, kHostB), kFar3));
  EXPECT_EQ(core->out.size(), 0u);
  EXPECT_EQ(router.total(Drop::kBridgeBack), 1u);
}

TEST_F(Bridged, DoesNotSendBack) {
  receive(*one, frame(kAll, kHostA));
  receive(*one, frame(kHostA, kHostB));
  EXPECT_EQ(one->out.size() + two->out.size() + core->out.size(), 0u);
  EXPECT_EQ(router.total(Drop::kBridgeBack), 1u);
}

TEST_F(Bridged, FollowsAStationThatMoves) {
  receive(*one, frame(kAll, kHostA));
  receive(*two, frame(kAll, kHostA));
  receive(*core, around(frame(kHostA, kFarC), kFar2));
  EXPECT_EQ(one->out.size(), 0u);
  EXPECT_EQ(two->out.size(), 1u);
}

TEST_F(Bridged, ForgetsWithTime) {
  receive(*one, frame(kAll, kHostA));
  receive(*two, frame(kHostA, kHostB), 300 * kSecond);
  EXPECT_EQ(core->out.size(), 0u);
  receive(*two, frame(kHostA, kHostB), 302 * kSecond);
  EXPECT_EQ(core->out.size(), 2u);
}

// Until the frames of a station behind a dead port come another way, they are looked for there.
TEST_F(Bridged, LooksElsewhereWhenAPortIsDown) {
  receive(*core, around(frame(kAll, kFarC), kFar3));
  add_vtep(kVtep + 1, kFar3, false);
  receive(*one, frame(kFarC, kHostA));
  EXPECT_EQ(two->out.size(), 1u);
  ASSERT_EQ(core->out.size(), 1u);
  EXPECT_EQ(core->out[0].bytes.substr(14 + 16, 4), kFar2);
  add_vtep(kVtep + 1, kFar3);
  receive(*one, frame(kFarC, kHostA));
  EXPECT_EQ(two->out.size(), 0u);
  EXPECT_EQ(core->out.size(), 1u);
}

TEST_F(Bridged, AMemberNamedTwiceIsOne) {
  EXPECT_EQ(set_bridge({1, 2, kVtep, 2, kVtep}), "");
  receive(*one, frame(kAll, kHostA));
  EXPECT_EQ(two->out.size(), 1u);
  EXPECT_EQ(core->out.size(), 1u);
}

TEST_F(Bridged, TagsDoNotGoIntoVxlan) {
  const std::string tagged = kAll + kHostA + octets({0x81, 0, 0, 1, 0x88, 0xb5}) + "tagged twice";
  receive(*one, tagged);
  ASSERT_EQ(two->out.size(), 1u);
  EXPECT_EQ(two->out[0].bytes, tagged);
  EXPECT_EQ(core->out.size(), 0u);
  EXPECT_EQ(router.total(Drop::kBridgeTag), 2u);
}

TEST_F(Bridged, LearnsWhatFitsTheWay) {
  const auto sent = [this](size_t octets) {
    receive(*one, frame(kAll, kHostA, std::string(octets, 'x')));
    return core->out.size();
  };
  EXPECT_EQ(sent(1400), 2u);
  const std::string quoted = core->out.at(0).bytes.substr(14, 20 + 8 + 8);
  const std::string icmp = octets({3, 4, 0, 0, 0, 0, 1000 >> 8, 1000 & 255}) + quoted;
  receive(*core, ipv4_frame(octets({2, 0, 0, 0, 0, 3}), octets({192, 0, 2, 77}), kLocal, 1, icmp));
  EXPECT_EQ(router.total(Count::kPathMtu), 1u);
  EXPECT_EQ(sent(1000 - 50), 2u);
  EXPECT_EQ(router.total(Drop::kMtu), 0u);
  EXPECT_EQ(sent(1000 - 50 + 1), 1u);  // to the other endpoint
  EXPECT_EQ(router.total(Drop::kMtu), 1u);
}

TEST_F(Bridged, StationsComeInPages) {
  constexpr int kAllOf = 5000;
  EXPECT_EQ(set_bridge({1, 2}, kAllOf), "");
  const uint64_t now = monotonic_now();
  for (int i = kAllOf; i-- > 0;)
    router.plane.tables.bridges.at(5)->macs.learn(
        reinterpret_cast<const uint8_t*>(octets({2, 0, 0, 0, i >> 8, i & 255}).data()), 1, now);
  const auto first = page("");
  ASSERT_EQ(first.station_size(), 4096);
  EXPECT_TRUE(first.more());
  EXPECT_EQ(first.station(0).mac(), octets({2, 0, 0, 0, 0, 0}));
  EXPECT_EQ(first.station(4095).mac(), octets({2, 0, 0, 0, 0x0f, 0xff}));
  const auto second = page(first.station(4095).mac());
  ASSERT_EQ(second.station_size(), kAllOf - 4096);
  EXPECT_FALSE(second.more());
  EXPECT_EQ(second.station(0).mac(), octets({2, 0, 0, 0, 0x10, 0}));
  EXPECT_EQ(page(std::string(6, '\xfe')).station_size(), 0);
}

TEST_F(Bridged, RemembersSoManyStations) {
  EXPECT_EQ(set_bridge({1, 2}, 3), "");
  for (int i = 0; i < 10; ++i) receive(*one, frame(kAll, octets({2, 20, 0, 0, 0, i})), 2 * kSecond);
  EXPECT_EQ(stations(), 3u);
  EXPECT_EQ(router.total(Count::kMacTableFull), 7u);
  EXPECT_EQ(two->out.size(), 1u);                     // it is sent all the same
  receive(*one, frame(kAll, kHostA), 400 * kSecond);  // the others are old
  EXPECT_EQ(stations(), 1u);
}

TEST_F(Bridged, AGroupIsNoStation) {
  receive(*one, frame(kAll, octets({3, 0, 0, 0, 0, 1})));
  EXPECT_EQ(stations(), 0u);
}

TEST_F(Bridged, WhatIsRefused) {
  receive(*one, frame(octets({1, 0x80, 0xc2, 0, 0, 0}), kHostA));
  EXPECT_EQ(router.total(Drop::kBridgeReserved), 1u);
  receive(*one, "short");
  EXPECT_EQ(router.total(Drop::kBadHeader), 1u);
  receive(*core, around("a frame", kFar2));
  receive(*core, around(kAll + kFarC + octets({0x81, 0, 0, 1}) + "tagged", kFar2));
  EXPECT_EQ(router.total(Drop::kVxlanInner), 2u);
  receive(*core, around(frame(kAll, kFarC), kFar2, 101));
  EXPECT_EQ(router.total(Drop::kVxlanVni), 1u);
  receive(*core, around(frame(kAll, kFarC), octets({192, 0, 2, 9})));
  EXPECT_EQ(router.total(Drop::kVxlanPeer), 1u);
  receive(*one, frame(kAll, kHostA, std::string(1551, 'x')));  // fits no port, nor the core
  EXPECT_EQ(router.total(Drop::kMtu), 3u);
  EXPECT_EQ(stations(), 1u);
}

// What offloading left of a large packet is done before it goes into VXLAN.
TEST_F(Bridged, LargePackets) {
  std::string tcp = octets({0, 7, 0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x10, 1, 0, 0, 0, 0, 0}) +
                    std::string(3000, 'x');
  MemoryWire::Frame large{ipv4_frame(kFarC, kFrom, kTo, 6, tcp), {}};
  large.bytes.replace(6, 6, kHostA);
  large.offload.gso_type = kGsoTcp4;
  large.offload.gso_size = 1000;
  large.offload.partial_checksum = true;
  large.offload.checksum_start = 34;
  large.offload.checksum_offset = 16;
  receive(*core, around(frame(kAll, kFarC), kFar2));
  for (MemoryWire* each : {one, two, core}) each->out.clear();
  one->in.push_back(large);
  router.run();
  ASSERT_EQ(core->out.size(), 3u);
  EXPECT_EQ(inside(2).substr(0, 14), kFarC + kHostA + octets({8, 0}));
  EXPECT_EQ(inside(2).size(), 14u + 40 + 1000);
  const std::string ip = inside(2).substr(14);
  const auto* at = reinterpret_cast<const uint8_t*>(ip.data());
  EXPECT_EQ(fold_checksum(sum_words(at + 20, 1020, pseudo_header_sum(at, 6, 1020))), 0);
}

TEST_F(Bridged, MembersComeAndGo) {
  const uint64_t now = monotonic_now();  // a message looks at the clock for what is old
  receive(*two, frame(kAll, kHostB), now);
  EXPECT_EQ(set_bridge({1, kVtep}), "");
  receive(*one, frame(kHostB, kHostA), now);
  EXPECT_EQ(two->out.size(), 0u);  // and forgotten
  EXPECT_EQ(core->out.size(), 1u);
  api::Request request;
  request.mutable_remove()->mutable_bridge()->set_id(5);
  EXPECT_EQ(router.call(1, request), "");
  receive(*one, frame(kAll, kHostA));
  EXPECT_EQ(two->out.size() + core->out.size(), 0u);
  receive(*core, around(frame(kAll, kFarC), kFar2));
  EXPECT_EQ(router.total(Drop::kNoHost), 1u);
}

TEST_F(Bridged, ForgetsStationsWhenAsked) {
  receive(*one, frame(kAll, kHostA), monotonic_now());
  EXPECT_EQ(set_bridge({1, 2}), "");
  EXPECT_EQ(stations(), 1u) << "one of a member that stays";
  api::Request request;
  request.mutable_clear_bridge()->set_id(6);
  EXPECT_NE(router.call(1, request), "");
  request.mutable_clear_bridge()->set_id(5);
  EXPECT_EQ(router.call(1, request), "");
  EXPECT_EQ(stations(), 0u);
}

TEST_F(Bridged, BuffersComeHome) {
  for (int i = 0; i < 200; ++i) receive(*one, frame(kAll, octets({2, 20, 0, 0, 0, i})));
  for (auto& [id, pfe] : router.plane.pfes) pfe->settle();
  for (auto& [id, pfe] : router.plane.pfes) pfe->settle();
  for (auto& [id, pfe] : router.plane.pfes) EXPECT_EQ(pfe->buffers(), kPoolPackets) << id;
}

}  // namespace
}  // namespace nezu::pfe::test
