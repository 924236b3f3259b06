#include "services/mgmt/pipes.h"

#include <gtest/gtest.h>

#include <chrono>

#include "services/mgmt/spill.h"

namespace nezu::mgmt {
namespace {

// `text` through one filter, given in pieces of `step` bytes.
std::string filtered(std::string_view word, std::string_view argument, std::string_view text,
                     size_t step = 1000) {
  std::string out;
  auto made =
      make_filter(word, argument, write_to([&out](std::string_view piece) { out += piece; }), 3);
  if (const auto* bad = std::get_if<FilterError>(&made)) return "error: " + bad->message;
  auto& filter = *std::get<std::unique_ptr<Filter>>(made);
  for (size_t at = 0; at < text.size(); at += step) filter.write(text.substr(at, step));
  filter.end();
  return out;
}

TEST(Pipes, SeeLinesWhateverThePieces) {
  const std::string text = "one\ntwo\nthree\nfour";
  for (const size_t step : {1, 2, 5, 1000}) {
    EXPECT_EQ(filtered("match", "o", text, step), "one\ntwo\nfour");
    EXPECT_EQ(filtered("except", "o", text, step), "three\n");
    EXPECT_EQ(filtered("find", "^t", text, step), "two\nthree\nfour");
    EXPECT_EQ(filtered("count", "", text, step), "Count: 4 lines\n");
    EXPECT_EQ(filtered("last", "2", text, step), "three\nfour");
    EXPECT_EQ(filtered("last", "", text, step), "two\nthree\nfour");
    EXPECT_EQ(filtered("trim", "2", text, step), "e\no\nree\nur");
  }
}

TEST(Pipes, TakePosixExpressionsWithoutRegardToCase) {
  EXPECT_EQ(filtered("match", "(ab|CD){2}$", "xABcd\nabx\n"), "xABcd\n");
  EXPECT_EQ(filtered("match", "[[:digit:]]+\\.", "v1.2\nv\n"), "v1.2\n");
  EXPECT_TRUE(filtered("match", "(", "").starts_with("error: "));
  EXPECT_TRUE(filtered("match", "(a)\\1", "").starts_with("error: "));  // cannot be linear
  EXPECT_TRUE(filtered("match", "((a{100}){100}){100}", "").starts_with("error: "));
}

TEST(Pipes, AreBoundedInTime) {
  const auto begin = std::chrono::steady_clock::now();
  filtered("match", "(a+)+$", std::string(60000, 'a') + "b\n");
  filtered("match", "(a|aa)*(b|bb)*c", std::string(60000, 'a') + "\n");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(Pipes, AreBoundedInMemory) {
  EXPECT_TRUE(filtered("last", "999999999", "").starts_with("error: "));
  EXPECT_TRUE(filtered("last", "99999999999999999999999", "").starts_with("error: "));
  EXPECT_TRUE(filtered("trim", "-1", "").starts_with("error: "));
  // A line without an end is cut.
  EXPECT_EQ(filtered("count", "", std::string(3 * kMaxLine, 'x')), "Count: 3 lines\n");
}

TEST(Spill, GivesBackWhatItTookInOrder) {
  Spill spill;
  std::string expected, read;
  for (int i = 0; i < 400'000; ++i) {
    const std::string piece = std::to_string(i) + ",";
    expected += piece;
    ASSERT_TRUE(spill.write(piece));
    if (i % 1000 == 0) read += spill.read(777);
  }
  EXPECT_EQ(spill.size(), expected.size() - read.size());
  for (std::string piece; !(piece = spill.read(10'000)).empty();) read += piece;
  EXPECT_EQ(read, expected);
  EXPECT_EQ(spill.size(), 0u);
  ASSERT_TRUE(spill.write("again"));
  EXPECT_EQ(spill.read(100), "again");
  spill.write(std::string(3 << 20, 'x'));
  spill.clear();
  EXPECT_EQ(spill.size(), 0u);
  EXPECT_EQ(spill.read(100), "");
}

}  // namespace
}  // namespace nezu::mgmt
