// Two nezu-pfe with an ESP tunnel under fixed keys; what crosses the core is decrypted by tshark.
//
//   host1 ── [1] router A [2] ═══ core 192.0.2.0/24 ═══ [2] router B [1] ── host2
//   10.0.1.2      pfe0, pfe1, tunnel anchored on pfe2                      10.0.2.2
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <sstream>
#include <string>

#include "host.h"
#include "router.h"

namespace nezu::pfe::test {
namespace {

constexpr uint32_t kTunnelInterface = 100;
constexpr uint32_t kTunnelId = 500001;
constexpr uint32_t kSpiAToB = 0x1000a0b, kSpiBToA = 0x1000b0a;
const std::string kSalt = "salt";

std::string key_of(uint32_t spi) {
  std::string key(32, 'k');
  key[0] = static_cast<char>(spi);
  return key;
}

api::Request sa(bool inbound, const std::string& local, const std::string& remote, uint32_t spi) {
  api::Request request;
  auto* out = request.mutable_sa();
  out->set_direction(inbound ? api::SecurityAssociation::INBOUND
                             : api::SecurityAssociation::OUTBOUND);
  out->set_local(address(local));
  out->set_remote(address(remote));
  out->set_spi(spi);
  out->set_generation(7);
  out->set_tunnel(kTunnelId);
  out->set_cipher(api::AES_GCM_256);
  out->set_key(key_of(spi));
  out->set_salt(kSalt);
  out->set_replay_window(64);
  return request;
}

void add_any_selector(api::Tunnel& tunnel, bool v6) {
  auto* selector = tunnel.add_selector();
  for (auto* first : {selector->mutable_local_first(), selector->mutable_remote_first()})
    first->assign(v6 ? 16 : 4, '\0');
  for (auto* last : {selector->mutable_local_last(), selector->mutable_remote_last()})
    last->assign(v6 ? 16 : 4, '\xff');
}

void add_tunnel(Router& router, const std::string& local, const std::string& remote, uint32_t in,
                uint32_t out) {
  router.add_pfe(2);
  router.add_tunnel_interface(kTunnelInterface, 2);
  api::Request request;
  auto* tunnel = request.mutable_tunnel();
  tunnel->set_id(kTunnelId);
  tunnel->set_interface(kTunnelInterface);
  tunnel->set_anchor_pfe(2);
  tunnel->set_outbound_spi(out);
  tunnel->set_remote(address(remote));
  tunnel->set_copy_dscp(true);
  add_any_selector(*tunnel, false);
  add_any_selector(*tunnel, true);
  router.add_iked(request);
  router.add_iked(sa(true, local, remote, in));
  router.add_iked(sa(false, local, remote, out));
}

/// tcpdump on a device while it lives.
class Capture {
 public:
  Capture(const std::string& space, const std::string& device)
      : file_("/tmp/" + own("nezu-esp") + ".pcap") {
    pid_ = ::fork();
    if (pid_ == 0) {
      ::freopen("/dev/null", "w", stderr);
      ::execlp("ip", "ip", "netns", "exec", space.c_str(), "tcpdump", "-q", "--immediate-mode",
               "-U", "-i", device.c_str(), "-w", file_.c_str(), nullptr);
      ::_exit(127);
    }
    for (int i = 0; i < 200 && !std::filesystem::exists(file_); ++i) ::usleep(10'000);
    ::usleep(200'000);
  }
  ~Capture() {
    stop();
    std::filesystem::remove(file_);
  }
  void stop() {
    if (pid_ <= 0) return;
    ::usleep(300'000);
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  std::string tshark(const std::string& arguments) const {
    return output_of("(tshark -r " + file_ + " " + arguments + " 2>/dev/null)");
  }

 private:
  std::string file_;
  pid_t pid_ = -1;
};

std::string hex(const std::string& bytes) {
  std::string text;
  char octet[3];
  for (const char c : bytes) {
    std::snprintf(octet, sizeof octet, "%02x", static_cast<unsigned char>(c));
    text += octet;
  }
  return text;
}

std::string tshark_keys() {
  std::string options = "-o esp.enable_encryption_decode:TRUE";
  char spi[16];
  for (const uint32_t number : {kSpiAToB, kSpiBToA}) {
    std::snprintf(spi, sizeof spi, "0x%08x", number);
    options += " -o 'uat:esp_sa:\"IPv4\",\"*\",\"*\",\"" + std::string(spi) +
               "\",\"AES-GCM with 16 octet ICV [RFC4106]\",\"0x" + hex(key_of(number) + kSalt) +
               "\",\"NULL\",\"\"'";
  }
  return options;
}

struct Tunnelled {
  Router a{own("nza")}, b{own("nzb")};
  Host host1{own("nzh1"), "h1", "02:00:00:00:01:02", a.ports(), "w1"};
  Host host2{own("nzh2"), "h2", "02:00:00:00:02:02", b.ports(), "w1"};

  /// `quiet`: the routers' own kernels have no IPv6 that would send into the tunnel unasked.
  explicit Tunnelled(bool outer_v6 = false, bool quiet = false) {
    for (const Router* router : {&a, &b})
      if (quiet)
        sh("ip netns exec " + router->host() + " sysctl -qw net.ipv6.conf.default.disable_ipv6=1");
    const std::string near = outer_v6 ? "2001:db8::a" : "192.0.2.1";
    const std::string far = outer_v6 ? "2001:db8::b" : "192.0.2.2";
    sh("ip link add core netns " + a.ports() + " type veth peer name core netns " + b.ports());
    for (const Router* router : {&a, &b}) sh("ip -n " + router->ports() + " link set core up");
    side(a, host1, "10.0.1", "fd01::", "02:00:00:00:01:01", "02:00:00:00:0a:01", near);
    side(b, host2, "10.0.2", "fd02::", "02:00:00:00:02:01", "02:00:00:00:0b:01", far);
    a.add_neighbour(2, far, "02:00:00:00:0b:01");
    b.add_neighbour(2, near, "02:00:00:00:0a:01");
    add_tunnel(a, near, far, kSpiBToA, kSpiAToB);
    add_tunnel(b, far, near, kSpiAToB, kSpiBToA);
    a.add_route("10.0.2.0", 24, kTunnelInterface);
    a.add_route("fd02::", 64, kTunnelInterface);
    b.add_route("10.0.1.0", 24, kTunnelInterface);
    b.add_route("fd01::", 64, kTunnelInterface);
    a.start();
    b.start();
  }
  std::string report() const { return a.report() + b.report(); }

 private:
  static void side(Router& router, Host& host, const std::string& v4, const std::string& v6,
                   const std::string& lan_mac, const std::string& core_mac,
                   const std::string& core_address) {
    host.address(v4 + ".2/24", v4 + ".1");
    host.address(v6 + "2/64", v6 + "1");
    router.add_port(1, "w1", lan_mac, 0);
    router.add_port(2, "core", core_mac, 1);
    router.add_address(1, v4 + ".1", 24);
    router.add_address(1, v6 + "1", 64);
    router.add_address(2, core_address, core_address.find(':') == std::string::npos ? 24 : 64);
    const std::string host_mac = lan_mac.substr(0, 15) + "02";
    router.add_neighbour(1, v4 + ".2", host_mac);
    router.add_neighbour(1, v6 + "2", host_mac);
  }
};

TEST(Ipsec, PingCrossesAsEspThatTsharkDecrypts) {
  NEEDS_ROOT();
  Tunnelled lab;
  Capture capture(lab.a.ports(), "core");
  EXPECT_EQ(lab.host1.run("ping -c 10 -i 0.02 -W 1 10.0.2.2"), 0) << lab.report();
  EXPECT_EQ(lab.host2.run("ping -c 10 -i 0.02 -W 1 fd01::2"), 0) << lab.report();
  capture.stop();
  EXPECT_EQ(capture.tshark("-Y 'ip and !esp'"), "") << "clear text on the core";
  const std::string inner =
      capture.tshark(tshark_keys() + " -Y 'icmp' -T fields -e ip.src -e ip.dst -e icmp.type");
  EXPECT_NE(inner.find("192.0.2.1,10.0.1.2\t192.0.2.2,10.0.2.2\t8"), std::string::npos) << inner;
  EXPECT_NE(inner.find("192.0.2.2,10.0.2.2\t192.0.2.1,10.0.1.2\t0"), std::string::npos) << inner;
  EXPECT_EQ(std::count(inner.begin(), inner.end(), '\n'), 20) << inner;
  const std::string inner6 = capture.tshark(tshark_keys() + " -Y icmpv6.type==128");
  EXPECT_EQ(std::count(inner6.begin(), inner6.end(), '\n'), 10) << inner6;
}

TEST(Ipsec, CountsInnerAndOuterBytes) {
  NEEDS_ROOT();
  Tunnelled lab(false, true);
  ASSERT_EQ(lab.host1.run("ping -c 10 -i 0.02 -W 1 10.0.2.2"), 0) << lab.report();
  ApiClient client = lab.a.re();
  const api::Statistics before = client.statistics();
  ASSERT_EQ(before.tunnel_size(), 1);
  EXPECT_EQ(before.tunnel(0).encrypted_packets(), 10u);
  EXPECT_EQ(before.tunnel(0).encrypted_bytes(), 840u);  // 20 IP + 8 ICMP + 56
  EXPECT_EQ(before.tunnel(0).decrypted_packets(), 10u);
  EXPECT_EQ(before.tunnel(0).decrypted_bytes(), 1400u);  // 20 + 8 + 8 + 84 + 2 pad + 2 + 16
  api::Request clear;
  clear.mutable_clear_statistics();
  client.must(clear);
  const api::Statistics after = client.statistics();
  EXPECT_EQ(after.tunnel(0).encrypted_packets(), 0u);
  for (const auto& interface : after.interface())
    EXPECT_TRUE(interface.index() != kTunnelInterface || interface.output_bytes() == 840u);
  for (const auto& one : after.sa()) EXPECT_EQ(one.sequence(), 10u);
}

TEST(Ipsec, OuterIpv6) {
  NEEDS_ROOT();
  Tunnelled lab(true);
  EXPECT_EQ(lab.host1.run("ping -c 5 -i 0.02 -W 1 10.0.2.2"), 0) << lab.report();
  EXPECT_EQ(lab.host1.run("ping -c 5 -i 0.02 -W 1 fd02::2"), 0) << lab.report();
}

TEST(Ipsec, LargePacketsAreFragmentedBeforeOrAnswered) {
  NEEDS_ROOT();
  Tunnelled lab;
  // May be fragmented: host1 sends 3 fragments of a wire's size, the router cuts again.
  EXPECT_EQ(lab.host1.run("ping -c 3 -i 0.05 -W 1 -M dont -s 4000 10.0.2.2"), 0) << lab.report();
  EXPECT_EQ(lab.host1.run("ping -c 3 -i 0.05 -W 1 -M dont -s 1472 10.0.2.2"), 0) << lab.report();
  const std::string refused = lab.host1.output("ping -c 1 -W 1 -M do -s 1472 10.0.2.2");
  EXPECT_NE(refused.find("mtu = 1446"), std::string::npos) << refused << lab.report();
  EXPECT_EQ(lab.host1.run("ping -c 1 -W 1 -M do -s 1418 10.0.2.2"), 0) << lab.report();
  EXPECT_EQ(lab.host2.run("ping -c 3 -i 0.05 -W 1 -s 4000 fd01::2"), 0) << lab.report();
}

TEST(Ipsec, RouterItselfSpeaksThroughTheTunnel) {
  NEEDS_ROOT();
  Tunnelled lab;
  EXPECT_EQ(sh("ip netns exec " + lab.a.host() + " ping -c 3 -i 0.05 -W 1 -I 10.0.1.1 10.0.2.2"), 0)
      << lab.report();
  EXPECT_EQ(sh("ip netns exec " + lab.a.host() + " ping -c 3 -i 0.05 -W 1 -I 10.0.1.1 10.0.2.1"), 0)
      << lab.report();
}

TEST(Ipsec, CarriesTcpWithOffloads) {
  NEEDS_ROOT();
  Tunnelled lab;
  EXPECT_EQ(transfer(lab.host1, lab.host2, "10.0.2.2"), "") << lab.report();
  EXPECT_EQ(transfer(lab.host2, lab.host1, "fd01::2"), "") << lab.report();
}

// No (key, sequence) leaves twice, however often the process dies in the middle of traffic.
TEST(Ipsec, SequenceNeverRepeatsAcrossKills) {
  NEEDS_ROOT();
  Tunnelled lab;
  Capture capture(lab.b.ports(), "core");
  const pid_t flood = ::fork();
  if (flood == 0) {
    sh("ip netns exec " + lab.host1.name + " ping -f -w 5 10.0.2.2");
    ::_exit(0);
  }
  for (int i = 0; i < 4; ++i) {
    ::usleep(700'000);
    lab.a.kill();
    lab.a.start();
  }
  ::waitpid(flood, nullptr, 0);
  EXPECT_EQ(lab.host1.run("ping -c 3 -i 0.05 -W 1 10.0.2.2"), 0) << lab.report();
  capture.stop();
  std::istringstream lines(capture.tshark("-Y esp -T fields -e esp.spi -e esp.sequence"));
  std::map<std::string, uint64_t> last;
  uint64_t packets = 0, sequence;
  for (std::string spi; lines >> spi >> sequence; ++packets) {
    ASSERT_GT(sequence, last[spi]) << spi;
    last[spi] = sequence;
  }
  EXPECT_GT(packets, 1000u);
  EXPECT_EQ(lab.b.drops("esp-replay"), 0u);
}

}  // namespace
}  // namespace nezu::pfe::test
