// Where one edits: the level, and commands carried out elsewhere.
#include "services/mgmt/context.h"

namespace nezu::mgmt {
namespace {
using grammar::Reach;

const NumberType kLevels("count", 1, 255);

void edit(Context& context, const Call& call) {
  const auto paths = context.paths(call.rest, Reach::kLevel, call.run);
  if (!paths) return;
  if (!paths->empty()) {
    context.levels().push_back(context.candidate()->level());
    context.candidate()->edit(paths->front());
  }
  call.run->done();
}

// `top`, or one command as if it were given at the top.
void top(Context& context, const Call& call) {
  if (!call.rest.empty()) return context.dispatch_at({}, call.rest, call.run);
  context.levels().clear();
  context.candidate()->top();
  call.run->done();
}

void up(Context& context, const Call& call) {
  context.candidate()->up(call.number("levels", 1));
  call.run->done();
}

void run(Context& context, const Call& call) {
  context.dispatch(Mode::kOperational, call.rest, call.run);
}
}  // namespace

void add_level_commands(LocalCommands& commands) {
  const auto mode = Mode::kConfiguration;
  commands.add(mode, {.words = "edit",
                      .help = "Edit a sub-element",
                      .tail = path_tail(Reach::kLevel),
                      .handle = edit});
  commands.add(mode, {.words = "top",
                      .help = "Exit to top level of configuration",
                      .tail = top_tail(),
                      .leads_on = true,
                      .handle = top});
  commands.add(mode, {.words = "up",
                      .help = "Exit one level of configuration",
                      .arguments = {value("levels", "Number of levels", kLevels)},
                      .handle = up});
  commands.add(mode, {.words = "run",
                      .help = "Run an operational-mode command",
                      .tail = operational_tail(),
                      .leads_on = true,
                      .handle = run});
}

}  // namespace nezu::mgmt
