#include "services/system/probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nezu::system {
namespace {

using testing::ElementsAre;

TEST(Ping, ArgumentsBecomeTheProgramsOptions) {
  EXPECT_THAT(ping_command({{"host", "2.2.2.2"}, {"count", "3"}, {"source", "1.1.1.1"}}),
              ElementsAre("ping", "-n", "-c", "3", "-I", "1.1.1.1", "--", "2.2.2.2"));
  EXPECT_THAT(ping_command({{"host", "::1"}, {"rapid", ""}, {"inet6", ""}}),
              ElementsAre("ping", "-n", "-6", "-i", "0.01", "-c", "5", "--", "::1"));
  EXPECT_THAT(ping_command({{"host", "h"}, {"do-not-fragment", ""}, {"size", "1472"}}),
              ElementsAre("ping", "-n", "-s", "1472", "-M", "do", "--", "h"));
}

TEST(Ping, LinesAreTheRouters) {
  EXPECT_EQ(ping_line("PING 2.2.2.2 (2.2.2.2) from 1.1.1.1 : 56(84) bytes of data."),
            "PING 2.2.2.2 (2.2.2.2): 56 data bytes");
  EXPECT_EQ(ping_line("PING 2001:2::2(2001:2::2) 56 data bytes"),
            "PING 2001:2::2 (2001:2::2): 56 data bytes");
  EXPECT_EQ(ping_line("64 bytes from 2.2.2.2: icmp_seq=1 ttl=63 time=0.56 ms"),
            "64 bytes from 2.2.2.2: icmp_seq=0 ttl=63 time=0.56 ms");
  EXPECT_EQ(ping_line("3 packets transmitted, 2 received, 33.3333% packet loss, time 812ms"),
            "3 packets transmitted, 2 packets received, 33.3333% packet loss");
  EXPECT_EQ(ping_line("rtt min/avg/max/mdev = 0.408/0.714/1.789/0.537 ms, pipe 2"),
            "round-trip min/avg/max/stddev = 0.408/0.714/1.789/0.537 ms");
  EXPECT_EQ(ping_line("--- 2.2.2.2 ping statistics ---"), "--- 2.2.2.2 ping statistics ---");
}

TEST(Ping, ProblemsAreTheRouters) {
  EXPECT_EQ(ping_line("/usr/bin/ping: connect: Network is unreachable"),
            "ping: sendto: No route to host");
  EXPECT_EQ(ping_line("/usr/bin/ping: local error: message too long, mtu=1500"),
            "ping: sendto: Message too long");
  EXPECT_EQ(ping_line("ping: r9: Temporary failure in name resolution"),
            "ping: cannot resolve r9: Host name lookup failure");
  EXPECT_EQ(ping_line("/usr/bin/ping: r9: Name or service not known"),
            "ping: cannot resolve r9: Unknown host");
  EXPECT_EQ(ping_line("2 packets transmitted, 0 received, +2 errors, 100% packet loss, time 1ms"),
            "2 packets transmitted, 0 packets received, 100% packet loss");
}

TEST(Ping, RapidIsAMarkARequest) {
  RapidPing rapid(3);
  EXPECT_EQ(rapid("PING 2.2.2.2 (2.2.2.2) 56(84) bytes of data."),
            "PING 2.2.2.2 (2.2.2.2): 56 data bytes");
  EXPECT_EQ(rapid("64 bytes from 2.2.2.2: icmp_seq=1 ttl=63 time=0.56 ms"), std::nullopt);
  EXPECT_EQ(rapid("64 bytes from 2.2.2.2: icmp_seq=3 ttl=63 time=0.56 ms"), std::nullopt);
  EXPECT_EQ(rapid(""), std::nullopt);
  EXPECT_EQ(rapid("--- 2.2.2.2 ping statistics ---"), "!!.\n--- 2.2.2.2 ping statistics ---");
}

TEST(Traceroute, ArgumentsBecomeTheProgramsOptions) {
  EXPECT_THAT(traceroute_command({{"host", "2.2.2.2"}, {"no-resolve", ""}, {"wait", "1"}}),
              ElementsAre("traceroute", "-n", "-w", "1", "--", "2.2.2.2"));
}

TEST(Traceroute, ProblemsAreTheRouters) {
  EXPECT_EQ(traceroute_line("r9: Name or service not known"), "traceroute: unknown host r9");
  EXPECT_EQ(traceroute_line("Cannot handle \"host\" cmdline arg `r9' on position 1 (argc 1)"),
            std::nullopt);
  EXPECT_EQ(traceroute_line(" 1  10.0.0.1  0.4 ms"), " 1  10.0.0.1  0.4 ms");
}

}  // namespace
}  // namespace nezu::system
