// The stories of packets that are followed, in words, on wires in memory.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <set>

#include "pfe-model/clock.h"
#include "told.h"
#include "tunnelled.h"

namespace nezu::pfe::test {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;

std::string last_of(const api::TracedPacket& packet, int back = 1) {
  if (packet.step_size() < back) return "no such step";
  const auto& step = packet.step(packet.step_size() - back);
  return step.stage() + " | " + step.text();
}

/// One instruction of BPF, as StartTrace.filter has it.
std::string instruction(int code, int jump_true, int jump_false, int value) {
  return octets({code >> 8, code & 255, jump_true, jump_false, 0, 0, value >> 8, value & 255});
}

class Traced : public Tunnelled {
 protected:
  Traced() {
    for (MemoryRouter* router : {&a, &b}) name_all(*router);
  }
  static void name_all(MemoryRouter& router) {
    for (const auto& [index, name] :
         {std::pair{1, "lan"}, std::pair{2, "core"}, std::pair{100, "st0.1"}})
      router.plane.tables.interfaces.at(static_cast<uint32_t>(index))->name = name;
    for (const uint32_t port : {1, 2})
      router.plane.tables.ports.at(port)->name = "port" + std::to_string(port);
    for (auto& [id, pfe] : router.plane.pfes) pfe->name = "pfe" + std::to_string(id);
  }
  /// What became of a packet that a receives on its LAN.
  api::TracedPacket follow(const std::string& frame) { return follow(a, *lan_a, frame); }
  api::TracedPacket follow(MemoryRouter& router, MemoryWire& wire, const std::string& frame) {
    EXPECT_EQ(router.call(1, trace_order(1)), "");
    wire.in.push_back({frame, {}});
    router.run();
    const api::TraceReport all = trace_report(router);
    EXPECT_EQ(all.packet_size(), 1);
    return all.packet_size() == 1 ? all.packet(0) : api::TracedPacket();
  }
  static std::string packet(const std::string& to = kTo, uint8_t ttl = 64, size_t octets = 8) {
    return ipv4_frame(kMac1, kFrom, to, 17, std::string(octets, 'x'), ttl);
  }
  static std::string whole(std::string frame) {
    frame[14 + 6] = 0x40;  // not to be fragmented
    write_ipv4_checksum(reinterpret_cast<uint8_t*>(frame.data()) + 14);
    return frame;
  }
};

TEST_F(Traced, APacketAndItsEspAreOneStoryOverThreePfes) {
  const api::TracedPacket out = follow(packet());
  EXPECT_EQ(out.text(), "UDP 10.0.1.2 port 30840 > 10.0.2.2 port 30840, 28 octets, TTL 64");
  EXPECT_EQ(lines_of(out),
            "0 input | on lan (port port1)\n"
            "0 route | 10.0.2.2 is in 10.0.2.0/24\n"
            "0 route | out of st0.1, a tunnel\n"
            "0 ipsec | st0.1: tunnel 1 takes it, local 10.0.0.0/8, remote 10.0.0.0/8\n"
            "0 fabric | to pfe2\n"
            "2 encrypt | ESP, SPI 0x0000138a, sequence number 1, 28 -> 84 octets, 192.0.2.1 > "
            "192.0.2.2\n"
            "2 route | 192.0.2.2 is in 192.0.2.0/24\n"
            "2 route | out of core, the destination is on that link\n"
            "2 fabric | to pfe1\n"
            "1 output | sent by core to 02:00:00:00:00:02, 98 octets with Ethernet header\n");
  EXPECT_EQ(out.fate(), "sent by core");
  EXPECT_EQ(out.reason(), "");
  const std::string esp = core_a->out.back().bytes;
  const api::TracedPacket in = follow(b, *core_b, esp);
  EXPECT_EQ(in.text(), "ESP 192.0.2.1 > 192.0.2.2, 84 octets, TTL 64");
  EXPECT_EQ(lines_of(in),
            "0 input | on core (port port2)\n"
            "0 route | 192.0.2.2 is an address of this router\n"
            "0 ipsec | ESP, SPI 0x0000138a: SA of tunnel 1\n"
            "0 fabric | to pfe2\n"
            "2 replay | sequence number 1, highest so far 0, window 64: new\n"
            "2 decrypt | ESP is authentic, 84 -> 28 octets\n"
            "2 ipsec | inside of SPI 0x0000138a: UDP 10.0.1.2 port 30840 > 10.0.2.2 port 30840, 28 "
            "octets, TTL 63; "
            "received on st0.1, local 10.0.0.0/8, remote 10.0.0.0/8\n"
            "2 route | 10.0.2.2 is in 10.0.2.0/24\n"
            "2 route | out of lan, the destination is on that link\n"
            "2 fabric | to pfe0\n"
            "0 output | sent by lan to 02:07:07:07:07:07, 42 octets with Ethernet header\n");
  EXPECT_EQ(in.step(4).spi(), 5002u);
  EXPECT_EQ(in.step(5).octets(), 28u);
  EXPECT_EQ(in.step(7).prefix(), "10.0.2.0/24");
}

TEST_F(Traced, SaysWhatIsWrongWithEsp) {
  const std::string esp = seal_one();
  open(esp);
  const api::TracedPacket twice = follow(b, *core_b, esp);
  EXPECT_EQ(last_of(twice, 2),
            "replay | sequence number 1, highest so far 1, window 64: seen before");
  EXPECT_EQ(twice.fate(), "dropped: Replayed or older than the window (esp-replay)");
  EXPECT_EQ(twice.reason(), "esp-replay");
  std::string forged = seal_one();
  forged.back() ^= 1;
  EXPECT_EQ(last_of(follow(b, *core_b, forged)),
            "drop | ESP authentication failed (esp-authentication)");
  std::string stranger = seal_one();
  stranger[14 + 20] = 1;
  const api::TracedPacket unknown = follow(b, *core_b, stranger);
  EXPECT_EQ(last_of(unknown, 2), "ipsec | ESP, SPI 0x0100138a: no inbound SA has this SPI");
  EXPECT_EQ(last_of(unknown), "drop | No SA for this SPI (esp-unknown-spi)");
  b.plane.tables.tunnels.at(1)->selectors[0].remote_last = *Address::parse(octets({10, 0, 0, 9}));
  const api::TracedPacket outside = follow(b, *core_b, seal_one());
  EXPECT_EQ(last_of(outside, 2),
            "ipsec | inside of SPI 0x0000138a: UDP 10.0.1.2 port 29541 > 10.0.2.2 port 25458, 28 "
            "octets, TTL 63; no "
            "traffic selector of its SA holds it");
  EXPECT_EQ(last_of(outside), "drop | Decrypted packet outside the tunnel's selectors (selector)");
}

TEST_F(Traced, SaysWhyNothingGoesIntoATunnel) {
  a.add_route(octets({172, 16, 0, 0}), 12, 100);
  const api::TracedPacket elsewhere = follow(packet(octets({172, 16, 0, 1})));
  EXPECT_EQ(last_of(elsewhere, 2), "ipsec | st0.1: no traffic selector of its 1 tunnel holds it");
  EXPECT_EQ(last_of(elsewhere), "drop | No tunnel selector matches (no-policy)");
  const api::TracedPacket big = follow(whole(packet(kTo, 64, 1460)));
  EXPECT_TRUE(lines_of(big).find("mtu | Too big and not to be fragmented (exception-mtu): 1480 "
                                 "octets, 1446 fit into the tunnel; from here on this is the ICMP "
                                 "answer that says so") != std::string::npos)
      << lines_of(big);
  api::Request slow;
  slow.mutable_pfe()->set_id(2);
  slow.mutable_pfe()->set_online(true);
  slow.mutable_pfe()->set_inline_bits(1000);
  ASSERT_EQ(a.call(1, slow), "");
  seal_one();
  EXPECT_EQ(last_of(follow(packet())),
            "drop | Over the bandwidth of inline services (inline-bandwidth)");
  slow.mutable_pfe()->set_online(false);
  ASSERT_EQ(a.call(1, slow), "");
  const api::TracedPacket offline = follow(packet());
  EXPECT_EQ(last_of(offline), "drop | The PFE is offline (pfe-offline)");
  EXPECT_EQ(offline.step(offline.step_size() - 1).pfe(), 2u);
  slow.mutable_pfe()->set_online(true);
  slow.mutable_pfe()->set_inline_bits(0);
  ASSERT_EQ(a.call(1, slow), "");
  api::Request remove;
  *remove.mutable_remove()->mutable_sa() = sa_message(false, kA, kB, 5002).sa();
  ASSERT_EQ(a.call(2, remove), "");
  EXPECT_EQ(last_of(follow(packet())), "drop | Tunnel has no outbound SA (no-sa)");
}

TEST_F(Traced, SaysWhatTheHostGets) {
  a.plane.tables.interfaces.at(1)->host = Descriptor(::open("/dev/null", O_WRONLY));
  const api::TracedPacket old = follow(packet(kTo, 1));
  EXPECT_EQ(lines_of(old),
            "0 input | on lan (port port1)\n"
            "0 route | 10.0.2.2 is in 10.0.2.0/24\n"
            "0 exception | TTL expired, to host (exception-ttl)\n"
            "0 punt | Other packets to host (punt-rest)\n"
            "0 host | given to this router's own IP stack, by lan\n");
  EXPECT_EQ(old.fate(),
            "TTL expired, to host (exception-ttl); given to this router's own IP stack");
  EXPECT_EQ(old.reason(), "exception-ttl");
  const api::TracedPacket nowhere = follow(packet(octets({8, 8, 8, 8})));
  EXPECT_EQ(nowhere.step(1).text(), "no route to 8.8.8.8");
  EXPECT_EQ(nowhere.reason(), "exception-no-route");
  const api::TracedPacket unknown = follow(packet(octets({192, 0, 2, 77})));
  EXPECT_EQ(unknown.fate(),
            "Unresolved neighbour, to host (exception-neighbour); "
            "given to this router's own IP stack");
  const std::string arp = std::string(6, '\xff') + kNext + octets({8, 6}) + std::string(28, '\0');
  const api::TracedPacket asked = follow(arp);
  EXPECT_EQ(asked.text(), "ARP 02:07:07:07:07:07 > ff:ff:ff:ff:ff:ff, 42 octets");
  EXPECT_EQ(last_of(asked, 2), "punt | ARP and neighbour discovery to host (punt-neighbour)");
  for (int i = 0; i < 500; ++i) lan_a->in.push_back({arp, {}});
  a.run();
  EXPECT_EQ(last_of(follow(arp)), "drop | Over the rate of its punt class (policed)");
}

TEST_F(Traced, FollowsWhatTheRouterItselfSends) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
  const Descriptor kernel(ends[0]);
  a.plane.tables.interfaces.at(100)->host = Descriptor(ends[1]);
  ASSERT_EQ(a.call(1, trace_order()), "");
  const std::string ip = packet().substr(14);
  ASSERT_EQ(::write(kernel.number(), ip.data(), ip.size()), static_cast<ssize_t>(ip.size()));
  for (auto& [id, pfe] : a.plane.pfes) pfe->begin(kSecond);
  a.plane.pfes.at(2)->receive_host(*a.plane.tables.interfaces.at(100));
  a.plane.pfes.at(2)->finish();
  a.run();
  const std::string story = lines_of(trace_report(a).packet(0));
  EXPECT_TRUE(
      story.starts_with("2 host | from this router itself, by st0.1\n"
                        "2 ipsec | st0.1: tunnel 1 takes it"))
      << story;
  EXPECT_TRUE(story.ends_with("98 octets with Ethernet header\n")) << story;
}

TEST_F(Traced, OnlyWhatMatchesIsFollowed) {
  api::Request request = trace_order();
  // Protocol 1 at octet 9: ldb [9]; jeq 1; ret all; ret 0.
  request.mutable_start_trace()->set_filter(instruction(0x30, 0, 0, 9) +
                                            instruction(0x15, 0, 1, 1) +
                                            instruction(6, 0, 0, 65535) + instruction(6, 0, 0, 0));
  request.mutable_start_trace()->set_interface("lan");
  request.mutable_start_trace()->set_matching("icmp");
  ASSERT_EQ(a.call(1, request), "");
  const std::string icmp = octets({8, 0, 0, 0, 0, 1, 0, 1});
  core_a->in.push_back({ipv4_frame(kMac2, kFrom, kTo, 1, icmp), {}});
  for (const int protocol : {17, 1, 17})
    lan_a->in.push_back({ipv4_frame(kMac1, kFrom, kTo, static_cast<uint8_t>(protocol), icmp), {}});
  lan_a->in.push_back(
      {std::string(6, '\xff') + kNext + octets({8, 6}) + std::string(28, '\0'), {}});
  lan_a->in.push_back({"", {}});
  a.run();
  const api::TraceReport all = trace_report(a);
  ASSERT_EQ(all.packet_size(), 1);
  EXPECT_EQ(all.packet(0).text(), "ICMP echo request 10.0.1.2 > 10.0.2.2, 28 octets, TTL 64");
  EXPECT_EQ(all.matching(), "icmp");
  EXPECT_EQ(all.interface(), "lan");
  EXPECT_TRUE(all.running());
}

TEST_F(Traced, AFilterSeesWhatIsInEspAsWell) {
  api::Request request = trace_order();
  request.mutable_start_trace()->set_filter(instruction(0x30, 0, 0, 9) +
                                            instruction(0x15, 0, 1, 17) +
                                            instruction(6, 0, 0, 65535) + instruction(6, 0, 0, 0));
  ASSERT_EQ(b.call(1, request), "");
  open(seal_one());
  const api::TraceReport all = trace_report(b);
  ASSERT_EQ(all.packet_size(), 1);
  EXPECT_EQ(all.packet(0).interface(), "st0.1");
  EXPECT_TRUE(lines_of(all.packet(0)).starts_with("2 ipsec | inside of SPI 0x0000138a: UDP "))
      << lines_of(all.packet(0));
}

TEST_F(Traced, RefusesWhatItCannotDo) {
  const auto refused = [&](const std::function<void(api::StartTrace&)>& change) {
    api::Request request = trace_order();
    change(*request.mutable_start_trace());
    return a.call(1, request);
  };
  EXPECT_EQ(refused([](auto& o) { o.set_packets(0); }), "a trace follows 1 to 100 packets");
  EXPECT_EQ(refused([](auto& o) { o.set_packets(101); }), "a trace follows 1 to 100 packets");
  EXPECT_EQ(refused([](auto& o) { o.set_seconds(0); }), "a trace takes 1 to 3600 seconds");
  EXPECT_EQ(refused([](auto& o) { o.set_interface("xe-9"); }),
            "there is no logical interface xe-9");
  const std::string accept = instruction(6, 0, 0, 65535);
  for (const std::string& bad :
       {std::string("seven"), instruction(0x15, 7, 7, 0) + accept,  // jumps out of it
        octets({0, 5, 0, 0, 255, 255, 255, 255}) + accept,          // and back
        instruction(0x30, 0, 0, 9),                                 // never returns
        instruction(0xffff, 0, 0, 0) + accept, instruction(0xb0, 0, 0, 0) + accept,
        instruction(0xb4, 0, 0, 0) + accept, instruction(0x34, 0, 0, 0) + accept,  // divides by 0
        instruction(0x60, 0, 0, 16) + accept})
    EXPECT_EQ(refused([&](auto& o) { o.set_filter(bad); }), "not a filter program") << bad[1];
  std::string long_one;
  for (int i = 0; i < 513; ++i) long_one += accept;
  EXPECT_EQ(refused([&](auto& o) { o.set_filter(long_one); }), "not a filter program");
  EXPECT_EQ(refused([&](auto& o) { o.set_matching(std::string(256, 'x')); }),
            "text of the filter is too long");
  EXPECT_NE(a.call(2, trace_order()), "") << "iked does not trace";
  EXPECT_EQ(trace_report(a).wanted(), 0u);
}

// The interpreter would end the process at what it does not know.
TEST_F(Traced, EveryInstructionThatIsTakenRuns) {
  size_t taken = 0;
  for (int code = 0; code < 0x200; ++code) {
    api::Request request = trace_order();
    request.mutable_start_trace()->set_filter(instruction(code, 0, 0, 1) +
                                              instruction(6, 0, 0, 65535));
    if (!a.call(1, request).empty()) continue;
    ++taken;
    seal_one();
    api::Request stop;
    stop.mutable_stop_trace();
    a.call(1, stop);
  }
  EXPECT_EQ(taken, 48u);
}

TEST_F(Traced, ThereIsOneAtATimeAndItEndsByItself) {
  ASSERT_EQ(a.call(1, trace_order(2)), "");
  EXPECT_TRUE(a.call(1, trace_order()).starts_with("a trace is running: 0 of 2 packets, "));
  for (int i = 0; i < 5; ++i) seal_one();
  EXPECT_EQ(trace_report(a).packet_size(), 2);
  EXPECT_FALSE(trace_report(a).running());
  ASSERT_EQ(a.call(1, trace_order()), "") << "what is complete makes room";
  EXPECT_EQ(trace_report(a).packet_size(), 0);
  lan_a->in.push_back({packet(), {}});
  a.run(monotonic_now() + 61 * kSecond);
  EXPECT_EQ(trace_report(a).packet_size(), 0) << "its time is over";
  api::Request stop;
  stop.mutable_stop_trace();
  ASSERT_EQ(a.call(1, stop), "");
  seal_one();
  EXPECT_EQ(trace_report(a).packet_size(), 0);
  EXPECT_FALSE(trace_report(a).running());
  ASSERT_EQ(a.call(1, trace_order()), "");
  seal_one();
  EXPECT_EQ(trace_report(a).packet_size(), 1);
  a.api.leave(2);
  EXPECT_EQ(trace_report(a).packet_size(), 1) << "somebody else went";
  a.api.leave(1);
  EXPECT_EQ(trace_report(a).wanted(), 0u);
  EXPECT_NE(seal_one(), "");
}

// What was on its way when its trace ended is none of the next one's.
TEST_F(Traced, NumbersAreNotUsedAgain) {
  ASSERT_EQ(a.call(1, trace_order(1)), "");
  lan_a->in.push_back({packet(), {}});
  Pfe& first = *a.plane.pfes.at(0);
  first.begin(kSecond);
  first.receive(*a.plane.tables.ports.at(1));
  first.finish();
  ASSERT_EQ(a.plane.pfes.at(2)->fabric_waiting(), true);
  ASSERT_EQ(a.call(1, trace_order(100)), "");
  a.run();
  EXPECT_EQ(core_a->out.size(), 1u);
  ASSERT_EQ(trace_report(a).packet_size(), 0);
  for (int i = 0; i < 20; ++i) lan_a->in.push_back({packet(), {}});
  a.run();
  EXPECT_EQ(trace_report(a).packet_size(), 8);
  EXPECT_TRUE(trace_report(a).more());
  EXPECT_EQ(trace_report(a, 16).packet_size(), 4);
  EXPECT_FALSE(trace_report(a, 16).more());
  EXPECT_EQ(trace_report(a, 16).packet(3).number(), 20u);
  EXPECT_EQ(trace_report(a, 4'000'000'000).packet_size(), 0);
  EXPECT_EQ(lines_of(trace_report(a).packet(0)).find("2 encrypt"),
            lines_of(trace_report(a).packet(0)).rfind("2 encrypt"));
}

TEST_F(Traced, PiecesStayInTheStoryWhichHasAnEnd) {
  b.plane.tables.interfaces.at(1)->mtu = 100;
  const api::TracedPacket cut = follow(b, *core_b, seal_one(std::string(1400, 'x')));
  EXPECT_TRUE(lines_of(cut).find("fragment | made 18 pieces of it of at most 100 octets\n") !=
              std::string::npos)
      << lines_of(cut);
  EXPECT_EQ(cut.fate(), "sent by lan, 18 times");
  b.plane.tables.interfaces.at(1)->mtu = 44;
  const api::TracedPacket many = follow(b, *core_b, seal_one(std::string(1400, 'x')));
  EXPECT_EQ(many.step_size(), 64);
  EXPECT_TRUE(many.cut());
  EXPECT_EQ(lan_b->out.size(), 18u + 59u) << "all were sent";
}

// Who reads page by page sees that it is not the same trace any more.
TEST_F(Traced, EveryTraceHasItsOwnNumber) {
  EXPECT_EQ(trace_report(a).number(), 0u);
  std::set<uint32_t> numbers;
  for (int i = 0; i < 3; ++i) {
    follow(packet());
    const uint32_t number = trace_report(a).number();
    EXPECT_NE(number, 0u);
    EXPECT_EQ(trace_report(a, 1).number(), number);
    EXPECT_TRUE(numbers.insert(number).second);
  }
}

// Whatever is wrong with a packet, its story is told.
TEST_F(Traced, AnyFrameMayBeFollowed) {
  const std::string good[] = {seal_one(), packet(),
                              ipv4_frame(kMac2, kFrom, kB, 17, "vxlan or ike"),
                              ipv4_frame(kMac2, kFrom, kB, 1, std::string(8, '\0'))};
  uint32_t random = 1;
  const auto next = [&random](size_t below) {
    random = random * 1664525 + 1013904223;
    return (random >> 8) % below;
  };
  uint64_t told = 0;
  for (int round = 0; round < 30; ++round) {
    ASSERT_EQ(b.call(1, trace_order(100)), "");
    for (int i = 0; i < 100; ++i) {
      std::string frame = good[next(std::size(good))];
      for (size_t changes = next(4); changes > 0; --changes)
        frame[12 + next(frame.size() - 12)] ^= static_cast<char>(1 << next(8));
      if (next(4) == 0) frame.resize(next(frame.size()));
      core_b->in.push_back({frame, {}});
    }
    b.run(kSecond * static_cast<uint64_t>(round + 1));
    for (uint32_t first = 0; first < 100; first += 8) {
      const api::TraceReport page = trace_report(b, first);
      for (const auto& packet : page.packet()) {
        ++told;
        EXPECT_NE(packet.fate(), "under way") << lines_of(packet);
      }
    }
  }
  EXPECT_EQ(told, 3000u);
}

}  // namespace
}  // namespace nezu::pfe::test
