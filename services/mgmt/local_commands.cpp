#include "services/mgmt/local_commands.h"

#include <charconv>

namespace nezu::mgmt {
namespace {
using grammar::Choice;
using grammar::Kind;
using grammar::Statement;

// Any text.
class TextType : public grammar::Type {
 public:
  TextType(const char* placeholder, std::vector<Choice> choices = {})
      : placeholder_(placeholder), choices_(std::move(choices)) {}
  std::optional<std::string> refuse(std::string_view) const override { return std::nullopt; }
  std::string canonical(std::string_view value) const override { return std::string(value); }
  const std::vector<Choice>& choices() const override { return choices_; }
  std::string placeholder() const override { return placeholder_; }
  std::string range() const override { return ""; }

 private:
  const char* placeholder_;
  std::vector<Choice> choices_;
};

// One of a few words.
class WordType : public TextType {
 public:
  explicit WordType(std::vector<Choice> choices) : TextType("", std::move(choices)) {}
  std::optional<std::string> refuse(std::string_view value) const override {
    for (const Choice& each : choices())
      if (each.word == value) return std::nullopt;
    return "invalid value '" + std::string(value) + "'";
  }
};

class NumberType : public TextType {
 public:
  NumberType(const char* placeholder, unsigned least, unsigned most)
      : TextType(placeholder), least_(least), most_(most) {}
  std::optional<std::string> refuse(std::string_view value) const override {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size())
      return "invalid numeric value: '" + std::string(value) + "'";
    if (number >= least_ && number <= most_) return std::nullopt;
    return "Value " + std::string(value) + " is not within range " + range();
  }
  std::string range() const override {
    return "(" + std::to_string(least_) + ".." + std::to_string(most_) + ")";
  }

 private:
  unsigned least_, most_;
};

const TextType kComment("comment");
const TextType kFile("filename");
const WordType kOnOff(std::vector<Choice>{{"off", "Disable"}, {"on", "Enable"}});
const WordType kTimestamp(std::vector<Choice>{
    {"disable", "Do not print the time of each command"}});
const NumberType kRevision("number", 0, 49);
const NumberType kLevels("count", 1, 255);
const NumberType kLines("length", 0, 100000);
const NumberType kColumns("width", 0, 1024);
}  // namespace

LocalCommands::LocalCommands(std::shared_ptr<const grammar::Schema> schema)
    : operational_(schema, false), configuration_(schema, true) {
  fill();
  operational_.describe("set", "Set CLI properties");
  operational_.describe("set cli", "Set command-line interface settings");
  operational_.describe("show", "Show system information");
  operational_.describe("show system", "Show system information");
  configuration_.describe("load", "Load configuration from ASCII file");
}

LocalCommands::~LocalCommands() = default;

void LocalCommands::fill() {
  const auto op = Mode::kOperational;
  add(op, Verb::kConfigure, Tail::kInputs, "configure",
      "Manipulate software configuration information");
  add(op, Verb::kExit, Tail::kInputs, "exit", "Exit the management session");
  add(op, Verb::kExit, Tail::kInputs, "quit", "Exit the management session");
  add(op, Verb::kSetCli, Tail::kInputs, "set cli screen-length", "Set number of lines on screen",
      {value("screen-length", "Number of lines", kLines, false, true)});
  add(op, Verb::kSetCli, Tail::kInputs, "set cli screen-width",
      "Set number of characters on a line",
      {value("screen-width", "Number of characters", kColumns, false, true)});
  add(op, Verb::kSetCli, Tail::kInputs, "set cli complete-on-space",
      "Set whether typing space completes the current word",
      {value("complete-on-space", "Whether space completes", kOnOff, false, true)});
  add(op, Verb::kSetCli, Tail::kInputs, "set cli timestamp", "Set the time stamp of commands",
      {value("timestamp", "What to print", kTimestamp, false, true)});
  add(op, Verb::kShowCli, Tail::kInputs, "show cli", "Show command-line interface settings");
  add(op, Verb::kShowConfiguration, Tail::kPath, "show configuration",
      "Show current configuration");
  add(op, Verb::kShowSystemCommit, Tail::kInputs, "show system commit",
      "Show pending commit requests (if any) and commit history");

  const auto conf = Mode::kConfiguration;
  add(conf, Verb::kActivate, Tail::kPath, "activate", "Remove the inactive tag from a statement");
  add(conf, Verb::kAnnotate, Tail::kPath, "annotate", "Annotate the statement with a comment");
  add(conf, Verb::kCommit, Tail::kInputs, "commit", "Commit current set of changes",
      {flag("and-quit", "Quit configuration mode if commit succeeds"),
       flag("check", "Check correctness of syntax; do not apply changes"),
       value("comment", "Message to write to commit log", kComment, true, false)});
  add(conf, Verb::kDeactivate, Tail::kPath, "deactivate", "Add the inactive tag to a statement");
  add(conf, Verb::kDelete, Tail::kPath, "delete", "Delete a data element");
  add(conf, Verb::kEdit, Tail::kLevelPath, "edit", "Edit a sub-element");
  for (const char* word : {"exit", "quit"})
    add(conf, Verb::kExit, Tail::kInputs, word, "Exit from this level",
        {flag("configuration-mode", "Exit from configuration mode")});
  add(conf, Verb::kInsert, Tail::kPath, "insert", "Insert a new ordered data element");
  const auto* file =
      value("filename", "Filename (relative to where the client runs)", kFile, false, false);
  const auto* terminal = flag("terminal", "Use login terminal");
  const auto* relative = flag("relative", "Load relative to the current edit level");
  add(conf, Verb::kLoad, Tail::kInputs, "load merge", "Merge contents with existing configuration",
      {file, relative, terminal});
  add(conf, Verb::kLoad, Tail::kInputs, "load override", "Override existing configuration",
      {file, terminal});
  add(conf, Verb::kLoad, Tail::kInputs, "load replace", "Replace configuration data",
      {file, relative, terminal});
  add(conf, Verb::kLoad, Tail::kInputs, "load set",
      "Execute set of commands on existing configuration", {file, relative, terminal});
  add(conf, Verb::kProtect, Tail::kPath, "protect", "Protect the statement");
  add(conf, Verb::kRollback, Tail::kInputs, "rollback",
      "Roll back to previous committed configuration",
      {value("number", "Rollback number", kRevision, false, false, "revision")});
  add(conf, Verb::kRun, Tail::kOperational, "run", "Run an operational-mode command");
  add(conf, Verb::kSet, Tail::kSetPath, "set", "Set a parameter");
  add(conf, Verb::kShow, Tail::kPath, "show", "Show a parameter");
  add(conf, Verb::kStatus, Tail::kInputs, "status", "Show users currently editing configuration");
  add(conf, Verb::kTop, Tail::kConfiguration, "top", "Exit to top level of configuration");
  add(conf, Verb::kUnprotect, Tail::kPath, "unprotect", "Unprotect the statement");
  add(conf, Verb::kUp, Tail::kInputs, "up", "Exit one level of configuration",
      {value("levels", "Number of levels", kLevels, false, false)});
}

void LocalCommands::add(Mode mode, Verb verb, Tail tail, const char* command, const char* help,
                        std::initializer_list<const Statement*> arguments) {
  Statement& input = statements_.emplace_back();
  input.name = "input";
  input.children = arguments;
  Local& local = locals_.emplace_back();
  local.verb = verb;
  local.tail = tail;
  local.command.rpc = command;
  local.command.command = command;
  local.command.help = help;
  local.command.configuration_mode = mode == Mode::kConfiguration;
  local.command.input = &input;
  (mode == Mode::kOperational ? operational_ : configuration_).add(local.command);
}

const Statement* LocalCommands::flag(const char* name, const char* help) {
  Statement& made = statements_.emplace_back();
  made.name = name;
  made.kind = Kind::kFlag;
  made.help = help;
  return &made;
}

const Statement* LocalCommands::value(const char* name, const char* help, const grammar::Type& type,
                                      bool keyword, bool mandatory, const char* live_names) {
  Statement& made = statements_.emplace_back();
  made.name = name;
  made.kind = Kind::kLeaf;
  made.type = &type;
  made.help = help;
  made.no_keyword = !keyword;
  made.mandatory = mandatory;
  made.live_names = live_names;
  return &made;
}

const LocalCommands::Local* LocalCommands::local(const grammar::Command* command) const {
  for (const Local& each : locals_)
    if (&each.command == command) return &each;
  return nullptr;
}

FoundCommand LocalCommands::find(Mode mode, std::span<const grammar::Word> words) const {
  constexpr size_t kLongestName = 3;
  for (size_t count = 1; count <= std::min(words.size(), kLongestName); ++count) {
    auto match = tree(mode).resolve(words.first(count));
    const Local* found = match.problem ? nullptr : local(match.command);
    if (found && found->tail != Tail::kInputs)
      return {found->verb, found->tail, count, std::move(match)};
  }
  FoundCommand whole;
  whole.match = tree(mode).resolve(words);
  if (const Local* found = local(whole.match.command)) whole.verb = found->verb;
  return whole;
}

}  // namespace nezu::mgmt
