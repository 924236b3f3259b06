// Whole PFEs on wires in memory.
#include "pfe-model/pfe.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "memory_wire.h"
#include "pfe-model/ip.h"

namespace nezu::pfe::test {
namespace {

const std::string kMac1 = octets({2, 0, 0, 0, 0, 1}), kMac2 = octets({2, 0, 0, 0, 0, 2});
const std::string kNext = octets({2, 7, 7, 7, 7, 7});
const std::string kFrom = octets({10, 0, 1, 2}), kTo = octets({10, 0, 2, 2});

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

class Tunnelled : public testing::Test {
 protected:
  // Two routers; what leaves a's port 2 is put into b's port 2 by hand.
  Tunnelled() {
    lan_a = &a.add_port(1, 0);
    core_a = &a.add_port(2, 1);
    core_b = &b.add_port(2, 0);
    lan_b = &b.add_port(1, 0);
    setup(a, kA, kB, 5001, 5002, octets({10, 0, 2, 0}));
    setup(b, kB, kA, 5002, 5001, octets({10, 0, 1, 0}));
    b.add_route(octets({10, 0, 2, 0}), 24, 1);
    b.add_neighbour(1, kTo, kNext);
    a.add_neighbour(2, kB, kMac2);
    b.add_neighbour(2, kA, kMac2);
  }
  static void setup(MemoryRouter& router, const std::string& local, const std::string& remote,
                    uint32_t in, uint32_t out, const std::string& far_lan) {
    router.add_local(local, 2);
    router.add_route(octets({192, 0, 2, 0}), 24, 2);
    add_tunnel(router, 2, local, remote, in, out);
    router.add_route(far_lan, 24, 100);
  }
  std::string seal_one(const std::string& payload = "secret!!", const std::string& to = kTo) {
    lan_a->in.push_back({ipv4_frame(kMac1, kFrom, to, 17, payload), {}});
    a.run();
    if (core_a->out.empty()) return "";
    const std::string frame = core_a->out.back().bytes;
    return frame;
  }
  void open(const std::string& frame) {
    core_b->in.push_back({frame, {}});
    b.run();
  }
  const api::TunnelStatistics& stats(MemoryRouter& router) {
    api::Request request;
    request.mutable_get_statistics()->set_tunnels(true);
    router.call(2, request, &response_);
    return response_.statistics().tunnel(0);
  }
  const std::string kA = octets({192, 0, 2, 1}), kB = octets({192, 0, 2, 2});
  MemoryRouter a, b;
  MemoryWire *lan_a, *core_a, *lan_b, *core_b;
  api::Response response_;
};

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
  seal(key, 5002, {1, false}, kProtocolIpv4, data, 12);
  open(esp);
  EXPECT_EQ(b.total(Drop::kEspInner), 1u);
  EXPECT_EQ(stats(b).decryption_failures(), 1u);
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
