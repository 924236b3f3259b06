// help: what there is, said by the schema.
#include <re2/re2.h>

#include <map>

#include "services/mgmt/context.h"
#include "services/mgmt/help_messages.h"
#include "services/mgmt/help_statements.h"

namespace nezu::mgmt {
namespace {
using grammar::Statement;

const TextType kString("string");
const NumberType kTip("number", 1, static_cast<unsigned>(tips().size()));

const Statement& level_of(const Context& context) {
  const auto& root = context.router().schema->configuration();
  const auto base = context.candidate() ? context.base() : grammar::Path();
  return base.empty() ? root : *base.back().statement;
}

/// Everything whose name or help text a regular expression matches, as it is found.
class Apropos {
 public:
  Apropos(Context& context, const re2::RE2& wanted, const RunPtr& run)
      : context_(context), wanted_(wanted), run_(run) {}

  /// Commands of this mode that the user may give, and their arguments.
  void commands() {
    const Mode mode = context_.mode();
    context_.commands().each(mode, [&](const grammar::Choice& words) { command(words); });
    for (const auto& each : context_.router().schema->commands())
      if (each.configuration_mode == (mode == Mode::kConfiguration)) command(each);
    for (const auto& [words, help] : found_commands_) say(words, help);
  }

  /// Statements from a level on, each behind the words that lead to it.
  void statements(const Statement& level, const std::string& lead,
                  std::string (*text)(const Statement&)) {
    each_statement(level, [&](const Statement& each) {
      if (!run_->cancelled() && fits(each.name, each.help)) say(lead + text(each), each.help);
    });
  }

  bool found() const { return found_; }

 private:
  bool fits(std::string_view name, std::string_view help) const {
    return re2::RE2::PartialMatch(name, wanted_) || re2::RE2::PartialMatch(help, wanted_);
  }
  bool may_give(const std::string& words) const {
    return context_.authorization().may_give(words, context_.mode() == Mode::kConfiguration);
  }
  void command(const grammar::Choice& each) {
    if (fits(each.word, each.help) && may_give(each.word))
      found_commands_.emplace(each.word, each.help);
  }
  void command(const grammar::Command& each) {
    command(grammar::Choice{each.command, each.help});
    if (!each.input || !may_give(each.command)) return;
    for (const auto* argument : each.input->children)
      if (!argument->hidden && fits(argument->name, argument->help))
        found_commands_.emplace(
            each.command + " " +
                (argument->no_keyword ? "<" + argument->name + ">" : argument->name.str()),
            argument->help);
  }
  void say(const std::string& words, const std::string& help) {
    found_ = true;
    run_->write(words + " \n    " + help + "\n");
  }

  Context& context_;
  const re2::RE2& wanted_;
  RunPtr run_;
  std::map<std::string, std::string> found_commands_;
  bool found_ = false;
};

// `help apropos STRING`: in operational mode commands, and what there is help on; in configuration
// mode commands, and statements from this level on.
void apropos(Context& context, const Call& call) {
  re2::RE2::Options options;
  options.set_case_sensitive(false);
  options.set_log_errors(false);
  const re2::RE2 wanted(*call.input("string"), options);
  if (!wanted.ok())
    return call.run->refuse("error: regular expression '" + *call.input("string") +
                            "': " + wanted.error() + "\n");
  Apropos search(context, wanted, call.run);
  search.commands();
  if (context.mode() == Mode::kConfiguration)
    search.statements(level_of(context), "set ", path_text);
  else
    search.statements(level_of(context), "help reference ", names_text);
  if (!search.found()) call.run->write("No matches found\n");
  call.run->done();
}

// `help topic`, `help reference`: of a statement.
auto describe(std::string (*text)(const Statement& root, const std::string& names)) {
  return [text](Context& context, const Call& call) {
    std::string names;
    for (const auto& word : call.rest) names += (names.empty() ? "" : " ") + word.text;
    if (names.empty())
      return call.run->refuse(
          {grammar::LineProblem::Kind::kMissing, call.rest.size(), "missing argument.", {}},
          call.rest);
    const std::string all = text(context.router().schema->configuration(), names);
    if (all.empty())
      return call.run->refuse("error: no statement '" + names +
                              "'; help apropos finds parts of names\n");
    call.run->write(all);
    call.run->done();
  };
}

// `help syslog [TAG]`.
void syslog(Context&, const Call& call) {
  const std::string* wanted = call.input("message");
  bool found = false;
  for (const SyslogMessage& each : syslog_messages()) {
    if (wanted && *wanted != each.tag) continue;
    found = true;
    call.run->write(wanted ? syslog_text(each) : syslog_line(each));
  }
  if (!found) return call.run->refuse("error: no system log message '" + *wanted + "'\n");
  call.run->done();
}

// `help tip cli [N]`: without a number another one each time.
void tip(Context& context, const Call& call) {
  const size_t which =
      call.says("number") ? call.number("number", 1) : 1 + context.count_tip() % tips().size();
  call.run->write(tips()[which - 1] + "\n");
  call.run->done();
}

void add_statement_help(LocalCommands& commands, Mode mode) {
  commands.add(mode, {.words = "help reference",
                      .help = "Provide help on the syntax of a configuration statement",
                      .tail = names_tail(),
                      .handle = describe(reference)});
  commands.add(mode, {.words = "help topic",
                      .help = "Provide help on what a configuration statement is for",
                      .tail = names_tail(),
                      .handle = describe(topic)});
}
}  // namespace

void add_help_commands(LocalCommands& commands) {
  for (const auto mode : {Mode::kOperational, Mode::kConfiguration}) {
    commands.describe(mode, "help", "Provide help information");
    commands.describe(mode, "help tip", "Provide tips for using the command line");
    commands.add(mode, {.words = "help apropos",
                        .help = "Find help information about a topic",
                        .arguments = {mandatory(
                            value("string", "Text or regular expression to look for", kString))},
                        .handle = apropos});
    add_statement_help(commands, mode);
    commands.add(mode, {.words = "help syslog",
                        .help = "Provide help on system log messages",
                        .arguments = {value("message", "Tag of the message", kString)},
                        .handle = syslog});
    commands.add(mode, {.words = "help tip cli",
                        .help = "Provide a tip for using the command line",
                        .arguments = {value("number", "Number of the tip", kTip)},
                        .handle = tip});
  }
}

}  // namespace nezu::mgmt
