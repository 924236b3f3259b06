#include "configdb/node_text.h"

#include <gtest/gtest.h>

#include <random>

#include "configdb/node.h"
#include "tests/configdb/sample.h"

namespace nezu::configdb {
namespace {

// Beside plain members that do the same.
struct Plain {
  std::string text;
  uint64_t label = 0;
  std::optional<std::string> annotation;

  bool operator==(const Plain&) const = default;
};

Plain read(const NodeText& text) {
  Plain plain{std::string(text), text.label(), std::nullopt};
  if (text.annotation()) plain.annotation = *text.annotation();
  return plain;
}

TEST(NodeText, TakesSixteenBytes) {
  EXPECT_EQ(sizeof(NodeText), 16u);
  EXPECT_LE(sizeof(Node), 40u) << "a node and what the heap adds fill 48 bytes";
}

TEST(NodeText, KeepsWhatIsNotSet) {
  std::mt19937 random(1);
  const uint64_t labels[] = {0,
                             kLabelGap,
                             7 * kLabelGap,
                             kLabelGap + 1,
                             0xffffff * kLabelGap,
                             uint64_t{0x1000000} * kLabelGap,
                             ~uint64_t{0}};
  NodeText text;
  Plain plain;
  for (int i = 0; i < 20000; ++i) {
    const auto what = random() % 4;
    if (what == 0) text = plain.text = std::string(random() % 20, static_cast<char>('a' + i % 26));
    if (what == 1) text.set_label(plain.label = labels[random() % std::size(labels)]);
    if (what == 2) {
      plain.annotation =
          random() % 2 ? std::optional(std::string(random() % 40, 'x')) : std::nullopt;
      text.annotate(plain.annotation ? &*plain.annotation : nullptr);
    }
    if (what == 3) {
      NodeText copy = text;
      copy = std::string("other");
      copy.set_label(5);
      NodeText moved = std::move(text);
      text = moved;
    }
    ASSERT_EQ(read(text), plain) << "after step " << i;
  }
}

TEST(NodeText, TakesAPartOfItself) {
  NodeText text;
  text = "abcdefghijklmnopqrstuvwxyz";
  text = text.view().substr(20);
  EXPECT_EQ(text, "uvwxyz");
  text = text.view().substr(2);
  EXPECT_EQ(text, "wxyz");
}

// A list finds its entries by name whether it keeps an index of them or not.
TEST(NodeText, OrderedListsOfEverySizeFindTheirEntries) {
  const auto& schema = *sample::schema();
  const auto& list = *schema.at("system domain-search");
  ASSERT_TRUE(list.user_ordered);
  Node holder = make_holder(list);
  const auto name = [](size_t i) { return "10.0.0." + std::to_string(i * 37 % 101); };
  const auto expect = [&](size_t count) {
    ASSERT_EQ(holder.children.size(), count);
    ASSERT_EQ(by_name(holder).size(), count);
    for (size_t i = 0; i < 60; ++i) ASSERT_EQ(entry_of(holder, name(i)) != nullptr, i < count);
  };
  for (size_t i = 0; i < 60; ++i) {
    holder = with_child(holder, freeze(make_entry(list, name(i), next_label(holder))));
    expect(i + 1);
  }
  for (size_t i = 60; i-- > 0;) {
    holder = without_child(holder, *entry_of(holder, name(i)));
    expect(i);
  }
}

}  // namespace
}  // namespace nezu::configdb
