// Who edits: entering and leaving configuration mode, and the list of users in it.
#include <algorithm>

#include "services/mgmt/context.h"

namespace nezu::mgmt {
namespace {
using Mode = configdb::Session::Mode;
constexpr char kDirty[] = "The configuration has been changed but not committed\n";

std::string users(const configdb::Database& database) {
  std::string text = "Users currently editing the configuration:\n";
  for (const auto* each : database.sessions()) text += each->holder();
  return text;
}

void configure(Context& context, const Call& call) {
  if (context.candidate()) return call.run->refuse("error: already in configuration mode\n");
  const Mode mode = call.says("exclusive") ? Mode::kExclusive
                    : call.says("private") ? Mode::kPrivate
                                           : Mode::kShared;
  const auto& database = context.database();
  const std::string others = database.sessions().empty() ? "" : users(database);
  const std::string refusal = configdb::Session::refusal(database, mode);
  if (!refusal.empty()) return call.run->refuse(others + refusal);
  if (mode != Mode::kShared)
    call.run->write("warning: uncommitted changes will be discarded on exit\n");
  call.run->write("Entering configuration mode\n" + others);
  if (mode == Mode::kShared && database.modified()) call.run->write(kDirty);
  context.enter_configuration(mode);
  call.run->done();
}

// What there is to ask before one leaves, and what is said after "yes"; "" if there is nothing.
struct Farewell {
  std::string question, answer;
};

Farewell farewell(const Context& context) {
  const configdb::Session& candidate = *context.candidate();
  if (!candidate.modified()) return {};
  const std::string discard = "Discard uncommitted changes? [yes,no] (yes) ";
  const std::string discarded = "warning: discarding uncommitted changes\nload complete\n";
  if (candidate.mode() == Mode::kPrivate) return {kDirty + discard, discarded};
  if (candidate.mode() == Mode::kExclusive)
    return {
        std::string(kDirty) + "warning: Auto rollback on exiting 'configure exclusive'\n" + discard,
        discarded};
  // Shared changes stay for the others: only the last to leave is asked.
  const auto& sessions = context.database().sessions();
  const auto shared = std::count_if(sessions.begin(), sessions.end(),
                                    [](const auto* each) { return each->mode() == Mode::kShared; });
  if (shared > 1) return {};
  return {std::string(kDirty) + "Exit with uncommitted changes? [yes,no] (yes) ", ""};
}

void leave(Context& context, const Call& call) {
  const Farewell words = farewell(context);
  if (words.question.empty()) return context.leave_configuration(call.run);
  context.ask(call.run, words.question, "yes",
              [&context, said = words.answer](bool yes, const RunPtr& next) {
                if (!yes) return next->done();
                next->write(said);
                context.leave_configuration(next);
              });
}

// From a level back to where `edit` was said; from the top out of configuration mode.
void exit(Context& context, const Call& call) {
  configdb::Session& candidate = *context.candidate();
  if (call.says("configuration-mode") || context.base().empty()) return leave(context, call);
  auto& levels = context.levels();
  candidate.edit(levels.empty() ? grammar::Path() : levels.back());
  if (!levels.empty()) levels.pop_back();
  call.run->done();
}

void status(Context& context, const Call& call) {
  call.run->write(users(context.database()));
  call.run->done();
}

void update(Context& context, const Call& call) {
  context.report(context.candidate()->update(), call.run);
}
}  // namespace

void add_candidate_commands(LocalCommands& commands) {
  for (const char* word : {"configure", "edit"})  // the second is what fingers say
    commands.add(mgmt::Mode::kOperational,
                 {.words = word,
                  .help = "Manipulate software configuration information",
                  .stands_for = std::string_view(word) == "edit" ? "configure" : nullptr,
                  .arguments = {one_of(1, flag("exclusive", "Obtain exclusive lock")),
                                one_of(1, flag("private", "Work in private database"))},
                  .handle = configure});
  const auto mode = mgmt::Mode::kConfiguration;
  for (const char* word : {"exit", "quit"})
    commands.add(mode, {.words = word,
                        .help = "Exit from this level",
                        .arguments = {flag("configuration-mode", "Exit from configuration mode")},
                        .handle = exit});
  commands.add(
      mode,
      {.words = "status", .help = "Show users currently editing configuration", .handle = status});
  commands.add(mode, {.words = "update", .help = "Update private database", .handle = update});
}

}  // namespace nezu::mgmt
