// The real nezu-pfe between two hosts, over its real API.
//
//   host1 h1 ─── w1 [port 1] nezu-pfe [port 2] w2 ─── h2 host2
//   10.0.1.2/24      10.0.1.1         10.0.2.1      10.0.2.2/24
//   fd01::2/64       fd01::1          fd02::1       fd02::2/64
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "host.h"
#include "router.h"

namespace nezu::pfe::test {
namespace {

const std::string kMac1 = "02:00:00:00:01:01", kMac2 = "02:00:00:00:02:01";
const std::string kHost1 = "02:00:00:00:01:02", kHost2 = "02:00:00:00:02:02";

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

TEST(Netns, ForwardsPingsOfBothFamilies) {
  NEEDS_ROOT();
  Plain lab(true);
  lab.router.start();
  EXPECT_EQ(lab.host1.run("ping -c 5 -i 0.05 -W 1 10.0.2.2"), 0) << lab.router.report();
  EXPECT_EQ(lab.host2.run("ping -c 5 -i 0.05 -W 1 fd01::2"), 0) << lab.router.report();
  EXPECT_GE(lab.router.count("forwarded"), 20u);
}

TEST(Netns, LeavesNoCoreFile) {
  NEEDS_ROOT();
  Plain lab(true);
  lab.router.start();
  const std::string proc = "/proc/" + std::to_string(lab.router.pid());
  EXPECT_EQ(sh("grep -E 'core file size +0 +0' " + proc + "/limits"), 0);
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
