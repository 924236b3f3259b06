// A packet into VXLAN and out again, bare and inside of ESP, and what is refused on the way.
#include <set>

#include "pfe-model/outer.h"
#include "told.h"
#include "tunnelled.h"

namespace nezu::pfe::test {
namespace {

constexpr uint32_t kFti = 200;
constexpr size_t kVxlanAt = 14 + 20 + 8;  // in a frame of the core

std::string udp_payload(uint16_t source, size_t more = 8) {
  return octets({source >> 8, source & 255, 0, 9, 0, static_cast<int>(8 + more), 0, 0}) +
         std::string(more, 'x');
}

/// Two routers with a tunnel of VXLAN between their loopback addresses, which are reached bare
/// until secure() leads them through the SAs of Tunnelled.
class Vxlan : public Tunnelled {
 protected:
  Vxlan() {
    set_fti(a, kLoA, kLoB);
    set_fti(b, kLoB, kLoA);
    a.add_local(kLoA, 2);
    b.add_local(kLoB, 2);
    a.add_route(kLoB, 32, 2, kB);
    b.add_route(kLoA, 32, 2, kA);
    a.add_route(kFar, 24, kFti);
    b.add_route(kFar, 24, 1);
    b.add_neighbour(1, kTarget, kNext);
  }
  using Change = std::function<void(api::LogicalInterface&)>;
  std::string set_fti(
      MemoryRouter& router, const std::string& local, const std::string& remote,
      const Change& change = [](auto&) {}) {
    api::Request request;
    auto* interface = request.mutable_interface();
    interface->set_index(kFti);
    interface->set_up(true);
    interface->set_mtu(9192);
    interface->set_inet(true);
    interface->set_inet6(true);
    auto* vxlan = interface->mutable_vxlan();
    vxlan->set_pfe(1);
    vxlan->set_local(local);
    vxlan->set_remote(remote);
    vxlan->set_vni(7000);
    vxlan->set_port(4789);
    change(*interface);
    api::Request pfe;
    pfe.mutable_pfe()->set_id(1);
    pfe.mutable_pfe()->set_online(true);
    router.call(1, pfe);
    return router.call(1, request);
  }
  void change_both(const Change& change) {
    EXPECT_EQ(set_fti(a, kLoA, kLoB, change), "");
    EXPECT_EQ(set_fti(b, kLoB, kLoA, change), "");
  }
  void secure() {
    a.add_route(kLoB, 32, 100);
    b.add_route(kLoA, 32, 100);
  }
  std::string send(const std::string& payload = udp_payload(1000), uint8_t traffic_class = 0,
                   bool df = false) {
    std::string frame = ipv4_frame(kMac1, kFrom, kTarget, 17, payload);
    uint8_t* ip = reinterpret_cast<uint8_t*>(frame.data()) + 14;
    ip[6] = df ? 0x40 : 0;
    write_ipv4_checksum(ip);
    set_traffic_class(ip, traffic_class);
    return send_frame(frame);
  }
  std::string send_frame(const std::string& frame) {
    core_a->out.clear();
    lan_a->in.push_back({frame, {}});
    a.run();
    return core_a->out.empty() ? "" : core_a->out.back().bytes;
  }
  std::string arrived() { return lan_b->out.empty() ? "" : lan_b->out.back().bytes; }
  static uint16_t word(const std::string& frame, size_t at) {
    return load16(reinterpret_cast<const uint8_t*>(frame.data()) + at);
  }
  /// Opens a changed copy and expects it to be dropped for that reason.
  void refuse(Drop why, const std::function<void(std::string&)>& change) {
    std::string frame = send();
    change(frame);
    const uint64_t before = b.total(why);
    lan_b->out.clear();
    open(frame);
    EXPECT_EQ(b.total(why), before + 1) << static_cast<int>(why);
    EXPECT_EQ(arrived(), "");
  }
  static uint8_t* outer(std::string& frame) {
    return reinterpret_cast<uint8_t*>(frame.data()) + 14;
  }
  const std::string kLoA = octets({10, 255, 0, 1}), kLoB = octets({10, 255, 0, 2});
  const std::string kFar = octets({10, 0, 9, 0}), kTarget = octets({10, 0, 9, 9});
};

TEST_F(Vxlan, ArrivesAsItWasSent) {
  const std::string frame = send();
  ASSERT_EQ(frame.size(), 14u + 20 + 8 + 8 + 14 + 36);
  EXPECT_EQ(frame.substr(14 + 12, 8), kLoA + kLoB);
  EXPECT_EQ(frame[14 + 8], 64);
  EXPECT_EQ(frame[14 + 6], 0x40);  // not to be fragmented
  EXPECT_EQ(word(frame, 34 + 2), 4789);
  EXPECT_GE(word(frame, 34), 49152);
  EXPECT_EQ(word(frame, 34 + 6), 0);  // no checksum
  EXPECT_EQ(frame.substr(kVxlanAt, 8), octets({8, 0, 0, 0, 0, 7000 >> 8, 7000 & 255, 0}));
  EXPECT_EQ(frame.substr(kVxlanAt + 8, 14),
            octets({0, 0, 0x5e, 0, 0x52, 0, 0, 0, 0x5e, 0, 0x52, 1, 8, 0}));
  EXPECT_EQ(a.total(Count::kEncapsulated), 1u);
  open(frame);
  EXPECT_EQ(b.total(Count::kDecapsulated), 1u);
  EXPECT_EQ(arrived().substr(34), udp_payload(1000));
  EXPECT_EQ(arrived()[14 + 8], 62);  // one router, one tunnel and its far end
  EXPECT_EQ(a.dropped() + b.dropped(), 0u);
}

TEST_F(Vxlan, IsToldStepByStep) {
  for (MemoryRouter* router : {&a, &b}) {
    router->plane.tables.interfaces.at(kFti)->name = "fti0.0";
    router->plane.tables.interfaces.at(1)->name = "lan";
    router->plane.tables.interfaces.at(2)->name = "core";
    ASSERT_EQ(router->call(1, trace_order()), "");
  }
  const std::string frame = send();
  const std::string out = lines_of(trace_report(a).packet(0));
  EXPECT_TRUE(out.find("route | out of fti0.0, a tunnel\n") != out.npos) << out;
  EXPECT_TRUE(out.find("1 vxlan | into VXLAN, VNI 7000, 50 -> 86 octets, 10.255.0.1 > 10.255.0.2\n"
                       "1 route | 10.255.0.2 is in 10.255.0.2/32\n"
                       "1 route | out of core, next hop 192.0.2.2\n") != out.npos)
      << out;
  open(frame);
  const std::string in = lines_of(trace_report(b).packet(0));
  EXPECT_TRUE(in.find("1 vxlan | out of VXLAN, received on fti0.0\n"
                      "1 route | 10.0.9.9 is in 10.0.9.0/24\n") != in.npos)
      << in;
  std::string wrong = frame;
  wrong[kVxlanAt + 5] ^= 1;  // another VNI
  open(wrong);
  EXPECT_EQ(trace_report(b).packet(1).fate(),
            "dropped: VXLAN network identifier of no interface (vxlan-vni)");
}

TEST_F(Vxlan, InsideOfEsp) {
  secure();
  const std::string frame = send();
  ASSERT_EQ(frame[23], 50);
  EXPECT_EQ(frame.find("xxxx"), std::string::npos);
  open(frame);
  EXPECT_EQ(arrived().substr(34), udp_payload(1000));
  EXPECT_EQ(b.total(Count::kOpened), 1u);
  EXPECT_EQ(b.total(Count::kDecapsulated), 1u);
}

TEST_F(Vxlan, Ipv6InIpv4) {
  const std::string to = octets({0x20, 1, 0xd, 0xb8}) + std::string(11, '\0') + '\2';
  a.add_route(to, 128, kFti);
  b.add_route(to, 128, 1);
  b.add_neighbour(1, to, kNext);
  std::string ip = octets({0x60, 0, 0, 0, 0, 4, 59, 64}) + to + to + "four";
  ip[8 + 15] = 1;
  const std::string frame = send_frame(kMac1 + octets({2, 9, 9, 9, 9, 9, 0x86, 0xdd}) + ip);
  ASSERT_NE(frame, "");
  EXPECT_EQ(word(frame, kVxlanAt + 8 + 12), kEtherIpv6);
  open(frame);
  EXPECT_EQ(arrived().substr(14 + 40), "four");
}

TEST_F(Vxlan, GenericProtocolExtension) {
  change_both([](api::LogicalInterface& interface) {
    interface.mutable_vxlan()->set_gpe(true);
    interface.mutable_vxlan()->set_port(4790);
  });
  const std::string frame = send();
  ASSERT_EQ(frame.size(), 14u + 20 + 8 + 8 + 36);
  EXPECT_EQ(frame.substr(kVxlanAt, 8), octets({12, 0, 0, 1, 0, 7000 >> 8, 7000 & 255, 0}));
  open(frame);
  EXPECT_EQ(arrived().substr(34), udp_payload(1000));
}

TEST_F(Vxlan, FlowsHavePortsOfTheirOwn) {
  std::set<uint16_t> ports;
  for (uint16_t flow = 0; flow < 64; ++flow) ports.insert(word(send(udp_payload(flow)), 34));
  EXPECT_GT(ports.size(), 50u);
  EXPECT_GE(*ports.begin(), 49152);
  EXPECT_EQ(word(send(udp_payload(7)), 34), word(send(udp_payload(7)), 34));
  change_both([](api::LogicalInterface& interface) {
    interface.mutable_vxlan()->set_source_port_first(6000);
    interface.mutable_vxlan()->set_source_port_last(6003);
  });
  ports.clear();
  for (uint16_t flow = 0; flow < 64; ++flow) ports.insert(word(send(udp_payload(flow)), 34));
  EXPECT_EQ(ports, (std::set<uint16_t>{6000, 6001, 6002, 6003}));
}

// RFC 6040: the class goes out as it is; a mark of the way comes back, its DSCP does not.
TEST_F(Vxlan, TrafficClass) {
  const int ef = 46 << 2;
  std::string frame = send(udp_payload(1), ef | 2);
  EXPECT_EQ(outer(frame)[1], ef | 2);
  set_traffic_class(outer(frame), 3);
  open(frame);
  EXPECT_EQ(static_cast<uint8_t>(arrived()[15]), ef | 3);
  frame = send(udp_payload(1), ef);
  set_traffic_class(outer(frame), 3);
  open(frame);
  EXPECT_EQ(b.total(Drop::kEcn), 1u);
}

TEST_F(Vxlan, TooBigIsAnsweredOrCutBefore) {
  EXPECT_EQ(send(udp_payload(1, 1422)).size(), 14u + 1500);  // 1450 inside
  EXPECT_EQ(a.total(Count::kFragments), 0u);
  send(udp_payload(1, 1423));
  EXPECT_EQ(core_a->out.size(), 2u);
  EXPECT_EQ(a.total(Count::kFragments), 2u);
  for (const auto& frame : core_a->out) open(frame.bytes);
  EXPECT_EQ(lan_b->out.size(), 2u);
  a.add_route(octets({10, 0, 1, 0}), 24, 1);
  a.add_local(octets({10, 0, 1, 1}), 1);
  a.add_neighbour(1, kFrom, kNext);
  EXPECT_EQ(send(udp_payload(1, 1423), 0, true), "");
  ASSERT_EQ(lan_a->out.size(), 1u);
  const std::string& answer = lan_a->out.back().bytes;
  EXPECT_EQ(answer[14 + 9], kProtocolIcmp);
  EXPECT_EQ(word(answer, 34), 0x0304);
  EXPECT_EQ(word(answer, 34 + 6), 1450);
}

// The room is what ESP leaves: no outer packet that does not fit is made.
TEST_F(Vxlan, RoomInsideOfEsp) {
  secure();
  ASSERT_NE(send(udp_payload(1, 1394 - 28), 0, true), "");
  EXPECT_LE(core_a->out.back().bytes.size(), 1514u);
  size_t most = 0;
  for (size_t size = 1330; size < 1450; ++size)
    if (!send(udp_payload(1, size), 0, true).empty()) most = std::max(most, size);
  EXPECT_EQ(most, 1446u - 50 - 28);
  EXPECT_EQ(a.total(Drop::kMtu), 0u);
}

TEST_F(Vxlan, LearnsWhatFitsTheWay) {
  const std::string whole = send();
  const std::string quoted = whole.substr(14, 20 + 8 + 8);
  const auto told = [&](const std::string& about, int size) {
    const std::string icmp = octets({3, 4, 0, 0, 0, 0, size >> 8, size & 255}) + about;
    core_a->in.push_back({ipv4_frame(kMac2, octets({192, 0, 2, 9}), kLoA, 1, icmp), {}});
    a.run();
  };
  std::string forged = quoted;
  forged[20 + 8 + 6] ^= 1;  // another network
  told(forged, 1000);
  EXPECT_EQ(a.total(Count::kPathMtu), 0u);
  EXPECT_NE(send(udp_payload(1, 1200), 0, true), "");
  told(quoted, 1000);
  EXPECT_EQ(a.total(Count::kPathMtu), 1u);
  EXPECT_EQ(send(udp_payload(1, 1000), 0, true), "");
  EXPECT_NE(send(udp_payload(1, 1000 - 50 - 28), 0, true), "");
}

TEST_F(Vxlan, BadOnesAreRefused) {
  refuse(Drop::kVxlanHeader, [](std::string& f) { f[kVxlanAt] = 0; });
  refuse(Drop::kVxlanHeader, [](std::string& f) {  // no room for a header
    f.resize(kVxlanAt + 7);
    store16(outer(f) + 2, static_cast<uint16_t>(f.size() - 14));
    store16(outer(f) + 24, 15);
    write_ipv4_checksum(outer(f));
  });
  refuse(Drop::kVxlanHeader, [](std::string& f) { store16(outer(f) + 24, 4000); });
  refuse(Drop::kVxlanHeader, [](std::string& f) { store16(outer(f) + 24, 3); });
  refuse(Drop::kVxlanHeader, [](std::string& f) { f[kVxlanAt] = 0x0d; });  // OAM
  refuse(Drop::kVxlanHeader, [](std::string& f) {                          // NSH
    f[kVxlanAt] = 0x0c;
    f[kVxlanAt + 3] = 4;
  });
  refuse(Drop::kVxlanHeader, [](std::string& f) { f[kVxlanAt] = 0x1c; });  // version 1
  refuse(Drop::kVxlanVni, [](std::string& f) { f[kVxlanAt + 6] ^= 1; });
  refuse(Drop::kVxlanPeer, [](std::string& f) {
    outer(f)[15] ^= 7;
    write_ipv4_checksum(outer(f));
  });
  refuse(Drop::kVxlanInner, [](std::string& f) { f[kVxlanAt + 8 + 13] = 6; });  // ARP
  refuse(Drop::kVxlanInner, [](std::string& f) { f[kVxlanAt + 8 + 14] = 0x60; });
  refuse(Drop::kVxlanInner, [](std::string& f) { f[kVxlanAt + 8 + 14 + 10] ^= 1; });
  refuse(Drop::kVxlanInner, [](std::string& f) {  // an Ethernet header that is cut
    store16(outer(f) + 24, 8 + 8 + 13);
  });
  refuse(Drop::kVxlanFragment, [](std::string& f) {
    store16(outer(f) + 6, 0x2000);
    write_ipv4_checksum(outer(f));
  });
  refuse(Drop::kVxlanChecksum, [](std::string& f) { store16(outer(f) + 26, 0x1234); });
}

// RFC 7348 5: reserved bits are ignored; a checksum that is there must be right.
TEST_F(Vxlan, GoodOnesOfOthers) {
  std::string frame = send();
  frame[kVxlanAt] |= static_cast<char>(0x80);
  frame[kVxlanAt + 1] = 0x55;
  frame[kVxlanAt + 7] = 0x55;
  const size_t octets = frame.size() - 34;
  uint8_t* ip = outer(frame);
  store16(ip + 26, fold_checksum(sum_words(ip + 20, octets, pseudo_header_sum(ip, 17, octets))));
  open(frame);
  EXPECT_EQ(arrived().substr(34), udp_payload(1000));
  frame.append(9, '\0');  // Ethernet padding
  lan_b->out.clear();
  open(frame);
  EXPECT_EQ(arrived().substr(34), udp_payload(1000));
}

TEST_F(Vxlan, OtherPortsAreTheHosts) {
  std::string frame = send();
  store16(outer(frame) + 22, 4788);
  open(frame);
  EXPECT_EQ(b.total(Drop::kNoHost), 1u);
}

// A tunnel whose far end is reached through itself, or at a router itself.
TEST_F(Vxlan, EndsWhereItLoops) {
  a.add_route(kLoB, 32, kFti);
  EXPECT_EQ(send(), "");
  EXPECT_EQ(a.total(Drop::kLoop), 1u);
  for (auto& [id, pfe] : a.plane.pfes) pfe->settle();
  EXPECT_EQ(a.plane.pfes.at(0)->buffers(), kPoolPackets);
}

// What comes out of one may go into another.
TEST_F(Vxlan, InsideOfItself) {
  std::string frame = send();
  const std::string once = frame.substr(14);
  const std::string inner = octets({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0}) + once;
  std::string udp = octets({0xc0, 0, 4789 >> 8, 4789 & 255, 0, 0, 0, 0, 8, 0, 0, 0, 0}) +
                    octets({7000 >> 8, 7000 & 255, 0}) + inner;
  store16(reinterpret_cast<uint8_t*>(udp.data()) + 4, static_cast<uint16_t>(udp.size()));
  open(ipv4_frame(kMac2, kLoA, kLoB, 17, udp));
  EXPECT_EQ(b.total(Count::kDecapsulated), 2u);
  EXPECT_EQ(arrived().substr(34), udp_payload(1000));
}

TEST_F(Vxlan, CountsOnTheInterface) {
  open(send());
  const auto count = [this](MemoryRouter& router) {
    api::Request request;
    request.mutable_get_statistics()->set_interfaces(true);
    router.call(1, request, &response_);
    for (const auto& interface : response_.statistics().interface())
      if (interface.index() == kFti) return interface;
    return api::InterfaceStatistics();
  };
  EXPECT_EQ(count(a).output_packets(), 1u);
  EXPECT_EQ(count(a).output_bytes(), 36u);
  EXPECT_EQ(count(b).input_packets(), 1u);
  EXPECT_EQ(count(b).input_bytes(), 36u);
}

TEST_F(Vxlan, WhenItIsDownNothingPasses) {
  const std::string frame = send();
  set_fti(b, kLoB, kLoA, [](api::LogicalInterface& interface) { interface.set_up(false); });
  open(frame);
  EXPECT_EQ(b.total(Drop::kInterfaceDown), 1u);
  set_fti(a, kLoA, kLoB, [](api::LogicalInterface& interface) { interface.set_up(false); });
  EXPECT_EQ(send(), "");
  EXPECT_EQ(a.total(Drop::kOutputDown), 1u);
}

TEST_F(Vxlan, MessagesThatMakeNoTunnel) {
  const auto wrong = [this](const std::function<void(api::LogicalInterface::Vxlan&)>& change) {
    return set_fti(a, kLoA, kLoB,
                   [&](api::LogicalInterface& interface) { change(*interface.mutable_vxlan()); });
  };
  EXPECT_NE(wrong([](auto& vxlan) { vxlan.set_vni(1 << 24); }), "");
  EXPECT_NE(wrong([](auto& vxlan) { vxlan.set_port(0); }), "");
  EXPECT_NE(wrong([](auto& vxlan) { vxlan.set_port(65536); }), "");
  EXPECT_NE(wrong([](auto& vxlan) { vxlan.set_remote(""); }), "");
  EXPECT_NE(wrong([](auto& vxlan) { vxlan.set_remote(std::string(16, 'x')); }), "");
  EXPECT_NE(wrong([](auto& vxlan) { vxlan.set_remote(vxlan.local()); }), "");
  EXPECT_NE(wrong([](auto& vxlan) { vxlan.set_source_port_first(5); }), "");
  EXPECT_NE(wrong([](auto& vxlan) { vxlan.set_source_port_last(65536); }), "");
  EXPECT_NE(wrong([](auto& vxlan) { vxlan.set_pfe(kMaxPfe); }), "");
  EXPECT_EQ(wrong([](auto&) {}), "");
}

}  // namespace
}  // namespace nezu::pfe::test
