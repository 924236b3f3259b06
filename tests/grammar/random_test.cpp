// Any configuration the schema allows: what a writer prints, a reader reads back to the same edits.
#include <gtest/gtest.h>

#include "tests/grammar/random_paths.h"
#include "tests/grammar/tree.h"

namespace nezu::grammar {
namespace {

// Members of one choice replace each other in a real tree; here they are kept apart.
bool fits(const Tree& tree, const Path& path) {
  const Tree::Node* node = &tree.root;
  for (const auto& step : path) {
    const Tree::Node* next = nullptr;
    for (const auto& child : node->children) {
      const auto& mine = *step.statement;
      const auto& other = *child.step.statement;
      if (mine.alternative && mine.alternative == other.alternative &&
          mine.alternative_case != other.alternative_case)
        return false;
      if (&mine == &other && (mine.type || child.step.value == step.value)) next = &child;
    }
    if (!next) return true;
    node = next;
  }
  return true;
}

Tree random_tree(RandomPaths& maker) {
  Tree tree;
  for (int i = 0; i < 40; ++i) {
    const auto path = maker.path();
    if (!fits(tree, path)) continue;
    tree.edit(Verb::kSet, path, "");
    // A value without a keyword has no name of its own to put a tag before.
    if (path.back().statement->type && path.back().statement->no_keyword) continue;
    if (maker.chance(8)) tree.edit(Verb::kDeactivate, path, "");
    if (maker.chance(10)) tree.edit(Verb::kProtect, path, "");
  }
  return tree;
}

TEST(RandomConfiguration, ReadsBackFromBothForms) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    RandomPaths maker(schema().configuration(), seed);
    const auto tree = random_tree(maker);
    for (const auto& text : {curly(tree), set_form(tree)}) {
      const auto again = read(text);
      ASSERT_EQ(again.problems, "") << "seed " << seed << "\n" << text;
      ASSERT_TRUE(again.root == tree.root) << "seed " << seed << "\n" << text << set_form(again);
    }
  }
}

void name_those_without_values(RandomPaths& maker, const Statement& level, std::string& names) {
  for (const Statement* each : level.children) {
    if ((each->type || each->kind == Kind::kList) && !maker.value(*each))
      names += each->path() + "\n";
    if (!each->groups) name_those_without_values(maker, *each, names);
  }
}

TEST(RandomConfiguration, LeavesNothingOut) {
  RandomPaths maker(schema().configuration(), 11);
  std::string names;
  name_those_without_values(maker, schema().configuration(), names);
  EXPECT_EQ(names, "") << "the bag of likely values has none for these";
}

TEST(RandomConfiguration, QuotesAnyText) {
  RandomPaths maker(schema().configuration(), 7);
  for (int i = 0; i < 2000; ++i) {
    const auto value = maker.text();
    const auto read = words("x " + quote(value) + " y");
    ASSERT_EQ(read.size(), 3u) << value;
    ASSERT_EQ(read[1].text, value);
  }
}

}  // namespace
}  // namespace nezu::grammar
