#include "configdb/edit.h"

#include <gtest/gtest.h>

#include "configdb/node.h"
#include "configdb/rename.h"
#include "configdb/rewrite.h"
#include "configdb/text.h"
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
            "[interfaces et-0/0/0] is protected, 'interfaces et-0/0/0' cannot be deleted");
  EXPECT_FALSE(remove(root, {}).ok());
  EXPECT_TRUE(set(root, path("system host-name b")).ok());
  root = mark(root, path("interfaces et-0/0/0"), Mark::kProtect, false).root;
  EXPECT_TRUE(remove(root, path("interfaces et-0/0/0")).ok());
}

TEST(Protect, KeepsWhatIsInADeletedHierarchy) {
  NodePtr root = tree(
      "interfaces et-0/0/0 unit 0\ninterfaces et-0/0/0 mtu 1500\ninterfaces et-0/0/1\n"
      "system host-name a\nsecurity ike policy p proposals x\nsecurity ike policy p proposals y");
  root = mark(root, path("interfaces et-0/0/0 unit 0"), Mark::kProtect, true).root;
  root = mark(root, path("security ike policy p proposals y"), Mark::kProtect, true).root;
  const Edited edited = remove(root, {});
  EXPECT_EQ(set_text(edited.root),
            "set security ike policy p proposals y\nprotect security ike policy p proposals y\n"
            "set interfaces et-0/0/0 unit 0\nprotect interfaces et-0/0/0 unit 0\n");
  EXPECT_EQ(edited.warning,
            "[security ike policy p proposals y] is protected, 'security ike policy p proposals y' "
            "cannot be deleted\n"
            "warning: [interfaces et-0/0/0 unit 0] is protected, 'interfaces et-0/0/0 unit 0' "
            "cannot be deleted");
}

TEST(Protect, IsFromAllThatChanges) {
  const std::string route = "routing-options static route 1.0.0.0/8";
  NodePtr root = tree(
      "interfaces et-0/0/0 unit 0\ninterfaces et-0/0/0 mtu 1500\nsystem host-name a\n" + route +
      " next-hop 1.1.1.1\nsecurity ike policy p proposals x\nsecurity ike policy p proposals y");
  for (const char* each : {"interfaces et-0/0/0", "system host-name a", "security ike policy p"})
    root = mark(root, path(each), Mark::kProtect, true).root;
  root = mark(root, path(route + " next-hop 1.1.1.1"), Mark::kProtect, true).root;
  const auto refused = [&](const Edited& edited) {
    return edited.root == root && edited.warning.find("is protected") != std::string::npos;
  };
  EXPECT_TRUE(refused(set(root, path("system host-name b"))));
  EXPECT_TRUE(refused(set(root, path("interfaces et-0/0/0 unit 1"))));
  EXPECT_TRUE(refused(set(root, path(route + " discard"))));  // it would take the next hop's place
  EXPECT_TRUE(refused(mark(root, path("interfaces et-0/0/0 unit 0"), Mark::kInactive, true)));
  EXPECT_TRUE(refused(annotate(root, path("interfaces et-0/0/0 unit 0"), "x")));
  EXPECT_TRUE(refused(insert(root, path("security ike policy p proposals y"), true, "x")));
  EXPECT_TRUE(refused(
      rename(root, path("interfaces et-0/0/0 unit 0"), path("interfaces et-0/0/0 unit 1"))));
  EXPECT_TRUE(refused(rename(root, path("interfaces et-0/0/0"), path("interfaces et-0/0/1"))));
  EXPECT_TRUE(
      refused(copy(root, path("interfaces et-0/0/0 unit 0"), path("interfaces et-0/0/0 unit 1"))));
  EXPECT_TRUE(copy(root, path("interfaces et-0/0/0"), path("interfaces et-0/0/1")).ok());
  const auto any = [](std::string_view) { return std::optional<std::string>("1501"); };
  EXPECT_EQ(rewrite(root, path("interfaces et-0/0/0"), any).root, root);
  EXPECT_EQ(set(root, path("system host-name b")).warning,
            "[system host-name] is protected, 'system host-name' cannot be modified");
}

TEST(Rename, KeepsContentsAndPlace) {
  NodePtr root = tree(
      "security ike policy p proposals a\nsecurity ike policy p proposals b\n"
      "security ike policy p proposals c\ninterfaces et-0/0/0 mtu 1500\n"
      "security ike gateway g ike-policy p");
  root = rename(root, path("security ike policy p proposals b"),
                path("security ike policy p proposals z"))
             .root;
  root = copy(root, path("security ike policy p proposals a"),
              path("security ike policy p proposals y"))
             .root;
  root = rename(root, path("security ike policy p"), path("security ike policy q")).root;
  EXPECT_EQ(view(root)["security"]["ike"].entry("policy", "q").values("proposals"),
            (std::vector<std::string>{"a", "z", "c", "y"}));
  EXPECT_FALSE(view(root)["security"]["ike"].entry("policy", "p"));
  // What refers to it does not follow.
  EXPECT_EQ(view(root)["security"]["ike"].entry("gateway", "g")["ike-policy"].value(), "p");
  const auto refuse = [&](const char* from, const char* to) {
    for (const Edited& edited :
         {rename(root, path(from), path(to)), copy(root, path(from), path(to))}) {
      EXPECT_FALSE(edited.ok()) << from;
      EXPECT_EQ(edited.root, root);
    }
  };
  refuse("interfaces et-0/0/1", "interfaces et-0/0/2");
  refuse("interfaces et-0/0/0", "interfaces et-x");
  refuse("security ike policy q", "security ike gateway q");
  refuse("security ike policy q proposals a", "security ike policy q proposals z");
  refuse("interfaces et-0/0/0 mtu 1500", "interfaces et-0/0/0 mtu 1600");
}

std::optional<std::string> a_to_b(std::string_view text) {
  std::string changed(text);
  for (char& c : changed) c = c == 'a' ? 'b' : c;
  return changed;
}

TEST(Rewrite, ChangesNamesAndValuesButNoSecrets) {
  const NodePtr root = tree(
      "security ike policy pa proposals xa\nsecurity ike policy pa proposals xb\n"
      "security ike policy pa proposals y\nsecurity ike policy pa pre-shared-key ascii-text aaaa\n"
      "system host-name aha");
  EXPECT_EQ(set_text(rewrite(root, {}, a_to_b).root),
            set_text(tree(
                "security ike policy pb proposals xb\nsecurity ike policy pb proposals y\n"
                "security ike policy pb pre-shared-key ascii-text aaaa\nsystem host-name bhb")));
  EXPECT_EQ(set_text(rewrite(root, path("system"), a_to_b).root),
            set_text(with(root, "system host-name bhb")));
  const NodePtr two = with(root, "security ike policy pb");
  EXPECT_EQ(rewrite(two, {}, a_to_b).error, "target 'policy pb' already exists");
  EXPECT_EQ(rewrite(two, {}, a_to_b).root, two);
  const auto bad = [](std::string_view) { return std::optional<std::string>("?"); };
  EXPECT_FALSE(rewrite(tree("interfaces et-0/0/0"), {}, bad).error.empty());
}

TEST(Rewrite, UpToANumberTakesWhatStandsHigherFirst) {
  NodePtr root = tree(
      "interfaces et-0/0/0 description aa\ninterfaces et-0/0/0 unit 0 description aa\n"
      "interfaces et-0/0/1 description aa");
  root = copy(root, path("interfaces et-0/0/0"), path("interfaces et-0/0/2")).root;  // shares nodes
  const std::string all =
      "set interfaces et-0/0/0 description X\n"
      "set interfaces et-0/0/0 unit 0 description Z\n"
      "set interfaces et-0/0/1 description Y\n"
      "set interfaces et-0/0/2 description V\n"
      "set interfaces et-0/0/2 unit 0 description W\n";
  for (const auto& [upto, changed] : std::vector<std::pair<size_t, std::string>>{{1, "X"},
                                                                                 {2, "XY"},
                                                                                 {3, "XYV"},
                                                                                 {4, "XYVZ"},
                                                                                 {5, "XYVZW"},
                                                                                 {9, "XYVZW"},
                                                                                 {0, "XYVZW"}}) {
    std::string expected = all;
    for (char& c : expected)
      if (c >= 'V' && c <= 'Z') c = changed.find(c) != changed.npos ? '+' : '-';
    std::string text = set_text(rewrite(
                                    root, {},
                                    [](std::string_view value) -> std::optional<std::string> {
                                      if (value != "aa") return std::nullopt;
                                      return "+";
                                    },
                                    upto)
                                    .root);
    for (size_t at; (at = text.find("aa")) != text.npos;) text.replace(at, 2, "-");
    EXPECT_EQ(text, expected) << upto;
  }
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
