#include "services/mgmt/cli_session.h"

#include <ctime>
#include <utility>

#include "services/mgmt/completion_text.h"
#include "services/mgmt/show_reply.h"

namespace nezu::mgmt {
namespace {
constexpr char kDirty[] = "The configuration has been changed but not committed\n";

size_t number(const grammar::CommandMatch& match, std::string_view name) {
  const auto found = match.inputs.find(name);
  return found == match.inputs.end() ? 0 : strtoul(found->second.c_str(), nullptr, 10);
}

bool says(const grammar::CommandMatch& match, std::string_view name) {
  return match.inputs.find(name) != match.inputs.end();
}

// "y", "yes", "no" in any case; Enter alone: the standard answer.
bool is_yes(std::string_view words, bool standard) {
  const size_t first = words.find_first_not_of(" \t\r\n");
  if (first == words.npos) return standard;
  return words[first] == 'y' || words[first] == 'Y';
}
}  // namespace

CliSession::CliSession(const Router& router, std::shared_ptr<const LocalCommands> commands,
                       Terminal terminal)
    : router_(router),
      commands_(std::move(commands)),
      terminal_(std::move(terminal)),
      alive_(std::make_shared<bool>(true)) {
  save_timer_.setSingleShot(true);
  QObject::connect(&save_timer_, &QTimer::timeout, &save_timer_,
                   [this] { router_.database.save(); });
}

CliSession::~CliSession() {
  *alive_ = false;
  if (save_timer_.isActive()) router_.database.save();
}

Prompt CliSession::prompt() const {
  Prompt prompt;
  prompt.text = terminal_.user;
  const std::string host = router_.database.effective()["system"]["host-name"].value();
  if (!host.empty()) prompt.text += "@" + host;
  prompt.text += candidate_ ? "# " : "> ";
  if (!candidate_) return prompt;
  const std::string words = grammar::path_words(candidate_->level());
  prompt.banner = words.empty() ? "[edit]" : "[edit " + words + "]";
  return prompt;
}

RunPtr CliSession::make_run(std::string_view line, ScreenPtr screen) {
  return std::make_shared<Run>(terminal_, columns(prompt().text), std::string(line),
                               reader_.read(line), std::move(screen));
}

void CliSession::execute(std::string_view line, ScreenPtr screen) {
  question_ = nullptr;
  input_ = nullptr;
  const RunPtr run = make_run(line, std::move(screen));
  const auto& parsed = run->parsed();
  if (parsed.error) {
    grammar::Word at;
    at.column = parsed.error->column;
    const std::string message = parsed.error->message + ".";
    return run->refuse({grammar::LineProblem::Kind::kInvalid, 0, message, {}}, {&at, 1});
  }
  if (parsed.words.empty() && parsed.pipes.empty()) return run->done();
  dispatch(mode(), run->words(), run);
}

void CliSession::dispatch(Mode mode, Words words, const RunPtr& run) {
  const FoundCommand found = commands_->find(mode, words);
  if (found.match.problem) return run->refuse(*found.match.problem, words);
  if (found.verb == Verb::kRun || found.verb == Verb::kTop)
    return local(found, words.subspan(found.words), run);  // the command behind has the pipes
  const bool configuration = found.verb == Verb::kShow || found.verb == Verb::kShowConfiguration;
  if (!run->open_pipes(configuration, pager_)) return;
  if (found.verb == Verb::kRpc) return call(found.match, run);
  local(found, words.subspan(found.words), run);
}

void CliSession::local(const FoundCommand& found, Words rest, const RunPtr& run) {
  using configdb::Mark;
  const auto mark = [&](Mark which, bool on) {
    change(rest, grammar::Reach::kAny, run,
           [&](const Paths& paths) { return candidate_->mark(paths, which, on); });
  };
  switch (found.verb) {
    case Verb::kActivate:
      return mark(Mark::kInactive, false);
    case Verb::kDeactivate:
      return mark(Mark::kInactive, true);
    case Verb::kProtect:
      return mark(Mark::kProtect, true);
    case Verb::kUnprotect:
      return mark(Mark::kProtect, false);
    case Verb::kSet:
      return change(rest, grammar::Reach::kSet, run,
                    [&](const Paths& paths) { return candidate_->set(paths); });
    case Verb::kDelete:
      return remove(rest, run);
    case Verb::kAnnotate:
      return annotate(rest, run);
    case Verb::kInsert:
      return insert(rest, run);
    case Verb::kEdit:
      return edit(rest, run);
    case Verb::kTop:
      return top(rest, run);
    case Verb::kUp:
      return up(found.match, run);
    case Verb::kExit:
      return exit(found.match, run);
    case Verb::kCommit:
      return commit(found.match, run);
    case Verb::kRollback:
      return rollback(found.match, run);
    case Verb::kLoad:
      return load(found.match, run);
    case Verb::kStatus:
      return status(run);
    case Verb::kRun:
      return dispatch(Mode::kOperational, rest, run);
    case Verb::kShow:
      return show(rest, run);
    case Verb::kShowConfiguration:
      return show_configuration(rest, run);
    case Verb::kShowSystemCommit:
      return show_system_commit(run);
    case Verb::kConfigure:
      return configure(run);
    case Verb::kSetCli:
      return set_cli(found.match, run);
    case Verb::kShowCli:
      return show_cli(run);
    case Verb::kRpc:
      return;
  }
}

void CliSession::call(const grammar::CommandMatch& match, const RunPtr& run) {
  const Rpc* rpc = router_.registry.find(match.command->rpc);
  if (!rpc) return run->refuse("error: " + match.command->command + ": not available\n");
  current_ = run;
  const grammar::Layout* layout = rpc->layout ? rpc->layout(match.inputs) : nullptr;
  rpc->call(match.inputs, std::make_shared<ShowReply>(run, layout));
}

// What a service still has to say is then said to nobody.
void CliSession::interrupt() {
  if (const RunPtr run = current_.lock()) run->done({Outcome::Kind::kRefused});
}

void CliSession::configure(const RunPtr& run) {
  if (candidate_) return run->refuse("error: already in configuration mode\n");
  std::string text = "Entering configuration mode\n";
  const auto& others = router_.database.sessions();
  if (!others.empty()) text += "Users currently editing the configuration:\n";
  for (const auto* each : others) text += each->holder();
  if (router_.database.modified()) text += kDirty;
  levels_.clear();
  candidate_ = std::make_unique<configdb::Session>(
      router_.database, configdb::Session::Who{terminal_.user, terminal_.tty, terminal_.process,
                                               time(nullptr), "cli"});
  run->write(text);
  run->done();
}

void CliSession::exit(const grammar::CommandMatch& match, const RunPtr& run) {
  if (!candidate_) return run->done({Outcome::Kind::kClosed});
  if (!says(match, "configuration-mode") && !candidate_->level().empty()) {
    candidate_->edit(levels_.empty() ? Path() : levels_.back());
    if (!levels_.empty()) levels_.pop_back();
    return run->done();
  }
  // The shared candidate stays for the others: only the last to leave is asked.
  if (!candidate_->modified() || router_.database.sessions().size() > 1)
    return leave_configuration(run);
  ask(run, std::string(kDirty) + "Exit with uncommitted changes? [yes,no] (yes) ", "yes",
      [this](bool yes, const RunPtr& next) {
        if (yes) return leave_configuration(next);
        next->done();
      });
}

void CliSession::leave_configuration(const RunPtr& run) {
  candidate_.reset();
  levels_.clear();
  run->write("Exiting configuration mode\n");
  run->done();
}

// The lines before the last are output, the last is the question.
void CliSession::ask(const RunPtr& run, std::string text, std::string standard,
                     std::function<void(bool, const RunPtr&)> then) {
  const size_t last = text.rfind('\n');
  if (last != text.npos) run->write(text.substr(0, last + 1));
  question_ = std::move(then);
  question_standard_ = standard == "yes";
  run->done({Outcome::Kind::kQuestion, text.substr(last == text.npos ? 0 : last + 1),
             std::move(standard)});
}

void CliSession::answer(std::string_view words, ScreenPtr screen) {
  const RunPtr run = make_run("", std::move(screen));
  const auto then = std::exchange(question_, nullptr);
  if (!then) return run->refuse("error: nothing was asked\n");
  then(is_yes(words, question_standard_), run);
}

void CliSession::input(std::string_view text, ScreenPtr screen) {
  const RunPtr run = make_run("", std::move(screen));
  const auto then = std::exchange(input_, nullptr);
  if (!then) return run->refuse("error: nothing was asked\n");
  then(text, run);
}

void CliSession::set_cli(const grammar::CommandMatch& match, const RunPtr& run) {
  if (says(match, "screen-length")) {
    screen_length_ = number(match, "screen-length");
    pager_ = screen_length_ > 0;
    run->write("Screen length set to " + std::to_string(screen_length_) + "\n");
  } else if (says(match, "screen-width")) {
    screen_width_ = number(match, "screen-width");
    run->write("Screen width set to " + std::to_string(screen_width_) + "\n");
  } else if (says(match, "complete-on-space")) {
    complete_on_space_ = match.inputs.find("complete-on-space")->second == "on";
    run->write(complete_on_space_ ? "Enabling complete-on-space\n"
                                  : "Disabling complete-on-space\n");
  }
  run->done();
}

void CliSession::show_cli(const RunPtr& run) {
  run->write(complete_on_space_ ? "CLI complete-on-space set to on\n"
                                : "CLI complete-on-space set to off\n");
  run->write("CLI screen-length set to " + std::to_string(screen_length_) + "\n");
  run->write("CLI screen-width set to " + std::to_string(screen_width_) + "\n");
  run->done();
}

OpenSession open_command_lines(const Router& router) {
  auto commands = std::make_shared<const LocalCommands>(router.schema);
  return [&router, commands](const Terminal& terminal) {
    return std::make_unique<CliSession>(router, commands, terminal);
  };
}

}  // namespace nezu::mgmt
