#pragma once
#include <deque>
#include <memory>
#include <span>
#include <string>

#include "grammar/commands.h"

/// The commands that are no RPC: those that concern the session itself and its candidate.
namespace nezu::mgmt {

enum class Mode { kOperational, kConfiguration };

enum class Verb {
  kRpc,  ///< not local: a command of the schema
  kActivate,
  kAnnotate,
  kCommit,
  kConfigure,
  kDeactivate,
  kDelete,
  kEdit,
  kExit,
  kInsert,
  kLoad,
  kProtect,
  kRollback,
  kRun,
  kSet,
  kSetCli,
  kShow,
  kShowCli,
  kShowConfiguration,
  kShowSystemCommit,
  kStatus,
  kTop,
  kUnprotect,
  kUp,
};

/// What follows the words of a command.
enum class Tail {
  kInputs,  ///< arguments, as with every command of the schema
  kPath,    ///< a path of the configuration, to any statement
  kSetPath,
  kLevelPath,
  kOperational,    ///< a command of operational mode
  kConfiguration,  ///< a command of configuration mode, or nothing
};

/// The words of a command and what follows them.
struct FoundCommand {
  Verb verb = Verb::kRpc;
  Tail tail = Tail::kInputs;
  size_t words = 0;             ///< how many name the command, if it has a tail of its own
  grammar::CommandMatch match;  ///< with its inputs, or what is wrong
};

class LocalCommands {
 public:
  explicit LocalCommands(std::shared_ptr<const grammar::Schema> schema);
  ~LocalCommands();

  FoundCommand find(Mode mode, std::span<const grammar::Word> words) const;
  const grammar::CommandTree& tree(Mode mode) const {
    return mode == Mode::kOperational ? operational_ : configuration_;
  }

 private:
  struct Local {
    Verb verb;
    Tail tail;
    grammar::Command command;
  };
  void fill();
  void add(Mode mode, Verb verb, Tail tail, const char* command, const char* help,
           std::initializer_list<const grammar::Statement*> arguments = {});
  const grammar::Statement* flag(const char* name, const char* help);
  const grammar::Statement* value(const char* name, const char* help, const grammar::Type& type,
                                  bool keyword, bool mandatory, const char* live_names = "");
  const Local* local(const grammar::Command* command) const;

  std::deque<grammar::Statement> statements_;
  std::deque<Local> locals_;
  grammar::CommandTree operational_, configuration_;
};

}  // namespace nezu::mgmt
