// Configuration text in braces and as lines; what holds of every form of it.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "grammar/secret.h"
#include "tests/grammar/tree.h"

namespace nezu::grammar {
namespace {

std::string file(const std::string& name) {
  std::ifstream in(NEZU_SOURCE_DIR "/tests/grammar/" + name);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// The golden file cannot know our encoding of the secret.
std::string with_secret(std::string text) {
  const auto at = text.find("$9$SECRET");
  return text.replace(at, 9, encode_secret("test123"));
}

TEST(Curly, PrintsThePointToPointExample) {
  const auto tree = read(file("peer1.set"));
  EXPECT_EQ(tree.problems, "");
  EXPECT_EQ(curly(tree), with_secret(file("peer1.conf")));
}

TEST(Curly, ReadsThePointToPointExample) {
  const auto tree = read(with_secret(file("peer1.conf")));
  EXPECT_EQ(tree.problems, "");
  EXPECT_EQ(tree.root, read(file("peer1.set")).root);
}

TEST(SetForm, PrintsThePointToPointExample) {
  const auto tree = read(file("peer1.set"));
  const auto again = read(set_form(tree));
  EXPECT_EQ(again.problems, "");
  EXPECT_EQ(again.root, tree.root);
  EXPECT_NE(set_form(tree).find("set interfaces si-0/0/0 unit 0 family inet6\n"),
            std::string::npos);
  EXPECT_EQ(set_form(tree).find("set interfaces si-0/0/0\n"), std::string::npos);
}

struct Form {
  const char* set;
  const char* curly;
};

class Forms : public testing::TestWithParam<Form> {};

TEST_P(Forms, AreTheSameConfiguration) {
  const auto tree = read(GetParam().set);
  EXPECT_EQ(tree.problems, "");
  EXPECT_EQ(curly(tree), GetParam().curly);
  const auto again = read(GetParam().curly);
  EXPECT_EQ(again.problems, "");
  EXPECT_EQ(again.root, tree.root);
  EXPECT_EQ(set_form(tree), GetParam().set);
}

INSTANTIATE_TEST_SUITE_P(
    Text, Forms,
    testing::Values(
        Form{
            "set security ike policy p proposals a\nset security ike policy p proposals b\n",
            "security {\n    ike {\n        policy p {\n            proposals [ a b ];\n        }\n"
            "    }\n}\n"},
        Form{"set system name-server 10.0.0.1\nset system name-server 10.0.0.2\n",
             "system {\n    name-server {\n        10.0.0.1;\n        10.0.0.2;\n    }\n}\n"},
        Form{"set interfaces et-0/0/0 disable\nset interfaces et-0/0/0 unit 0 description \"a "
             "\\\"b\\\" "
             "\\\\ {;}\"\n",
             "interfaces {\n    et-0/0/0 {\n        disable;\n        unit 0 {\n            "
             "description "
             "\"a \\\"b\\\" \\\\ {;}\";\n        }\n    }\n}\n"},
        Form{"set interfaces st0 unit 1 family inet\ndeactivate interfaces st0 unit 1 family inet\n"
             "deactivate interfaces st0 unit 1\nset interfaces lo0\nprotect interfaces lo0\n",
             "interfaces {\n    st0 {\n        inactive: unit 1 {\n            inactive: family "
             "inet;\n  "
             "      }\n    }\n    protect: lo0;\n}\n"},
        Form{"set routing-options static route 1.0.0.0/8 discard\n"
             "set routing-options static route 2.0.0.0/8 next-hop 10.0.0.1\n"
             "set routing-options static route 2.0.0.0/8 preference 10\n"
             "set routing-options static route 3.0.0.0/8 next-hop 10.0.0.1\n"
             "set routing-options static route 3.0.0.0/8 next-hop 10.0.0.2\n",
             "routing-options {\n    static {\n        route 1.0.0.0/8 discard;\n        route "
             "2.0.0.0/8 "
             "{\n            next-hop 10.0.0.1;\n            preference 10;\n        }\n        "
             "route "
             "3.0.0.0/8 next-hop [ 10.0.0.1 10.0.0.2 ];\n    }\n}\n"},
        Form{
            "set routing-options static route 4.0.0.0/8 qualified-next-hop 10.0.0.1 preference 7\n",
            "routing-options {\n    static {\n        route 4.0.0.0/8 {\n            "
            "qualified-next-hop 10.0.0.1 {\n                preference 7;\n            }\n        "
            "}\n   "
            " }\n}\n"},
        Form{"set routing-options static route 5.0.0.0/8 discard\n"
             "deactivate routing-options static route 5.0.0.0/8 discard\n"
             "deactivate routing-options static route 5.0.0.0/8\n",
             "routing-options {\n    static {\n        inactive: route 5.0.0.0/8 {\n            "
             "inactive: "
             "discard;\n        }\n    }\n}\n"},
        Form{"set security ike gateway g dead-peer-detection\n"
             "set security ike gateway g local-identity hostname a.example\n"
             "set security ike gateway h dead-peer-detection always-send\n"
             "set security ike gateway i dead-peer-detection interval 20\n"
             "set security ike gateway i dead-peer-detection threshold 3\n",
             "security {\n    ike {\n        gateway g {\n            dead-peer-detection;\n       "
             "    "
             " local-identity hostname a.example;\n        }\n        gateway h {\n            "
             "dead-peer-detection always-send;\n        }\n        gateway i {\n            "
             "dead-peer-detection {\n                interval 20;\n                threshold 3;\n  "
             "      "
             "    }\n        }\n    }\n}\n"}));

TEST(Curly, KeepsAnnotations) {
  const auto tree = read("annotate system \"who we are\"\nset system host-name r1\n");
  EXPECT_EQ(curly(tree), "/* who we are */\nsystem {\n    host-name r1;\n}\n");
  EXPECT_EQ(read(curly(tree)).root, tree.root);
  EXPECT_EQ(
      read("# old style\nsystem { ## not kept\n host-name r1; }").root.children[0].marks.annotation,
      "old style");
  Tree sneaky;
  sneaky.edit(Verb::kAnnotate, path_of("system"), "x */ security {");
  sneaky.edit(Verb::kSet, path_of("system host-name r1"), "");
  EXPECT_EQ(read(curly(sneaky)).problems, "");
}

TEST(Curly, BeginsLinesAsAComparisonNeeds) {
  const auto tree = read("set system host-name r1");
  EXPECT_EQ(curly(tree, {2, 3, "+"}), "+   system {\n+       host-name r1;\n+   }\n");
}

TEST(Curly, ReadsTags) {
  auto tree = read("set interfaces st0 unit 1 description old\nset interfaces st0 unit 2");
  const std::string patch =
      "interfaces { st0 { replace: unit 1 { family inet; } delete: unit 2; } }";
  read_curly(schema().configuration(), {}, patch, tree);
  EXPECT_EQ(tree.problems, "");
  EXPECT_EQ(set_form(tree), "set interfaces st0 unit 1 family inet\n");
}

TEST(Curly, ReadsBelowALevel) {
  const auto tree = read("unit 0 { family inet; }", path_of("interfaces st0"));
  EXPECT_EQ(set_form(tree), "set interfaces st0 unit 0 family inet\n");
}

TEST(Curly, SaysWhereItIsWrong) {
  const auto tree = read(
      "interfaces {\n    et-0/0/0 {\n        mtu 9000;\n        metric 65450;\n    }\n}\nsystem {\n"
      "    host-name r1;\n}\n");
  EXPECT_EQ(tree.problems,
            "terminal:4:(14) syntax error: metric\n"
            "  [edit interfaces et-0/0/0]\n"
            "    'metric 65450;'\n"
            "      syntax error\n");
  EXPECT_EQ(set_form(tree), "set system host-name r1\nset interfaces et-0/0/0 mtu 9000\n");
}

TEST(Curly, SkipsABadContainer) {
  const auto tree =
      read("system {\n    foo {\n        bar { baz; }\n    }\n    host-name r1;\n}\n");
  EXPECT_EQ(tree.problems,
            "terminal:2:(7) syntax error: foo\n"
            "  [edit system]\n"
            "    'foo'\n"
            "      syntax error\n"
            "terminal:4:(5) error recovery ignores input until this point: }\n");
  EXPECT_EQ(set_form(tree), "set system host-name r1\n");
}

// A secret with a slip in it is nearly the secret.
TEST(Readers, RepeatNoSecretThatIsRefused) {
  const std::string way = "security ike policy p pre-shared-key hexadecimal ";
  const std::string set = read("set " + way + "0aff12x").problems;
  EXPECT_EQ(set, "terminal:1:(53) Must be hexadecimal digits\n");
  const std::string braces =
      read("security { ike { policy p { pre-shared-key hexadecimal 0aff12x; } } }").problems;
  EXPECT_NE(braces.find("'pre-shared-key hexadecimal'\n      Must be hexadecimal digits\n"),
            braces.npos)
      << braces;
  for (const char* text :
       {"{\"configuration\":{\"security\":{\"ike\":{\"policy\":[{\"name\":\"p\","
        "\"pre-shared-key\":{\"hexadecimal\":\"0aff12x\"}}]}}}}",
        "<configuration><security><ike><policy><name>p</name><pre-shared-key><hexadecimal>0aff12x"
        "</hexadecimal></pre-shared-key></policy></ike></security></configuration>",
        "system { root-authentication { encrypted-password \"$8$0aff12x\"; } }",
        "security { ike { policy p { pre-shared-key ascii-text 0aff12x bogus; } } }",
        "security { ike { policy p { pre-shared-key ascii-text 0aff12x { bogus; } } } }",
        "security { ike { policy p { pre-shared-key ascii-text 0aff12x } } }",
        "security { ike { policy p { pre-shared-key ascii-text 0aff12x",
        "set system radius-server 10.0.0.1 secret \"$9$0aff12x!\""}) {
    const std::string problems = read(text).problems;
    EXPECT_NE(problems, "") << text;
    EXPECT_EQ(problems.find("0aff12x"), problems.npos) << problems;
  }
}

TEST(Curly, WarnsOfEmptyContainers) {
  EXPECT_EQ(read("security {\n    ike {\n    }\n}\n").problems,
            "[edit security]\n  'ike'\n    warning: statement has no contents; ignored\n"
            "[edit]\n  'security'\n    warning: statement has no contents; ignored\n");
}

struct Bad {
  const char* text;
  const char* problem;
};
class BadText : public testing::TestWithParam<Bad> {};

TEST_P(BadText, IsRefusedAtItsPlace) {
  const auto tree = read(GetParam().text);
  EXPECT_EQ(tree.problems.substr(0, tree.problems.find('\n')), GetParam().problem);
}

INSTANTIATE_TEST_SUITE_P(
    Text, BadText,
    testing::Values(
        Bad{"}", "terminal:1:(1) syntax error: }"},
        Bad{"system {", "terminal:1:(8) missing closing brace"},
        Bad{"system { host-name r1 }", "terminal:1:(23) syntax error: }"},
        Bad{"system { host-name r1", "terminal:1:(21) syntax error, expecting ';' or '{': r1"},
        Bad{"system { host-name \"r1; }\n", "terminal:1:(25) unterminated string or comment"},
        Bad{"/* no end", "terminal:1:(9) unterminated string or comment"},
        Bad{"system { host-name [ a ; }", "terminal:1:(24) syntax error: ;"},
        Bad{"system { ; }", "terminal:1:(10) syntax error: ;"},
        Bad{"{ }", "terminal:1:(1) syntax error: {"},
        Bad{"interfaces { et-0/0/0 { mtu 70000; } }",
            "terminal:1:(33) Value 70000 is not within range (256..16000): 70000"},
        Bad{"set system host-name\n", "terminal:1:(20) missing argument"},
        Bad{"set system host-name r1\nset topology metric 3\n",
            "terminal:2:(4) syntax error: topology"},
        Bad{"set system host-name r1\nfoo bar\n", "terminal:2:(0) unknown command: foo"},
        Bad{"set system host-name r1 | match x", "terminal:1:(24) syntax error: |"},
        Bad{"delete\n", "terminal:1:(0) missing argument"},
        Bad{"set system host-name \"r1\n", "terminal:1:(21) unterminated string"}));

TEST(SetForm, KeepsTheGoodLines) {
  const auto tree =
      read("set system host-name r1\r\nset foo\r\n\n# comment\nset interfaces st0\r\n");
  EXPECT_EQ(tree.problems, "terminal:2:(4) syntax error: foo\n");
  EXPECT_EQ(set_form(tree), "set system host-name r1\nset interfaces st0\n");
}

TEST(SetForm, KeepsWhatALineNamesBeforeItsFirstWrongWord) {
  const auto tree = read(
      "set interfaces et-0/0/0 nonsense 1\nset interfaces et-0/0/1 unit 0 mtx 1 x\n"
      "set system nonsense\nset routing-options static route 1.0.0.0/8 discard nonsense\n"
      "set interfaces et-0/0/1 unit x\nset interfaces et-0/0/1 unit 7\n");
  EXPECT_EQ(tree.problems,
            "terminal:1:(24) syntax error: nonsense\nterminal:2:(31) syntax error: mtx\n"
            "terminal:3:(11) syntax error: nonsense\nterminal:4:(51) syntax error: nonsense\n"
            "terminal:5:(29) invalid numeric value: 'x': x\n");
  EXPECT_EQ(set_form(tree),
            "set interfaces et-0/0/0\nset interfaces et-0/0/1 unit 0\n"
            "set interfaces et-0/0/1 unit 7\n"
            "set routing-options static route 1.0.0.0/8 discard\n");
}

TEST(Readers, SkipAByteOrderMark) {
  EXPECT_EQ(read("\xef\xbb\xbfset system host-name r1").problems, "");
  EXPECT_EQ(read("\xef\xbb\xbfsystem { host-name r1; }").problems, "");
}

TEST(SetForm, Moves) {
  const auto tree = read(
      "edit interfaces st0\nset unit 1 family inet\nedit unit 2\nset family inet6\nup\nset mtu "
      "1400\n"
      "top set system host-name r1\ntop\nset interfaces lo0\n");
  EXPECT_EQ(tree.problems, "");
  EXPECT_EQ(set_form(tree),
            "set system host-name r1\nset interfaces st0 mtu 1400\n"
            "set interfaces st0 unit 1 family inet\nset interfaces st0 unit 2 family inet6\n"
            "set interfaces lo0\n");
}

// Whatever changes the candidate in configuration mode.
TEST(SetForm, TakesTheVerbsOfConfigurationMode) {
  const auto tree = read(
      "rename interfaces st0 unit 0 to unit 1\n"
      "edit security ike\n"
      "insert policy p proposals c before a\n"
      "copy policy p to policy q\n"
      "top insert security ike policy p proposals c after proposals d\n"
      "replace pattern \"a b\" with &c\n"
      "quit\n"
      "replace pattern x with y upto 7\n"
      "wildcard delete interfaces et-0/0/[01]\n"
      "edit interfaces\n"
      "wildcard delete st.*\n");
  EXPECT_EQ(tree.problems, "");
  EXPECT_EQ(tree.moves,
            "rename interfaces st0 unit 0: 1\n"
            "before security ike policy p proposals c: a\n"
            "copy security ike policy p: q\n"
            "after security ike policy p proposals c: d\n"
            "security ike: a b -> &c upto 0\n"
            ": x -> y upto 7\n"
            "matching interfaces: et-0/0/[01]\n"
            "matching interfaces: st.*\n");
}

TEST(SetForm, SaysWhereAVerbIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"rename interfaces st0", "1:(21) missing argument"},
      {"rename interfaces st0 to", "1:(24) missing argument"},
      {"rename interfaces st0 to st1 unit 2", "1:(25) syntax error: st1"},
      {"rename system host-name a to b", "1:(26) syntax error: to"},
      {"insert security ike policy p proposals a", "1:(40) missing argument"},
      {"copy", "1:(0) missing argument"},
      {"replace pattern a", "1:(17) missing argument"},
      {"replace pattern a with b upto", "1:(29) missing argument"},
      {"replace pattern a with b upto x", "1:(30) syntax error: x"},
      {"replace pattern a with b c d", "1:(25) syntax error: c"},
      {"replace a with b", "1:(8) syntax error: a"},
      {"wildcard delete", "1:(0) missing argument"},
      {"wildcard delete nonsense .*", "1:(16) syntax error: nonsense"},
      {"wildcard nonsense", "1:(9) syntax error: nonsense"},
      {"exit now", "1:(5) syntax error: now"},
      {"top top top", "1:(4) syntax error: top"},
      {"top\ncommit", "2:(0) unknown command: commit"},
      {"top\nde system", "2:(0) unknown command: de"},
      {"top\n\"set\" system", "2:(0) unknown command: set"},
  };
  for (const auto& [text, problem] : cases)
    EXPECT_EQ(read(text).problems, "terminal:" + std::string(problem) + "\n") << text;
  std::string tops;
  for (int i = 0; i < 200'000; ++i) tops += "top ";
  EXPECT_NE(read(tops).problems, "");
}

TEST(SetForm, GoesBackToWhereEditWasSaid) {
  const auto tree = read(
      "edit interfaces\nedit st0 unit 2\ntop edit system\nset host-name a\nexit\n"
      "set description two\nup edit unit 3\nset description three\nexit\nexit\nset st1\n"
      "exit\nexit\nset interfaces st2\ndel system domain-name\nset system domain-name b\n");
  EXPECT_EQ(tree.problems, "");
  EXPECT_EQ(
      set_form(tree),
      "set system host-name a\nset system domain-name b\n"
      "set interfaces st0 unit 2 description two\nset interfaces st0 unit 3 description three\n"
      "set interfaces st1\nset interfaces st2\n");
}

// `top` forgets where `edit` was said, at the base there is nothing to go back to, and only the
// last hundred are known.
TEST(SetForm, GoesBackNoFurtherThanToTheBase) {
  const auto tree = read(
      "edit interfaces\nedit st0\ntop\nexit\nset system host-name a\n"
      "edit interfaces\nedit st0 unit 0\nup 2\nexit\nexit\nset system domain-name b\n");
  EXPECT_EQ(tree.problems, "");
  EXPECT_EQ(set_form(tree), "set system host-name a\nset system domain-name b\n");
  std::string many = "edit interfaces st0 unit 0\n";
  for (int i = 1; i <= 150; ++i) many += "top edit interfaces st0 unit " + std::to_string(i) + "\n";
  for (int i = 0; i < 100; ++i) many += "exit\n";
  const auto last = read(many + "set disable\nexit\nset system host-name base\n");
  EXPECT_EQ(last.problems, "");
  EXPECT_EQ(set_form(last), "set system host-name base\nset interfaces st0 unit 50 disable\n");
}

// Statements that are called as verbs are, in text in braces.
TEST(Readers, TellSetFormFromStatements) {
  const auto hold_time =
      read("up 100;\ndown 200;\n", {{schema().at("interfaces"), ""},
                                    {schema().at("interfaces interface"), "et-0/0/0"},
                                    {schema().at("interfaces interface hold-time"), ""}});
  EXPECT_EQ(hold_time.problems, "");
  EXPECT_EQ(set_form(hold_time),
            "set interfaces et-0/0/0 hold-time up 100\n"
            "set interfaces et-0/0/0 hold-time down 200\n");
  const Path routing = {{schema().at("routing-options"), ""}};
  for (const char* text : {"protect { core; }", "protect {\ncore;\n}", "replace;", "wildcard x;"})
    EXPECT_EQ(read(text, routing).problems.find("unknown command"), std::string::npos) << text;
  EXPECT_EQ(read("protect interfaces", routing).problems,
            "terminal:1:(8) syntax error: interfaces\n");
}

TEST(SetForm, GoesUpByStatements) {
  const auto tree = read(
      "edit interfaces st0 unit 2 family inet\nup\nset description two\nup 2\nset st1\n"
      "up 4294967295\nset system host-name a\n");
  EXPECT_EQ(tree.problems, "");
  EXPECT_EQ(set_form(tree),
            "set system host-name a\nset interfaces st0 unit 2 description two\n"
            "set interfaces st1\n");
  const auto level = read("edit st0 unit 2\nup 9\nset st1\n", {{schema().at("interfaces"), ""}});
  EXPECT_EQ(level.problems, "");
  EXPECT_EQ(set_form(level), "set interfaces st1\n");
  for (const char* bad : {"up 99999999999999999999", "up 0", "up -1", "up x", "up 1 2"})
    EXPECT_TRUE(read(bad).problems.starts_with("terminal:1:(")) << bad;
}

TEST(Readers, SurviveDepthAndLength) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "a { ";
  EXPECT_NE(read(deep).problems, "");
  EXPECT_NE(read("system { host-name " + std::string(1 << 20, 'x') + "; }").problems, "");
  EXPECT_NE(read("set system host-name " + std::string(2 << 20, 'x')).problems, "");
  std::string comments;
  for (int i = 0; i < 200'000; ++i) comments += "/* \n";
  EXPECT_EQ(read(comments).problems, "terminal:1:(800000) unterminated string or comment\n");
  std::string wrong;
  for (int i = 0; i < 5000; ++i) wrong += "foo;\n";
  EXPECT_LT(read(wrong).problems.size(), 200'000u);
}

}  // namespace
}  // namespace nezu::grammar
