#pragma once
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "grammar/command_line.h"
#include "grammar/resolve.h"

/// Operational commands: from a line to an RPC with its inputs.
namespace nezu::grammar {

struct CommandMatch {
  const Command* command = nullptr;
  std::map<std::string, std::string, std::less<>> inputs;  ///< argument → value; flag → ""
  std::optional<LineProblem> problem;
};

/// The commands of one mode as a tree of words.
class CommandTree {
 public:
  /// All commands of `schema` that belong to configuration mode, or that do not.
  CommandTree(std::shared_ptr<const Schema> schema, bool configuration_mode);
  ~CommandTree();
  CommandTree(CommandTree&&) noexcept;

  /// Adds a command that is no RPC (the terminal's own). `command` must outlive the tree.
  void add(const Command& command);
  /// The help of a word that several added commands begin with: "set cli".
  void describe(std::string_view words, std::string_view help);
  /// The last of these words is taken if it is typed whole; completion does not know it.
  void hide(std::string_view words);

  /// A line without its pipes. Arguments are `keyword value` in any order, flags, and values of
  /// no-keyword leaves.
  CommandMatch resolve(std::span<const Word> words) const;
  Completion complete(std::span<const Word> words, std::string_view partial) const;

  struct Node;

 private:
  std::shared_ptr<const Schema> schema_;
  std::unique_ptr<Node> root_;
};

}  // namespace nezu::grammar
