#include "services/mgmt/context.h"

#include <algorithm>
#include <utility>

#include "services/mgmt/show_reply.h"

namespace nezu::mgmt {
using grammar::LineProblem;
namespace {
constexpr int kSaveDelay = 100;  // milliseconds: a paste is written down at once, not line by line

// "y", "yes", "no" in any case; Enter alone: the standard answer.
bool is_yes(std::string_view words, bool standard) {
  const size_t first = words.find_first_not_of(" \t\r\n");
  if (first == words.npos) return standard;
  return words[first] == 'y' || words[first] == 'Y';
}

// After how long without a key a session ends, in minutes: by the user's class; 0: it does not say.
size_t idle_minutes_of_class(const configdb::View& login, const std::string& user) {
  const configdb::View account = login ? login.entry("user", user) : configdb::View();
  const configdb::View its_class =
      account ? login.entry("class", account["class"].value()) : configdb::View();
  return its_class ? its_class["idle-timeout"].number() : 0;
}

// The same when it begins: by the class, else by what holds for all.
size_t idle_minutes_at_first(const configdb::View& login, const std::string& user) {
  const size_t minutes = idle_minutes_of_class(login, user);
  return minutes > 0 || !login ? minutes : login["idle-timeout"].number();
}

bool fails(std::string_view text) {
  return text.starts_with("error:") || text.find("\nerror:") != text.npos;
}
}  // namespace

Context::Context(const Router& router, std::shared_ptr<const LocalCommands> commands,
                 Terminal terminal)
    : router_(router),
      commands_(std::move(commands)),
      terminal_(std::move(terminal)),
      settings_(settings_of(terminal_)),
      tips_(static_cast<size_t>(router.database.now())) {
  settings_.idle_minutes =
      idle_minutes_at_first(router.database.effective()["system"]["login"], terminal_.user);
  save_timer_.setSingleShot(true);
  QObject::connect(&save_timer_, &QTimer::timeout, &save_timer_, [this] { database().save(); });
  router_.terminals->add(terminal_);
  database().record("UI_LOGIN_EVENT",
                    "User '" + terminal_.user + "' login, class '" + authorization().class_name() +
                        "' [" + std::to_string(terminal_.process) + "], ssh-connection '" +
                        terminal_.connection + "', client-mode 'cli'");
}

Context::~Context() {
  if (save_timer_.isActive()) database().save();
  router_.terminals->remove(terminal_);
  database().record("UI_LOGOUT_EVENT", "User '" + terminal_.user + "' logout");
}

Prompt Context::prompt() const {
  Prompt prompt;
  prompt.rows = settings_.screen_length == terminal_.height ? 0 : settings_.screen_length;
  prompt.idle_minutes = idle_minutes();
  prompt.terminal = settings_.terminal;
  prompt.text = prompt_text();
  if (!candidate_) return prompt;
  if (database().timed().confirmation()) {
    const int64_t left = database().timed().minutes_left();
    prompt.banner = "# commit confirmed will be rolled back in " + std::to_string(left) +
                    (left == 1 ? " minute\n" : " minutes\n");
  }
  const std::string words = grammar::path_words(candidate_->level());
  prompt.banner += words.empty() ? "[edit]" : "[edit " + words + "]";
  return prompt;
}

size_t Context::idle_minutes() const {
  const size_t own = settings_.idle_minutes;
  const size_t most =
      idle_minutes_of_class(database().effective()["system"]["login"], terminal_.user);
  return own == 0 || (most > 0 && most < own) ? most : own;
}

std::string Context::prompt_text() const {
  if (!settings_.prompt.empty()) return settings_.prompt;
  std::string text = terminal_.user;
  const std::string host = database().effective()["system"]["host-name"].value();
  if (!host.empty()) text += "@" + host;
  return text + (candidate_ ? "# " : "> ");
}

LogMonitor* Context::monitor() {
  const std::string& tty = terminal_.tty;
  const bool shown = terminal_.interactive && Terminals::is_terminal_name(tty);
  if (!monitor_ && shown && !router_.logs.empty())
    monitor_ = std::make_unique<LogMonitor>(router_.logs, [this, tty](std::string_view text) {
      if (authorization().may_give("monitor start", false)) Terminals::put(tty, text);
    });
  return monitor_.get();
}

void Context::enter_configuration(configdb::Session::Mode mode, const char* via) {
  levels_.clear();
  database().record("UI_DBASE_LOGIN_EVENT",
                    "User '" + terminal_.user + "' entering configuration mode");
  candidate_ = std::make_shared<configdb::Session>(
      database(),
      configdb::Session::Who{terminal_.user, terminal_.tty, terminal_.process, database().now(),
                             via},
      mode);
  candidate_->set_guard([this](const configdb::NodePtr& before, const configdb::NodePtr& after) {
    return guard_.refusal(authorization(), before, after);
  });
  candidate_->set_permit([this](const Path& path, bool below) {
    if (below && !authorization().may_give("replace", true))
      return std::string("error: permission denied: replace pattern\n");
    return refusal(path);
  });
}

const Authorization& Context::authorization() const {
  const configdb::View effective = database().effective();
  if (!authorization_ || authorized_by_ != effective.node()) {
    authorization_ = std::make_unique<Authorization>(terminal_.user, terminal_.owner, effective);
    authorized_by_ = effective.node();
  }
  return *authorization_;
}

bool Context::may_give(const FoundCommand& found, Mode mode, Words words) const {
  const Authorization& user = authorization();
  if (user.all()) return true;
  // In full words: a rule cannot be got around by abbreviation.
  const auto lines = full_lines(place_in(mode), found, words);
  return std::all_of(lines.begin(), lines.end(), [&](const std::string& line) {
    return user.may_give(line, mode == Mode::kConfiguration);
  });
}

void Context::drop_candidate() {
  candidate_.reset();
  levels_.clear();
  guard_ = {};
  forget_questions();
  database().record("UI_DBASE_LOGOUT_EVENT",
                    "User '" + terminal_.user + "' exiting configuration mode");
  save_later();
}

void Context::leave_configuration(const RunPtr& run) {
  drop_candidate();
  run->write("Exiting configuration mode\n");
  run->done();
}

Context::Path Context::base() const {
  if (base_) return *base_;
  return candidate_ ? candidate_->level() : Path();
}

Place Context::place_in(Mode mode) const {
  return {*commands_, router_.schema->configuration(), mode,
          mode == Mode::kConfiguration ? base() : Path()};
}

std::optional<Context::Paths> Context::paths_from(const Path& base, Words words,
                                                  grammar::Reach reach, const RunPtr& run) const {
  auto resolved = grammar::resolve(router_.schema->configuration(), base, words, reach);
  if (!resolved.problem) return std::move(resolved.paths);
  run->refuse(*resolved.problem, words);
  return std::nullopt;
}

void Context::change(Words words, grammar::Reach reach, const RunPtr& run,
                     const std::function<std::string(const Paths&)>& change) {
  const auto found = paths(words, reach, run);
  if (!found) return;
  if (found->empty())
    return run->refuse({LineProblem::Kind::kMissing, words.size(), "missing argument.", {}}, words);
  if (permits(*found, run)) report(change(*found), run);
}

std::string Context::refusal(const Path& path) const {
  if (!path.empty() && path.back().statement->name == "plain-text-password")
    return "error: 'plain-text-password' asks for the password and stands in a 'set' of its own; "
           "configuration text has 'encrypted-password'\n";
  if (authorization().may_change(path)) return {};
  const bool secret = std::any_of(path.begin(), path.end(),
                                  [](const auto& step) { return step.statement->secret; });
  if (!secret && authorization().may_view(path)) return {};
  return "error: permission denied: " + shown_path(path) + "\n";
}

bool Context::permits(const Paths& paths, const RunPtr& run) {
  for (const Path& path : paths) {
    const std::string refused = refusal(path);
    if (refused.empty()) continue;
    report(refused, run);
    return false;
  }
  return true;
}

void Context::report(const std::string& text, const RunPtr& run) {
  save_later();
  if (fails(text)) return run->refuse(text);
  run->write(text);
  run->done();
}

void Context::save_later() {
  if (!save_timer_.isActive()) save_timer_.start(kSaveDelay);
}

PipeSurroundings Context::surroundings() const {
  // A service may end its answer when the user is gone.
  return {settings_,
          [&router = router_, user = terminal_.user, tty = terminal_.tty](const std::string& text) {
            router.broadcast(text, user, tty);
          },
          [this](const std::string& name) { return file(name); },
          authorization().may_give("request message", false), router_.resolver};
}

void Context::dispatch(Mode mode, Words words, const RunPtr& run) {
  if (candidate_) candidate_->touch();
  const FoundCommand found = commands_->find(mode, words);
  if (found.match.problem) return run->refuse(*found.match.problem, words);
  if (!may_give(found, mode, words))
    return run->refuse({LineProblem::Kind::kUnknown, 0, "unknown command.", {}}, words);
  const LocalCommand* local = found.local;
  const bool leads_on = local && local->leads_on && words.size() > found.words;
  // Before the pipes: what is wrong is no output of theirs, and no file is emptied for it.
  if (local && local->tail && !leads_on && words.size() > found.words &&
      !run->parsed().pipes.empty())
    if (const auto problem = check_line(place_in(mode), words)) return run->refuse(*problem, words);
  if (!leads_on && !run->open_pipes(shows_of(found), surroundings())) return;
  if (!local) return call(found.match, run);
  local->handle(*this,
                {run, local->tail ? words.subspan(found.words) : Words{}, found.match.inputs});
}

void Context::dispatch_at(Path base, Words words, const RunPtr& run) {
  const auto outer = std::exchange(base_, std::move(base));
  dispatch(mode(), words, run);
  base_ = outer;
}

void Context::call(const grammar::CommandMatch& match, const RunPtr& run) {
  const Rpc* rpc = router_.registry.find(match.command->rpc);
  if (!rpc) return run->refuse("error: " + match.command->command + ": not available\n");
  Input inputs = match.inputs;
  if (const std::string denied = place_files(*rpc, inputs); !denied.empty())
    return run->refuse("error: " + denied + "\n");
  current_ = run;
  const grammar::Layout* layout = rpc->layout ? rpc->layout(inputs) : nullptr;
  rpc->call(inputs, std::make_shared<ShowReply>(run, layout));
}

std::string Context::place_files(const Rpc& rpc, Input& input) const {
  for (const std::string& name : rpc.files) {
    const auto given = input.find(name);
    if (given == input.end()) continue;
    UserFiles::Place place = file(given->second);
    if (!place.error.empty()) return place.error;
    given->second = std::move(place.path);
  }
  return {};
}

bool Context::end_softly() {
  const RunPtr run = current_.lock();
  return run && run->end_softly();
}

void Context::sees_it_through(const RunPtr& run) {
  current_ = run;
  run->see_through();
}

// What a service still has to say is then said to nobody.
void Context::interrupt() {
  if (const RunPtr run = current_.lock()) run->done({Outcome::Kind::kRefused});
}

void Context::ask(const RunPtr& run, const std::string& text, std::string standard, Answered then) {
  const size_t last = text.rfind('\n');
  if (last != text.npos) run->write(text.substr(0, last + 1));
  question_ = [then = std::move(then), yes = standard == "yes"](
                  const std::string& words, const RunPtr& next) { then(is_yes(words, yes), next); };
  run->done({Outcome::Kind::kQuestion, text.substr(last == text.npos ? 0 : last + 1),
             std::move(standard)});
}

void Context::ask_hidden(const RunPtr& run, std::string text, Given then) {
  question_ = std::move(then);
  run->done({Outcome::Kind::kQuestion, std::move(text), "", true});
}

void Context::answer(std::string_view words, const RunPtr& run) {
  const auto then = std::exchange(question_, nullptr);
  if (!then) return run->refuse("error: nothing was asked\n");
  then(std::string(words), run);
}

void Context::want_input(const RunPtr& run, Entered then) {
  input_ = std::move(then);
  run->done({Outcome::Kind::kInput});
}

void Context::input(std::string_view text, const RunPtr& run) {
  const auto then = std::exchange(input_, nullptr);
  if (!then) return run->refuse("error: nothing was asked\n");
  then(text, run);
}

void Context::forget_questions() {
  question_ = nullptr;
  input_ = nullptr;
}

}  // namespace nezu::mgmt
