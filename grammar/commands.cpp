#include "grammar/commands.h"

#include <algorithm>
#include <vector>

#include "grammar/value_word.h"

namespace nezu::grammar {

struct CommandTree::Node {
  std::string word;
  std::string help;
  const Command* command = nullptr;
  bool hidden = false;  ///< taken if it is typed whole
  std::vector<std::unique_ptr<Node>> children;

  Node& child(std::string_view wanted) {
    for (auto& node : children)
      if (node->word == wanted) return *node;
    children.push_back(std::make_unique<Node>());
    children.back()->word = wanted;
    return *children.back();
  }
};

namespace {

using ProblemKind = LineProblem::Kind;
using Node = CommandTree::Node;

Node& node_at(Node& root, std::string_view words) {
  Node* node = &root;
  while (!words.empty()) {
    const auto blank = std::min(words.find(' '), words.size());
    if (blank > 0) node = &node->child(words.substr(0, blank));
    words.remove_prefix(std::min(blank + 1, words.size()));
  }
  return *node;
}

// Null for words that lead to no command of this tree.
Node* existing_node(Node& root, std::string_view words) {
  Node* node = &root;
  while (node && !words.empty()) {
    const auto blank = std::min(words.find(' '), words.size());
    const auto found =
        std::find_if(node->children.begin(), node->children.end(),
                     [&](const auto& child) { return child->word == words.substr(0, blank); });
    node = found == node->children.end() ? nullptr : found->get();
    words.remove_prefix(std::min(blank + 1, words.size()));
  }
  return node;
}

// Follows a line through the tree, then through the arguments of the command it came to.
class Follower {
 public:
  explicit Follower(const Node& root) : node_(&root) {}

  std::optional<LineProblem> take(const Word& word, size_t index) {
    if (pending_) return take_value(word, index);
    if (const auto exact = exactly(word.text)) return enter(exact->first, exact->second);
    const auto nodes = nodes_with(word.text);
    const auto arguments = arguments_with(word.text);
    if (nodes.size() + arguments.size() > 1 && !unnamed())
      return ambiguous(word.text, index, candidates(word.text));
    if (nodes.size() + arguments.size() == 1)
      return enter(nodes.empty() ? nullptr : nodes[0], arguments.empty() ? nullptr : arguments[0]);
    if ((pending_ = unnamed())) return take_value(word, index);
    return unknown(index);
  }

  // What has no keyword cannot be named.
  static std::string missing_text(const Statement& argument) {
    return argument.no_keyword ? "missing argument."
                               : "missing mandatory argument: " + argument.name + ".";
  }

  std::optional<LineProblem> finish(size_t words) const {
    if (pending_) return LineProblem{ProblemKind::kMissing, words, "missing argument.", {}};
    if (!node_->command)
      return LineProblem{ProblemKind::kMissing, words, "syntax error, expecting <command>.", {}};
    for (const auto argument : arguments())
      if (argument->mandatory && !inputs.contains(argument->name))
        return LineProblem{ProblemKind::kMissing, words, missing_text(*argument), {}};
    return std::nullopt;
  }

  void add_next(std::string_view partial, Completion& to) const {
    const auto value = pending_ ? pending_ : unnamed();
    if (!pending_) to.candidates = candidates(partial);
    if (!value) return;
    add_value_candidates(*value, partial, to.candidates);
    to.live_names = value->live_names;
    to.reference = value->reference;
  }

  const Command* command() const { return node_->command; }
  std::map<std::string, std::string, std::less<>> inputs;

 private:
  using Nodes = std::vector<const Node*>;
  const Links<Statement>& arguments() const {
    static const Links<Statement> kNone;
    return node_->command && node_->command->input ? node_->command->input->children : kNone;
  }

  // Not given yet, and not of another case of a choice that is decided.
  bool is_free(const Statement& argument) const {
    if (inputs.contains(argument.name)) return false;
    for (const auto other : arguments())
      if (other->alternative && other->alternative == argument.alternative &&
          other->alternative_case != argument.alternative_case && inputs.contains(other->name))
        return false;
    return true;
  }

  Nodes nodes_with(std::string_view prefix) const {
    Nodes found;
    if (!inputs.empty()) return found;
    for (const auto& child : node_->children)
      if (child->hidden ? child->word == prefix : child->word.starts_with(prefix))
        found.push_back(child.get());
    return found;
  }

  std::vector<const Statement*> arguments_with(std::string_view prefix) const {
    std::vector<const Statement*> found;
    for (const auto argument : arguments())
      if (!argument->no_keyword && !argument->hidden && is_free(*argument) &&
          argument->name.starts_with(prefix))
        found.push_back(argument);
    return found;
  }

  std::optional<std::pair<const Node*, const Statement*>> exactly(std::string_view word) const {
    for (const auto node : nodes_with(word))
      if (node->word == word) return {{node, nullptr}};
    for (const auto argument : arguments())
      if (!argument->no_keyword && is_free(*argument) && argument->name == word)
        return {{nullptr, argument}};
    return std::nullopt;
  }

  const Statement* unnamed() const {
    for (const auto argument : arguments())
      if (argument->no_keyword && is_free(*argument)) return argument;
    return nullptr;
  }

  std::optional<LineProblem> enter(const Node* node, const Statement* argument) {
    if (node)
      node_ = node;
    else if (argument && argument->kind == Kind::kFlag)
      inputs[argument->name] = "";
    else
      pending_ = argument;
    return std::nullopt;
  }

  std::optional<LineProblem> take_value(const Word& word, size_t index) {
    std::string value;
    if (auto problem = read_value(*pending_, word, index, value)) return problem;
    inputs[pending_->name] = std::move(value);
    pending_ = nullptr;
    return std::nullopt;
  }

  LineProblem unknown(size_t index) const {
    const bool expects_command = !node_->children.empty() && inputs.empty() && !node_->command;
    return {ProblemKind::kUnknown,
            index,
            index == 0        ? "unknown command."
            : expects_command ? "syntax error, expecting <command>."
                              : "syntax error.",
            {}};
  }

  Candidates candidates(std::string_view prefix) const {
    Candidates all;
    for (const auto node : nodes_with(prefix)) all.push_back({' ', node->word, node->help, false});
    for (const auto argument : arguments_with(prefix))
      all.push_back({' ', argument->name, help_of(*argument), false});
    return all;
  }

  const Node* node_;
  const Statement* pending_ = nullptr;
};

}  // namespace

CommandTree::CommandTree(std::shared_ptr<const Schema> schema, bool configuration_mode)
    : schema_(std::move(schema)), root_(std::make_unique<Node>()) {
  for (const auto& command : schema_->commands())
    if (command.configuration_mode == configuration_mode && !command.command.empty()) add(command);
  for (const auto& [words, help] : schema_->command_words())
    if (const auto node = existing_node(*root_, words); node && node->help.empty())
      node->help = help;
}

CommandTree::~CommandTree() = default;
CommandTree::CommandTree(CommandTree&&) noexcept = default;

void CommandTree::add(const Command& command) {
  Node& node = node_at(*root_, command.command);
  node.command = &command;
  node.help = command.help;
}

void CommandTree::describe(std::string_view words, std::string_view help) {
  node_at(*root_, words).help = help;
}

void CommandTree::hide(std::string_view words) {
  node_at(*root_, words).hidden = true;
}

CommandMatch CommandTree::resolve(std::span<const Word> words) const {
  Follower follower(*root_);
  CommandMatch match;
  for (size_t i = 0; i < words.size() && !match.problem; ++i)
    match.problem = follower.take(words[i], i);
  if (!match.problem) match.problem = follower.finish(words.size());
  if (match.problem) return match;
  match.command = follower.command();
  match.inputs = std::move(follower.inputs);
  return match;
}

Completion CommandTree::complete(std::span<const Word> words, std::string_view partial) const {
  Follower follower(*root_);
  Completion result;
  for (size_t i = 0; i < words.size(); ++i)
    if (result.problem = follower.take(words[i], i); result.problem) return result;
  follower.add_next(partial, result);
  sort_candidates(result.candidates);
  if (partial.empty()) result.enter = !words.empty() && !follower.finish(words.size());
  return result;
}

}  // namespace nezu::grammar
