// Whole PFEs on wires in memory.
#include "pfe-model/pfe.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "memory_wire.h"
#include "pfe-model/ip.h"

namespace nezu::pfe::test {
namespace {

class Forwarding : public testing::Test {
 protected:
  Forwarding() {
    in = &router.add_port(1, 0);
    out = &router.add_port(2, 1);
    router.add_route(octets({10, 0, 2, 0}), 24, 2);
    router.add_neighbour(2, kTo, kNext);
  }
  void send(const std::string& frame, Offload offload = {}) {
    in->in.push_back({frame, offload});
    router.run();
  }
  void send_ip(uint8_t ttl = 64, const std::string& payload = "payload!") {
    send(ipv4_frame(kMac1, kFrom, kTo, 17, payload, ttl));
  }
  MemoryRouter router;
  MemoryWire* in;
  MemoryWire* out;
};

TEST_F(Forwarding, RewritesTheFrameAcrossTwoPfes) {
  send_ip();
  ASSERT_EQ(out->out.size(), 1u);
  const std::string& frame = out->out[0].bytes;
  EXPECT_EQ(frame.substr(0, 12), kNext + kMac2);
  const auto* ip = reinterpret_cast<const uint8_t*>(frame.data()) + 14;
  EXPECT_EQ(ip[8], 63);
  EXPECT_EQ(fold_checksum(sum_words(ip, 20)), 0);
  EXPECT_EQ(frame.substr(34), "payload!");
  EXPECT_EQ(router.total(Count::kFabricOut), 1u);
  EXPECT_EQ(router.dropped(), 0u);
}

TEST_F(Forwarding, OneWayTrafficGoesOnForEver) {
  for (int i = 0; i < 3 * static_cast<int>(kPoolPackets); ++i) send_ip();
  EXPECT_EQ(out->out.size(), 3 * kPoolPackets) << "its buffers come back though nothing else does";
}

TEST_F(Forwarding, ChecksumStaysRightForEveryTtl) {
  for (int ttl = 2; ttl < 256; ++ttl) send_ip(static_cast<uint8_t>(ttl));
  ASSERT_EQ(out->out.size(), 254u);
  for (const auto& frame : out->out)
    EXPECT_EQ(
        fold_checksum(sum_words(reinterpret_cast<const uint8_t*>(frame.bytes.data()) + 14, 20)), 0);
}

TEST_F(Forwarding, CutsEthernetPaddingOff) {
  send(ipv4_frame(kMac1, kFrom, kTo, 17, "x") + std::string(25, '\0'));
  ASSERT_EQ(out->out.size(), 1u);
  EXPECT_EQ(out->out[0].bytes.size(), 14u + 21u);
}

TEST_F(Forwarding, EachBadPacketIsCountedForWhatItIs) {
  const auto expect = [&](Drop why, std::string frame) {
    const uint64_t before = router.total(why);
    send(frame);
    EXPECT_EQ(router.total(why), before + 1) << kDropTexts[static_cast<size_t>(why)].name;
  };
  const std::string good = ipv4_frame(kMac1, kFrom, kTo, 17, "payload!");
  const auto with = [&](size_t at, int value) {
    std::string frame = good;
    frame[at] = static_cast<char>(value);
    return frame;
  };
  expect(Drop::kBadHeader, good.substr(0, 10));
  expect(Drop::kBadHeader, good.substr(0, 14));
  expect(Drop::kBadHeader, good.substr(0, 30));
  expect(Drop::kNotForUs, with(5, 99));
  expect(Drop::kEthertype, with(12, 0x88));
  expect(Drop::kBadHeader, with(14, 0x65));
  expect(Drop::kBadHeader, with(14, 0x44));
  expect(Drop::kBadHeader, with(14, 0x4f));
  expect(Drop::kBadHeader, with(17, 200));
  expect(Drop::kBadHeader, with(17, 19));
  expect(Drop::kBadChecksum, with(22, 65));
  expect(Drop::kMartian, ipv4_frame(kMac1, octets({127, 0, 0, 1}), kTo, 17, ""));
  expect(Drop::kMartian, ipv4_frame(kMac1, octets({224, 0, 0, 1}), kTo, 17, ""));
  expect(Drop::kMartian, ipv4_frame(kMac1, octets({0, 0, 0, 0}), kTo, 17, ""));
  expect(Drop::kMartian, ipv4_frame(kMac1, kFrom, octets({127, 0, 0, 1}), 17, ""));
  EXPECT_EQ(out->out.size(), 0u);
}

TEST_F(Forwarding, ExceptionsGoToTheHostWhichIsNotThere) {
  send_ip(1);
  EXPECT_EQ(router.total(Count::kExceptionTtl), 1u);
  send(ipv4_frame(kMac1, kFrom, octets({192, 0, 2, 1}), 17, "no route"));
  EXPECT_EQ(router.total(Count::kExceptionNoRoute), 1u);
  send(ipv4_frame(kMac1, kFrom, octets({10, 0, 2, 3}), 17, "no neighbour"));
  EXPECT_EQ(router.total(Count::kExceptionNeighbour), 1u);
  EXPECT_EQ(router.total(Drop::kNoHost), 3u);
}

TEST_F(Forwarding, AsksForANeighbourAtMostTenTimesASecond) {
  uint64_t events = 0;
  for (int i = 0; i < 1000; ++i) {
    in->in.push_back({ipv4_frame(kMac1, kFrom, octets({10, 0, 2, 3}), 17, "x"), {}});
    router.run(1'000'000'000 + static_cast<uint64_t>(i) * 1'000'000);
    router.plane.take_events([&](const Event& event) {
      ++events;
      EXPECT_EQ(event.interface, 2u);
      EXPECT_EQ(event.address.bytes(), octets({10, 0, 2, 3}));
    });
  }
  EXPECT_EQ(events, 10u);
}

TEST_F(Forwarding, WhatTheWireRefusesIsNotCountedAsSent) {
  send_ip();
  out->full = true;
  send_ip();
  const Port& port = *router.plane.tables.ports.at(2);
  EXPECT_EQ(port.output.packets, 1u);
  EXPECT_EQ(port.output.bytes, 14u + 28u);
  EXPECT_EQ(port.output_drops, 1u);
  EXPECT_EQ(port.interface->output.packets, 1u);
  EXPECT_EQ(port.interface->output.bytes, 28u);
}

TEST_F(Forwarding, FragmentsForASmallerLink) {
  send_ip(64, std::string(3000, 'x'));
  ASSERT_EQ(out->out.size(), 3u);
  for (const auto& frame : out->out) EXPECT_LE(frame.bytes.size(), 1514u);
  EXPECT_EQ(static_cast<uint8_t>(out->out[2].bytes[22]), 63) << "TTL is taken once";
}

TEST_F(Forwarding, LargeSegmentsPassWithTheirOffloadWords) {
  std::string tcp(20, '\0');
  tcp[12] = 0x50;
  const std::string frame = ipv4_frame(kMac1, kFrom, kTo, 6, tcp + std::string(20000, 'x'));
  send(frame, {kGsoTcp4, 1400, true, 34, 16});
  ASSERT_EQ(out->out.size(), 1u);
  EXPECT_EQ(out->out[0].bytes.size(), frame.size());
  EXPECT_EQ(out->out[0].offload.gso_size, 1400);
  EXPECT_EQ(out->out[0].offload.checksum_start, 34);
}

TEST_F(Forwarding, CountsWhatIsOnTheWireNotWhatOffloadMadeOfIt) {
  std::string tcp(20 + 4000, 'p');
  tcp[12] = 0x50;
  Offload offload;
  offload.gso_type = kGsoTcp4;
  offload.gso_size = 1400;
  offload.partial_checksum = true;
  offload.checksum_start = 34;
  offload.checksum_offset = 16;
  send(ipv4_frame(kMac1, kFrom, kTo, 6, tcp), offload);
  ASSERT_EQ(out->out.size(), 1u);
  const auto& ports = router.plane.tables.ports;
  const auto& interfaces = router.plane.tables.interfaces;
  for (const Traffic& traffic : {ports.at(1)->input, ports.at(2)->output}) {
    EXPECT_EQ(traffic.packets, 3u);  // 1400, 1400, 1200
    EXPECT_EQ(traffic.bytes, 3 * 54u + 4000u);
  }
  for (const Traffic& traffic : {interfaces.at(1)->input, interfaces.at(2)->output}) {
    EXPECT_EQ(traffic.packets, 3u);
    EXPECT_EQ(traffic.bytes, 3 * 40u + 4000u);
  }
}

/// Two logical interfaces on port 2 besides the untagged one: 21 of VLAN 100, 22 of VLAN 200.
class Tagged : public Forwarding {
 protected:
  Tagged() {
    for (uint32_t unit : {1u, 2u}) {
      api::Request request;
      auto* interface = request.mutable_interface();
      interface->set_index(20 + unit);
      interface->set_up(true);
      interface->set_mtu(1500);
      interface->set_inet(true);
      interface->mutable_ethernet()->set_port(2);
      interface->mutable_ethernet()->set_mac(kMac2);
      interface->mutable_ethernet()->set_vlan(100 * unit);
      EXPECT_EQ(router.call(1, request), "");
      const std::string far = octets({10, 0, static_cast<int>(20 + unit), 9});
      router.add_route(octets({10, 0, static_cast<int>(20 + unit), 0}), 24, 20 + unit);
      router.add_neighbour(20 + unit, far, kNext);
    }
    router.add_route(octets({10, 0, 1, 0}), 24, 1);
    router.add_neighbour(1, kFrom, kNext);
  }
  void receive(uint16_t vlan) {
    out->in.push_back({ipv4_frame(kMac2, kTo, kFrom, 17, "payload!"), {}, vlan});
    router.run();
  }
};

TEST_F(Tagged, SendsEachUnitsPacketsWithItsTag) {
  send(ipv4_frame(kMac1, kFrom, octets({10, 0, 21, 9}), 17, "one"));
  send(ipv4_frame(kMac1, kFrom, octets({10, 0, 22, 9}), 17, "two"));
  send_ip();
  ASSERT_EQ(out->out.size(), 3u);
  const std::string macs = kNext + kMac2;
  EXPECT_EQ(out->out[0].bytes.substr(0, 18), macs + octets({0x81, 0, 0, 100, 8, 0}));
  EXPECT_EQ(out->out[1].bytes.substr(0, 18), macs + octets({0x81, 0, 0, 200, 8, 0}));
  EXPECT_EQ(out->out[2].bytes.substr(0, 14), macs + octets({8, 0}));
  EXPECT_EQ(out->out[0].bytes.substr(38), "one");
  EXPECT_EQ(router.plane.tables.interfaces.at(21)->output.bytes, 23u);
  EXPECT_EQ(router.plane.tables.interfaces.at(2)->output.packets, 1u);
  EXPECT_EQ(router.plane.tables.ports.at(2)->output.packets, 3u);
}

TEST_F(Tagged, ReceivesByTag) {
  receive(100);
  receive(200);
  receive(0);
  EXPECT_EQ(in->out.size(), 3u);
  for (uint32_t index : {2u, 21u, 22u})
    EXPECT_EQ(router.plane.tables.interfaces.at(index)->input.packets, 1u) << index;
  receive(300);
  EXPECT_EQ(router.total(Drop::kVlan), 1u);
  EXPECT_EQ(in->out.size(), 3u);
}

TEST_F(Tagged, ASegmentationWordMovesWithTheTag) {
  std::string tcp(20 + 2000, 'p');
  tcp[12] = 0x50;
  Offload offload;
  offload.gso_type = kGsoTcp4;
  offload.gso_size = 1400;
  offload.partial_checksum = true;
  offload.checksum_start = 34;
  offload.checksum_offset = 16;
  send(ipv4_frame(kMac1, kFrom, octets({10, 0, 21, 9}), 6, tcp), offload);
  ASSERT_EQ(out->out.size(), 1u);
  EXPECT_EQ(out->out[0].offload.checksum_start, 38);
  EXPECT_EQ(router.plane.tables.ports.at(2)->output.bytes, 2 * 58u + 2000u);
}

TEST_F(Tagged, WithoutAnUntaggedUnitFramesWithoutATagHaveNoInterface) {
  api::Request request;
  request.mutable_remove()->mutable_interface()->set_index(2);
  router.call(1, request);
  receive(0);
  EXPECT_EQ(router.total(Drop::kNoInterface), 1u);
  receive(100);
  EXPECT_EQ(in->out.size(), 1u);
}

TEST_F(Forwarding, SpreadsFlowsOverPathsAndKeepsEachOnOne) {
  api::Request request;
  auto* route = request.mutable_route();
  route->mutable_prefix()->set_address(octets({10, 3, 0, 0}));
  route->mutable_prefix()->set_length(16);
  for (const uint32_t interface : {1u, 2u}) {
    auto* hop = route->add_next_hop();
    hop->set_interface(interface);
    hop->set_gateway(kTo);
  }
  ASSERT_EQ(router.call(1, request), "");
  router.add_neighbour(1, kTo, kNext);
  for (int round = 0; round < 2; ++round)
    for (int flow = 0; flow < 200; ++flow)
      send(ipv4_frame(kMac1, kFrom, octets({10, 3, 0, flow}), 17,
                      octets({1, flow, 0, 9, 0, 8, 0, 0})));
  EXPECT_GT(in->out.size(), 100u);
  EXPECT_GT(out->out.size(), 100u);
  EXPECT_EQ(in->out.size() % 2, 0u) << "a flow changed its path";
  EXPECT_EQ(in->out.size() + out->out.size(), 400u);
}

TEST_F(Forwarding, OfflinePfeDropsWhatItIsGiven) {
  api::Request request;
  request.mutable_pfe()->set_id(1);
  request.mutable_pfe()->set_online(false);
  router.call(1, request);
  send_ip();
  EXPECT_EQ(router.total(Drop::kPfeOffline), 1u);
  EXPECT_EQ(out->out.size(), 0u);
}

// Between the switch and its end the wire may go on receiving, and all workers wait for it.
TEST_F(Forwarding, APortThatIsDisabledLosesOneRingAtMost) {
  in->in.assign(1000, {std::string(60, 'x'), {}});
  router.plane.drain(*router.plane.tables.ports.at(1));
  EXPECT_LE(in->in.size(), 1000 - in->capacity());
  EXPECT_GE(in->in.size(), 1000 - in->capacity() - 64);
}

TEST_F(Forwarding, RemovingAPfeUnderTrafficLosesNoBuffer) {
  for (int i = 0; i < 50; ++i) {
    for (int n = 0; n < 100; ++n) in->in.push_back({ipv4_frame(kMac1, kFrom, kTo, 17, "x"), {}});
    router.plane.pfes.at(0)->begin(1);
    router.plane.pfes.at(0)->receive(*router.plane.tables.ports.at(1));
    router.plane.pfes.at(0)->finish();  // a hundred packets wait on the fabric
    api::Request request;
    request.mutable_remove()->mutable_pfe()->set_id(1);
    ASSERT_EQ(router.call(1, request), "");
    request.mutable_pfe()->set_id(1);
    request.mutable_pfe()->set_online(true);
    router.call(1, request);
  }
  send_ip();
  EXPECT_EQ(out->out.size(), 1u);
  EXPECT_EQ(router.total(Drop::kNoBuffer), 0u);
}

}  // namespace
}  // namespace nezu::pfe::test
