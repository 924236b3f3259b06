// The persistent tree of children against std::map, and its costs.
#include "configdb/children.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "configdb/node.h"

namespace nezu::configdb {
namespace {

grammar::Statement& list() {
  static grammar::Statement kList;
  kList.kind = grammar::Kind::kList;
  return kList;
}

NodePtr entry(const std::string& text) {
  return freeze(make_entry(list(), text));
}

struct Natural {
  bool operator()(const std::string& a, const std::string& b) const {
    return natural_compare(a, b) < 0;
  }
};
using Model = std::map<std::string, NodePtr, Natural>;

std::vector<NodePtr> listed(const Children& children) {
  std::vector<NodePtr> out;
  children.each([&](const NodePtr& node) { out.push_back(node); });
  return out;
}

std::vector<NodePtr> listed(const Model& model) {
  std::vector<NodePtr> out;
  for (const auto& [_, node] : model) out.push_back(node);
  return out;
}

using Pair = std::pair<NodePtr, NodePtr>;

std::vector<Pair> model_difference(const Model& before, const Model& after) {
  std::map<std::string, Pair, Natural> all;
  for (const auto& [text, node] : before) all[text].first = node;
  for (const auto& [text, node] : after) all[text].second = node;
  std::vector<Pair> out;
  for (const auto& [_, pair] : all)
    if (pair.first != pair.second) out.push_back(pair);
  return out;
}

std::vector<Pair> difference(const Children& before, const Children& after) {
  std::vector<Pair> out;
  Children::difference(before, after, [&](const NodePtr& left, const NodePtr& right) {
    out.emplace_back(left, right);
  });
  return out;
}

TEST(NaturalOrder, NumbersCompareAsNumbers) {
  const std::vector<std::string> sorted = {"",           "01",        "1",         "2",
                                           "10",         "et-0/0/2",  "et-0/0/10", "et-0/1/0",
                                           "et-0/1/0.5", "et-0/1/0a", "lo0",       "st0"};
  for (size_t i = 0; i < sorted.size(); ++i)
    for (size_t j = 0; j < sorted.size(); ++j)
      EXPECT_EQ(natural_compare(sorted[i], sorted[j]) < 0, i < j) << sorted[i] << " " << sorted[j];
}

TEST(NaturalOrder, NumbersOfAnyLength) {
  EXPECT_LT(natural_compare("a99999999999999999999998", "a99999999999999999999999"), 0);
  EXPECT_GT(natural_compare("a100000000000000000000000", "a99999999999999999999999"), 0);
}

// Random edits on random versions: content, look-ups, size and differences agree with the model,
// and old versions stay as they were.
TEST(Children, AgreeWithAMapUnderRandomEdits) {
  std::mt19937 random(20261121);
  for (int round = 0; round < 6; ++round) {
    const unsigned names = round % 2 ? 60 : 3000;
    std::vector<std::pair<Children, Model>> versions(1);
    for (int step = 0; step < 3000; ++step) {
      auto [children, model] = versions.back();
      const std::string text = "ge-" + std::to_string(random() % names);
      const bool shrinking = step / 600 % 2;
      if (random() % 10 < (shrinking ? 7u : 3u)) {
        const NodePtr old = children.find(0, text);
        EXPECT_EQ(old != nullptr, model.erase(text) == 1);
        if (old) children = children.erase(*old);
      } else {
        NodePtr node = entry(text);
        model[text] = node;
        children = children.put(node);
        EXPECT_EQ(children.find(0, text), node);
      }
      ASSERT_EQ(children.size(), model.size());
      if (step % 50 == 0)
        versions.emplace_back(children, model);
      else
        versions.back() = {children, model};
    }
    for (const auto& [children, model] : versions) ASSERT_EQ(listed(children), listed(model));
    for (int i = 0; i < 30; ++i) {
      const auto& a = versions[random() % versions.size()];
      const auto& b = versions[random() % versions.size()];
      ASSERT_EQ(difference(a.first, b.first), model_difference(a.second, b.second));
    }
  }
}

TEST(Children, KnowTheirNeighbours) {
  Children children;
  for (int i = 0; i < 2000; i += 2) children = children.put(entry(std::to_string(i)));
  for (int i = 0; i < 2000; ++i) {
    const NodePtr before = children.previous(*entry(std::to_string(i)));
    const NodePtr after = children.next(*entry(std::to_string(i)));
    const int low = i % 2 ? i - 1 : i - 2, high = i % 2 ? i + 1 : i + 2;
    ASSERT_EQ(before ? std::string(before->text) : "none", low < 0 ? "none" : std::to_string(low));
    ASSERT_EQ(after ? std::string(after->text) : "none",
              high >= 2000 ? "none" : std::to_string(high));
  }
  EXPECT_EQ(Children().previous(*entry("1")), nullptr);
  EXPECT_EQ(Children().next(*entry("1")), nullptr);
}

TEST(Children, PuttingWhatIsThereAndErasingWhatIsNotChangeNothing) {
  Children children;
  for (int i = 0; i < 1000; ++i) children = children.put(entry(std::to_string(i)));
  EXPECT_TRUE(children.put(children.find(0, "500")) == children);
  EXPECT_TRUE(children.erase(*entry("1000")) == children);
}

TEST(Children, KnowWhetherAllBelowIsPlain) {
  Children children;
  for (int i = 0; i < 1000; ++i) children = children.put(entry(std::to_string(i)));
  EXPECT_TRUE(children.plain());
  Node node = make_entry(list(), "500");
  node.inactive = true;
  const Children marked = children.put(freeze(node));
  EXPECT_FALSE(marked.plain());
  EXPECT_TRUE(marked.erase(node).plain());
  EXPECT_TRUE(children.plain());
}

// An edit of a large list shares all but a path of blocks: what differs is found without walking
// the rest.
TEST(Children, ADifferenceCostsWhatDiffers) {
  Children children;
  for (int i = 0; i < 100000; ++i) children = children.put(entry(std::to_string(i)));
  const Children changed = children.put(entry("77777"));
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 200; ++i) ASSERT_EQ(difference(children, changed).size(), 1u);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(took.count(), 1.0);  // walking all of it each time takes many seconds
}

// Beside looking at every name.
TEST(Children, VisitsWhatBeginsSo) {
  std::mt19937 random(7);
  const auto word = [&](size_t most) {
    std::string text;
    for (size_t length = random() % (most + 1); length > 0; --length)
      text += "0017a/"[random() % 6];
    return text;
  };
  Children by_place, by_name(Children::Sorting::kName);
  std::set<std::string> names;
  for (int i = 0; i < 3000; ++i) {
    const NodePtr node = entry(*names.insert(word(8)).first);
    by_place = by_place.put(node);
    by_name = by_name.put(node);
  }
  for (int i = 0; i < 2000; ++i) {
    const std::string text = word(5);
    std::set<std::string> expected;
    for (const auto& name : names)
      if (name.starts_with(text)) expected.insert(name);
    std::set<std::string> placed, named;
    by_place.each_beginning(0, text, [&](const NodePtr& node) { placed.emplace(node->text); });
    by_name.each_beginning(0, text, [&](const NodePtr& node) { named.emplace(node->text); });
    ASSERT_EQ(named, expected) << text;
    ASSERT_TRUE(std::includes(placed.begin(), placed.end(), expected.begin(), expected.end()))
        << text;
  }
}

// 200 of 100,000 are not found by looking at all of them.
TEST(Children, VisitsLittleElseThanWhatBeginsSo) {
  Children children;
  for (int i = 0; i < 100000; ++i)
    children =
        children.put(entry("ge-" + std::to_string(i / 1000) + "/" + std::to_string(i % 1000)));
  size_t visited = 0;
  children.each_beginning(0, "ge-17/99", [&](const NodePtr&) { ++visited; });
  EXPECT_EQ(visited, 1000u);
}

}  // namespace
}  // namespace nezu::configdb
