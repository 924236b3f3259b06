// What elements of XML and members of JSON say, and their attributes.
#include <gtest/gtest.h>

#include "tests/grammar/tree.h"

namespace nezu::grammar {
namespace {

TEST(Xml, HasCommentsWithElementsInThem) {
  const auto tree = read(
      "<configuration><system><junos:comment>/* a <b>x</b> c */</junos:comment>"
      "<host-name>r1</host-name></system><interfaces><interface><name>st0</name></interface>"
      "</interfaces></configuration>");
  EXPECT_EQ(tree.problems, "");
  EXPECT_EQ(set_form(tree),
            "set system host-name r1\nannotate system host-name \"a  c\"\nset interfaces st0\n");
}

std::string unit(const std::string& attributes, const std::string& name) {
  return "<unit " + attributes + "><name>" + name + "</name></unit>";
}

Tree read_interface(const std::string& inside) {
  return read("<configuration><interfaces><interface><name>st0</name>" + inside +
              "</interface></interfaces></configuration>");
}

TEST(Xml, RenamesAndInserts) {
  const auto renamed = read_interface(
      "<unit rename=\"rename\" name=\"7\"><name>1</name><description>d</description></unit>");
  EXPECT_EQ(renamed.problems, "");
  EXPECT_EQ(renamed.moves, "rename interfaces st0 unit 1: 7\n");
  EXPECT_EQ(set_form(renamed), "set interfaces st0 unit 1 description d\n");  // renamed after that
  const std::string before = "<configuration><security><ike><policy><name>p</name>",
                    after = "</policy></ike></security></configuration>";
  const auto moved = read(before + "<proposals insert=\"before\" name=\"a\">c</proposals>" +
                          "<proposals insert=\"after\" value=\"b\">d</proposals>" + after);
  EXPECT_EQ(moved.problems, "");
  EXPECT_EQ(moved.moves,
            "before security ike policy p proposals c: a\n"
            "after security ike policy p proposals d: b\n");
  const auto named = read(before + "<proposals rename=\"rename\" name=\"a\">c</proposals>" + after);
  EXPECT_EQ(named.moves, "rename security ike policy p proposals c: a\n");
  const auto by_key = read_interface(unit("nc:insert='after' key=\"[nc:name='00']\"", "1"));
  EXPECT_EQ(by_key.moves, "after interfaces st0 unit 1: 0\n");
  const auto before_key =
      read_interface("<unit insert='before' name='3'><disable/><name>1</name></unit>");
  EXPECT_EQ(before_key.moves, "before interfaces st0 unit 1: 3\n");
  EXPECT_EQ(set_form(before_key), "set interfaces st0 unit 1 disable\n");
}

// What an element holds is of the name it has, which is refused a new one or not.
TEST(Xml, RenamesWhenEverythingElseIsDone) {
  struct Noted : Tree {
    void edit(Verb verb, const Path& path, std::string_view text) override {
      log += std::string(verb == Verb::kSet      ? "set"
                         : verb == Verb::kRename ? "rename"
                                                 : "mark") +
             " " + path_words(path) + " " + std::string(text) + "\n";
    }
    std::string log;
  } noted;
  read_configuration(schema().configuration(), {},
                     "<configuration><interfaces><interface><name>st0</name>"
                     "<unit rename='rename' name='7' inactive='inactive'><name>1</name>"
                     "<disable/></unit></interface></interfaces></configuration>",
                     noted);
  EXPECT_EQ(noted.problems, "");
  EXPECT_EQ(noted.log,
            "set interfaces st0 \nset interfaces st0 unit 1 disable \nmark interfaces st0 unit 1 \n"
            "rename interfaces st0 unit 1 7\n");
}

// Attributes are of a few kilobytes at most: an array may have a hundred thousand values that all
// have them. A comment stands at the first of them.
TEST(Json, SharesNoLongAttributesAmongValues) {
  const auto policy = [](const std::string& marks, const std::string& values) {
    return read(
        "{\"configuration\" : {\"security\" : {\"ike\" : {\"policy\" : [{\"name\" : \"p\", "
        "\"@proposals\" : {" +
        marks + "}, \"proposals\" : [" + values + "]}]}}}}");
  };
  const auto noted = policy("\"comment\" : \"c\"", "\"a\", \"b\"");
  EXPECT_EQ(noted.problems, "");
  EXPECT_EQ(curly(noted).find("/* c */"), curly(noted).rfind("/* c */"));
  EXPECT_NE(curly(noted).find("/* c */"), std::string::npos);
  for (const auto& marks : {"\"name\" : \"" + std::string(5000, 'x') + "\"",
                            "\"with\" : \"" + std::string(2500, 'x') + "\", \"upto\" : \"" +
                                std::string(2500, 'x') + "\""})
    EXPECT_NE(policy(marks, "\"a\"").problems.find("attributes are too long"), std::string::npos);
}

// Attributes may stand before an object, first in it and last in it: together they are no longer
// than in one place.
TEST(Json, SaysSoWhenAttributesOfSeveralPlacesAreTooLong) {
  const auto object = [](size_t before, size_t first, size_t last) {
    const auto marks = [](const char* name, size_t length) {
      return "{\"" + std::string(name) + "\" : \"" + std::string(length, 'x') + "\"}";
    };
    return read("{\"configuration\" : {\"@system\" : " + marks("one", before) +
                ", \"system\" : {\"@\" : " + marks("two", first) +
                ", \"host-name\" : \"a\", \"@\" : " + marks("three", last) + "}}}")
        .problems;
  };
  EXPECT_EQ(object(1000, 1000, 1000), "");
  EXPECT_NE(object(2500, 2500, 0).find("attributes are too long"), std::string::npos);
  EXPECT_NE(object(2500, 0, 2500).find("attributes are too long"), std::string::npos);
}

TEST(Json, SaysThingsOfTheWholeConfiguration) {
  const std::string rest = "\"system\" : {\"host-name\" : \"a\"}";
  const auto tree = read(
      "{\"configuration\" : {\"@\" : {\"replace-pattern\" : \"a\", \"with\" : "
      "\"b\"}, " +
      rest + "}}");
  EXPECT_EQ(tree.problems, "");
  EXPECT_EQ(tree.moves, ": a -> b upto 0\n");
  EXPECT_NE(read("{\"configuration\" : {\"@\" : {\"inactive\" : true}, " + rest + "}}")
                .problems.find("not possible for the whole configuration"),
            std::string::npos);
  EXPECT_NE(read("{\"configuration\" : {" + rest + ", \"@\" : {\"operation\" : \"delete\"}}}")
                .problems.find("what is said of the whole configuration comes first"),
            std::string::npos);
  const auto stamped =
      read("{\"configuration\" : {" + rest + ", \"@\" : {\"junos:changed-seconds\" : \"15\"}}}");
  EXPECT_EQ(stamped.problems, "");
}

TEST(Xml, TakesNamesThatReadAsTruthValues) {
  const std::string before = "<configuration><security><ike><policy><name>p</name>",
                    after = "</policy></ike></security></configuration>";
  const auto tree = read(before +
                         "<proposals rename='rename' name='false'>a</proposals>"
                         "<proposals inactive='false' insert='before' name='null'>b"
                         "</proposals>" +
                         after);
  EXPECT_EQ(tree.problems, "");
  EXPECT_EQ(tree.moves,
            "rename security ike policy p proposals a: false\n"
            "before security ike policy p proposals b: null\n");
}

TEST(Json, RenamesAndInserts) {
  const auto tree = read(
      "{\"configuration\" : {\"interfaces\" : {\"interface\" : [{\"name\" : \"st0\", \"unit\" : ["
      "{\"@\" : {\"insert\" : \"after\", \"name\" : \"2\"}, \"name\" : \"1\"},"
      "{\"name\" : \"3\", \"@\" : {\"rename\" : \"rename\", \"name\" : \"4\"}}]}]}}}");
  EXPECT_EQ(tree.problems, "");
  EXPECT_EQ(tree.moves, "after interfaces st0 unit 1: 2\nrename interfaces st0 unit 3: 4\n");
}

TEST(Xml, ReplacesPatterns) {
  const auto tree = read(
      "<configuration replace-pattern=\"a\" with=\"b\"><system replace-pattern=\"c+\" with=\"d\" "
      "upto=\"3\"/></configuration>");
  EXPECT_EQ(tree.problems, "");
  EXPECT_EQ(tree.moves, ": a -> b upto 0\nsystem: c+ -> d upto 3\n");
}

TEST(Xml, SaysWhatAttributesCannotDo) {
  const auto problem = [](const std::string& inside) {
    const auto tree = read_interface(inside);
    EXPECT_EQ(tree.moves, "") << inside;
    const auto line = tree.problems.substr(0, tree.problems.find('\n'));
    return line.substr(std::min(line.find(") ") + 2, line.size()));
  };
  EXPECT_EQ(problem(unit("rename='rename'", "1")),
            "missing attribute that names the other entry: unit");
  EXPECT_EQ(problem(unit("insert='before'", "1")),
            "missing attribute that names the other entry: unit");
  EXPECT_EQ(problem(unit("insert='before' key=\"[name='1\"", "1")),
            "missing attribute that names the other entry: unit");
  EXPECT_EQ(problem(unit("insert='first'", "1")), "invalid operation: first");
  EXPECT_EQ(problem(unit("insert='before' name='x'", "1")), "invalid numeric value: 'x': x");
  EXPECT_EQ(problem("<description rename='rename' name='b'>a</description>"),
            "only entries of a list can be renamed: description");
  EXPECT_EQ(problem("<ether-options insert='after' name='b'/>"),
            "only entries of a list have an order: ether-options");
  EXPECT_EQ(problem("<unit replace-pattern='a'><name>1</name></unit>"),
            "missing attribute 'with': replace-pattern");
  for (const char* upto : {"-1", "0", "false"})
    EXPECT_EQ(problem("<unit replace-pattern='a' with='b' upto='" + std::string(upto) +
                      "'><name>1</name></unit>"),
              "syntax error: " + std::string(upto));
  EXPECT_EQ(problem(unit("rename='rename' protect='protect' name='2'", "1")),
            "cannot be renamed and protected at once: unit");
  for (const char* mark : {"inactive='inactive'", "rename='rename'", "protect='protect'"})
    EXPECT_NE(read("<configuration " + std::string(mark) + "/>")
                  .problems.find("not possible for the whole configuration: configuration"),
              std::string::npos);
}

TEST(Xml, GivesUpWhereTooMuchComesBeforeAKey) {
  std::string text = "<configuration><interfaces><interface>";
  for (int i = 0; i < 10'001; ++i) text += "<unit>";
  for (int i = 0; i < 10'001; ++i) text += "</unit>";
  EXPECT_NE(read(text).problems.find("nested too deeply"), std::string::npos);
  text = "<configuration><interfaces><interface>";
  for (int i = 0; i < 5'001; ++i) text += "<disable></disable>";
  text += "<name>st0</name></interface></interfaces></configuration>";
  const auto tree = read(text);
  EXPECT_EQ(tree.problems, "terminal:1:(95047) too much before the key of its entry\n");
  EXPECT_EQ(set_form(tree), "");
}

}  // namespace
}  // namespace nezu::grammar
