// What changes statements of the candidate one by one.
#include <algorithm>

#include "services/mgmt/context.h"

namespace nezu::mgmt {
namespace {
using configdb::Mark;
using grammar::LineProblem;
using grammar::Path;
using grammar::Reach;
using Paths = Context::Paths;

void set(Context& context, const Call& call) {
  context.change(call.rest, Reach::kSet, call.run,
                 [&](const Paths& paths) { return context.candidate()->set(paths); });
}

void remove_level(Context& context, const Call& call) {
  std::string text = "Delete everything under this level? [yes,no] (no) ";
  // Of now: `top delete` is from the top only until the question is put.
  const Path level = context.base();
  if (level.empty()) text = "This will delete the entire configuration\n" + text;
  context.ask(call.run, std::move(text), "no", [&context, level](bool yes, const RunPtr& next) {
    if (!yes) return next->done();
    context.report(context.candidate()->remove({level}), next);
  });
}

void remove(Context& context, const Call& call) {
  if (call.rest.empty()) return remove_level(context, call);
  context.change(call.rest, Reach::kAny, call.run,
                 [&](const Paths& paths) { return context.candidate()->remove(paths); });
}

auto marks(Mark which, bool on) {
  return [which, on](Context& context, const Call& call) {
    context.change(call.rest, Reach::kAny, call.run,
                   [&](const Paths& paths) { return context.candidate()->mark(paths, which, on); });
  };
}

void missing(const Call& call) {
  call.run->refuse({LineProblem::Kind::kMissing, call.rest.size(), "missing argument.", {}},
                   call.rest);
}

// `annotate STATEMENT "comment"`.
void annotate(Context& context, const Call& call) {
  if (call.rest.size() < 2) return missing(call);
  const std::string comment = call.rest.back().text;
  context.change(
      call.rest.first(call.rest.size() - 1), Reach::kLevel, call.run,
      [&](const Paths& paths) { return context.candidate()->annotate(paths.front(), comment); });
}

// `insert STATEMENT before|after NAME`; the name may have its keyword in front.
void insert(Context& context, const Call& call) {
  const auto place = std::find_if(
      call.rest.begin(), call.rest.end(),
      [](const grammar::Word& word) { return word.text == "before" || word.text == "after"; });
  if (place == call.rest.end() || place + 1 == call.rest.end()) return missing(call);
  const bool before = place->text == "before";
  const std::string other = call.rest.back().text;
  context.change(call.rest.first(static_cast<size_t>(place - call.rest.begin())), Reach::kAny,
                 call.run, [&](const Paths& paths) {
                   return context.candidate()->insert(paths.front(), before, other);
                 });
}
}  // namespace

void add_edit_commands(LocalCommands& commands) {
  const TailPtr any = path_tail(Reach::kAny);
  const auto add = [&](const char* words, const char* help, const TailPtr& tail, auto handle) {
    commands.add(Mode::kConfiguration,
                 {.words = words, .help = help, .tail = tail, .handle = handle});
  };
  add("activate", "Remove the inactive tag from a statement", any, marks(Mark::kInactive, false));
  add("annotate", "Annotate the statement with a comment", any, annotate);
  add("deactivate", "Add the inactive tag to a statement", any, marks(Mark::kInactive, true));
  add("delete", "Delete a data element", path_tail(Reach::kAny, true), remove);
  add("insert", "Insert a new ordered data element", any, insert);
  add("protect", "Protect the statement", any, marks(Mark::kProtect, true));
  add("set", "Set a parameter", path_tail(Reach::kSet), set);
  add("unprotect", "Unprotect the statement", any, marks(Mark::kProtect, false));
}

}  // namespace nezu::mgmt
