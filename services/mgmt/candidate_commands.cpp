// Who edits: entering and leaving configuration mode, and the list of users in it.
#include "services/mgmt/context.h"

namespace nezu::mgmt {
namespace {
constexpr char kDirty[] = "The configuration has been changed but not committed\n";

void configure(Context& context, const Call& call) {
  if (context.candidate()) return call.run->refuse("error: already in configuration mode\n");
  std::string text = "Entering configuration mode\n";
  const auto& others = context.database().sessions();
  if (!others.empty()) text += "Users currently editing the configuration:\n";
  for (const auto* each : others) text += each->holder();
  if (context.database().modified()) text += kDirty;
  context.enter_configuration();
  call.run->write(text);
  call.run->done();
}

// From a level back to where `edit` was said; from the top out of configuration mode.
void exit(Context& context, const Call& call) {
  configdb::Session& candidate = *context.candidate();
  auto& levels = context.levels();
  if (!call.says("configuration-mode") && !candidate.level().empty()) {
    candidate.edit(levels.empty() ? grammar::Path() : levels.back());
    if (!levels.empty()) levels.pop_back();
    return call.run->done();
  }
  // The shared candidate stays for the others: only the last to leave is asked.
  if (!candidate.modified() || context.database().sessions().size() > 1)
    return context.leave_configuration(call.run);
  context.ask(call.run, std::string(kDirty) + "Exit with uncommitted changes? [yes,no] (yes) ",
              "yes", [&context](bool yes, const RunPtr& next) {
                if (yes) return context.leave_configuration(next);
                next->done();
              });
}

void status(Context& context, const Call& call) {
  call.run->write("Users currently editing the configuration:\n");
  for (const auto* each : context.database().sessions()) call.run->write(each->holder());
  call.run->done();
}
}  // namespace

void add_candidate_commands(LocalCommands& commands) {
  commands.add(Mode::kOperational, {.words = "configure",
                                    .help = "Manipulate software configuration information",
                                    .handle = configure});
  const auto mode = Mode::kConfiguration;
  for (const char* word : {"exit", "quit"})
    commands.add(mode, {.words = word,
                        .help = "Exit from this level",
                        .arguments = {flag("configuration-mode", "Exit from configuration mode")},
                        .handle = exit});
  commands.add(
      mode,
      {.words = "status", .help = "Show users currently editing configuration", .handle = status});
}

}  // namespace nezu::mgmt
