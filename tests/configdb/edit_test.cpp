#include "configdb/edit.h"

#include <gtest/gtest.h>

#include "configdb/node.h"
#include "configdb/tree.h"
#include "sample.h"

namespace nezu::configdb {
namespace {

using namespace sample;

TEST(Set, MakesWhatIsOnTheWay) {
  const View root = view(tree("interfaces et-0/0/0 unit 0 family inet address 1.1.1.1/24"));
  const View unit = root["interfaces"].entry("interface", "et-0/0/0").entry("unit", "0");
  ASSERT_TRUE(unit);
  EXPECT_EQ(unit.key(), "0");
  EXPECT_TRUE(unit["family"]["inet"].entry("address", "1.1.1.1/24"));
  EXPECT_FALSE(unit["family"]["inet6"]);
  EXPECT_FALSE(root["system"]);
}

TEST(Set, LeavesTheOldTreeAsItWas) {
  const NodePtr before = tree("system host-name a");
  const NodePtr after = with(before, "system host-name b");
  EXPECT_EQ(view(before)["system"]["host-name"].value(), "a");
  EXPECT_EQ(view(after)["system"]["host-name"].value(), "b");
}

TEST(Set, OfWhatIsThereChangesNothing) {
  const NodePtr root = tree("security ike gateway g address 1.1.1.1\nsystem host-name a");
  EXPECT_EQ(with(root, "security ike gateway g address 1.1.1.1"), root);
  EXPECT_EQ(with(root, "security ike gateway g"), root);
}

TEST(Set, MembersOfAChoiceReplaceEachOther) {
  NodePtr root = tree(
      "routing-options static route 1.0.0.0/8 next-hop 2.2.2.2\n"
      "routing-options static route 1.0.0.0/8 next-hop 2.2.2.3");
  const auto route = [&] {
    return view(root)["routing-options"]["static"].entry("route", "1.0.0.0/8");
  };
  EXPECT_EQ(route().values("next-hop"), (std::vector<std::string>{"2.2.2.2", "2.2.2.3"}));
  root = with(root, "routing-options static route 1.0.0.0/8 discard");
  EXPECT_FALSE(route()["next-hop"]);
  EXPECT_TRUE(route()["discard"]);
  root = with(root, "routing-options static route 1.0.0.0/8 next-hop 2.2.2.4");
  EXPECT_FALSE(route()["discard"]);
}

TEST(Set, RefusesValuesThatAreNotOfTheirType) {
  const NodePtr root = tree("system host-name a");
  for (const char* bad :
       {"interfaces et-0/0/0 unit x", "interfaces et-0/0/0 unit 0 family inet address 1.1.1",
        "interfaces et-0/0/0 mtu x", "security ike gateway g version v3"}) {
    const Edited edited = set(root, path(bad));
    EXPECT_FALSE(edited.error.empty()) << bad;
    EXPECT_EQ(edited.root, root);
  }
}

TEST(Set, StoresTheCanonicalSpelling) {
  const NodePtr root = tree("security ike gateway g address 1611:0::1");
  EXPECT_EQ(view(root)["security"]["ike"].entry("gateway", "g").values("address"),
            std::vector<std::string>{"1611::1"});
  EXPECT_TRUE(remove(root, path("security ike gateway g address 1611:0:0::1")).ok());
}

TEST(Set, EntriesOfOrdinaryListsStandInNaturalOrder) {
  const View root =
      view(tree("interfaces et-0/0/10\ninterfaces et-0/0/2\ninterfaces et-0/0/2 unit 100\n"
                "interfaces et-0/0/2 unit 20\ninterfaces et-0/0/2 unit 3"));
  const auto interfaces = root["interfaces"].entries("interface");
  ASSERT_EQ(interfaces.size(), 2u);
  EXPECT_EQ(interfaces[0].key(), "et-0/0/2");
  std::vector<std::string> units;
  for (const View& unit : interfaces[0].entries("unit")) units.emplace_back(unit.key());
  EXPECT_EQ(units, (std::vector<std::string>{"3", "20", "100"}));
}

TEST(Set, EntriesOfOrderedListsStandAsTheyCame) {
  const NodePtr root = tree(
      "security ike policy p proposals z\nsecurity ike policy p proposals a\n"
      "security ike policy p proposals m\nsecurity ike policy p proposals z");
  EXPECT_EQ(view(root)["security"]["ike"].entry("policy", "p").values("proposals"),
            (std::vector<std::string>{"z", "a", "m"}));
}

TEST(Remove, TakesEmptiedContainersAlongButNotEntries) {
  NodePtr root = tree("interfaces et-0/0/0 unit 0 family inet address 1.1.1.1/24");
  root = without(root, "interfaces et-0/0/0 unit 0 family inet address 1.1.1.1/24");
  const View unit = view(root)["interfaces"].entry("interface", "et-0/0/0").entry("unit", "0");
  EXPECT_TRUE(unit);
  EXPECT_FALSE(unit["family"]["inet"].entry("address", "1.1.1.1/24"));
  root = without(root, "interfaces et-0/0/0");
  EXPECT_FALSE(view(root)["interfaces"]);
  EXPECT_TRUE(root->children.empty());
}

TEST(Remove, OfNothingSaysSo) {
  const NodePtr root = tree("system host-name a\nsecurity ike policy p proposals z");
  for (const char* absent : {"chassis fpc 0", "security ike gateway g", "system host-name b",
                             "security ike policy p proposals y", "security ike policy q"}) {
    const Edited edited = remove(root, path(absent));
    EXPECT_EQ(edited.warning, "statement not found") << absent;
    EXPECT_EQ(edited.root, root);
  }
}

TEST(Remove, OfALeafListOrListWithoutAValueTakesAll) {
  const NodePtr root = tree(
      "security ike policy p proposals z\nsecurity ike policy p proposals a\n"
      "security ike policy q proposals a\nsystem host-name a");
  Path values = path("security ike policy p proposals z");
  values.back().value.clear();
  EXPECT_FALSE(
      view(remove(root, values).root)["security"]["ike"].entry("policy", "p")["proposals"]);
  Path list = path("security ike policy p");
  list.back().value.clear();
  EXPECT_FALSE(view(remove(root, list).root)["security"]);
  EXPECT_TRUE(remove(root, {}).root->children.empty());
}

TEST(Protect, RefusesChangesBelow) {
  NodePtr root = tree("interfaces et-0/0/0 unit 0\nsystem host-name a");
  root = mark(root, path("interfaces et-0/0/0"), Mark::kProtect, true).root;
  EXPECT_EQ(remove(root, path("interfaces et-0/0/0")).warning,
            "[interfaces et-0/0/0] is protected, 'interfaces et-0/0/0' cannot be deleted");
  EXPECT_FALSE(set(root, path("interfaces et-0/0/0 unit 1")).ok());
  EXPECT_EQ(remove(root, path("interfaces")).warning,
            "[interfaces et-0/0/0] is protected, 'interfaces' cannot be deleted");
  EXPECT_FALSE(remove(root, {}).ok());
  EXPECT_TRUE(set(root, path("system host-name b")).ok());
  root = mark(root, path("interfaces et-0/0/0"), Mark::kProtect, false).root;
  EXPECT_TRUE(remove(root, path("interfaces et-0/0/0")).ok());
}

TEST(Insert, MovesAnEntryAndKeepsTheRest) {
  NodePtr root = make_root(*schema());
  for (const char* name : {"a", "b", "c", "d"})
    root = with(root, std::string("security ike policy p proposals ") + name);
  const auto order = [&] {
    std::string text;
    for (const auto& value : view(root)["security"]["ike"].entry("policy", "p").values("proposals"))
      text += value;
    return text;
  };
  const auto move = [&](const char* which, bool before, const char* other) {
    const Edited edited =
        insert(root, path(std::string("security ike policy p proposals ") + which), before, other);
    ASSERT_TRUE(edited.ok()) << edited.error << edited.warning;
    root = edited.root;
  };
  move("d", true, "a");
  EXPECT_EQ(order(), "dabc");
  move("d", false, "c");
  EXPECT_EQ(order(), "abcd");
  // Always into the same gap, until there is no room left between labels.
  for (int i = 0; i < 200; ++i) {
    move("d", false, "a");
    EXPECT_EQ(order(), "adbc");
    move("c", false, "a");
    EXPECT_EQ(order(), "acdb");
    move("d", false, "b");
    move("c", false, "b");
    ASSERT_EQ(order(), "abcd");
  }
  EXPECT_FALSE(insert(root, path("security ike policy p proposals a"), true, "x").ok());
}

TEST(Values, HaveDefaultsWhereTheSchemaSaysSo) {
  const View root = view(tree("security ike gateway g address 1.1.1.1"));
  const View gateway = root["security"]["ike"].entry("gateway", "g");
  EXPECT_EQ(gateway["no-such-statement"].value(), "");
  EXPECT_EQ(View()["x"]["y"].value(), "");
  EXPECT_EQ(View().entries("x").size(), 0u);
  EXPECT_EQ(root["interfaces"].entry("interface", "x")["mtu"].number(), 0u);
}

}  // namespace
}  // namespace nezu::configdb
