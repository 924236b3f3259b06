// commit and rollback.
#include "configdb/machine.h"
#include "services/mgmt/context.h"

namespace nezu::mgmt {
namespace {
const TextType kComment("comment");
const TextType kTime("time");
const NumberType kMinutes("timeout", 1, 65535);
constexpr unsigned kStandardMinutes = 10;

// What the words of one `commit` ask for.
struct Wanted {
  configdb::CommitRequest request;
  std::optional<int64_t> at;
  bool quit = false;
  bool synchronize = false;
  std::string refusal;
};

constexpr char kNoTime[] = "error: syntax error: a time is for 'commit confirmed'\n";
constexpr char kNoForce[] = "error: syntax error: 'force' is for 'commit synchronize'\n";

// For completion and for the line that was given.
const std::vector<LocalCommand::Need> kNeeds = {
    {"at", "check", false},
    {"at", "confirmed", false},
    {"check", "confirmed", false},
    {"minutes", "confirmed", true, kNoTime},
    {"force", "synchronize", true, kNoForce},
};

std::string contradiction(const Call& call) {
  for (const auto& need : kNeeds) {
    if (!need.broken(call.says(need.argument), call.says(need.other))) continue;
    if (need.refusal) return need.refusal;
    return "error: '" + std::string(need.argument) + "' and '" + need.other +
           "' cannot be given together\n";
  }
  return "";
}

Wanted read(const Context& context, const Call& call) {
  Wanted wanted;
  wanted.refusal = contradiction(call);
  wanted.quit = call.says("and-quit");
  wanted.synchronize = call.says("synchronize");
  wanted.request.check_only = call.says("check");
  if (const auto* comment = call.input("comment")) wanted.request.comment = *comment;
  if (call.says("confirmed"))
    wanted.request.confirm_minutes =
        static_cast<unsigned>(call.number("minutes", kStandardMinutes));
  const std::string* time = call.input("at");
  if (!time) return wanted;
  wanted.at = configdb::parse_commit_time(*time, context.database().now());
  if (!wanted.at)
    wanted.refusal = "error: invalid time '" + *time +
                     "': not in the future, or not of the form [yyyy-mm-dd ]hh:mm[:ss]\n";
  return wanted;
}

std::string promise(int64_t at) {
  return at ? "commit at will be executed at " + configdb::utc(at) + "\n"
            : "commit will be executed at next reboot\n";
}

// Of the Routing Engines that this machine has room for it is the only one: what is in another slot
// cannot be reached, as nothing is.
std::string not_synchronized() {
  const configdb::Machine& machine = configdb::this_machine();
  std::string text;
  for (unsigned slot = 0; slot < machine.routing_engines; ++slot)
    if (const std::string name = "re" + std::to_string(slot); name != machine.routing_engine)
      text += "warning: Could not connect to " + name +
              " : No route to host\nwarning: Cannot connect to other RE, ignoring it\n";
  return text.empty() ? "warning: this machine has no other Routing Engine\n" : text;
}

using Editing = std::weak_ptr<const configdb::Session>;

// `editing` is what was committed.
void committed(Context& context, const Editing& editing, const configdb::CommitResult& result,
               const Wanted& wanted, const RunPtr& run) {
  if (!result.ok) return run->refuse(result.text);
  if (wanted.synchronize) run->write(not_synchronized());
  run->write(result.text);
  if (wanted.at) run->write(promise(*wanted.at));
  // Not held any longer: it ends with the configuration mode.
  const bool edits_it = !editing.expired() && editing.lock().get() == context.candidate();
  if ((wanted.quit || wanted.at) && edits_it) return context.leave_configuration(run);
  run->done();
}

// One line a step, with the time at which it began.
std::function<void(std::string_view)> progress(const Context& context, const RunPtr& run) {
  return [&database = context.database(), weak = std::weak_ptr(run)](std::string_view step) {
    if (const auto shown = weak.lock())
      shown->write(configdb::utc(database.now()) + ": " + std::string(step) + "\n");
  };
}

void commit(Context& context, const Call& call) {
  const bool is_private = context.candidate()->mode() == configdb::Session::Mode::kPrivate;
  if (is_private && !context.base().empty())
    return call.run->refuse("error: private edits must be committed from the top level\n");
  Wanted wanted = read(context, call);
  if (!wanted.refusal.empty()) return call.run->refuse(wanted.refusal);
  if (call.run->pipeline().detail) wanted.request.progress = progress(context, call.run);
  // It is committed or not, and the user is told, ^C or not.
  context.sees_it_through(call.run);
  auto request = std::move(wanted.request);
  const auto at = wanted.at;
  context.candidate()->commit(
      std::move(request), at,
      [weak = context.weak_from_this(), editing = context.editing(), wanted = std::move(wanted),
       run = call.run](const configdb::CommitResult& result) {
        if (const auto alive = weak.lock()) return committed(*alive, editing, result, wanted, run);
        run->done();
      });
}

void rollback(Context& context, const Call& call) {
  configdb::Session& candidate = *context.candidate();
  const std::string* which = call.input("number");
  if (which && *which == "rescue") return context.report(candidate.rollback_to_rescue(), call.run);
  context.report(candidate.rollback(call.number("number", 0)), call.run);
}

void clear_system_commit(Context& context, const Call& call) {
  auto& timed = context.database().timed();
  if (!timed.scheduled()) return call.run->refuse("error: no commit is pending\n");
  if (const auto error = timed.clear_scheduled())
    return call.run->refuse("error: " + *error + "\n");
  call.run->write("Pending commit cleared\n");
  call.run->done();
}

const RevisionType kRevision;
}  // namespace

void add_commit_commands(LocalCommands& commands) {
  commands.describe(Mode::kOperational, "clear", "Clear information in the system");
  commands.describe(Mode::kOperational, "clear system", "Clear system status and other entities");
  commands.add(Mode::kOperational, {.words = "clear system commit",
                                    .help = "Clear pending commit operation",
                                    .handle = clear_system_commit});
  const auto mode = Mode::kConfiguration;
  commands.add(
      mode, {.words = "commit",
             .help = "Commit current set of changes",
             .arguments = {flag("and-quit", "Quit configuration mode if commit succeeds"),
                           keyword("at", "Time at which to activate configuration changes", kTime),
                           flag("check", "Check correctness of syntax; do not apply changes"),
                           keyword("comment", "Message to write to commit log", kComment),
                           flag("confirmed", "Automatically rollback if not confirmed"),
                           flag("force", "With synchronize: whatever is being edited there"),
                           value("minutes", "Number of minutes until automatic rollback", kMinutes),
                           flag("synchronize", "Synchronize commit on both Routing Engines")},
             .needs = kNeeds,
             .handle = commit});
  Argument number = value("number", "Rollback number", kRevision);
  number.live_names = "revision";
  commands.add(mode, {.words = "rollback",
                      .help = "Roll back to previous committed configuration",
                      .arguments = {number},
                      .handle = rollback});
}

}  // namespace nezu::mgmt
