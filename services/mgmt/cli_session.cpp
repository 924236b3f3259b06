#include "services/mgmt/cli_session.h"

#include <ctime>
#include <utility>

#include "services/mgmt/command_record.h"
#include "services/mgmt/completion_text.h"
#include "services/mgmt/file_pipes.h"

namespace nezu::mgmt {

CliSession::CliSession(const Router& router, std::shared_ptr<const LocalCommands> commands,
                       Terminal terminal)
    : context_(std::make_shared<Context>(router, std::move(commands), std::move(terminal))) {}

RunPtr CliSession::make_run(std::string_view line, grammar::CommandLine parsed, ScreenPtr screen) {
  return std::make_shared<Run>(context_->terminal(), prompt(), std::string(line), std::move(parsed),
                               std::move(screen));
}

// A round that is still to be answered does not lead to another.
CliSession::~CliSession() {
  if (const RunPtr run = run_.lock()) run->give_up();
  if (const auto refresh = refresh_.lock()) refresh->stop();
}

void CliSession::execute(std::string_view line, ScreenPtr screen) {
  context_->router().terminals->touch(context_->terminal());
  context_->history().add(time(nullptr), line);
  grammar::CommandLine parsed = reader_.read(line);
  record(parsed, line);
  if (!parsed.error && too_nested(context_->place(), parsed.words))
    return make_run(line, parsed, std::move(screen))
        ->refuse({grammar::LineProblem::Kind::kInvalid, 0, "too many commands in one line.", {}},
                 parsed.words);
  const Pipeline pipes =
      read_pipes(parsed.pipes, {true, shows_of(context_->place(), parsed.words).again});
  if (!pipes.refresh || pipes.problem) return carry_out(line, parsed, std::move(screen));
  const auto refresh = std::make_shared<Refresh>(
      std::move(screen), std::chrono::seconds(*pipes.refresh),
      [this, line = std::string(line), parsed = std::move(parsed)](ScreenPtr round) {
        carry_out(line, parsed, std::move(round));
      });
  refresh_ = refresh;
  refresh->start();
}

bool CliSession::end_softly() {
  const auto refresh = refresh_.lock();
  if (!refresh || refresh->ended()) return context_->end_softly();
  if (!refresh->stop() && !context_->end_softly()) interrupt();
  return true;
}

void CliSession::interrupt() {
  context_->interrupt();
  if (const RunPtr run = run_.lock()) run->give_up();
}

void CliSession::record(const grammar::CommandLine& parsed, std::string_view line) {
  if (parsed.words.empty()) return;
  context_->database().record("UI_CMDLINE_READ_LINE",
                              "User '" + context_->terminal().user + "', command '" +
                                  recordable(context_->place(), parsed, line) + " '");
}

void CliSession::carry_out(std::string_view line, const grammar::CommandLine& parsed,
                           ScreenPtr screen) {
  context_->forget_questions();
  const RunPtr run = make_run(line, parsed, std::move(screen));
  run_ = run;
  if (parsed.error) {
    grammar::Word at;
    at.column = parsed.error->column;
    const std::string message = parsed.error->message + ".";
    return run->refuse({grammar::LineProblem::Kind::kInvalid, 0, message, {}}, {&at, 1});
  }
  if (parsed.words.empty() && parsed.pipes.empty()) return run->done();
  context_->dispatch(context_->mode(), run->words(), run);
}

void CliSession::answer(std::string_view words, ScreenPtr screen) {
  context_->answer(words, make_run("", {}, std::move(screen)));
}

void CliSession::input(std::string_view text, ScreenPtr screen) {
  context_->input(text, make_run("", {}, std::move(screen)));
}

void CliSession::append(const std::string& file, std::string_view text, ScreenPtr screen) {
  const UserFiles::Place place = context_->file(file);
  std::variant<std::unique_ptr<Filter>, FilterError> made = FilterError{place.error};
  if (place.error.empty())
    made = file_filter("append", file, place.path,
                       write_to([screen](std::string_view said) { screen->write(said); }));
  if (const auto* bad = std::get_if<FilterError>(&made)) {
    screen->write("error: " + bad->message + "\n");
    return screen->done({Outcome::Kind::kRefused});
  }
  auto& filter = *std::get<std::unique_ptr<Filter>>(made);
  filter.write(text);
  filter.end();
  screen->done({});
}

Completion CliSession::complete(std::string_view line, Trigger trigger) {
  if (context_->candidate()) context_->candidate()->touch();
  Completion found = Completer(*context_, line, reader_.read(line)).complete(trigger);
  if (const size_t columns = context_->settings().wrap(); columns > 0) {
    std::string wrapped;
    wrap_at(columns, write_to([&](std::string_view text) { wrapped += text; }))
        ->write(found.output);
    found.output = std::move(wrapped);
  }
  return found;
}

std::string CliSession::announcement() const {
  const configdb::View login = context_->database().effective()["system"]["login"];
  return login ? login["announcement"].value() : "";
}

bool CliSession::may_call(std::string_view rpc, const Input& input) const {
  const Authorization& user = context_->authorization();
  const grammar::Command* command = context_->router().schema->command(rpc);
  if (user.all() || !command) return user.all();
  const Rpc* called = context_->router().registry.find(rpc);
  if (Input placed = input; called && !context_->place_files(*called, placed).empty()) return false;
  return user.may_give(full_words(*command, input), command->configuration_mode);
}

void CliSession::place_files(std::string_view rpc, Input& input) const {
  if (const Rpc* called = context_->router().registry.find(rpc))
    context_->place_files(*called, input);
}

bool CliSession::configuration_rpc(uint32_t client, const Element& operation, Body body) {
  if (!ConfigurationRpcs::knows(operation.name)) return false;
  context_->router().terminals->touch(context_->terminal());
  if (context_->candidate()) context_->candidate()->touch();
  if (!configuration_rpcs_)
    configuration_rpcs_ = std::make_unique<ConfigurationRpcs>(context_, client);
  configuration_rpcs_->call(operation, body);
  return true;
}

namespace {
bool is_known(const Router& router, const Terminal& terminal) {
  if (terminal.owner) return true;
  const configdb::View login = router.database.effective()["system"]["login"];
  return login && login.entry("user", terminal.user);
}
}  // namespace

OpenSession open_command_lines(const Router& router) {
  auto commands = std::make_shared<const LocalCommands>(router.schema);
  return [&router, commands](const Terminal& terminal) -> std::unique_ptr<Session> {
    if (!is_known(router, terminal)) return nullptr;
    return std::make_unique<CliSession>(router, commands, terminal);
  };
}

}  // namespace nezu::mgmt
