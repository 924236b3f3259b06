#include "services/state/lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "configdb/node.h"
#include "tests/services/state/configuration.h"

namespace nezu::state {
namespace {

using configdb::View;
using testing::ElementsAre;

const std::vector<std::string> kClaims{"security ike", "security ipsec", "services service-set",
                                       "interfaces interface"};

std::vector<std::string> changes(const View& before, const View& after) {
  return change_lines(before, after, kClaims);
}

const std::vector<std::string> kBase{
    "set system host-name peer1",
    "set services service-set ss1 next-hop-service inside-service-interface si-0/0/0.0",
    "set services service-set ss1 ipsec-vpn ipsec_vpn",
    "set security ike proposal ike_prop description \"IKE \\\"quoted\\\" Proposal\"",
    "set security ike policy ike_policy proposals ike_prop",
    "set security ike policy ike_policy pre-shared-key ascii-text \"test 123\"",
    "set security ike gateway ike_gw address 16.1.1.1",
    "set security ike gateway ike_gw dead-peer-detection",
    "set security ipsec vpn ipsec_vpn copy-outer-dscp",
    "set security ipsec vpn ipsec_vpn bind-interface st0.1",
    "set interfaces et-0/0/0 unit 0 family inet address 1.1.1.1/24",
    "set interfaces st0 unit 1 family inet",
};

TEST(ChangeLines, NothingForEqualTrees) {
  EXPECT_THAT(changes(tree(kBase), tree(kBase)), ElementsAre());
}

TEST(ChangeLines, WholeTreeComesBack) {
  const View base = tree(kBase);
  const auto lines = changes(View(), base);
  const View copy = tree(lines);
  EXPECT_THAT(changes(base, copy), ElementsAre());
  EXPECT_EQ(copy["security"]["ike"].entry("proposal", "ike_prop")["description"].value(),
            "IKE \"quoted\" Proposal");
  EXPECT_EQ(
      copy["security"]["ike"].entry("policy", "ike_policy")["pre-shared-key"]["ascii-text"].value(),
      "test 123");
  EXPECT_FALSE(copy["system"]) << "what is not claimed does not travel";
}

// What a value holds must not end its line, or one description takes the daemon's whole
// configuration away.
TEST(ChangeLines, AnyCharacterOfAValueTravels) {
  for (const std::string odd : {"two\\nlines", "a\ttab", "\\\"quote\\\"", "back\\\\slash", "a | b",
                                "# no comment", "/* nor this */", "a;b{c}[d]", "\\n", "ö"}) {
    const View base =
        tree({"set security ike proposal p description \"" + odd + "\"",
              "set security ike policy q pre-shared-key ascii-text \"" + odd + "x\""});
    const auto value = base["security"]["ike"].entry("proposal", "p")["description"].value();
    const auto lines = changes(View(), base);
    for (const auto& line : lines) EXPECT_EQ(line.find('\n'), line.npos) << line;
    const View copy = tree(lines);
    EXPECT_EQ(copy["security"]["ike"].entry("proposal", "p")["description"].value(), value);
    EXPECT_THAT(changes(base, copy), ElementsAre()) << odd;
  }
}

TEST(ChangeLines, LineThatDoesNotFitIsNamedWithoutItsSecret) {
  google::protobuf::RepeatedPtrField<std::string> lines;
  *lines.Add() = "set security ike gateway g address 1.1.1.1";
  *lines.Add() = "set security ike policy q pre-shared-key ascii-text topsecret nonsense";
  std::string problem;
  EXPECT_FALSE(read_lines(empty_tree(schema()), lines, problem));
  EXPECT_THAT(problem, testing::HasSubstr("line 2 of 2"));
  EXPECT_THAT(problem, testing::HasSubstr("security ike policy pre-shared-key"));
  EXPECT_THAT(problem, testing::Not(testing::HasSubstr("topsecret")));
}

TEST(ChangeLines, SayOnlyWhatDiffers) {
  const View base = tree(kBase);
  EXPECT_THAT(changes(base, edited(base, {"set security ike gateway ike_gw version v2-only"})),
              ElementsAre("set security ike gateway ike_gw version v2-only"));
  EXPECT_THAT(changes(base, edited(base, {"delete security ipsec vpn ipsec_vpn copy-outer-dscp"})),
              ElementsAre("delete security ipsec vpn ipsec_vpn copy-outer-dscp"));
  EXPECT_THAT(changes(base, edited(base, {"delete interfaces et-0/0/0"})),
              ElementsAre("delete interfaces et-0/0/0"));
}

TEST(ChangeLines, FlagsPresenceAndEmptyEntries) {
  const View base = tree(kBase);
  const View after = edited(base, {"set interfaces st0 unit 2", "set interfaces st0 unit 1 disable",
                                   "set security ike gateway gw2 dead-peer-detection interval 20"});
  EXPECT_THAT(changes(base, edited(base, changes(base, after))),
              testing::ElementsAreArray(changes(base, after)));
  EXPECT_THAT(changes(after, edited(base, changes(base, after))), ElementsAre());
}

TEST(ChangeLines, OrderOfUserOrderedEntriesTravels) {
  const View first =
      tree({"set security ike policy p proposals a", "set security ike policy p proposals b",
            "set security ike proposal x", "set security ike proposal y"});
  const View second =
      tree({"set security ike policy p proposals b", "set security ike policy p proposals a",
            "set security ike proposal y", "set security ike proposal x"});
  const View made = edited(first, changes(first, second));
  EXPECT_EQ(made["security"]["ike"].entry("policy", "p").values("proposals"),
            (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(made["security"]["ike"].entries("proposal").front().key(), "y");
}

TEST(ChangeLines, MemberOfAChoiceMakesRoomForAnother) {
  const View base = tree(kBase);
  const View after =
      edited(base, {"set security ike policy ike_policy pre-shared-key hexadecimal 0a0b"});
  const View made = edited(base, changes(base, after));
  EXPECT_THAT(changes(made, after), ElementsAre());
}

// Any two trees: the lines turn one into the other.
TEST(ChangeLines, TurnAnyTreeIntoAnyOther) {
  const std::vector<std::string> pool{
      "security ike proposal a dh-group group14",
      "security ike proposal a dh-group group19",
      "security ike proposal b",
      "security ike policy p proposals a",
      "security ike policy p proposals b",
      "security ike policy p pre-shared-key ascii-text \"a b\"",
      "security ike policy p pre-shared-key hexadecimal 00",
      "security ike gateway g address 1.1.1.1",
      "security ike gateway g address 2.2.2.2",
      "security ike gateway g dead-peer-detection always-send",
      "security ike gateway g dead-peer-detection optimized",
      "security ike gateway g local-identity hostname \"x y\"",
      "security ike gateway g local-identity inet 1.2.3.4",
      "security ipsec vpn v ike no-anti-replay",
      "security ipsec vpn v ike anti-replay-window-size 128",
      "security ipsec vpn v copy-outer-dscp",
      "interfaces st0 unit 1 family inet",
      "interfaces st0 unit 1 family inet6 address 1::1/64",
      "interfaces st0 unit 2",
      "interfaces et-0/0/0 disable",
      "services service-set s ipsec-vpn v",
      "services service-set s ipsec-vpn w",
  };
  std::mt19937 random(7);
  const auto any = [&] {
    std::vector<std::string> lines;
    for (int i = 0; i < 12; ++i) lines.push_back("set " + pool[random() % pool.size()]);
    return tree(lines);
  };
  for (int i = 0; i < 300; ++i) {
    const View before = any(), after = any();
    const auto lines = changes(before, after);
    const View made = edited(before, lines);
    ASSERT_TRUE(configdb::equal(made.node(), after.node()))
        << testing::PrintToString(lines) << "\n"
        << testing::PrintToString(changes(made, after));
  }
}

}  // namespace
}  // namespace nezu::state
