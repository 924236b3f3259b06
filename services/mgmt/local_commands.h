#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "grammar/commands.h"
#include "grammar/image.h"
#include "services/mgmt/argument.h"
#include "services/mgmt/run.h"
#include "services/mgmt/tail.h"

/// The commands that are no RPC: those that concern the session itself and its candidate.
namespace nezu::mgmt {

class Context;

/// One local command as it was typed.
struct Call {
  RunPtr run;  ///< where the answer goes; done() must be said once
  Words rest;  ///< the words behind the command's own, if it has a tail
  std::map<std::string, std::string, std::less<>> inputs;  ///< argument → value; flag → ""

  bool says(std::string_view name) const { return inputs.find(name) != inputs.end(); }
  const std::string* input(std::string_view name) const;  ///< null: not given
  size_t number(std::string_view name, size_t otherwise) const;
};

/// A local command, whole: how it is called, what follows, what it does.
struct LocalCommand {
  const char* words = "";  ///< "load merge"
  const char* help = "";
  /// The command that this is another word for: what a class may give is decided by that. Taken if
  /// it is typed whole; nothing tells of it.
  const char* stands_for = nullptr;
  std::vector<Argument> arguments = {};
  TailPtr tail = nullptr;  ///< instead of arguments
  /// An argument that makes sense only with another one, or (`with` false) only without it.
  struct Need {
    const char* argument;
    const char* other;
    bool with;
    const char* refusal = nullptr;  ///< what is said of a line that breaks it

    bool broken(bool given, bool other_given) const { return given && other_given != with; }
  };
  std::vector<Need> needs = {};
  bool shows_configuration = false;  ///< `| display set`, `| compare` and their like may follow
  bool leads_on = false;             ///< another command follows, which has the pipes of the line
  std::function<void(Context&, const Call&)> handle = nullptr;

  /// What completion shows for an argument: its name, or "<timeout>" for a value alone.
  std::string shown(std::string_view argument) const;
};

/// The words of a command and what follows them.
struct FoundCommand {
  const LocalCommand* local = nullptr;  ///< null: a command of the schema, or a problem
  size_t words = 0;                     ///< how many name the command, if it has a tail
  grammar::CommandMatch match;          ///< with its inputs, or what is wrong

  const Tail* tail() const { return local ? local->tail.get() : nullptr; }
};

class LocalCommands {
 public:
  explicit LocalCommands(std::shared_ptr<const grammar::Schema> schema);
  ~LocalCommands();

  /// For the families, at start-up.
  void add(Mode mode, LocalCommand command);
  /// The help of a word that several commands begin with: "set cli".
  void describe(Mode mode, const char* words, const char* help);

  /// Visits the words and help of each command of a mode, and of what several begin with.
  template <class Visit>
  void each(Mode mode, const Visit& visit) const {
    for (const auto& words : described_[mode == Mode::kConfiguration]) visit(words);
  }

  FoundCommand find(Mode mode, std::span<const grammar::Word> words) const;
  const grammar::CommandTree& tree(Mode mode) const {
    return mode == Mode::kOperational ? operational_ : configuration_;
  }

 private:
  struct Entry {
    LocalCommand local;
    grammar::Command command;
  };
  const grammar::Statement* declare(const Argument& argument);
  const LocalCommand* local(const grammar::Command* command) const;

  grammar::SchemaArena arguments_{size_t{1} << 20};
  int declared_ = 0;
  std::deque<Entry> entries_;
  std::vector<grammar::Choice> described_[2];  ///< words and help, by mode
  size_t longest_ = 1;                         ///< words of a command with a tail
  grammar::CommandTree operational_, configuration_;
};

/// The families. One file each, which declares and carries out its commands.
void add_candidate_commands(LocalCommands& commands);
void add_cli_commands(LocalCommands& commands);
void add_commit_commands(LocalCommands& commands);
void add_edit_commands(LocalCommands& commands);
void add_file_commands(LocalCommands& commands);
void add_file_programs(LocalCommands& commands);
void add_history_commands(LocalCommands& commands);
void add_help_commands(LocalCommands& commands);
void add_level_commands(LocalCommands& commands);
void add_load_commands(LocalCommands& commands);
void add_message_commands(LocalCommands& commands);
void add_monitor_commands(LocalCommands& commands);
void add_program_commands(LocalCommands& commands);
void add_pattern_commands(LocalCommands& commands);
void add_show_commands(LocalCommands& commands);

}  // namespace nezu::mgmt
