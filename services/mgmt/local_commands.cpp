#include "services/mgmt/local_commands.h"

#include <algorithm>

namespace nezu::mgmt {

using grammar::Kind;
using grammar::Statement;

const std::string* Call::input(std::string_view name) const {
  const auto found = inputs.find(name);
  return found == inputs.end() ? nullptr : &found->second;
}

size_t Call::number(std::string_view name, size_t otherwise) const {
  const std::string* given = input(name);
  return given ? strtoul(given->c_str(), nullptr, 10) : otherwise;
}

std::string LocalCommand::shown(std::string_view argument) const {
  for (const Argument& each : arguments)
    if (each.name == argument && each.type && !each.keyword)
      return "<" + each.type->placeholder() + ">";
  return std::string(argument);
}

LocalCommands::LocalCommands(std::shared_ptr<const grammar::Schema> schema)
    : operational_(schema, false), configuration_(schema, true) {
  add_candidate_commands(*this);
  add_cli_commands(*this);
  add_commit_commands(*this);
  add_file_commands(*this);
  add_file_programs(*this);
  add_history_commands(*this);
  add_edit_commands(*this);
  add_help_commands(*this);
  add_level_commands(*this);
  add_load_commands(*this);
  add_message_commands(*this);
  add_monitor_commands(*this);
  add_pattern_commands(*this);
  add_program_commands(*this);
  add_show_commands(*this);
}

LocalCommands::~LocalCommands() = default;

void LocalCommands::add(Mode mode, LocalCommand command) {
  Entry& entry = entries_.emplace_back();
  if (!command.stands_for)
    described_[mode == Mode::kConfiguration].push_back({command.words, command.help});
  Statement& input = arguments_.make<Statement>();
  std::vector<const Statement*> declared;
  for (const Argument& each : command.arguments) declared.push_back(declare(each));
  arguments_.put(input.children, declared);
  entry.command.rpc = entry.command.command = command.words;
  entry.command.help = command.help;
  entry.command.configuration_mode = mode == Mode::kConfiguration;
  entry.command.input = &input;
  const std::string_view words = command.words;
  if (command.tail)
    longest_ = std::max<size_t>(longest_, 1 + std::count(words.begin(), words.end(), ' '));
  entry.local = std::move(command);
  grammar::CommandTree& tree = mode == Mode::kOperational ? operational_ : configuration_;
  tree.add(entry.command);
  if (entry.local.stands_for) tree.hide(words);
}

void LocalCommands::describe(Mode mode, const char* words, const char* help) {
  described_[mode == Mode::kConfiguration].push_back({words, help});
  (mode == Mode::kOperational ? operational_ : configuration_).describe(words, help);
}

const Statement* LocalCommands::declare(const Argument& argument) {
  Statement& made = arguments_.make<Statement>();
  arguments_.put(made.name, argument.name);
  made.kind = argument.type ? Kind::kLeaf : Kind::kFlag;
  if (argument.type) arguments_.put(made.type, *argument.type);
  arguments_.put(made.help, argument.help);
  made.no_keyword = argument.type && !argument.keyword;
  made.mandatory = argument.mandatory;
  arguments_.put(made.live_names, argument.live_names);
  made.alternative = argument.group;
  made.alternative_case = ++declared_;  // each its own
  return &made;
}

const LocalCommand* LocalCommands::local(const grammar::Command* command) const {
  for (const Entry& each : entries_)
    if (&each.command == command) return &each.local;
  return nullptr;
}

FoundCommand LocalCommands::find(Mode mode, std::span<const grammar::Word> words) const {
  for (size_t count = 1; count <= std::min(words.size(), longest_); ++count) {
    auto match = tree(mode).resolve(words.first(count));
    const LocalCommand* found = match.problem ? nullptr : local(match.command);
    if (found && found->tail) return {found, count, std::move(match)};
  }
  FoundCommand whole;
  whole.match = tree(mode).resolve(words);
  whole.local = local(whole.match.command);
  return whole;
}

}  // namespace nezu::mgmt
