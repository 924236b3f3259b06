// Inheritance: configuration groups and wildcards.
#include <gtest/gtest.h>

#include <random>

#include "configdb/machine.h"
#include "configdb/pending.h"
#include "configdb/wildcard.h"
#include "effective.h"

namespace nezu::configdb {
namespace {

using namespace sample;

TEST(Wildcards, MatchLikeAShell) {
  EXPECT_TRUE(glob_matches("*", "ge-0/0/0"));
  EXPECT_TRUE(glob_matches("ge-*", "ge-0/0/0"));
  EXPECT_FALSE(glob_matches("ge-*", "xe-0/0/0"));
  EXPECT_TRUE(glob_matches("ge-0/0/[0-3]", "ge-0/0/3"));
  EXPECT_FALSE(glob_matches("ge-0/0/[0-3]", "ge-0/0/4"));
  EXPECT_FALSE(glob_matches("ge-0/0/[0-3]", "ge-0/0/13"));
  EXPECT_TRUE(glob_matches("*[1-3]", "ge-0/0/12"));
  EXPECT_FALSE(glob_matches("*[1-3]", "ge-0/0/14"));
  EXPECT_TRUE(glob_matches("[!x]?-*", "ge-0/0/0"));
  EXPECT_FALSE(glob_matches("[!x]?-*", "xe-0/0/0"));
  EXPECT_TRUE(glob_matches("a[]]b", "a]b"));
  EXPECT_TRUE(glob_matches("a[b", "a[b"));  // a class without an end is a bracket
  EXPECT_TRUE(glob_matches("a[b-]", "a-"));
  EXPECT_FALSE(glob_matches("", "a"));
  EXPECT_TRUE(glob_matches("**", ""));
  EXPECT_TRUE(key_matches("<*> <t*>", "a trust"));
  EXPECT_FALSE(key_matches("<*> <t*>", "a untrust"));
  EXPECT_FALSE(key_matches("<*> <t*>", "a"));
  EXPECT_FALSE(glob_matches(std::string(60, '*') + "b", std::string(5000, 'a')));
}

TEST(Groups, GiveWhatIsNotConfigured) {
  EXPECT_EQ(effective("set groups g system host-name a\n"
                      "set groups g system domain-name b\n"
                      "set system host-name own\n"
                      "set apply-groups g\n"),
            "set system host-name own\nset system domain-name b\n");
}

TEST(Groups, FirstAppliedWinsAndInnerBeforeOuter) {
  EXPECT_EQ(effective("set groups a system host-name a\n"
                      "set groups b system host-name b\n"
                      "set groups b system domain-name b\n"
                      "set apply-groups [ a b ]\n"),
            "set system host-name a\nset system domain-name b\n");
  // The vendor's own example: standard at the top, northwest at the interface.
  EXPECT_EQ(effective("set groups standard interfaces <et-*> mtu 1000\n"
                      "set groups standard interfaces <et-*> description standard\n"
                      "set groups northwest interfaces <et-*> mtu 2000\n"
                      "set apply-groups standard\n"
                      "set interfaces et-0/0/0 apply-groups northwest\n"),
            "set interfaces et-0/0/0 description standard\n"
            "set interfaces et-0/0/0 mtu 2000\n");
}

TEST(Groups, WildcardsGiveToWhatExistsOnly) {
  EXPECT_EQ(effective("set groups g interfaces <*> unit <*> family inet mtu 1400\n"
                      "set apply-groups g\n"),
            "");
  EXPECT_EQ(effective("set groups g interfaces <et-0/0/[1-2]> mtu 1400\n"
                      "set groups h interfaces et-0/0/2 description made\n"
                      "set apply-groups [ g h ]\n"
                      "set interfaces et-0/0/1 disable\n"
                      "set interfaces et-0/0/3 disable\n"),
            "set interfaces et-0/0/1 disable\n"
            "set interfaces et-0/0/1 mtu 1400\n"
            "set interfaces et-0/0/2 description made\n"
            "set interfaces et-0/0/2 mtu 1400\n"
            "set interfaces et-0/0/3 disable\n");
}

TEST(Groups, TheMoreSpecificEntryWins) {
  EXPECT_EQ(effective("set groups g interfaces <*> mtu 1000\n"
                      "set groups g interfaces <et-*> mtu 2000\n"
                      "set groups g interfaces et-0/0/1 mtu 3000\n"
                      "set apply-groups g\n"
                      "set interfaces et-0/0/0 disable\n"
                      "set interfaces et-0/0/1 disable\n"
                      "set interfaces st0 disable\n"),
            "set interfaces et-0/0/0 disable\nset interfaces et-0/0/0 mtu 2000\n"
            "set interfaces et-0/0/1 disable\nset interfaces et-0/0/1 mtu 3000\n"
            "set interfaces st0 disable\nset interfaces st0 mtu 1000\n");
}

TEST(Groups, OrderedListsPutTheConfiguredFirst) {
  EXPECT_EQ(effective("set groups a system name-server 10.0.0.100\n"
                      "set groups a system name-server 10.0.0.1\n"
                      "set groups b system name-server 10.0.0.50\n"
                      "set apply-groups [ a b ]\n"
                      "set system name-server 10.0.0.2\n"
                      "set system name-server 10.0.0.1\n"),
            "set system name-server 10.0.0.2\nset system name-server 10.0.0.1\n"
            "set system name-server 10.0.0.100\nset system name-server 10.0.0.50\n");
  EXPECT_EQ(effective("set groups a security ike policy p proposals b\n"
                      "set groups a security ike policy p proposals a\n"
                      "set apply-groups a\n"
                      "set security ike policy p proposals c\n"),
            "set security ike policy p proposals c\nset security ike policy p proposals b\n"
            "set security ike policy p proposals a\n");
}

TEST(Groups, ExceptHoldsOffBelow) {
  EXPECT_EQ(effective("set groups g interfaces <*> mtu 1400\n"
                      "set groups g interfaces <*> unit <*> family inet mtu 1300\n"
                      "set groups h interfaces <*> description h\n"
                      "set apply-groups [ g h ]\n"
                      "set interfaces et-0/0/0 apply-groups-except g\n"
                      "set interfaces et-0/0/0 unit 0 family inet\n"
                      "set interfaces et-0/0/1 unit 0 apply-groups-except g\n"
                      "set interfaces et-0/0/1 unit 0 family inet\n"),
            "set interfaces et-0/0/0 description h\n"
            "set interfaces et-0/0/0 unit 0 family inet\n"
            "set interfaces et-0/0/1 description h\n"
            "set interfaces et-0/0/1 mtu 1400\n"
            "set interfaces et-0/0/1 unit 0 family inet\n");
}

TEST(Groups, InGroups) {
  EXPECT_EQ(effective("set groups outer system host-name outer\n"
                      "set groups outer apply-groups inner\n"
                      "set groups outer interfaces et-0/0/0 apply-groups deep\n"
                      "set groups inner system host-name inner\n"
                      "set groups inner system domain-name inner\n"
                      "set groups deep interfaces <*> mtu 1234\n"
                      "set groups deep system domain-name deep\n"
                      "set apply-groups outer\n"),
            "set system host-name outer\nset system domain-name inner\n"
            "set interfaces et-0/0/0 mtu 1234\n");
  // Applied further down, what the group applies at its own top counts too.
  EXPECT_EQ(effective("set groups outer apply-groups inner\n"
                      "set groups inner interfaces <*> mtu 1234\n"
                      "set interfaces et-0/0/0 apply-groups outer\n"),
            "set interfaces et-0/0/0 mtu 1234\n");
}

TEST(Groups, InCirclesEnd) {
  EXPECT_EQ(effective("set groups a apply-groups b\n"
                      "set groups a system host-name a\n"
                      "set groups b apply-groups a\n"
                      "set groups b system domain-name b\n"
                      "set apply-groups a\n"),
            "set system host-name a\nset system domain-name b\n");
}

// g1 applies g2, which applies g3, and so on.
std::string chain(int length, const std::string& where) {
  std::string text = "set apply-groups g1\n";
  for (int i = 1; i < length; ++i)
    text += "set groups g" + std::to_string(i) + where + " apply-groups g" + std::to_string(i + 1) +
            "\n";
  return text + "set groups g" + std::to_string(length) + " system host-name deep\n";
}

TEST(Groups, NestAsDeepAsTheyMay) {
  EXPECT_EQ(effective(chain(64, "")), "set system host-name deep\n");
  EXPECT_EQ(group_problems(load(chain(64, ""))), "");
  EXPECT_EQ(effective(chain(64, " system")), "set system host-name deep\n");
}

TEST(Groups, NestedTooDeeplyAreRefusedAndEnd) {
  for (const char* where : {"", " system"})
    for (const int length : {66, 10'000}) {
      const NodePtr root = load(chain(length, where));
      EXPECT_EQ(set_text(expand(root, {})), "");
      const std::string problems = group_problems(root);
      EXPECT_TRUE(problems.starts_with("[edit]\n  'groups g")) << problems;
      EXPECT_TRUE(problems.ends_with("'\n    groups nested too deeply\n")) << problems;
    }
}

TEST(Groups, ManyThatNameEachOtherTakeLittleTime) {
  std::string text = "set apply-groups g0a\nset interfaces et-0/0/0 unit 0 apply-groups g0b\n";
  for (int i = 0; i < 24; ++i)
    for (const char* one : {"a", "b"})
      for (const char* other : {"a", "b"}) {
        const std::string group = "set groups g" + std::to_string(i) + one;
        const std::string next = "g" + std::to_string(i + 1) + other + "\n";
        text += group + " apply-groups " + next;
        text += group + " interfaces <*> apply-groups " + next;
        text += group + " interfaces <*> unit <*> apply-groups " + next;
      }
  text += "set groups g24a system host-name last\nset groups g24b system host-name other\n";
  text += "set groups g24b interfaces <*> unit <*> description deep\n";
  EXPECT_EQ(effective(text),
            "set system host-name last\n"
            "set interfaces et-0/0/0 unit 0 description deep\n");
}

TEST(Groups, InactiveOnesAreNotThere) {
  EXPECT_EQ(effective("set groups g system host-name g\nset apply-groups g\n"
                      "deactivate groups g\n"),
            "");
  EXPECT_EQ(effective("set groups g system host-name g\nset apply-groups g\n"
                      "deactivate apply-groups g\n"),
            "");
  EXPECT_EQ(effective("set groups g system host-name g\nset apply-groups g\n"
                      "set system host-name own\ndeactivate system host-name\n"),
            "set system host-name g\n");
  EXPECT_EQ(effective("set groups g interfaces <*> mtu 1400\nset apply-groups g\n"
                      "set interfaces et-0/0/0 disable\ndeactivate interfaces et-0/0/0\n"),
            "");
}

// Each routing engine takes its own group; this one is in slot 0.
TEST(Groups, OfTheOtherRoutingEngineStayOut) {
  EXPECT_EQ(effective("set groups re0 system host-name first\n"
                      "set groups re1 system host-name second\n"
                      "set groups re1 system domain-name second\n"
                      "set apply-groups [ re1 re0 ]\n"),
            "set system host-name first\n");
}

TEST(Groups, RivalsOfAChoiceStayOut) {
  const std::string route = " routing-options static route 10.0.0.0/8 ";
  EXPECT_EQ(effective("set groups g" + route + "next-hop 1.1.1.1\n" + "set groups g" + route +
                      "metric 3\n" + "set apply-groups g\n" + "set" + route + "discard\n"),
            "set" + route + "discard\n" + "set" + route + "metric 3\n");
}

TEST(Groups, KeepPresenceAndQuotedWildcards) {
  EXPECT_EQ(effective("groups {\n g {\n  interfaces {\n   \"<et-0/0/[0-1]>\" {\n"
                      "    unit <*> {\n     family inet;\n    }\n   }\n"
                      "   <\"et-0/0/[7-8]\"> {\n    mtu 1500;\n   }\n  }\n }\n}\n"
                      "apply-groups g;\n"
                      "interfaces {\n et-0/0/1 {\n  unit 5;\n }\n et-0/0/7 {\n  disable;\n }\n}\n"),
            "set interfaces et-0/0/1 unit 5 family inet\n"
            "set interfaces et-0/0/7 disable\nset interfaces et-0/0/7 mtu 1500\n");
}

// Random edits of groups and of what inherits from them.
class GroupPool {
 public:
  explicit GroupPool(unsigned seed) : random_(seed) {}

  NodePtr edit(const NodePtr& root) {
    Path place = path(pick());
    const unsigned what = number(12);
    if (what < 7) return set(root, place).root;
    if (what == 7) {
      const std::string list = "security ike policy p" + digit(2) + " proposals x" + digit(4);
      return insert(root, path(list), number(2), "x" + digit(4)).root;
    }
    place.resize(1 + number(static_cast<unsigned>(place.size())));
    if (place.back().statement->kind == grammar::Kind::kLeaf) place.back().value.clear();
    if (what < 10) return remove(root, place).root;
    return mark(root, place, Mark::kInactive, number(2)).root;
  }

  unsigned number(unsigned limit) { return random_() % limit; }

 private:
  std::string digit(unsigned limit) { return std::to_string(number(limit)); }

  // Only a later group is applied by an earlier one: no circles.
  std::string pick() {
    const unsigned group = number(5);
    const std::string in_group = "groups g" + std::to_string(group) + " ";
    const std::string later = "g" + std::to_string(group + 1 + number(2));
    switch (number(9)) {
      case 0:
        return "apply-groups g" + digit(6);
      case 1:
        return in_group + "apply-groups " + later;
      case 2:
        return in_group + "interfaces apply-groups " + later;
      case 3:
        return in_group + statement(true);
      case 4:
        return in_group + statement(true);
      case 5:
        return "interfaces et-0/0/" + digit(6) + " apply-groups g" + digit(6);
      case 6:
        return "interfaces et-0/0/" + digit(6) + " unit " + digit(3) + " apply-groups-except g" +
               digit(6);
      case 7:
        return "interfaces interface-range r" + digit(2) + " " + range();
      default:
        return statement(false);
    }
  }

  std::string range() {
    switch (number(4)) {
      case 0:
        return "member et-0/0/[1-" + digit(9) + "]";
      case 1:
        return "member-range et-0/0/" + digit(4) + " to et-0/0/" + digit(9);
      case 2:
        return "unit " + digit(2) + " apply-groups g" + digit(6);
      default:
        return "mtu " + std::to_string(1000 + number(5));
    }
  }

  std::string key(bool wild) {
    static const char* const kWild[] = {"<*>", "<et-*>", "<et-0/0/[0-2]>", "<*[135]>"};
    return wild && number(2) ? kWild[number(4)] : "et-0/0/" + digit(6);
  }

  std::string statement(bool wild) {
    const std::string interface = "interfaces " + key(wild);
    const std::string unit = interface + " unit " + (wild && number(2) ? "<*>" : digit(3));
    switch (number(9)) {
      case 0:
        return interface + " mtu " + std::to_string(1000 + number(5));
      case 1:
        return unit + " description d" + digit(4);
      case 2:
        return unit + " family inet address 10.0." + digit(3) + ".1/24";
      case 3:
        return "system name-server 10.0.0." + digit(8);
      case 4:
        return "system host-name h" + digit(4);
      case 5:
        return "security ike policy " + std::string(wild && number(2) ? "<p*>" : "p" + digit(2)) +
               " proposals x" + digit(4);
      case 6:
        return "routing-options static route 10." + digit(3) + ".0.0/16 " +
               (number(2) ? "discard" : "next-hop 1.1.1." + digit(3));
      case 7:
        return wild ? unit + " apply-groups g5" : "system domain-name n" + digit(3);
      default:
        return unit + " family inet";
    }
  }

  std::mt19937 random_;
};

// The expansion that starts from the one before equals the one from nothing.
TEST(Groups, ExpandTheSameStepByStep) {
  for (unsigned seed = 0; seed < 12; ++seed) {
    GroupPool pool(seed);
    NodePtr root = make_root(*schema());
    Trees trees{root, root};
    for (int step = 0; step < 350; ++step) {
      NodePtr next = root;
      for (unsigned edits = 1 + pool.number(4); edits; --edits) next = pool.edit(next);
      const NodePtr stepped = expand(next, trees), whole = expand(next, {});
      ASSERT_TRUE(equal(stepped, whole)) << "seed " << seed << " step " << step << "\n--- before\n"
                                         << set_text(root) << "--- now\n"
                                         << set_text(next) << "--- step by step\n"
                                         << set_text(stepped) << "--- from nothing\n"
                                         << set_text(whole);
      // A wildcard or a means of inheritance is in no effective tree.
      ASSERT_EQ(set_text(whole).find('<'), std::string::npos);
      ASSERT_EQ(whole->inherits(), 0u);
      trees = {next, stepped};
      root = next;
    }
  }
}

// A group of 100,000 statements is inherited as it stands, and costs nothing where it is not
// edited.
// What a pattern touches is found by how it begins: beside making the whole tree anew.
TEST(Groups, ExpandTheSameForEveryPattern) {
  std::string text = "set apply-groups g\n";
  for (int i = 0; i < 120; ++i) {
    text += "set interfaces ge-0/0/" + std::to_string(i) + " mtu 1500\n";
    text += "set policy-options policy-statement p" + std::to_string(i % 3) + " term t" +
            std::to_string(i * 7 % 40) + " then accept\n";
  }
  NodePtr raw = load(text);
  Trees trees{raw, expand(raw, {})};
  const char* patterns[] = {"<ge-0/0/7>",   "<ge-0/0/1*>",    "<ge-0/0/[1-3]?>", "<*7>",
                            "<*>",          "ge-0/0/99",      "<ge-*/5>",        "<g[e-0/0/1>",
                            "<ge-0/0/500>", "<ge-0/0/[12]*5>"};
  const char* terms[] = {"<t1>", "<t1*>", "<*>", "<t[2-4]>", "t5", "<t?>"};
  for (int round = 0; round < 2; ++round)
    for (const char* pattern : patterns)
      for (const char* term : terms) {
        const std::string value = std::to_string(round);
        raw =
            set(raw, path("groups g interfaces " + std::string(pattern) + " description d" + value))
                .root;
        raw = set(raw, path("groups g policy-options policy-statement <p[12]> term " +
                            std::string(term) + " from metric " + std::to_string(10 + round)))
                  .root;
        trees = {raw, expand(raw, trees)};
        ASSERT_TRUE(equal(trees.effective, expand(raw, {}))) << pattern << ' ' << term;
      }
}

TEST(Groups, MayBeLarge) {
  std::string text = "set apply-groups g\n";
  for (int unit = 0; unit < 50'000; ++unit) {
    const std::string line = "set groups g interfaces st0 unit " + std::to_string(unit);
    text += line + " description d\n" + line + " disable\n";
  }
  const NodePtr first = load(text);
  const NodePtr before = expand(first, {});
  const auto interfaces = [](const NodePtr& root) { return find(root, path("interfaces")); };
  const View st0 = view(before)["interfaces"].entry("interface", "st0");
  EXPECT_EQ(st0.entries("unit").size(), 50'000u);
  EXPECT_EQ(st0.node(), find(first, path("groups g interfaces st0")));
  const NodePtr other = with(first, "system host-name a");
  EXPECT_EQ(interfaces(expand(other, {first, before})), interfaces(before));
  const NodePtr edited = with(first, "groups g interfaces st0 unit 7 description e");
  const NodePtr after = expand(edited, {first, before});
  EXPECT_EQ(find(after, path("interfaces st0 unit 8")),
            find(before, path("interfaces st0 unit 8")));
  EXPECT_EQ(find(after, path("interfaces st0 unit 7 description e"))->text, "e");
}

// Once more from where it is: nothing is made again.
TEST(Groups, ShareWhatIsTheSame) {
  const NodePtr first = load(
      "set groups g interfaces <*> mtu 1400\nset groups h interfaces et-0/0/1 description h\n"
      "set apply-groups [ g h ]\nset interfaces et-0/0/0 disable\n"
      "set interfaces et-0/0/1 disable\nset system host-name a\n");
  const NodePtr before = expand(first, {});
  const NodePtr second = with(first, "groups h interfaces et-0/0/1 description other");
  const NodePtr after = expand(second, {first, before});
  const auto at = [](const NodePtr& root, const char* place) { return find(root, path(place)); };
  EXPECT_EQ(at(before, "interfaces et-0/0/0"), at(after, "interfaces et-0/0/0"));
  EXPECT_NE(at(before, "interfaces et-0/0/1"), at(after, "interfaces et-0/0/1"));
  EXPECT_EQ(at(before, "system"), at(after, "system"));
  EXPECT_EQ(expand(second, {second, after}), after);
}

}  // namespace
}  // namespace nezu::configdb
