// commit, rollback, and the history of commits.
#include "services/mgmt/context.h"

namespace nezu::mgmt {
namespace {
const TextType kComment("comment");
const NumberType kRevision("number", 0, 49);

void committed(Context& context, const configdb::CommitResult& result, bool quit,
               const RunPtr& run) {
  if (!result.ok) return run->refuse(result.text);
  run->write(result.text);
  if (quit && context.candidate()) return context.leave_configuration(run);
  run->done();
}

void commit(Context& context, const Call& call) {
  const std::string* comment = call.input("comment");
  const bool quit = call.says("and-quit");
  context.candidate()->commit(comment ? *comment : "", call.says("check"),
                              [weak = context.weak_from_this(), quit,
                               run = call.run](const configdb::CommitResult& result) {
                                if (const auto alive = weak.lock())
                                  return committed(*alive, result, quit, run);
                                run->done();
                              });
}

void rollback(Context& context, const Call& call) {
  context.report(context.candidate()->rollback(call.number("number", 0)), call.run);
}

// "10  2020-03-05 16:04:34 UTC by cisco via cli", and the comment on a line of its own.
std::string log_line(size_t index, const configdb::Revision& revision) {
  std::string out = std::to_string(index);
  out.resize(std::max<size_t>(4, out.size() + 1), ' ');
  out += configdb::utc(revision.time) + " by " + revision.user + " via " + revision.via + "\n";
  if (!revision.comment.empty()) out += "    " + revision.comment + "\n";
  return out;
}

void show_system_commit(Context& context, const Call& call) {
  size_t index = 0;
  for (const configdb::Revision& each : context.database().log())
    call.run->write(log_line(index++, each));
  call.run->done();
}
}  // namespace

void add_commit_commands(LocalCommands& commands) {
  commands.describe(Mode::kOperational, "show system", "Show system information");
  commands.add(Mode::kOperational,
               {.words = "show system commit",
                .help = "Show pending commit requests (if any) and commit history",
                .handle = show_system_commit});
  const auto mode = Mode::kConfiguration;
  commands.add(mode,
               {.words = "commit",
                .help = "Commit current set of changes",
                .arguments = {flag("and-quit", "Quit configuration mode if commit succeeds"),
                              flag("check", "Check correctness of syntax; do not apply changes"),
                              keyword("comment", "Message to write to commit log", kComment)},
                .handle = commit});
  Argument number = value("number", "Rollback number", kRevision);
  number.live_names = "revision";
  commands.add(mode, {.words = "rollback",
                      .help = "Roll back to previous committed configuration",
                      .arguments = {number},
                      .handle = rollback});
}

}  // namespace nezu::mgmt
