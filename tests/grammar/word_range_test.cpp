// The ranges of `wildcard range`.
#include "grammar/word_range.h"

#include <gtest/gtest.h>

namespace nezu::grammar {
namespace {

std::vector<std::string> lines(const std::string& text) {
  CommandLineReader reader;
  const auto ranges = expand_ranges(reader.read(text).words);
  if (!ranges.error.empty()) return {ranges.error + " at " + std::to_string(ranges.word)};
  std::vector<std::string> out;
  for (const Words& line : ranges.lines) {
    out.emplace_back();
    for (const Word& word : line) out.back() += (out.back().empty() ? "" : " ") + word.text;
  }
  return out;
}
using Lines = std::vector<std::string>;

TEST(WordRange, StandsForItsNumbers) {
  EXPECT_EQ(lines("a et-0/0/[0-3,!2]"), (Lines{"a et-0/0/0", "a et-0/0/1", "a et-0/0/3"}));
  EXPECT_EQ(lines("et-[0-1]/0/[7,9] x"),
            (Lines{"et-0/0/7 x", "et-0/0/9 x", "et-1/0/7 x", "et-1/0/9 x"}));
  EXPECT_EQ(lines("unit [1-2] v[8-12,!9-11]b"),
            (Lines{"unit 1 v8b", "unit 1 v12b", "unit 2 v8b", "unit 2 v12b"}));
  EXPECT_EQ(lines("[3,1,3,2]"), (Lines{"1", "2", "3"}));
  EXPECT_EQ(lines("x[4294967294-4294967295]"), (Lines{"x4294967294", "x4294967295"}));
}

TEST(WordRange, IsNotASetOfValues) {
  EXPECT_EQ(lines("proposals [ a b ]"), Lines{"proposals [ a b ]"});
  EXPECT_EQ(lines("\"a[0-3]\""), Lines{"a[0-3]"});
  EXPECT_EQ(lines("a[0-3"), Lines{"a [ 0-3"});
  EXPECT_EQ(lines("proposals [ a b]"), Lines{"proposals [ a b ]"});
  EXPECT_EQ(lines("proposals [a b]"), Lines{"proposals [ a b ]"});
  EXPECT_EQ(lines("x[1 - 2]"), Lines{"x [ 1 - 2 ]"});
  EXPECT_EQ(lines(""), Lines{""});
}

TEST(WordRange, RefusesWhatIsNone) {
  for (const char* bad : {"x[]", "x[a]", "x[3-1]", "x[1-]", "x[-1]", "x[!1]", "x[1,!1]", "x[1,,2]",
                          "x[0-99999999]", "x[99999999999999999999]", "x[1]]", "x[[1]]"}) {
    const Lines got = lines(std::string("a ") + bad);
    ASSERT_EQ(got.size(), 1u) << bad;
    EXPECT_TRUE(got[0].starts_with("invalid range 'x[")) << bad << ": " << got[0];
  }
  EXPECT_EQ(lines("[0-999] [0-999]"), Lines{"invalid range '[0-999]' at 3"});
}

TEST(WordRange, JoinsPatterns) {
  CommandLineReader reader;
  const Words joined = join_ranges(reader.read("interfaces et-0/0/[01] [ a ] x[^2]*").words);
  Lines texts;
  for (const Word& word : joined) texts.push_back(word.text);
  EXPECT_EQ(texts, (Lines{"interfaces", "et-0/0/[01]", "[", "a", "]", "x[^2]*"}));
}

}  // namespace
}  // namespace nezu::grammar
