// Any configuration the schema allows: what a writer prints, a reader reads back to the same edits.
#include <gtest/gtest.h>

#include <random>

#include "tests/grammar/tree.h"

namespace nezu::grammar {
namespace {

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  Path path() {
    Path path;
    const Statement* statement = &schema().configuration();
    while (statement->holds_statements() && !statement->children.empty()) {
      statement = pick(statement->children);
      path.push_back({statement, value_of(*statement)});
      const bool may_end = statement->kind == Kind::kList || statement->kind == Kind::kPresence;
      if (may_end && chance(4)) break;
    }
    return path;
  }
  bool chance(int one_in) { return random_() % one_in == 0; }

  std::string text() {
    static constexpr std::string_view kHard = "abz09 ;{}[]\"\\#|/*$&<>:=\n\t'%^(),.-_é";
    std::string value;
    for (auto length = random_() % 12 + 1; length > 0; --length)
      value += kHard[random_() % kHard.size()];
    return value;
  }

 private:
  template <typename List>
  typename List::value_type pick(const List& list) {
    return list[random_() % list.size()];
  }

  std::string value_of(const Statement& statement) {
    if (statement.kind == Kind::kList) return typed(*statement.keys[0]);
    return statement.type ? typed(statement) : "";
  }

  // Whatever the type takes of a bag of likely values.
  std::string typed(const Statement& statement) {
    const auto& type = *statement.type;
    if (!type.choices().empty()) return pick(type.choices()).word;
    static const std::vector<std::string> kLikely = {
        "0",          "1",        "7",         "300",        "1400",      "9000",  "4294967295",
        "64000",      "10.0.0.1", "1611::1",   "10.0.0.0/8", "2222::/64", "st0.1", "et-0/0/0",
        "si-0/0/0.1", "name_1",   "et-0/2/10", "10g",        "a.example", "cafe",  "600"};
    for (int tries = 0; tries < 500; ++tries) {
      const auto value = chance(3) ? text() : pick(kLikely);
      if (!type.refuse(value)) return type.canonical(value);
    }
    ADD_FAILURE() << "no value for " << statement.path();
    return "";
  }

  std::mt19937 random_;
};

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

Tree random_tree(Maker& maker) {
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
    Maker maker(seed);
    const auto tree = random_tree(maker);
    for (const auto& text : {curly(tree), set_form(tree)}) {
      const auto again = read(text);
      ASSERT_EQ(again.problems, "") << "seed " << seed << "\n" << text;
      ASSERT_TRUE(again.root == tree.root) << "seed " << seed << "\n" << text << set_form(again);
    }
  }
}

TEST(RandomConfiguration, QuotesAnyText) {
  Maker maker(7);
  for (int i = 0; i < 2000; ++i) {
    const auto value = maker.text();
    const auto read = words("x " + quote(value) + " y");
    ASSERT_EQ(read.size(), 3u) << value;
    ASSERT_EQ(read[1].text, value);
  }
}

}  // namespace
}  // namespace nezu::grammar
