// What `load` takes and refuses, beyond the four forms: patches, verbs of set text, how much wrong
// is too much.
#include "configdb/load.h"

#include <gtest/gtest.h>

#include <random>

#include "configdb/codec.h"
#include "configdb/pattern.h"
#include "configdb/rename.h"
#include "configdb/text.h"
#include "sample.h"

namespace nezu::configdb {
namespace {

using namespace sample;

LoadResult loaded(const NodePtr& candidate, LoadMode mode, const std::string& text,
                  const std::string& level = {}) {
  return load(candidate, {mode, grammar::TextForm::kAny, text, "terminal", path(level)});
}

std::string repeated(const std::string& part, size_t times) {
  std::string all;
  for (size_t i = 0; i < times; ++i) all += part;
  return all;
}

TEST(LoadPatch, NeedsAHeaderBeforeItsLines) {
  const NodePtr before = tree("security ike proposal a dh-group group14");
  // A header at the end is none for the lines before it, whichever time they are read.
  for (const char* line : {" proposal a { ... }\n", "+  host-name r;\n", "-  host-name r;\n",
                           "! inactive: proposal a { ... }\n"}) {
    const auto result =
        loaded(before, LoadMode::kPatch, std::string(line) + "[edit security ike]\n");
    EXPECT_EQ(result.text,
              "terminal:1:(0) syntax error, expecting '[edit'\nload complete (1 errors)\n")
        << line;
    EXPECT_EQ(result.root, before) << line;
  }
}

TEST(LoadPatch, OfARefusedHeaderSaysSoOnce) {
  const auto result =
      loaded(make_root(*schema()), LoadMode::kPatch, "[edit nonsense]\n+  a;\n b { ... }\n");
  EXPECT_EQ(result.errors, 1u) << result.text;
}

// A thousand errors change nothing, in any form.
TEST(Load, GivesUpOnTextThatIsAllWrong) {
  const NodePtr before = tree("system host-name a");
  const std::string good = "<configuration><system><host-name>b</host-name></system>";
  struct Case {
    LoadMode mode;
    std::string text;
  };
  const Case cases[] = {
      {LoadMode::kSet, "set system host-name b\n" + repeated("set nonsense\n", 5000)},
      {LoadMode::kMerge, "set system host-name b\n" + repeated("set nonsense\n", 5000)},
      {LoadMode::kMerge, "system { host-name b; }\n" + repeated("nonsense;\n", 5000)},
      {LoadMode::kMerge, good + repeated("<nonsense/>", 5000) + "</configuration>"},
      {LoadMode::kMerge, "{\"configuration\" : {\"system\" : {\"host-name\" : \"b\"}" +
                             repeated(", \"nonsense\" : 1", 5000) + "}}"},
      {LoadMode::kPatch, "[edit system]\n+  host-name b;\n" + repeated("[edit nonsense]\n", 5000)},
  };
  for (const Case& each : cases) {
    const auto result = loaded(before, each.mode, each.text);
    EXPECT_EQ(result.root, before) << each.text.substr(0, 40);
    EXPECT_TRUE(result.text.ends_with("\nerror: nothing was loaded\n"))
        << result.text.substr(0, 90);
    EXPECT_LT(result.errors, 1100u);
    EXPECT_LT(result.text.size(), 30'000u);
  }
}

TEST(LoadSet, DoesWhatTheCommandsDo) {
  const std::string list = "security ike policy p proposals ";
  const NodePtr before =
      tree("interfaces et-0/0/0 unit 0 description old\ninterfaces st0 unit 1\n" + list + "a\n" +
           list + "b\n" + list + "c\nsystem host-name old");
  const auto result = loaded(before, LoadMode::kSet,
                             "rename interfaces et-0/0/0 unit 0 to unit 5\n"
                             "edit interfaces et-0/0/0\n"
                             "copy unit 5 to unit 6\n"
                             "top\n"
                             "insert security ike policy p proposals c before a\n"
                             "edit interfaces\n"
                             "replace pattern ^old$ with new upto 1\n"
                             "wildcard delete st\n");
  EXPECT_EQ(result.text, "load complete\n");
  EXPECT_EQ(set_text(result.root),
            "set system host-name old\n"
            "set security ike policy p proposals c\nset security ike policy p proposals a\n"
            "set security ike policy p proposals b\n"
            "set interfaces et-0/0/0 unit 5 description new\n"
            "set interfaces et-0/0/0 unit 6 description old\n");
}

TEST(LoadSet, SaysWhatCannotBeDone) {
  const NodePtr before = tree("interfaces et-0/0/0 unit 0\ninterfaces et-0/0/0 unit 1");
  const std::pair<const char*, const char*> cases[] = {
      {"rename interfaces et-0/0/0 unit 0 to unit 1",
       "error: interfaces et-0/0/0 unit 0: target 'unit 1' already exists\n"},
      {"rename interfaces et-0/0/0 unit 7 to unit 8", "warning: statement not found\n"},
      {"copy interfaces et-0/0/1 to et-0/0/2", "warning: statement not found\n"},
      {"insert interfaces et-0/0/0 unit 0 after unit 1",
       "error: interfaces et-0/0/0 unit 0: not an ordered list\n"},
      {"wildcard delete interfaces x", "warning: statement not found\n"},
      {"wildcard delete interfaces x(",
       "error: interfaces: invalid regular expression: missing ): x(\n"},
      {"replace pattern ( with b", "error: invalid regular expression: missing ): (\n"},
      {"replace pattern a with \"\\\\1\"", "error: invalid replacement: \\1\n"},
      {"replace pattern 1 with x", "error: invalid numeric value: 'x'\n"},
  };
  for (const auto& [line, message] : cases) {
    const auto result = loaded(before, LoadMode::kSet, line);
    EXPECT_EQ(result.text, std::string(message) + "load complete\n") << line;
    EXPECT_EQ(result.root, before) << line;
  }
}

TEST(LoadXml, RenamesInsertsAndReplacesPatterns) {
  const std::string list = "security ike policy p proposals ";
  const NodePtr before =
      tree("interfaces st0 unit 0 description d\n" + list + "a\n" + list + "b\nsystem host-name a");
  const auto result =
      loaded(before, LoadMode::kMerge,
             "<configuration><interfaces><interface><name>st0</name>"
             "<unit rename=\"rename\" name=\"7\" inactive=\"inactive\"><name>0</name></unit>"
             "</interface></interfaces><security><ike><policy><name>p</name>"
             "<proposals insert=\"before\" name=\"a\">b</proposals></policy></ike></security>"
             "<system replace-pattern=\"^a$\" with=\"&amp;&amp;\"/></configuration>");
  EXPECT_EQ(result.text, "load complete\n");
  EXPECT_EQ(set_text(result.root),
            "set system host-name aa\n"
            "set security ike policy p proposals b\nset security ike policy p proposals a\n"
            "set interfaces st0 unit 7 description d\ndeactivate interfaces st0 unit 7\n");
}

// A new name that is refused leaves the entry that has it as it is.
TEST(LoadXml, WritesNothingIntoTheEntryWhoseNameIsTaken) {
  const NodePtr before = tree(
      "interfaces st0 unit 0 description a\n"
      "interfaces st0 unit 1 description b");
  const auto renamed = [&](const std::string& inside) {
    return loaded(before, LoadMode::kMerge,
                  "<configuration><interfaces><interface><name>st0</name><unit rename=\"rename\" "
                  "name=\"1\" inactive=\"inactive\"><name>0</name>" +
                      inside + "</unit></interface></interfaces></configuration>");
  };
  const auto result = renamed("<description>c</description>");
  EXPECT_EQ(result.text,
            "error: interfaces st0 unit 0: target 'unit 1' already exists\n"
            "load complete (1 errors)\n");
  EXPECT_EQ(set_text(result.root),
            "set interfaces st0 unit 0 description c\ndeactivate interfaces st0 unit 0\n"
            "set interfaces st0 unit 1 description b\n");
}

// NETCONF's "create": an error if it is there, and then nothing of it is taken.
TEST(LoadXml, CreatesOnlyWhatIsNotThere) {
  const NodePtr before = tree("interfaces st0 unit 0 description a\nsystem host-name a");
  const std::string xml =
      "<configuration><interfaces><interface><name>st0</name>"
      "<unit nc:operation='create'><name>0</name><description>b</description><disable/></unit>"
      "<unit nc:operation='create'><name>1</name><description>c</description></unit>"
      "</interface></interfaces><system><host-name operation='create'>b</host-name>"
      "<domain-name operation='create'>d</domain-name></system>"
      "<routing-options operation='create'><router-id>10.0.0.1</router-id></routing-options>"
      "</configuration>";
  const std::string json =
      R"({"configuration" : {"interfaces" : {"interface" : [{"name" : "st0", "unit" : [
          {"@" : {"operation" : "create"}, "name" : "0", "description" : "b", "disable" : [null]},
          {"@" : {"operation" : "create"}, "name" : "1", "description" : "c"}]}]},
          "system" : {"@host-name" : {"operation" : "create"}, "host-name" : "b",
          "@domain-name" : {"operation" : "create"}, "domain-name" : "d"},
          "routing-options" : {"@" : {"operation" : "create"}, "router-id" : "10.0.0.1"}}})";
  for (const std::string& text : {xml, json}) {
    const auto result = loaded(before, LoadMode::kMerge, text);
    EXPECT_EQ(result.text,
              "error: interfaces st0 unit 0: data-exists: the statement is there already\n"
              "error: system host-name: data-exists: the statement is there already\n"
              "load complete (2 errors)\n");
    EXPECT_EQ(set_text(result.root),
              "set system host-name a\nset system domain-name d\n"
              "set interfaces st0 unit 0 description a\nset interfaces st0 unit 1 description c\n"
              "set routing-options router-id 10.0.0.1\n");
    EXPECT_EQ(loaded(result.root, LoadMode::kMerge, text).errors, 5u);
  }
  const auto late = loaded(before, LoadMode::kMerge,
                           R"({"configuration" : {"interfaces" : {"interface" : [
                               {"name" : "st1", "@" : {"operation" : "create"}}]}}})");
  EXPECT_NE(late.text.find("'create' comes before what is created"), std::string::npos);
}

TEST(LoadXml, CreatesNothingInThePlaceOfWhatIsThere) {
  const NodePtr before = tree("interfaces st0 unit 0 description a");
  const auto result =
      loaded(before, LoadMode::kReplace,
             "<configuration><interfaces><interface><name>st0</name>"
             "<unit replace='replace' nc:operation='create'><name>0</name><disable/></unit>"
             "</interface></interfaces></configuration>");
  EXPECT_NE(result.text.find("data-exists"), std::string::npos) << result.text;
  EXPECT_EQ(set_text(result.root), "set interfaces st0 unit 0 description a\n");
}

TEST(LoadXml, ActsOnTheWholeConfiguration) {
  const NodePtr before = tree("interfaces st0\nsystem host-name a");
  const std::string inside = "<system><host-name>b</host-name></system></configuration>";
  EXPECT_EQ(
      set_text(
          loaded(before, LoadMode::kReplace, "<configuration replace=\"replace\">" + inside).root),
      "set system host-name b\n");
  EXPECT_EQ(set_text(loaded(before, LoadMode::kMerge, "<configuration delete=\"delete\"/>").root),
            "");
  const auto refused = loaded(before, LoadMode::kMerge, "<configuration operation=\"erase\"/>");
  EXPECT_EQ(refused.root, before);
  EXPECT_NE(refused.text.find("invalid operation: erase"), std::string::npos) << refused.text;
}

// One random change, as a line of set text and as what the line means.
class Twins {
 public:
  explicit Twins(unsigned seed) : random_(seed) {}

  std::string line(NodePtr& tree) {
    const std::string one = entry(), other = entry(), policy = "security ike policy p" + digit(2);
    const std::string value = " proposals x";
    const std::string left = digit(4), right = digit(4);
    switch (random_() % 9) {
      case 0:
        return done("set " + one + " description d" + left,
                    set(tree, path(one + " description d" + left)), tree);
      case 1:
        return done("delete " + one, remove(tree, path(one)), tree);
      case 2:
        return done("rename " + one + " to unit " + left,
                    rename(tree, path(one), sibling(one, left)), tree);
      case 3:
        return done("copy " + one + " to unit " + left, copy(tree, path(one), sibling(one, left)),
                    tree);
      case 4:
        return done("set " + policy + value + left, set(tree, path(policy + value + left)), tree);
      case 5:
        return done("insert " + policy + value + left + " after x" + right,
                    insert(tree, path(policy + value + left), false, "x" + right), tree);
      case 6:
        return done("top insert " + policy + value + left + " before proposals x" + right,
                    insert(tree, path(policy + value + left), true, "x" + right), tree);
      case 7:
        return done("deactivate " + one, mark(tree, path(one), Mark::kInactive, true), tree);
      default:
        return done("replace pattern ^d" + left + "$ with d" + right + " upto 2",
                    substitute(tree, {}, {"^d" + left + "$", "d" + right, 2}), tree);
    }
  }

 private:
  static std::string done(std::string line, Edited edited, NodePtr& tree) {
    tree = std::move(edited.root);
    return line + "\n";
  }
  static Path sibling(const std::string& entry, const std::string& unit) {
    Path to = path(entry);
    to.back().value = unit;
    return to;
  }
  std::string digit(unsigned limit) { return std::to_string(random_() % limit); }
  std::string entry() { return "interfaces et-0/0/" + digit(2) + " unit " + digit(4); }

  std::mt19937 random_;
};

TEST(LoadSet, AgreesWithTheEdits) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    Twins twins(seed);
    NodePtr wanted = make_root(*schema());
    std::string text;
    for (int i = 0; i < 60; ++i) text += twins.line(wanted);
    const auto result = loaded(make_root(*schema()), LoadMode::kSet, text);
    ASSERT_EQ(result.text.find("syntax"), std::string::npos) << result.text;
    ASSERT_EQ(set_text(result.root), set_text(wanted)) << "seed " << seed << "\n" << text;
  }
}

TEST(LoadSet, HoldsOnceWhatEntriesHaveAlike) {
  std::string text;
  for (const char* name : {"a", "b", "c"})
    text += "set security ike gateway " + std::string(name) + " dead-peer-detection interval " +
            (*name == 'c' ? "30" : "20") + "\n";
  const NodePtr root = loaded(make_root(*schema()), LoadMode::kSet, text).root;
  const auto shared = decode(*schema(), nullptr, encode(make_root(*schema()), root));
  for (const NodePtr& tree : {root, shared.root}) {
    const auto detection = [&](const std::string& gateway) {
      return find(tree, path("security ike gateway " + gateway + " dead-peer-detection"));
    };
    ASSERT_TRUE(detection("a"));
    EXPECT_EQ(detection("a"), detection("b"));
    EXPECT_FALSE(equal(detection("a"), detection("c")));
  }
}

TEST(LoadSet, LeavesWhatIsProtected) {
  NodePtr before = tree("interfaces et-0/0/0 description a\ninterfaces et-0/0/1 description a");
  before = mark(before, path("interfaces et-0/0/0"), Mark::kProtect, true).root;
  const auto result =
      loaded(before, LoadMode::kSet, "replace pattern ^a$ with b\nwildcard delete interfaces .*\n");
  EXPECT_EQ(set_text(result.root),
            "set interfaces et-0/0/0 description a\nprotect interfaces et-0/0/0\n");
  EXPECT_EQ(result.text,
            "warning: [interfaces et-0/0/0] is protected, 'interfaces et-0/0/0' cannot be deleted\n"
            "load complete\n");
}

TEST(Load, NamesWhatIsProtectedWithoutItsSecret) {
  NodePtr before =
      tree("security ike policy p pre-shared-key ascii-text hush-hush\nsystem host-name a");
  before = mark(before, path("security ike policy p pre-shared-key ascii-text hush-hush"),
                Mark::kProtect, true)
               .root;
  const auto result = loaded(before, LoadMode::kOverride, "system { host-name b; }");
  EXPECT_EQ(result.text.find("hush"), std::string::npos) << result.text;
  EXPECT_NE(
      result.text.find("'security ike policy p pre-shared-key ascii-text' cannot be modified"),
      std::string::npos)
      << result.text;
}

}  // namespace
}  // namespace nezu::configdb
