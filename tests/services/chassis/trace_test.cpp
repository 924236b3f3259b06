// `show pfe trace`, and the filters of `request pfe trace start`.
#include <gtest/gtest.h>
#include <pcap/pcap.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <QCoreApplication>
#include <QElapsedTimer>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>
#include <set>
#include <sstream>

#include "chassis/descriptor.h"
#include "pfe-model/api.pb.h"
#include "pfe-model/counters.h"
#include "services/chassis/packet_filter.h"
#include "services/chassis/show_trace.h"
#include "services/chassis/trace_hints.h"
#include "tests/services/text_reply.h"

namespace nezu::chassis_service {
namespace {

namespace api = pfe::api;

class TraceTest : public testing::Test {
 protected:
  explicit TraceTest(const std::string& plane = "/nowhere") : plane_(plane, forwarding_) {
    add_trace_rpcs(registry_, machine_);
  }

  std::string call(const std::string& name, const mgmt::Input& input = {}) {
    return answer_of(registry_, name, input);
  }
  std::string shown(const api::TraceReport& report, const mgmt::Input& input = {}) {
    const auto reply = std::make_shared<TextReply>(registry_.find("get-pfe-trace")->layout(input));
    reply->open("pfe-trace");
    write_trace(report, *reply);
    for (const api::TracedPacket& packet : report.packet())
      write_packet(machine_, packet, !input.contains("brief"), *reply);
    reply->close();
    reply->finish();
    return reply->text;
  }
  // The reference is tests/golden/chassis/NAME; NEZU_REWRITE=1 writes it.
  static void expect_golden(const std::string& name, const std::string& text) {
    const std::string path = std::string(NEZU_SOURCE_DIR) + "/tests/golden/chassis/" + name;
    if (std::getenv("NEZU_REWRITE")) std::ofstream(path) << text;
    std::ostringstream golden;
    golden << std::ifstream(path).rdbuf();
    EXPECT_EQ(text, golden.str());
  }

  int argc_ = 0;
  QCoreApplication application_{argc_, nullptr};
  chassis::Forwarding forwarding_;
  chassis::Chassis chassis_{*chassis::find_model("mx304"), forwarding_};
  chassis::PfeLink plane_;
  PlaneLoad load_{"nobody"};
  mgmt::Registry registry_;
  Machine machine_{
      chassis_, plane_,
      load_,    {},
      {},       [](uint32_t tunnel) {
                     return std::string(tunnel == 500001 ? "ipsec_vpn" : ""); }};
};

void add_step(api::TracedPacket& packet, uint64_t nanoseconds, const std::string& stage,
              const std::string& text, uint32_t tunnel = 0) {
  api::TraceStep& step = *packet.add_step();
  step.set_pfe_name("fpc0 pfe0");
  step.set_nanoseconds(nanoseconds);
  step.set_stage(stage);
  step.set_text(text);
  step.set_tunnel(tunnel);
}

api::TraceReport two_packets() {
  api::TraceReport report;
  report.set_wanted(10);
  report.set_packets(2);
  report.set_running(true);
  report.set_seconds_left(31);
  report.set_matching("icmp");
  report.set_interface("et-0/0/0.0");
  api::TracedPacket& first = *report.add_packet();
  first.set_number(1);
  first.set_unix_nanoseconds(1'790'000'000'000'123'456);
  first.set_interface("et-0/0/0.0");
  first.set_text("ICMP echo request 1.1.1.2 > 2.2.2.2, 84 octets, TTL 64");
  first.set_fate("sent by et-0/2/10.0");
  first.set_source("1.1.1.2");
  add_step(first, 999, "input", "on et-0/0/0.0 (port et-0/0/0)");
  add_step(first, 12'345'678, "ipsec", "st0.1: tunnel 500001 takes it", 500001);
  api::TracedPacket& second = *report.add_packet();
  second.set_number(2);
  second.set_text("UDP 1.1.1.2 port 9 > 2.2.2.2 port 9, 28 octets, TTL 64");
  second.set_fate("dropped: Tunnel has no outbound SA (no-sa)");
  second.set_reason("no-sa");
  second.set_cut(true);
  return report;
}

TEST_F(TraceTest, Stories) {
  expect_golden("pfe-trace.txt", shown(two_packets()));
  expect_golden("pfe-trace-brief.txt", shown(two_packets(), {{"brief", ""}}));
  api::TraceReport report = two_packets();
  report.set_running(false);
  report.clear_interface();
  EXPECT_TRUE(shown(report).starts_with("Trace: ended, 2 of 10 packets, matching \"icmp\"\n"));
  report.set_packets(10);
  EXPECT_TRUE(shown(report).starts_with("Trace: complete, "));
  EXPECT_EQ(shown({}), "No packets have been followed; 'request pfe trace start' begins\n");
}

// A plane whose answers to a walk over the pages are at hand.
class TracePages : public TraceTest {
 protected:
  TracePages() : TraceTest(path()) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path().c_str());
    ::unlink(path().c_str());
    const chassis::Descriptor listener(::socket(AF_UNIX, SOCK_STREAM, 0));
    EXPECT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener.get(), 1), 0);
    plane_.start();
    client_ = chassis::Descriptor(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK));
    ::unlink(path().c_str());
  }
  static std::string path() {
    return testing::TempDir() + "nezu-trace-" + std::to_string(getpid()) + ".sock";
  }

  std::string told(const std::vector<api::TraceReport>& pages) {
    const auto reply = std::make_shared<TextReply>(registry_.find("get-pfe-trace")->layout({}));
    registry_.find("get-pfe-trace")->call({}, reply);
    size_t page = 0;
    QElapsedTimer timer;
    for (timer.start(); reply.use_count() > 1 && timer.elapsed() < 3000;) {
      QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
      const uint64_t sequence = asked();
      if (sequence == 0 || page == pages.size()) continue;
      answer(sequence, pages[page++]);
    }
    EXPECT_EQ(page, pages.size());
    return reply->text;
  }

 private:
  // The sequence of the next request for a page; 0: there is none yet.
  uint64_t asked() {
    char buffer[4096];
    const ssize_t got = ::recv(client_.get(), buffer, sizeof buffer, 0);
    if (got > 0) bytes_.append(buffer, static_cast<size_t>(got));
    while (bytes_.size() >= 4) {
      uint32_t length = 0;
      std::memcpy(&length, bytes_.data(), sizeof length);
      if (bytes_.size() - 4 < length) return 0;
      api::Request request;
      EXPECT_TRUE(request.ParseFromString(bytes_.substr(4, length)));
      bytes_.erase(0, 4 + length);
      if (request.has_get_trace()) return request.sequence();
    }
    return 0;
  }
  void answer(uint64_t sequence, const api::TraceReport& page) {
    api::Reply reply;
    reply.mutable_response()->set_sequence(sequence);
    *reply.mutable_response()->mutable_trace() = page;
    const std::string body = reply.SerializeAsString();
    const auto length = static_cast<uint32_t>(body.size());
    const std::string bytes = std::string(reinterpret_cast<const char*>(&length), 4) + body;
    EXPECT_EQ(::send(client_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }

  chassis::Descriptor client_;
  std::string bytes_;
};

TEST_F(TracePages, OfTwoTracesAreNotOneAnswer) {
  api::TraceReport first = two_packets(), second = two_packets();
  first.set_number(1);
  first.set_more(true);
  second.set_number(1);
  second.mutable_packet(0)->set_number(3);
  second.mutable_packet(1)->set_number(4);
  const std::string whole = told({first, second});
  EXPECT_NE(whole.find("\nPacket 4"), std::string::npos) << whole;
  EXPECT_EQ(whole.find("error: "), std::string::npos) << whole;
  second.set_number(11);
  const std::string cut = told({first, second});
  EXPECT_EQ(cut.find("\nPacket 3"), std::string::npos) << cut;
  EXPECT_TRUE(cut.ends_with(
      "error: another trace has begun meanwhile; what is shown is of the one before\n"))
      << cut;
  EXPECT_TRUE(
      told({first, {}})
          .ends_with(
              "error: the trace has gone meanwhile; what is shown is the beginning of it\n"));
}

TEST_F(TraceTest, SaysWhyItCannot) {
  for (const char* rpc : {"get-pfe-trace", "request-pfe-trace-start", "request-pfe-trace-stop"})
    EXPECT_EQ(call(rpc), "error: the forwarding plane does not answer\n");
  EXPECT_EQ(call("request-pfe-trace-start", {{"matching", "host example.net"}}),
            "error: 'example.net' is no word of a packet filter; addresses and ports are to be "
            "given as numbers\n");
}

TEST(TraceHints, AreOfReasonsThatThereAre) {
  std::set<std::string_view> reasons;
  for (const auto& text : pfe::kCounterTexts) reasons.insert(text.name);
  for (const auto& text : pfe::kDropTexts) reasons.insert(text.name);
  for (const TraceHint& hint : kTraceHints)
    EXPECT_TRUE(reasons.contains(hint.reason)) << hint.reason;
}

std::string error_of(std::string_view text) {
  std::string program;
  return compile_filter(text, program);
}

bool matches(std::string_view filter, const std::string& packet) {
  std::string program;
  EXPECT_EQ(compile_filter(filter, program), "") << filter;
  std::vector<bpf_insn> instructions;
  const auto at = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(program[i])); };
  for (size_t i = 0; i < program.size(); i += 8)
    instructions.push_back({static_cast<u_short>(at(i) << 8 | at(i + 1)),
                            static_cast<u_char>(at(i + 2)), static_cast<u_char>(at(i + 3)),
                            at(i + 4) << 24 | at(i + 5) << 16 | at(i + 6) << 8 | at(i + 7)});
  const auto size = static_cast<u_int>(packet.size());
  return ::bpf_filter(instructions.data(), reinterpret_cast<const u_char*>(packet.data()), size,
                      size) != 0;
}

TEST(PacketFilter, ChoosesIpPackets) {
  std::string udp(28, '\0');
  udp[0] = 0x45;
  udp[3] = 28;
  udp[9] = 17;
  for (const auto& [at, octet] : {std::pair{12, 10}, {15, 1}, {16, 10}, {19, 2}, {23, 53}})
    udp[static_cast<size_t>(at)] = static_cast<char>(octet);
  for (const char* filter :
       {"udp", "ip", "src host 10.0.0.1", "udp dst port 53", "net 10.0.0.0/8", "dst net 10",
        "portrange 50-60", "udp and not src port 53", "ip[9] = 17", "ip[2:2] = 28", "len = 28",
        "(udp or tcp) && ! icmp", "ip proto 0x11", "less 28", "host 10.0.0.2 or ip6 host fe80::1"})
    EXPECT_TRUE(matches(filter, udp)) << filter;
  for (const char* filter : {"icmp", "ip6", "host 10.0.0.3", "greater 29", "ip6 net 2001:db8::/32"})
    EXPECT_FALSE(matches(filter, udp)) << filter;
  std::string program = "x";
  EXPECT_EQ(compile_filter("  ", program), "");
  EXPECT_EQ(program, "");
}

TEST(PacketFilter, SaysWhatIsWrong) {
  EXPECT_TRUE(error_of("udp and").ends_with("syntax error"));
  EXPECT_NE(error_of("host 300.1.1.1"), "");
  for (const char* word : {"host router1", "port domain", "ip protochain 6", "host a1.de",
                           "ether host 1", "tcp dst port 80; udp"})
    EXPECT_TRUE(error_of(word).ends_with("given as numbers")) << error_of(word);
  // The language takes these for names, and would ask a server for them.
  for (const char* word : {"host 1-2", "host 1.2.3.4.5", "host 1..2", "host 1.", "host 0x",
                           "port 1-2", "net 1-2", "1-2", "portrange 1-2 or 3-4"})
    EXPECT_TRUE(error_of(word).ends_with("given as numbers")) << error_of(word);
  EXPECT_EQ(error_of(std::string(256, '1')), "a filter has 255 characters at most");
}

// Whatever is made of the words of the language: an answer, and soon.
TEST(PacketFilter, AnyWordsGetAnAnswer) {
  const char* words[] = {"host", "10.0.0.1", "and",  "or",    "not", "(",      ")",
                         "port", "5-6",      "ip6",  "ip[",   "]",   "=",      "0",
                         "2:4",  "mask",     "net",  "/",     "32",  "tcp",    "src",
                         "&",    "+",        "less", "proto", "*",   "fe80::1"};
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    for (unsigned left = random() % 30; left > 0; --left)
      text += std::string(words[random() % std::size(words)]) + " ";
    error_of(text);
  }
  error_of(std::string(255, '('));
  error_of(std::string(255, '!'));
}

}  // namespace
}  // namespace nezu::chassis_service
