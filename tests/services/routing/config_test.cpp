#include "services/routing/config.h"

#include <gmock/gmock.h>

#include "tests/configdb/sample.h"

namespace nezu::routing {
namespace {

using configdb::sample::tree;
using configdb::sample::view;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::set<std::string> lines_of(const std::string& configuration) {
  chassis::InterfaceTable table;
  table.add("st0.1");
  table.add("et-0/2/10.0");
  return frr_lines(read(view(tree(configuration))), table);
}

std::vector<std::string> messages_of(const std::string& configuration) {
  std::vector<std::string> messages;
  for (const auto& problem : check(view(tree(configuration))))
    messages.push_back(problem.statement + ": " + problem.message);
  return messages;
}

TEST(Config, InsertedRoutesAreMoreNextHops) {
  const auto routes =
      read(view(tree("routing-options static route 2.2.2.0/24 next-hop 16.1.1.1\n"
                     "routing-options static route 9.9.9.0/24 discard")));
  StaticRoute inserted;
  inserted.next_hops = {{"st0.1", 7}};
  const auto both = merged(
      routes, {{"2.2.2.0/24", inserted}, {"3.3.3.0/24", inserted}, {"9.9.9.0/24", inserted}});
  chassis::InterfaceTable table;
  table.add("st0.1");
  EXPECT_THAT(frr_lines(both, table),
              ElementsAre("ip route 2.2.2.0/24 16.1.1.1 5", "ip route 2.2.2.0/24 st0.1 7",
                          "ip route 3.3.3.0/24 st0.1 7", "ip route 9.9.9.0/24 blackhole 5"));
}

TEST(Config, SpeaksFrr) {
  EXPECT_THAT(lines_of("routing-options static route 2.2.2.0/24 next-hop st0.1"),
              ElementsAre("ip route 2.2.2.0/24 st0.1 5"));
  EXPECT_THAT(lines_of("routing-options static route 0.0.0.0/0 next-hop 16.1.1.1"),
              ElementsAre("ip route 0.0.0.0/0 16.1.1.1 5"));
  EXPECT_THAT(lines_of("routing-options static route 9.9.9.0/24 discard"),
              ElementsAre("ip route 9.9.9.0/24 blackhole 5"));
  EXPECT_THAT(lines_of("routing-options static route 9.9.9.0/24 reject"),
              ElementsAre("ip route 9.9.9.0/24 reject 5"));
  EXPECT_THAT(lines_of("routing-options rib inet6.0 static route 2001:db8::/32 next-hop 1611::1"),
              ElementsAre("ipv6 route 2001:db8::/32 1611::1 5"));
  EXPECT_THAT(lines_of("routing-options static route 9.0.0.0/8 next-hop et-0/2/10.0"),
              ElementsAre("ip route 9.0.0.0/8 et-0_2_10.0 5"));
}

TEST(Config, HasSeveralHopsAndPreferences) {
  EXPECT_THAT(
      lines_of("routing-options static route 9.9.9.0/24 next-hop 16.1.1.1\n"
               "routing-options static route 9.9.9.0/24 next-hop 16.1.1.3\n"
               "routing-options static route 9.9.9.0/24 preference 7\n"
               "routing-options static route 9.9.9.0/24 qualified-next-hop st0.1 preference 20"),
      ElementsAre("ip route 9.9.9.0/24 16.1.1.1 7", "ip route 9.9.9.0/24 16.1.1.3 7",
                  "ip route 9.9.9.0/24 st0.1 20"));
}

// FRR shows no distance of 1; a line that has one would be told again and removed for ever.
TEST(Config, LeavesOutTheDistanceThatFrrLeavesOut) {
  const std::string first = "routing-options static route 9.9.9.0/24 preference 1\n";
  EXPECT_THAT(lines_of(first + "routing-options static route 9.9.9.0/24 next-hop 16.1.1.1"),
              ElementsAre("ip route 9.9.9.0/24 16.1.1.1"));
  EXPECT_THAT(lines_of(first + "routing-options static route 9.9.9.0/24 discard"),
              ElementsAre("ip route 9.9.9.0/24 blackhole"));
}

TEST(Config, TellsOfTablesThatAreNotThere) {
  const std::string route = " static route 2.2.2.0/24 discard";
  for (const char* table : {"inet.2", "blue.inet.0", "blue.inet6.0"}) {
    const std::string line = std::string("routing-options rib ") + table + route;
    EXPECT_THAT(messages_of(line), ElementsAre(HasSubstr("static: routes of this table"))) << table;
    EXPECT_TRUE(check(view(tree(line))).front().warning);
    EXPECT_THAT(lines_of(line), IsEmpty());
  }
  EXPECT_THAT(messages_of("routing-options rib inet.0" + route), IsEmpty());
}

TEST(Config, RefusesWhatCannotWork) {
  const std::string interface = "interfaces st0 unit 1 family inet\n";
  EXPECT_THAT(messages_of(interface + "routing-options static route 2.2.2.0/24 next-hop st0.1"),
              IsEmpty());
  EXPECT_THAT(messages_of("routing-options static route 2.2.2.0/24 next-hop st0.1"),
              ElementsAre("next-hop st0.1: interface st0.1 is not configured"));
  EXPECT_THAT(messages_of("routing-options static route 2.2.2.0/24 next-hop 1611::1"),
              ElementsAre(HasSubstr("address family")));
  EXPECT_THAT(messages_of("routing-options static route 2001:db8::/32 discard"),
              ElementsAre(HasSubstr("address family of the routing table")));
  EXPECT_THAT(messages_of("routing-options static route 2.2.2.0/24 discard\n"
                          "routing-options static route 2.2.2.0/24 preference 255"),
              ElementsAre(HasSubstr("preference 255 is not supported here")));
  EXPECT_THAT(messages_of("routing-options static route 2.2.2.0/24 metric 5"),
              ElementsAre(HasSubstr("no next hop")));
}

TEST(Config, ARouteWithoutANextHopIsAStatementOfTheLevelAbove) {
  const auto root = tree("routing-options static route 2.2.2.0/24 metric 5");
  const auto problems = check(view(root));
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_THAT(problems[0].path, ElementsAre("routing-options", "static"));
  EXPECT_EQ(problems[0].statement, "route 2.2.2.0/24");
}

TEST(Config, ReportsEverythingAtOnce) {
  EXPECT_EQ(messages_of("routing-options static route 2.2.2.0/24 next-hop st0.7\n"
                        "routing-options static route 3.3.3.0/24 next-hop st0.8")
                .size(),
            2u);
}

}  // namespace
}  // namespace nezu::routing
