// What is around and inside of ESP and AH: suites, UDP, selectors, path MTU, limits.
#include <fcntl.h>

#include <set>

#include "pfe-model/outer.h"
#include "tunnelled.h"

namespace nezu::pfe::test {
namespace {

using Sa_ = api::SecurityAssociation;
using Change = std::function<void(Sa_&)>;

class Encapsulated : public Tunnelled {
 protected:
  /// Both SAs of both routers anew, changed.
  void set_pair(const Change& change) {
    ++generation_;
    set_one(a, false, kA, kB, 5002, change);
    set_one(b, true, kB, kA, 5002, change);
    set_one(b, false, kB, kA, 5001, change);
    set_one(a, true, kA, kB, 5001, change);
  }
  void set_one(MemoryRouter& router, bool inbound, const std::string& local,
               const std::string& remote, uint32_t spi, const Change& change) {
    api::Request request = sa_message(inbound, local, remote, spi, generation_);
    change(*request.mutable_sa());
    EXPECT_EQ(router.call(2, request), "");
  }
  static Change in_udp(uint32_t port, bool entropy = false, bool follow = false) {
    return [=](Sa_& sa) {
      sa.mutable_udp()->set_local_port(port);
      sa.mutable_udp()->set_remote_port(port);
      sa.mutable_udp()->set_entropy(entropy);
      sa.mutable_udp()->set_follow(follow);
    };
  }
  std::string inside() { return lan_b->out.empty() ? "" : lan_b->out.back().bytes.substr(34); }
  static uint8_t* ip_of(std::string& frame) {
    return reinterpret_cast<uint8_t*>(frame.data()) + 14;
  }
  static uint16_t port_of(const std::string& frame, size_t at) {
    return load16(reinterpret_cast<const uint8_t*>(frame.data()) + 34 + at);
  }
  std::vector<Event> events(MemoryRouter& router) {
    std::vector<Event> all;
    router.plane.take_events([&](const Event& event) { all.push_back(event); });
    return all;
  }
  uint64_t generation_ = 10;
};

TEST_F(Encapsulated, CbcWithAnHmac) {
  set_pair([](Sa_& sa) {
    sa.set_cipher(api::AES_CBC_256);
    sa.set_salt("");
    sa.set_integrity(api::HMAC_SHA512_256);
    sa.set_integrity_key(std::string(64, 'i'));
    sa.set_extended_sequence(true);
  });
  const std::string esp = seal_one();
  ASSERT_EQ(esp[23], 50);
  EXPECT_EQ(esp.find("secret"), std::string::npos);
  open(esp);
  EXPECT_EQ(inside(), "secret!!");
}

TEST_F(Encapsulated, AhShowsAndProtects) {
  set_pair([](Sa_& sa) {
    sa.set_protocol(Sa_::AH);
    sa.set_cipher(api::CIPHER_NONE);
    sa.set_key("");
    sa.set_salt("");
    sa.set_integrity(api::HMAC_SHA256_128);
    sa.set_integrity_key(std::string(32, 'i'));
  });
  std::string ah = seal_one();
  ASSERT_EQ(ah[23], 51);
  EXPECT_NE(ah.find("secret"), std::string::npos);
  std::string altered = ah;
  altered[altered.find("secret")] = 'S';
  open(altered);
  EXPECT_EQ(b.total(Drop::kAhAuthentication), 1u);
  EXPECT_EQ(stats(b).ah_authentication_failures(), 1u);
  std::string other_address = ah;
  other_address[14 + 15] = 77;
  write_ipv4_checksum(ip_of(other_address));
  open(other_address);
  EXPECT_EQ(b.total(Drop::kAhAuthentication), 2u) << "the outer addresses are protected";
  // What routers change on the way is not.
  ip_of(ah)[8] = 3;
  ip_of(ah)[1] = 0xb8;
  write_ipv4_checksum(ip_of(ah));
  open(ah);
  EXPECT_EQ(inside(), "secret!!");
  open(ah);
  EXPECT_EQ(b.total(Drop::kEspReplay), 1u);
  EXPECT_EQ(stats(b).ah_input_packets(), 1u);
  EXPECT_EQ(stats(b).ah_input_bytes(), ah.size() - 14);
  EXPECT_EQ(stats(a).ah_output_bytes(), ah.size() - 14);
  EXPECT_EQ(stats(a).encrypted_packets(), 0u);
}

TEST_F(Encapsulated, UdpBetweenItsPorts) {
  set_pair(in_udp(4500));
  const std::string frame = seal_one();
  ASSERT_EQ(frame[23], 17);
  EXPECT_EQ(port_of(frame, 0), 4500);
  EXPECT_EQ(port_of(frame, 2), 4500);
  EXPECT_EQ(port_of(frame, 4), frame.size() - 34);
  EXPECT_EQ(port_of(frame, 6), 0) << "RFC 3948 2.1";
  open(frame);
  EXPECT_EQ(inside(), "secret!!");
}

TEST_F(Encapsulated, SourcePortsFollowFlows) {
  set_pair(in_udp(5000, true));
  std::set<uint16_t> seen;
  for (int flow = 0; flow < 50; ++flow) {
    const std::string udp = octets({9, flow, 0, 53, 0, 8, 0, 0});
    const uint16_t port = port_of(seal_one(udp), 0);
    EXPECT_GE(port, 49152);
    EXPECT_EQ(port_of(seal_one(udp), 0), port) << "a flow keeps its port";
    EXPECT_EQ(port_of(core_a->out.back().bytes, 2), 5000);
    seen.insert(port);
    open(core_a->out.back().bytes);
  }
  EXPECT_GT(seen.size(), 45u);
  EXPECT_EQ(lan_b->out.size(), 50u);
  // What stands where ports would be does not make a flow of each packet.
  const auto echo = [](int number) { return octets({8, 0, number, number, 0, 7, 0, number}); };
  const auto sealed_echo = [&](int number) {
    lan_a->in.push_back({ipv4_frame(kMac1, kFrom, kTo, 1, echo(number)), {}});
    a.run();
    return port_of(core_a->out.back().bytes, 0);
  };
  EXPECT_EQ(sealed_echo(1), sealed_echo(2));
}

TEST_F(Encapsulated, DiscardsWhatIsNotEncapsulatedAsTheSaSays) {
  set_pair(in_udp(5000));
  const std::string in = seal_one();
  // 1. No UDP header.
  std::string bare = in;
  bare.erase(34, kUdpHeader);
  ip_of(bare)[9] = kProtocolEsp;
  store16(ip_of(bare) + 2, static_cast<uint16_t>(bare.size() - 14));
  write_ipv4_checksum(ip_of(bare));
  open(bare);
  EXPECT_EQ(b.total(Drop::kUdpMissing), 1u);
  EXPECT_EQ(stats(b).udp_missing(), 1u);
  // 2. Another destination port than the configured one, be it that of IKE.
  const auto to_port = [](std::string frame, uint16_t port) {
    store16(reinterpret_cast<uint8_t*>(frame.data()) + 36, port);
    return frame;
  };
  for (const uint16_t port : {5001, 500}) open(to_port(in, port));
  EXPECT_EQ(b.total(Drop::kUdpPort), 2u);
  EXPECT_EQ(stats(b).udp_port_errors(), 2u);
  // 3. None is configured: 500 it must be.
  set_pair(in_udp(500));
  open(to_port(seal_one(), 5000));
  EXPECT_EQ(b.total(Drop::kUdpIkePort), 1u);
  EXPECT_EQ(stats(b).udp_ike_port_errors(), 1u);
  // And the other way round: UDP for an SA that has none.
  set_pair([](Sa_&) {});
  open(in);
  EXPECT_EQ(b.total(Drop::kUdpUnexpected), 1u);
  EXPECT_EQ(stats(b).udp_unexpected(), 1u);
  EXPECT_TRUE(lan_b->out.empty());
  EXPECT_EQ(b.dropped(), 5u);
}

TEST_F(Encapsulated, FragmentsInUdpAreOfEspOrForTheHost) {
  b.plane.tables.interfaces.at(2)->host = Descriptor(::open("/dev/null", O_WRONLY));
  for (const uint32_t port : {500u, 4500u, 5000u}) {
    set_pair(in_udp(port));
    std::string first = seal_one(std::string(400, 'x')).substr(0, 34 + 200);
    auto* ip = ip_of(first);
    const auto cut = [&](uint16_t field) {
      store16(ip + 2, static_cast<uint16_t>(first.size() - 14));
      store16(ip + 6, field);
      write_ipv4_checksum(ip);
      return first;
    };
    const uint64_t before = b.total(Drop::kEspFragment), all = b.dropped();
    open(cut(0x2000));
    EXPECT_EQ(b.total(Drop::kEspFragment), before + 1) << port;
    const uint64_t punted = b.total(Count::kPuntRest);
    open(cut(25));
    EXPECT_EQ(b.total(Count::kPuntRest), punted + 1) << "nobody knows whose it is";
    // IKE in fragments is the host's.
    store32(ip + 28, port == 4500 ? 0 : 0x11223344);
    const auto host = [&] {
      return b.total(Count::kPuntIkeNew) + b.total(Count::kPuntIkePeer) +
             b.total(Count::kPuntIkeEstablished) + b.total(Count::kPuntRest);
    };
    const uint64_t taken = host();
    open(cut(0x2000));
    EXPECT_EQ(host(), taken + 1) << port;
    EXPECT_EQ(b.dropped(), all + 1);
  }
  EXPECT_TRUE(lan_b->out.empty());
}

TEST_F(Encapsulated, SharesItsPortWithIke) {
  b.plane.tables.interfaces.at(2)->host = Descriptor(::open("/dev/null", O_WRONLY));
  set_pair(in_udp(4500));
  const auto receive = [&](int port, const std::string& payload) {
    const int size = static_cast<int>(payload.size()) + 8;
    open(ipv4_frame(
        kMac2, kA, kB, 17,
        octets({17, 148, port / 256, port % 256, size / 256, size % 256, 0, 0}) + payload));
  };
  const auto punted = [&] {
    return b.total(Count::kPuntIkeNew) + b.total(Count::kPuntIkePeer) +
           b.total(Count::kPuntIkeEstablished) + b.total(Count::kPuntRest);
  };
  receive(4500, octets({0, 0, 0, 0}) + std::string(40, 'i'));
  receive(500, std::string(40, 'i'));
  EXPECT_EQ(punted(), 2u) << "the marker of IKE, and the other port of IKE";
  receive(4500, "\xff");
  EXPECT_EQ(b.total(Drop::kNatKeepalive), 1u);
  receive(4500, octets({0, 0, 99, 99}) + std::string(40, 'e'));
  EXPECT_EQ(b.total(Drop::kEspUnknownSpi), 1u);
  receive(4500, octets({0, 0, 19, 138}) + std::string(3, 'e'));
  EXPECT_EQ(punted(), 3u) << "too short for ESP: whatever it is, the host knows";
}

TEST_F(Encapsulated, APeerThatMovesIsReportedOnceItIsAuthentic) {
  set_pair(in_udp(4500, false, true));
  const std::string first = seal_one(), second = seal_one(), third = seal_one();
  const auto moved = [&](std::string frame, int host, uint16_t port) {
    ip_of(frame)[15] = static_cast<uint8_t>(host);
    store16(ip_of(frame) + 20, port);
    write_ipv4_checksum(ip_of(frame));
    return frame;
  };
  open(second);
  EXPECT_TRUE(events(b).empty()) << "from where it was";
  std::string forged = moved(third, 66, 6666);
  forged.back() = static_cast<char>(forged.back() ^ 1);
  open(forged);
  EXPECT_TRUE(events(b).empty()) << "not authentic";
  open(moved(first, 99, 40001));
  EXPECT_TRUE(events(b).empty()) << "older than what came from where it was";
  open(moved(third, 99, 40001));
  const auto told = events(b);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].what, Event::What::kPeerMoved);
  EXPECT_EQ(told[0].address.bytes(), octets({192, 0, 2, 99}));
  EXPECT_EQ(told[0].port, 40001);
  EXPECT_EQ(told[0].tunnel, 1u);
  EXPECT_EQ(told[0].spi, 5002u);
  EXPECT_EQ(told[0].generation, generation_);
  open(moved(seal_one(), 99, 40001));
  EXPECT_TRUE(events(b).empty()) << "once a second";
  EXPECT_EQ(lan_b->out.size(), 4u) << "and everything authentic was taken";
}

TEST_F(Encapsulated, APeerThatMovesIsAnsweredAtItsNewPort) {
  set_pair(in_udp(4500, false, true));
  std::string frame = seal_one();
  store16(ip_of(frame) + 20, 40001);
  open(frame);
  lan_b->in.push_back({ipv4_frame(kMac1, kTo, kFrom, 17, "answer!!"), {}});
  b.run();
  ASSERT_FALSE(core_b->out.empty());
  EXPECT_EQ(port_of(core_b->out.back().bytes, 2), 40001);
}

TEST_F(Encapsulated, OuterPacketsFitWhateverIsAroundThem) {
  const std::vector<Change> changes = {[](Sa_&) {}, in_udp(4500),
                                       [](Sa_& sa) {
                                         sa.set_cipher(api::AES_CBC_128);
                                         sa.set_key(std::string(16, 'k'));
                                         sa.set_salt("");
                                         sa.set_integrity(api::HMAC_SHA1_96);
                                         sa.set_integrity_key(std::string(20, 'i'));
                                       },
                                       [](Sa_& sa) {
                                         sa.set_protocol(Sa_::AH);
                                         sa.set_cipher(api::CIPHER_NONE);
                                         sa.set_key("");
                                         sa.set_salt("");
                                         sa.set_integrity(api::HMAC_SHA384_192);
                                         sa.set_integrity_key(std::string(48, 'i'));
                                       }};
  for (const Change& change : changes) {
    set_pair(change);
    for (size_t size = 1380; size < 1480; ++size) {
      core_a->out.clear();
      lan_b->out.clear();
      seal_one(std::string(size, 'p'));
      size_t most = 0;
      for (const auto& frame : core_a->out) {
        EXPECT_EQ(frame.bytes[20] & 0x3f, 0) << "fragments are inside, not outside";
        most = std::max(most, frame.bytes.size() - 14);
      }
      ASSERT_LE(most, 1500u);
      for (const auto& frame : std::vector(core_a->out.begin(), core_a->out.end()))
        open(frame.bytes);
      ASSERT_EQ(lan_b->out.size(), core_a->out.size());
    }
  }
}

TEST_F(Encapsulated, LearnsThePathMtuFromARouterThatQuotesAnSa) {
  const std::string esp = seal_one(std::string(1000, 'p'));
  const auto too_big = [&](const std::string& quoted) {
    const std::string icmp = octets({3, 4, 0, 0, 0, 0, 3, 32});  // 800
    core_a->in.push_back(
        {ipv4_frame(kMac2, octets({192, 0, 2, 9}), kA, 1, icmp + quoted.substr(14, 28)), {}});
    a.run();
  };
  std::string strange = esp;
  strange[34 + 3] = 99;
  too_big(strange);
  EXPECT_EQ(a.total(Count::kPathMtu), 0u) << "no SPI of ours";
  core_a->out.clear();
  seal_one(std::string(1000, 'p'));
  EXPECT_EQ(core_a->out.size(), 1u);
  too_big(esp);
  EXPECT_EQ(a.total(Count::kPathMtu), 1u);
  core_a->out.clear();
  seal_one(std::string(1000, 'p'));
  ASSERT_EQ(core_a->out.size(), 2u);
  for (const auto& frame : core_a->out) EXPECT_LE(frame.bytes.size() - 14, 800u);
  core_a->out.clear();
  lan_a->in.push_back({ipv4_frame(kMac1, kFrom, kTo, 17, std::string(1000, 'p')), {}});
  a.run(700'000'000'000);
  EXPECT_EQ(core_a->out.size(), 1u) << "forgotten after ten minutes";
}

TEST_F(Encapsulated, TheBandwidthOfInlineServicesIsALimitEachWay) {
  api::Request request;
  request.mutable_pfe()->set_id(2);
  request.mutable_pfe()->set_online(true);
  request.mutable_pfe()->set_inline_bits(8'000'000);  // an octet a microsecond
  for (int i = 0; i < 300; ++i)
    lan_a->in.push_back({ipv4_frame(kMac1, kFrom, kTo, 17, std::string(980, 'p')), {}});
  a.run();
  EXPECT_EQ(core_a->out.size(), 300u) << "no limit configured";
  core_a->out.clear();
  ASSERT_EQ(a.call(1, request), "");
  for (int ms = 0; ms < 1000; ++ms) {
    for (int i = 0; i < 3; ++i)
      lan_a->in.push_back({ipv4_frame(kMac1, kFrom, kTo, 17, std::string(980, 'p')), {}});
    a.run(2'000'000'000 + static_cast<uint64_t>(ms) * 1'000'000);
  }
  // A packet of 1000 octets each millisecond, and what an idle line had saved.
  EXPECT_NEAR(static_cast<double>(core_a->out.size()), 1020, 3);
  EXPECT_EQ(a.total(Drop::kInlineBandwidth), 3000 - core_a->out.size());
  ASSERT_EQ(b.call(1, request), "");
  for (size_t i = 0; i < 300; ++i) core_b->in.push_back({core_a->out[i].bytes, {}});
  b.run(2'000'000'000);
  EXPECT_LT(lan_b->out.size(), 25u);
  EXPECT_EQ(b.total(Drop::kInlineBandwidth), 300 - lan_b->out.size());
}

TEST_F(Encapsulated, StopsAfterItsPackets) {
  set_pair([](Sa_& sa) {
    sa.set_soft_packets(2);
    sa.set_hard_packets(3);
  });
  for (int i = 0; i < 5; ++i) seal_one();
  EXPECT_EQ(core_a->out.size(), 3u);
  const auto told = events(a);
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].limit, kReportSoft);
  EXPECT_EQ(told[1].limit, kReportHard);
}

api::TrafficSelector selector(std::initializer_list<int> local, std::initializer_list<int> remote,
                              int bits, uint32_t protocol = 0, uint32_t first = 0,
                              uint32_t last = 0) {
  api::TrafficSelector made;
  const auto range = [&](std::string from, std::string* first_at, std::string* last_at) {
    *first_at = from;
    for (int bit = bits; bit < 32; ++bit)
      from[static_cast<size_t>(bit / 8)] |= static_cast<char>(0x80 >> bit % 8);
    *last_at = from;
  };
  range(octets(local), made.mutable_local_first(), made.mutable_local_last());
  range(octets(remote), made.mutable_remote_first(), made.mutable_remote_last());
  made.set_protocol(protocol);
  made.set_local_port_first(first);
  made.set_local_port_last(last);
  made.set_remote_port_first(first);
  made.set_remote_port_last(last);
  return made;
}

class Selected : public Encapsulated {
 protected:
  void set_tunnel(uint32_t id, uint32_t order, const std::vector<api::TrafficSelector>& terms) {
    api::Request request;
    auto* tunnel = request.mutable_tunnel();
    tunnel->set_id(id);
    tunnel->set_interface(100);
    tunnel->set_anchor_pfe(2);
    tunnel->set_order(order);
    tunnel->set_remote(kB);
    tunnel->set_outbound_spi(5000 + 2 * id);
    for (const auto& term : terms) *tunnel->add_selector() = term;
    ASSERT_EQ(a.call(2, request), "");
    request = sa_message(false, kA, kB, 5000 + 2 * id, 50 + id);
    request.mutable_sa()->set_tunnel(id);
    ASSERT_EQ(a.call(2, request), "");
  }
  /// The tunnel that takes a packet; 0: none.
  uint32_t taken_by(const std::string& from, const std::string& to, uint8_t protocol,
                    const std::string& payload) {
    core_a->out.clear();
    lan_a->in.push_back({ipv4_frame(kMac1, from, to, protocol, payload), {}});
    a.run();
    if (core_a->out.empty()) return 0;
    return (load32(reinterpret_cast<const uint8_t*>(core_a->out[0].bytes.data()) + 34) - 5000) / 2;
  }
};

TEST_F(Selected, TheFirstConfiguredThatHoldsThePacketTakesIt) {
  // The overlap within a VPN of the published example: ts-1 to ts-4.
  a.add_route(octets({10, 0, 0, 0}), 8, 100);
  set_tunnel(1, 0, {selector({192, 168, 5, 0}, {10, 1, 5, 0}, 24)});
  set_tunnel(2, 1, {selector({192, 168, 0, 0}, {10, 1, 0, 0}, 16)});
  set_tunnel(3, 2, {selector({172, 16, 0, 0}, {10, 2, 0, 0}, 16)});
  set_tunnel(4, 3, {selector({172, 16, 5, 0}, {10, 2, 5, 0}, 24)});
  const auto taken = [&](std::initializer_list<int> from, std::initializer_list<int> to) {
    return taken_by(octets(from), octets(to), 17, "whatever");
  };
  EXPECT_EQ(taken({192, 168, 5, 5}, {10, 1, 5, 10}), 1u);
  EXPECT_EQ(taken({192, 168, 6, 5}, {10, 1, 5, 10}), 2u);
  EXPECT_EQ(taken({172, 16, 5, 5}, {10, 2, 5, 10}), 3u) << "ts-3 is before ts-4";
  EXPECT_EQ(taken({172, 17, 5, 5}, {10, 2, 5, 10}), 0u);
  EXPECT_EQ(a.total(Drop::kNoPolicy), 1u);
}

TEST_F(Selected, TermsWithProtocolsAndPorts) {
  set_tunnel(1, 0,
             {selector({10, 0, 1, 0}, {10, 0, 2, 0}, 24, 6, 500, 1010),
              selector({10, 0, 1, 0}, {10, 0, 2, 0}, 24, 17, 53, 53),
              selector({10, 0, 1, 0}, {10, 0, 2, 0}, 24, 1, 0x0800, 0x0800)});
  const auto ports = [](int from, int to) {
    return octets({from / 256, from % 256, to / 256, to % 256}) + std::string(16, '\0');
  };
  EXPECT_EQ(taken_by(kFrom, kTo, 6, ports(600, 700)), 1u);
  EXPECT_EQ(taken_by(kFrom, kTo, 6, ports(500, 1010)), 1u);
  EXPECT_EQ(taken_by(kFrom, kTo, 6, ports(499, 700)), 0u);
  EXPECT_EQ(taken_by(kFrom, kTo, 6, ports(600, 1011)), 0u);
  EXPECT_EQ(taken_by(kFrom, kTo, 17, ports(53, 53)), 1u);
  EXPECT_EQ(taken_by(kFrom, kTo, 17, ports(54, 53)), 0u);
  EXPECT_EQ(taken_by(kFrom, kTo, 1, octets({8, 0, 0, 0, 0, 1, 0, 1})), 1u) << "echo request";
  EXPECT_EQ(taken_by(kFrom, kTo, 1, octets({0, 0, 0, 0, 0, 1, 0, 1})), 0u) << "echo reply";
  EXPECT_EQ(taken_by(kFrom, kTo, 47, ports(600, 700)), 0u);
}

TEST_F(Selected, TheyHoldInwardsToo) {
  // a lets everything out to b, which takes TCP 500 to 1010 only.
  api::Request request;
  *request.mutable_tunnel()->add_selector() =
      selector({10, 0, 2, 0}, {10, 0, 1, 0}, 24, 6, 500, 1010);
  request.mutable_tunnel()->set_id(1);
  request.mutable_tunnel()->set_interface(100);
  request.mutable_tunnel()->set_anchor_pfe(2);
  request.mutable_tunnel()->set_remote(kA);
  ASSERT_EQ(b.call(2, request), "");
  const auto send = [&](uint8_t protocol, int from, int to) {
    lan_a->in.push_back(
        {ipv4_frame(kMac1, kFrom, kTo, protocol,
                    octets({from / 256, from % 256, to / 256, to % 256}) + std::string(16, '\0')),
         {}});
    a.run();
    open(core_a->out.back().bytes);
  };
  send(6, 600, 700);
  EXPECT_EQ(lan_b->out.size(), 1u);
  send(6, 2000, 700);
  send(17, 600, 700);
  EXPECT_EQ(lan_b->out.size(), 1u);
  EXPECT_EQ(stats(b).selector_errors(), 2u);
}

TEST_F(Encapsulated, CongestionMarksGoInwardsAsRfc6040Says) {
  // Rows: inside; columns: outside. Not-ECT, ECT(1), ECT(0), CE; -1: dropped.
  constexpr int kTable[4][4] = {{0, 0, 0, -1}, {1, 1, 1, 3}, {2, 1, 2, 3}, {3, 3, 3, 3}};
  for (int inner = 0; inner < 4; ++inner)
    for (int outer = 0; outer < 4; ++outer) {
      core_a->out.clear();
      lan_b->out.clear();
      std::string frame = ipv4_frame(kMac1, kFrom, kTo, 17, "payload!");
      ip_of(frame)[1] = static_cast<uint8_t>(inner);
      write_ipv4_checksum(ip_of(frame));
      lan_a->in.push_back({frame, {}});
      a.run();
      std::string esp = core_a->out.at(0).bytes;
      EXPECT_EQ(ip_of(esp)[1], inner) << "outwards it is copied";
      ip_of(esp)[1] = static_cast<uint8_t>(outer);
      write_ipv4_checksum(ip_of(esp));
      open(esp);
      const int came = lan_b->out.empty() ? -1 : ip_of(lan_b->out[0].bytes)[1];
      EXPECT_EQ(came, kTable[inner][outer]) << inner << " in " << outer;
    }
}

}  // namespace
}  // namespace nezu::pfe::test
