#include "configdb/interface_range.h"

#include <gtest/gtest.h>

#include "effective.h"

namespace nezu::configdb {
namespace {

using namespace sample;

TEST(InterfaceRanges, MakeAndFillTheirMembers) {
  EXPECT_EQ(effective("set interfaces interface-range r member et-0/0/5\n"
                      "set interfaces interface-range r member-range et-0/0/0 to et-0/0/1\n"
                      "set interfaces interface-range r mtu 2000\n"
                      "set interfaces interface-range r unit 0 family inet mtu 1400\n"
                      "set interfaces interface-range s member \"et-0/0/[1,5]\"\n"
                      "set interfaces interface-range s mtu 3000\n"
                      "set interfaces interface-range s description s\n"
                      "set interfaces et-0/0/5 mtu 4000\n"
                      "set groups g interfaces <et-0/0/[0-1]> description g\n"
                      "set apply-groups g\n"),
            "set interfaces et-0/0/0 description g\n"
            "set interfaces et-0/0/0 mtu 2000\n"
            "set interfaces et-0/0/0 unit 0 family inet mtu 1400\n"
            "set interfaces et-0/0/1 description s\n"
            "set interfaces et-0/0/1 mtu 2000\n"
            "set interfaces et-0/0/1 unit 0 family inet mtu 1400\n"
            "set interfaces et-0/0/5 description s\n"
            "set interfaces et-0/0/5 mtu 4000\n"
            "set interfaces et-0/0/5 unit 0 family inet mtu 1400\n");
}

std::string range_problem(const std::string& lines) {
  const NodePtr root = load(lines);
  return wrong_with_range(*find(root, path("interfaces interface-range r")));
}

TEST(InterfaceRanges, SayWhatIsWrong) {
  const std::string range = "set interfaces interface-range r ";
  EXPECT_EQ(range_problem(range + "mtu 2000\n"), "no members in the range");
  EXPECT_EQ(range_problem(range + "member \"et-0/0/[3-1]\"\n"), "invalid member 'et-0/0/[3-1]'");
  EXPECT_EQ(range_problem(range + "member \"et-[0-9999]/[0-9999]/[0-9999]\"\n"),
            "more than 10000 members in the range");
  EXPECT_EQ(range_problem(range + "member \"*********[\"\n"), "invalid member '*********['");
  EXPECT_EQ(range_problem(range + "member-range et-0/0/3 to et-0/0/1\n"),
            "invalid member-range 'et-0/0/3 to et-0/0/1'");
  EXPECT_EQ(range_problem(range + "member-range et-0/0/46 to et-0/1/1\n"), "");
  EXPECT_EQ(range_problem(range + "member \"et-0/0/[99999999999999999999]\"\n"),
            "invalid member 'et-0/0/[99999999999999999999]'");
  EXPECT_EQ(range_problem(range + "member \"et-0/0/[0-4294967295]\"\n"),
            "invalid member 'et-0/0/[0-4294967295]'");
}

std::string members(const std::string& range) {
  const NodePtr root = load("set interfaces interface-range r " + range);
  std::string all;
  for (const std::string& name : members_of(*find(root, path("interfaces interface-range r"))))
    all += (all.empty() ? "" : " ") + name;
  return all;
}

TEST(InterfaceRanges, GoFromPortToPort) {
  EXPECT_EQ(members("member-range et-0/0/46 to et-0/1/1"), "et-0/0/46 et-0/0/47 et-0/1/0 et-0/1/1");
  EXPECT_EQ(
      members("member-range et-0/2/47 to et-1/0/0"), members("member \"et-0/2/47\"") + " " + [] {
        std::string all;
        for (int pic = 3; pic < 48; ++pic)
          for (int port = 0; port < 48; ++port)
            all += "et-0/" + std::to_string(pic) + "/" + std::to_string(port) + " ";
        return all + "et-1/0/0";
      }());
  // Beyond what a PIC has where the range says so.
  EXPECT_EQ(members("member-range et-0/0/46 to et-0/0/49"),
            "et-0/0/46 et-0/0/47 et-0/0/48 et-0/0/49");
  EXPECT_EQ(members("member \"et-0/0/[4294967295]\""), "et-0/0/4294967295");
}

// Elsewhere the name of a range stands for its members; what is said of one itself is stronger.
TEST(InterfaceRanges, StandForTheirMembersElsewhere) {
  const std::string ospf = "set protocols ospf area 0.0.0.0 interface ";
  const std::string range = "set interfaces interface-range r member \"et-0/0/[1-2]\"\n";
  const std::string members = "set interfaces et-0/0/1\nset interfaces et-0/0/2\n";
  EXPECT_EQ(effective(range + ospf + "r metric 5\n" + ospf + "r priority 1\n" + ospf +
                      "et-0/0/2 metric 7\n" + ospf + "all metric 9\n"),
            members + ospf + "et-0/0/2 metric 7\n" + ospf + "et-0/0/2 priority 1\n" + ospf +
                "all metric 9\n" + ospf + "et-0/0/1 metric 5\n" + ospf + "et-0/0/1 priority 1\n");
  EXPECT_EQ(effective("set groups g " + range.substr(4) + "set groups g " + ospf.substr(4) +
                      "r metric 5\nset apply-groups g\n"),
            members + ospf + "et-0/0/1 metric 5\n" + ospf + "et-0/0/2 metric 5\n");
  EXPECT_EQ(effective(ospf + "r metric 5\n"), ospf + "r metric 5\n") << "there is no such range";
}

TEST(InterfaceRanges, ThatAreNamedMustBeDefined) {
  const NodePtr nothing = make_root(*schema());
  const auto problems = [&](const std::string& text) {
    return render(check_range_names(expand(nothing, {}), expand(load(text), {})));
  };
  const std::string ospf = "set protocols ospf area 0.0.0.0 interface ";
  EXPECT_EQ(problems(ospf + "r metric 5\n"),
            "[edit protocols ospf area 0.0.0.0]\n  'interface r'\n    interface-range 'r' is not "
            "defined\n");
  EXPECT_EQ(problems(ospf + "r metric 5\nset interfaces interface-range r member et-0/0/1\n"), "");
  EXPECT_EQ(problems(ospf + "all metric 5\n" + ospf + "lo0.0 passive\n"), "");
}

TEST(InterfaceRanges, ElsewhereFollowTheirMembersStepByStep) {
  const std::string ospf = "protocols ospf area 0.0.0.0 interface ";
  NodePtr raw = load(
      "set system host-name a\nset groups g interfaces interface-range r member "
      "et-0/0/9\n");
  Trees trees{raw, expand(raw, {})};
  const auto step = [&](const NodePtr& next, const char* what) {
    raw = next;
    trees = {raw, expand(raw, trees)};
    EXPECT_EQ(set_text(trees.effective), set_text(expand(raw, {}))) << what;
  };
  const auto has = [&](const char* name) {
    return find(trees.effective, path(ospf + std::string(name))) != nullptr;
  };
  step(set(raw, path(ospf + "r metric 5")).root, "the name");
  EXPECT_TRUE(has("r"));
  step(set(raw, path("interfaces interface-range r member et-0/0/1")).root, "a member");
  EXPECT_TRUE(has("et-0/0/1") && !has("r"));
  step(set(raw, path("interfaces interface-range r member et-0/0/2")).root, "another");
  EXPECT_TRUE(has("et-0/0/1") && has("et-0/0/2"));
  step(set(raw, path("apply-groups g")).root, "one of a group");
  EXPECT_TRUE(has("et-0/0/9"));
  step(set(raw, path(ospf + "r metric 6")).root, "what it says");
  step(remove(raw, path("interfaces interface-range r member et-0/0/1")).root, "one less");
  EXPECT_FALSE(has("et-0/0/1"));
  step(remove(raw, path("apply-groups")).root, "the group");
  step(remove(raw, path("interfaces interface-range r")).root, "none");
  EXPECT_TRUE(has("r") && !has("et-0/0/2"));
  step(remove(raw, path(ospf + "r")).root, "the name");
  EXPECT_FALSE(has("r"));
}

}  // namespace
}  // namespace nezu::configdb
