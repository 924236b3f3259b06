#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "grammar/reader.h"
#include "grammar/writer.h"
#include "tests/grammar/fixture.h"

namespace nezu::grammar {

/// The least tree that edits can build and writers can print: what configdb does, without its
/// history.
class Tree : public Edits {
 public:
  struct Node {
    Step step;
    std::vector<std::string> values;  ///< of a leaf-list
    Marks marks;
    std::vector<Node> children;
    bool operator==(const Node& other) const {
      return step == other.step && values == other.values &&
             marks.inactive == other.marks.inactive && marks.protect == other.marks.protect &&
             marks.annotation == other.marks.annotation && children == other.children;
    }
  };

  void edit(Verb verb, const Path& path, std::string_view text) override {
    if (verb == Verb::kReplace || verb == Verb::kDelete) return remove(path);
    if (verb >= Verb::kRename) return note(verb, path, text);
    Node* node = &root;
    for (const auto& step : path) node = &child(*node, step);
    if (verb == Verb::kDeactivate) node->marks.inactive = true;
    if (verb == Verb::kActivate) node->marks.inactive = false;
    if (verb == Verb::kProtect) node->marks.protect = true;
    if (verb == Verb::kAnnotate) node->marks.annotation = text;
  }
  void substitute(const Path& level, const Substitution& what) override {
    moves += path_words(level) + ": " + what.old_pattern + " -> " + what.new_text + " upto " +
             std::to_string(what.upto) + "\n";
  }
  void problem(const ReadProblem& problem) override { problems += problem.text("terminal"); }

  void write(ConfigurationWriter& writer) const {
    for (const auto& node : root.children) write(writer, node);
    writer.finish();
  }

  /// Takes away containers without contents and leaves without a value, which no text can say.
  void prune() { prune(root); }

  Node root;
  std::string problems;
  std::string moves;  ///< edits that this tree does not do, a line each

 private:
  void note(Verb verb, const Path& path, std::string_view text) {
    static constexpr const char* kWords[] = {"rename", "copy", "before", "after", "matching"};
    moves += std::string(kWords[static_cast<int>(verb) - static_cast<int>(Verb::kRename)]) + " " +
             path_words(path) + ": " + std::string(text) + "\n";
  }
  static void prune(Node& node) {
    for (auto& child : node.children) prune(child);
    std::erase_if(node.children, [](const Node& child) {
      const auto& statement = *child.step.statement;
      if (statement.type) return child.values.empty();
      const bool nameless = statement.kind == Kind::kList && child.step.value.empty();
      return nameless || (statement.kind == Kind::kContainer && child.children.empty());
    });
  }
  static bool is_value(const Statement& statement) { return statement.type != nullptr; }

  static Node& child(Node& parent, const Step& step) {
    const bool value = is_value(*step.statement);
    for (auto& node : parent.children) {
      if (node.step.statement != step.statement) continue;
      if (!value && node.step.value != step.value) continue;
      if (value) set_value(node, step);
      return node;
    }
    // In schema order, as configdb keeps them.
    const auto place = [&](const Statement* statement) {
      const auto& all = statement->parent->children;
      return std::find(all.begin(), all.end(), statement) - all.begin();
    };
    auto at = parent.children.begin();
    while (at != parent.children.end() && place(at->step.statement) <= place(step.statement)) ++at;
    at = parent.children.insert(at, Node{{step.statement, value ? "" : step.value}, {}, {}, {}});
    if (value) set_value(*at, step);
    return *at;
  }

  static void set_value(Node& node, const Step& step) {
    if (step.value.empty()) return;
    if (step.statement->kind == Kind::kLeaf) node.values.clear();
    if (std::find(node.values.begin(), node.values.end(), step.value) == node.values.end())
      node.values.push_back(step.value);
  }

  void remove(const Path& path) {
    Node* node = &root;
    for (size_t i = 0; i + 1 < path.size(); ++i) node = &child(*node, path[i]);
    std::erase_if(node->children, [&](const Node& n) {
      return n.step.statement == path.back().statement &&
             (is_value(*n.step.statement) || n.step.value == path.back().value);
    });
  }

  static void write(ConfigurationWriter& writer, const Node& node) {
    const auto& statement = *node.step.statement;
    if (statement.kind == Kind::kLeafList)
      return writer.leaf_list(statement, node.values, node.marks);
    if (!statement.holds_statements())
      return writer.leaf(statement, node.values.empty() ? "" : node.values.front(), node.marks);
    writer.open(statement, node.step.value, node.marks);
    for (const auto& child : node.children) write(writer, child);
    writer.close();
  }
};

inline std::string curly(const Tree& tree, CurlyStyle style = {}) {
  std::string text;
  tree.write(*curly_writer([&](std::string_view part) { text += part; }, style));
  return text;
}

inline std::string set_form(const Tree& tree, Path level = {}) {
  std::string text;
  tree.write(*set_writer([&](std::string_view part) { text += part; }, level));
  return text;
}

inline Tree read(std::string_view text, const Path& level = {}) {
  Tree tree;
  read_configuration(schema().configuration(), level, text, tree);
  return tree;
}

}  // namespace nezu::grammar
