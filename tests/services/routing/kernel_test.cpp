// The mirror against the kernel itself, in a network namespace of the test's own.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <QCoreApplication>
#include <QElapsedTimer>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <regex>

#include "chassis/model.h"
#include "grammar/layout.h"
#include "pfe-model/api.pb.h"
#include "services/routing/routing.h"
#include "tests/configdb/sample.h"

namespace nezu::routing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Key;
using ::testing::Not;
using ::testing::Pair;

QCoreApplication& application() {
  static int count = 1;
  static char name[] = "test";
  static char* values[] = {name, nullptr};
  static QCoreApplication instance(count, values);
  return instance;
}

/// What the plane was told, in words: "2.2.2.0/24" → "70 10.0.0.2".
class Plane : public chassis::ForwardingSink {
 public:
  void send(const pfe::api::Request& request, int) override {
    if (request.has_route()) routes[text(request.route().prefix())] = text(request.route());
    if (request.remove().has_route()) routes.erase(text(request.remove().route().prefix()));
    if (request.has_neighbour()) neighbours[text(request.neighbour())] = request.neighbour().mac();
    if (request.remove().has_neighbour()) neighbours.erase(text(request.remove().neighbour()));
  }

  std::map<std::string, std::string> routes;
  std::map<std::string, std::string> neighbours;

 private:
  static std::string text(const pfe::api::Prefix& prefix) {
    return address_text(prefix.address()) + "/" + std::to_string(prefix.length());
  }
  static std::string text(const pfe::api::Neighbour& neighbour) {
    return std::to_string(neighbour.interface()) + " " + address_text(neighbour.address());
  }
  static std::string text(const pfe::api::Route& route) {
    if (route.action() == pfe::api::Route::DISCARD) return "discard";
    if (route.action() == pfe::api::Route::REJECT) return "reject";
    std::string words;
    for (const auto& hop : route.next_hop())
      words += (words.empty() ? "" : ", ") + std::to_string(hop.interface()) +
               (hop.gateway().empty() ? "" : " " + address_text(hop.gateway()));
    return words;
  }
};

int open_device(const char* name, short kind) {
  const int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  ifreq request{};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  request.ifr_flags = static_cast<short>(kind | IFF_NO_PI);
  return device >= 0 && ioctl(device, TUNSETIFF, &request) == 0 ? device : -1;
}

void ip(const std::string& words) {
  ASSERT_EQ(system(("ip " + words).c_str()), 0) << words;
}

struct KernelTest : ::testing::Test {
  void SetUp() override {
    if (unshare(CLONE_NEWNET) < 0) GTEST_SKIP() << "needs root";
    ethernet = table.add("et-0/2/10.0").index;
    tunnel = table.add("st0.1").index;
    ASSERT_GE(tap = open_device("et-0_2_10.0", IFF_TAP), 0);
    ASSERT_GE(tun = open_device("st0.1", IFF_TUN), 0);
    std::ofstream("/proc/sys/net/ipv6/conf/default/accept_dad") << 0;
    ip("link set lo up");
    ip("addr add 10.0.0.1/24 dev et-0_2_10.0");
    ip("addr add 2001:db8::1/64 dev et-0_2_10.0 nodad");
    ip("link set et-0_2_10.0 up");
    ip("link set st0.1 up");
    forwarding.set_sink(&plane);
    routing = std::make_unique<Routing>(machine, forwarding, table,
                                        Routing::Paths{"/nowhere", "/nowhere"});
    routing->start();
    forwarding.synchronise();
  }
  void TearDown() override {
    routing.reset();
    for (const int device : {tap, tun})
      if (device >= 0) close(device);
  }

  bool wait_until(const std::function<bool()>& holds) {
    QElapsedTimer clock;
    clock.start();
    while (clock.elapsed() < 6000) {
      if (holds()) return true;
      application().processEvents(QEventLoop::WaitForMoreEvents, 20);
    }
    return false;
  }
  bool routed(const std::string& prefix, const std::string& words) {
    return wait_until(
        [&] { return plane.routes.contains(prefix) && plane.routes[prefix] == words; });
  }
  bool unrouted(const std::string& prefix) {
    return wait_until([&] { return !plane.routes.contains(prefix); });
  }
  std::string hop(uint32_t index, const std::string& gateway = "") {
    return std::to_string(index) + (gateway.empty() ? "" : " " + gateway);
  }

  QCoreApplication& loop = application();
  chassis::Forwarding forwarding;
  chassis::Chassis machine{*chassis::find_model("mx304"), forwarding};
  chassis::InterfaceTable table;
  Plane plane;
  std::unique_ptr<Routing> routing;
  uint32_t ethernet = 0, tunnel = 0;
  int tap = -1, tun = -1;
};

TEST_F(KernelTest, KnowsWhatWasThereBefore) {
  EXPECT_TRUE(routed("10.0.0.0/24", hop(ethernet)));
  EXPECT_TRUE(routed("2001:db8::/64", hop(ethernet)));
  EXPECT_THAT(plane.routes, Not(Contains(Key("fe80::/64"))));
  EXPECT_TRUE(wait_until([&] { return routing->routes().locals().size() == 3; }))
      << "two addresses and a link-local one";
}

TEST_F(KernelTest, FollowsRoutes) {
  ip("route add 2.2.2.0/24 dev st0.1 proto static");
  ip("route add 3.3.3.0/24 via 10.0.0.2");
  ip("route add blackhole 4.4.4.0/24");
  ip("route add unreachable 5.5.5.0/24");
  ip("route add default via 10.0.0.9");
  ip("-6 route add 2001:db8:7::/48 via 2001:db8::2");
  EXPECT_TRUE(routed("2.2.2.0/24", hop(tunnel)));
  EXPECT_TRUE(routed("3.3.3.0/24", hop(ethernet, "10.0.0.2")));
  EXPECT_TRUE(routed("4.4.4.0/24", "discard"));
  EXPECT_TRUE(routed("5.5.5.0/24", "reject"));
  EXPECT_TRUE(routed("0.0.0.0/0", hop(ethernet, "10.0.0.9")));
  EXPECT_TRUE(routed("2001:db8:7::/48", hop(ethernet, "2001:db8::2")));
  ip("route del 2.2.2.0/24");
  ip("route del blackhole 4.4.4.0/24");
  EXPECT_TRUE(unrouted("2.2.2.0/24"));
  EXPECT_TRUE(unrouted("4.4.4.0/24"));
}

TEST_F(KernelTest, FollowsMultipath) {
  ip("route add 6.6.6.0/24 nexthop via 10.0.0.2 nexthop via 10.0.0.3");
  ip("-6 route add 2001:db8:8::/48 nexthop via 2001:db8::2 nexthop via 2001:db8::3");
  EXPECT_TRUE(routed("6.6.6.0/24", hop(ethernet, "10.0.0.2") + ", " + hop(ethernet, "10.0.0.3")));
  EXPECT_TRUE(routed("2001:db8:8::/48",
                     hop(ethernet, "2001:db8::2") + ", " + hop(ethernet, "2001:db8::3")));
  ip("-6 route del 2001:db8:8::/48 via 2001:db8::3");
  EXPECT_TRUE(routed("2001:db8:8::/48", hop(ethernet, "2001:db8::2")));
}

TEST_F(KernelTest, PrefersTheLowestMetric) {
  ip("route add 6.6.6.0/24 via 10.0.0.2 metric 20");
  EXPECT_TRUE(routed("6.6.6.0/24", hop(ethernet, "10.0.0.2")));
  ip("route add 6.6.6.0/24 via 10.0.0.3 metric 10");
  EXPECT_TRUE(routed("6.6.6.0/24", hop(ethernet, "10.0.0.3")));
  ip("route del 6.6.6.0/24 metric 10");
  EXPECT_TRUE(routed("6.6.6.0/24", hop(ethernet, "10.0.0.2")));
}

TEST_F(KernelTest, NoticesWhatTheKernelDropsSilently) {
  ip("route add 3.3.3.0/24 via 10.0.0.2");
  ASSERT_TRUE(routed("3.3.3.0/24", hop(ethernet, "10.0.0.2")));
  ip("link set et-0_2_10.0 down");
  EXPECT_TRUE(unrouted("3.3.3.0/24"));
  EXPECT_TRUE(unrouted("10.0.0.0/24"));
}

TEST_F(KernelTest, UsesNoRouteByAPortWithoutCarrier) {
  ip("route add 3.3.3.0/24 via 10.0.0.2");
  ip("route add 6.6.6.0/24 nexthop via 10.0.0.2 nexthop dev st0.1");
  ASSERT_TRUE(routed("10.0.0.0/24", hop(ethernet)));
  ASSERT_TRUE(routed("6.6.6.0/24", hop(ethernet, "10.0.0.2") + ", " + hop(tunnel)));
  int carrier = 0;
  ASSERT_EQ(ioctl(tap, TUNSETCARRIER, &carrier), 0);
  EXPECT_TRUE(unrouted("10.0.0.0/24"));
  EXPECT_TRUE(unrouted("2001:db8::/64"));
  EXPECT_TRUE(unrouted("3.3.3.0/24"));
  EXPECT_TRUE(routed("6.6.6.0/24", hop(tunnel)));
  EXPECT_TRUE(wait_until([&] { return routing->routes().locals().size() == 3; }))
      << "addresses stay";
  carrier = 1;
  ASSERT_EQ(ioctl(tap, TUNSETCARRIER, &carrier), 0);
  EXPECT_TRUE(routed("10.0.0.0/24", hop(ethernet)));
  EXPECT_TRUE(routed("6.6.6.0/24", hop(ethernet, "10.0.0.2") + ", " + hop(tunnel)));
}

/// As a routing daemon adds one: `ip` asks for the device, and the kernel then looks at its
/// carrier.
int add_route(const char* prefix, uint8_t length, uint32_t device) {
  rtmsg header{};
  header.rtm_family = AF_INET;
  header.rtm_dst_len = length;
  header.rtm_table = RT_TABLE_MAIN;
  header.rtm_protocol = RTPROT_STATIC;
  header.rtm_scope = RT_SCOPE_LINK;
  header.rtm_type = RTN_UNICAST;
  in_addr address{};
  inet_pton(AF_INET, prefix, &address);
  chassis::Message message(RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE, header);
  message.attribute(RTA_DST, &address, sizeof address).attribute(RTA_OIF, device);
  return chassis::Netlink().request(message);
}

// The kernel tells of carriers at most once a second, so that a link which goes and comes back
// within it never looks down; but a route that is added meanwhile is one without carrier.
TEST_F(KernelTest, UsesARouteThatCameWhileItsLinkWasAwayForAMoment) {
  const auto carry = [&](int carrier) { ASSERT_EQ(ioctl(tun, TUNSETCARRIER, &carrier), 0); };
  const uint32_t device = if_nametoindex("st0.1");
  ip("route add 1.1.1.0/24 dev st0.1");
  ASSERT_TRUE(routed("1.1.1.0/24", hop(tunnel)));
  carry(0);
  ASSERT_TRUE(unrouted("1.1.1.0/24"));
  carry(1);
  ASSERT_TRUE(routed("1.1.1.0/24", hop(tunnel)));
  for (const std::string prefix : {"2.2.2.0", "3.3.3.0", "4.4.4.0"}) {
    carry(0);
    ASSERT_EQ(add_route(prefix.c_str(), 24, device), 0);
    carry(1);
    EXPECT_TRUE(routed(prefix + "/24", hop(tunnel)));
  }
}

// staticd is away here for good: what it had installed is used until it has settled again.
TEST_F(KernelTest, LingersUntilItsDaemonIsBack) {
  const auto before = configdb::sample::view(configdb::sample::tree(""));
  const auto after = configdb::sample::view(
      configdb::sample::tree("routing-options static route 2.2.2.0/24 next-hop st0.1"));
  bool applied = false;
  routing->apply({1, before, after}, [&] { applied = true; });
  ASSERT_TRUE(wait_until([&] { return applied; }));
  ip("route add 2.2.2.0/24 dev st0.1 proto static");
  ASSERT_TRUE(routed("2.2.2.0/24", hop(tunnel)));
  ip("route del 2.2.2.0/24");
  QElapsedTimer clock;
  clock.start();
  while (clock.elapsed() < 4500) application().processEvents(QEventLoop::WaitForMoreEvents, 20);
  EXPECT_THAT(plane.routes, Contains(Key("2.2.2.0/24")));
  routing->apply({2, after, before}, [] {});
  EXPECT_THAT(routing->static_routes(), ::testing::IsEmpty());
}

/// The process's netlink sockets.
std::set<int> netlink_sockets() {
  std::set<int> found;
  for (int fd = 0; fd < 256; ++fd) {
    int domain = 0;
    socklen_t size = sizeof domain;
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_NETLINK)
      found.insert(fd);
  }
  return found;
}

// EndOfSync sweeps what was not named: it must not come before the kernel's tables were read.
TEST_F(KernelTest, HoldsThePlaneUntilTheKernelWasRead) {
  const auto others = netlink_sockets();
  chassis::Forwarding held;
  Routing late(machine, held, table, {"/nowhere", "/nowhere"});
  std::vector<std::pair<int, int>> kept;
  const int nothing = open("/dev/null", O_RDWR);
  for (const int fd : netlink_sockets()) {
    if (others.contains(fd)) continue;
    kept.emplace_back(fd, dup(fd));
    dup2(nothing, fd);
  }
  close(nothing);
  ASSERT_FALSE(kept.empty());
  late.start();
  EXPECT_TRUE(held.held());
  for (const auto& [fd, copy] : kept) {
    dup2(copy, fd);
    close(copy);
  }
  EXPECT_TRUE(wait_until([&] { return !held.held(); }));
  EXPECT_GT(held.size(), 0u);
}

TEST_F(KernelTest, ForgetsAnInterfaceBeforeItGoes) {
  ip("route add 2.2.2.0/24 dev st0.1");
  ASSERT_TRUE(routed("2.2.2.0/24", hop(tunnel)));
  table.remove("st0.1");
  EXPECT_THAT(plane.routes, Not(Contains(Key("2.2.2.0/24")))) << "at once, not after the kernel";
}

TEST_F(KernelTest, FollowsNeighbours) {
  const std::string key = hop(ethernet, "10.0.0.2");
  ip("neigh add 10.0.0.2 lladdr 02:00:00:00:00:07 dev et-0_2_10.0 nud reachable");
  EXPECT_TRUE(wait_until([&] { return plane.neighbours[key] == std::string("\2\0\0\0\0\7", 6); }));
  ip("neigh del 10.0.0.2 dev et-0_2_10.0");
  EXPECT_TRUE(wait_until([&] { return !plane.neighbours.contains(key); }));
}

TEST_F(KernelTest, ProbesWhatGrewStale) {
  ip("neigh add 10.0.0.2 lladdr 02:00:00:00:00:07 dev et-0_2_10.0 nud stale");
  const std::string arp = std::string("\x08\x06", 2);
  EXPECT_TRUE(wait_until([&] {
    char frame[2048];
    const ssize_t length = ::read(tap, frame, sizeof frame);
    return length > 14 && std::string(frame + 12, 2) == arp &&
           std::string(frame, 6) == std::string("\2\0\0\0\0\7", 6);
  })) << "a unicast ARP request";
}

TEST_F(KernelTest, ResolvesWhatThePlaneWants) {
  pfe::api::Event event;
  event.mutable_neighbour_wanted()->set_interface(ethernet);
  event.mutable_neighbour_wanted()->set_address(std::string("\x0a\0\0\x05", 4));
  forwarding.deliver(event);
  EXPECT_TRUE(wait_until([&] {
    char frame[2048];
    const ssize_t length = ::read(tap, frame, sizeof frame);
    return length >= 42 && std::string(frame + 12, 2) == std::string("\x08\x06", 2) &&
           std::string(frame + 38, 4) == std::string("\x0a\0\0\x05", 4);
  })) << "an ARP request for 10.0.0.5";
}

/// Collects the text of an answer.
class TextReply : public mgmt::Reply {
 public:
  explicit TextReply(const grammar::Layout& layout)
      : out_(grammar::text_output(layout, [this](std::string_view piece) { text += piece; })) {}
  void open(std::string_view name) override { out_->open(name); }
  void leaf(std::string_view name, std::string_view value) override { out_->leaf(name, value); }
  void close() override { out_->close(); }
  void fail(std::string_view message) override { text = "error: " + std::string(message); }
  void message(std::string_view words) override { text += words; }
  void finish() override { out_.reset(); }
  bool cancelled() const override { return false; }

  std::string text;

 private:
  std::unique_ptr<grammar::Output> out_;
};

std::string show(Routing& routing, const std::string& rpc, const mgmt::Input& input) {
  mgmt::Registry registry;
  routing.add_rpcs(registry);
  const mgmt::Rpc* found = registry.find(rpc);
  auto reply = std::make_shared<TextReply>(*found->layout(input));
  found->call(input, reply);
  return std::regex_replace(reply->text, std::regex("\\] 00:00:[0-9]{2}"), "] AGE");
}

TEST_F(KernelTest, ShowsRoutesAsTheRouterPrintsThem) {
  ip("route add 2.2.2.0/24 dev st0.1 proto 196");
  ip("route add 3.3.3.0/24 nexthop via 10.0.0.2 nexthop via 10.0.0.3");
  ip("route add blackhole 4.4.4.0/24");
  ip("-6 route add 2001:db8:1234:5678::/64 via 2001:db8::2");
  ASSERT_TRUE(wait_until(
      [&] { return plane.routes.size() == 6 && routing->routes().locals().size() == 3; }));
  EXPECT_EQ(show(*routing, "get-route-information", {{"table", "inet.0"}}), R"(
inet.0: 5 destinations, 5 routes (5 active, 0 holddown, 0 hidden)
+ = Active Route, - = Last Active, * = Both

2.2.2.0/24         *[Static/5] AGE
                    > via st0.1
3.3.3.0/24         *[Static/5] AGE
                    > to 10.0.0.2 via et-0/2/10.0
                      to 10.0.0.3 via et-0/2/10.0
4.4.4.0/24         *[Static/5] AGE
                      Discard
10.0.0.0/24        *[Direct/0] AGE
                    > via et-0/2/10.0
10.0.0.1/32        *[Local/0] AGE
                      Local via et-0/2/10.0
)");
  EXPECT_EQ(show(*routing, "get-route-information", {{"destination", "2001:db8:1234:5678::9"}}), R"(
inet6.0: 4 destinations, 4 routes (4 active, 0 holddown, 0 hidden)
+ = Active Route, - = Last Active, * = Both

2001:db8:1234:5678::/64
                   *[Static/5] AGE
                    > to 2001:db8::2 via et-0/2/10.0
)");
  EXPECT_EQ(show(*routing, "get-route-information", {{"destination", "9.9.9.9"}}), "");
}

TEST_F(KernelTest, ShowsThePreferenceOfTheNextHopInUse) {
  const auto before = configdb::sample::view(configdb::sample::tree(""));
  routing->apply({1, before,
                  configdb::sample::view(configdb::sample::tree(
                      "routing-options static route 3.3.3.0/24 next-hop 10.0.0.2\n"
                      "routing-options static route 3.3.3.0/24 qualified-next-hop 10.0.0.3 "
                      "preference 20"))},
                 [] {});
  ip("route add 3.3.3.0/24 via 10.0.0.3 proto 196");
  ip("route add 4.4.4.0/24 via 10.0.0.3 proto 99");
  ASSERT_TRUE(routed("3.3.3.0/24", hop(ethernet, "10.0.0.3")));
  ASSERT_TRUE(routed("4.4.4.0/24", hop(ethernet, "10.0.0.3")));
  const std::string shown = show(*routing, "get-route-information", {{"table", "inet.0"}});
  EXPECT_THAT(shown, ::testing::HasSubstr("3.3.3.0/24         *[Static/20]"));
  EXPECT_THAT(shown, ::testing::HasSubstr("4.4.4.0/24         *[Unknown/0]"));
  ip("route replace 3.3.3.0/24 via 10.0.0.2 proto 196");
  ASSERT_TRUE(routed("3.3.3.0/24", hop(ethernet, "10.0.0.2")));
  EXPECT_THAT(show(*routing, "get-route-information", {{"table", "inet.0"}}),
              ::testing::HasSubstr("3.3.3.0/24         *[Static/5]"));
}

TEST_F(KernelTest, ShowsNeighboursAsTheRouterPrintsThem) {
  ip("neigh add 10.0.0.2 lladdr 02:00:00:00:00:07 dev et-0_2_10.0 nud permanent");
  ip("neigh add 2001:db8::2 lladdr 02:00:00:00:00:08 dev et-0_2_10.0 nud permanent");
  ASSERT_TRUE(wait_until([&] { return plane.neighbours.size() == 2; }));
  EXPECT_EQ(
      show(*routing, "get-arp-table-information", {}),
      R"(MAC Address       Address         Name                      Interface               Flags
02:00:00:00:00:07 10.0.0.2        10.0.0.2                  et-0/2/10.0             permanent
Total entries: 1
)");
  EXPECT_EQ(show(*routing, "get-ipv6-nd-information", {}),
            R"(IPv6 Address                 Linklayer Address  State       Exp Rtr Secure Interface
2001:db8::2                  02:00:00:00:00:08  reachable   0   no  no     et-0/2/10.0
Total entries: 1
)");
}

TEST_F(KernelTest, ReadsAllAgainAfterALoss) {
  // More than the socket holds while nobody reads.
  std::ofstream batch("/tmp/nezu-routes.batch");
  for (int i = 0; i < 60000; ++i)
    batch << "route add 100." << i / 256 << "." << i % 256 << ".0/24 via 10.0.0.2\n";
  batch.close();
  ip("-batch /tmp/nezu-routes.batch");
  unlink("/tmp/nezu-routes.batch");
  EXPECT_TRUE(wait_until([&] { return plane.routes.size() >= 60000; })) << plane.routes.size();
}

}  // namespace
}  // namespace nezu::routing
