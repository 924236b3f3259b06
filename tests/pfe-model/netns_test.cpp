// The real nezu-pfe between two hosts, over its real API.
//
//   host1 h1 ─── w1 [port 1] nezu-pfe [port 2] w2 ─── h2 host2
//   10.0.1.2/24      10.0.1.1         10.0.2.1      10.0.2.2/24
//   fd01::2/64       fd01::1          fd02::1       fd02::2/64
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "router.h"

namespace nezu::pfe::test {
namespace {

#define NEEDS_ROOT() \
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: network namespaces need root"

const std::string kMac1 = "02:00:00:00:01:01", kMac2 = "02:00:00:00:02:01";
const std::string kHost1 = "02:00:00:00:01:02", kHost2 = "02:00:00:00:02:02";

/// Tests run side by side: each process has namespaces of its own.
std::string own(const std::string& name) {
  return name + std::to_string(::getpid());
}

class Host {
 public:
  Host(const std::string& space, const std::string& device, const std::string& own_mac,
       const std::string& peer_space, const std::string& peer_device)
      : name(space), device_(device) {
    sh("ip netns del " + name);
    sh("ip netns add " + name);
    sh("ip -n " + name + " link set lo up");
    sh("ip link add " + device + " address " + own_mac + " netns " + name +
       " type veth peer name " + peer_device + " netns " + peer_space);
    sh("ip -n " + name + " link set " + device + " up");
    sh("ip -n " + peer_space + " link set " + peer_device + " up");
  }
  ~Host() { sh("ip netns del " + name); }
  void address(const std::string& with_length, const std::string& gateway) {
    sh("ip -n " + name + " addr add " + with_length + " dev " + device_ + " nodad");
    sh("ip -n " + name + " route add default via " + gateway);
  }
  int run(const std::string& command) const { return sh("ip netns exec " + name + " " + command); }
  std::string output(const std::string& command) const {
    return output_of("ip netns exec " + name + " " + command);
  }
  const std::string name;

 private:
  std::string device_;
};

struct Plain {
  Router router{own("nzr")};
  Host host1{own("nzh1"), "h1", kHost1, router.ports(), "w1"};
  Host host2{own("nzh2"), "h2", kHost2, router.ports(), "w2"};

  explicit Plain(bool neighbours, uint32_t second_pfe = 0) {
    host1.address("10.0.1.2/24", "10.0.1.1");
    host1.address("fd01::2/64", "fd01::1");
    host2.address("10.0.2.2/24", "10.0.2.1");
    host2.address("fd02::2/64", "fd02::1");
    router.add_port(1, "w1", kMac1);
    router.add_port(2, "w2", kMac2, second_pfe);
    router.add_address(1, "10.0.1.1", 24);
    router.add_address(1, "fd01::1", 64);
    router.add_address(2, "10.0.2.1", 24);
    router.add_address(2, "fd02::1", 64);
    if (!neighbours) return;
    router.add_neighbour(1, "10.0.1.2", kHost1);
    router.add_neighbour(1, "fd01::2", kHost1);
    router.add_neighbour(2, "10.0.2.2", kHost2);
    router.add_neighbour(2, "fd02::2", kHost2);
  }
};

/// Moves 50 MB over TCP; empty when all arrived.
std::string transfer(const Host& from, const Host& to, const std::string& to_address) {
  const std::string server =
      "timeout 20 python3 -c \"import socket;"
      "s=socket.create_server(('" +
      to_address + "',5001),family=socket.AF_INET6 if ':' in '" + to_address +
      "' else socket.AF_INET);c,_=s.accept();n=0\n"
      "while True:\n d=c.recv(1<<20)\n if not d: break\n n+=len(d)\nprint(n)\"";
  const std::string client =
      "timeout 20 python3 -c \"import socket,time;time.sleep(0.4);"
      "s=socket.create_connection(('" +
      to_address + "',5001));s.sendall(bytes(50000000));s.close()\"";
  const std::string out = output_of("ip netns exec " + to.name + " " + server + " & sleep 0.3; " +
                                    "ip netns exec " + from.name + " " + client + "; wait");
  return out == "50000000\n" ? "" : out;
}

TEST(Netns, ForwardsPingsOfBothFamilies) {
  NEEDS_ROOT();
  Plain lab(true);
  lab.router.start();
  EXPECT_EQ(lab.host1.run("ping -c 5 -i 0.05 -W 1 10.0.2.2"), 0) << lab.router.report();
  EXPECT_EQ(lab.host2.run("ping -c 5 -i 0.05 -W 1 fd01::2"), 0) << lab.router.report();
  EXPECT_GE(lab.router.count("forwarded"), 20u);
}

TEST(Netns, AnswersForTheRouterItself) {
  NEEDS_ROOT();
  Plain lab(true);
  lab.router.start();
  EXPECT_EQ(lab.host1.run("ping -c 3 -i 0.05 -W 1 10.0.1.1"), 0) << lab.router.report();
  EXPECT_EQ(lab.host1.run("ping -c 3 -i 0.05 -W 1 10.0.2.1"), 0) << lab.router.report();
  EXPECT_EQ(lab.host1.run("ping -c 3 -i 0.05 -W 1 fd01::1"), 0) << lab.router.report();
}

TEST(Netns, HostForwardsUntilNeighboursAreKnown) {
  NEEDS_ROOT();
  Plain lab(false);
  lab.router.start();
  EXPECT_EQ(lab.host1.run("ping -c 3 -i 0.05 -W 2 10.0.2.2"), 0) << lab.router.report();
  EXPECT_EQ(lab.host1.run("ping -c 3 -i 0.05 -W 2 fd02::2"), 0) << lab.router.report();
  EXPECT_GE(lab.router.count("exception-neighbour"), 3u);
}

TEST(Netns, TimeExceededAndUnreachableComeFromTheHost) {
  NEEDS_ROOT();
  Plain lab(true);
  lab.router.start();
  EXPECT_NE(lab.host1.output("ping -c 1 -t 1 -W 1 10.0.2.2").find("Time to live exceeded"),
            std::string::npos)
      << lab.router.report();
  EXPECT_NE(lab.host1.output("ping -c 1 -W 1 192.0.2.1").find("Unreachable"), std::string::npos)
      << lab.router.report();
  EXPECT_NE(lab.host1.output("ping -c 1 -t 1 -W 1 fd02::2").find("Hop limit"), std::string::npos)
      << lab.router.report();
}

TEST(Netns, CarriesTcpWithOffloads) {
  NEEDS_ROOT();
  for (const auto receive : {api::Port::RECEIVE_SMALL, api::Port::RECEIVE_LARGE})
    for (const uint32_t second_pfe : {0u, 1u}) {
      Plain lab(true, second_pfe);
      lab.router.receive = receive;
      lab.router.start();
      EXPECT_EQ(transfer(lab.host1, lab.host2, "10.0.2.2"), "") << lab.router.report();
      EXPECT_EQ(transfer(lab.host2, lab.host1, "fd01::2"), "") << lab.router.report();
      EXPECT_GE(lab.router.count("fabric-output"), second_pfe * 100u);
    }
}

TEST(Netns, ForwardsAgainAfterAKill) {
  NEEDS_ROOT();
  Plain lab(true);
  lab.router.start();
  ASSERT_EQ(lab.host1.run("ping -c 2 -i 0.05 -W 1 10.0.2.2"), 0);
  lab.router.kill();
  EXPECT_NE(lab.host1.run("ping -c 2 -i 0.05 -W 1 10.0.2.2"), 0);
  lab.router.start();
  EXPECT_EQ(lab.host1.run("ping -c 2 -i 0.05 -W 1 10.0.2.2"), 0) << lab.router.report();
  lab.router.send_all();  // the RE was restarted: same sockets once more
  EXPECT_EQ(lab.host1.run("ping -c 2 -i 0.05 -W 1 10.0.2.2"), 0) << lab.router.report();
}

}  // namespace
}  // namespace nezu::pfe::test
