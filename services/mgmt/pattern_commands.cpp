// What changes many statements at once: replace pattern, wildcard delete, wildcard range.
#include "configdb/pattern.h"
#include "grammar/word_range.h"
#include "services/mgmt/context.h"
#include "services/mgmt/edit_tails.h"

namespace nezu::mgmt {
namespace {
using configdb::Mark;
using grammar::LineProblem;
using grammar::Path;
using grammar::Reach;
using Paths = Context::Paths;

const TextType kPattern("pattern");
const TextType kReplacement("replacement");
const NumberType kUpto("count", 0, 1'000'000'000);

void replace(Context& context, const Call& call) {
  context.report(
      context.candidate()->substitute(
          context.base(), {*call.input("pattern"), *call.input("with"), call.number("upto", 0)}),
      call.run);
}

void ask_to_delete(Context& context, const Paths& matched, const RunPtr& run) {
  std::string text;
  for (const Path& path : matched) text += "  matched: " + configdb::name_of(path) + "\n";
  text += "Delete " + std::to_string(matched.size()) + " objects? [yes,no] (no) ";
  context.ask(run, text, "no", [&context, matched](bool yes, const RunPtr& next) {
    if (!yes) return next->done();
    context.report(context.candidate()->remove(matched), next);
  });
}

// `wildcard delete PATH PATTERN`; without a path, of this level.
void wildcard_delete(Context& context, const Call& call) {
  const grammar::Words words = grammar::join_ranges(call.rest);
  if (words.empty())
    return call.run->refuse({LineProblem::Kind::kMissing, 0, "missing argument.", {}}, words);
  const auto paths = context.paths({words.data(), words.size() - 1}, Reach::kAny, call.run);
  if (!paths) return;
  const configdb::Pattern pattern(words.back().text);
  if (auto error = pattern.error(); !error.empty())
    return call.run->refuse("error: " + error + "\n");
  const Paths matched =
      configdb::matching(context.authorization().visible(context.candidate()->tree()),
                         paths->empty() ? context.base() : paths->front(), pattern);
  if (matched.empty()) return context.report("warning: statement not found\n", call.run);
  ask_to_delete(context, matched, call.run);
}

// One command for all that the ranges of a line stand for.
using Change = std::function<std::string(configdb::Session&, const Paths&)>;
auto ranged(Reach reach, Change change) {
  return [reach, change = std::move(change)](Context& context, const Call& call) {
    const auto ranges = grammar::expand_ranges(call.rest);
    if (!ranges.error.empty())
      return call.run->refuse({LineProblem::Kind::kInvalid, ranges.word, ranges.error, {}},
                              call.rest);
    Paths all;
    for (const grammar::Words& line : ranges.lines) {
      const auto paths = context.paths(line, reach, call.run);
      if (!paths) return;
      if (paths->empty())
        return call.run->refuse({LineProblem::Kind::kMissing, line.size(), "missing argument.", {}},
                                line);
      all.insert(all.end(), paths->begin(), paths->end());
    }
    if (context.permits(all, call.run)) context.report(change(*context.candidate(), all), call.run);
  };
}

Change marks(Mark which, bool on) {
  return [which, on](configdb::Session& candidate, const Paths& paths) {
    return candidate.mark(paths, which, on);
  };
}
}  // namespace

void add_pattern_commands(LocalCommands& commands) {
  const auto mode = Mode::kConfiguration;
  commands.describe(mode, "replace", "Replace character string in configuration");
  commands.add(mode, {.words = "replace pattern",
                      .help = "Replace identifiers and values that match a regular expression",
                      .arguments = {mandatory(value("pattern", "Regular expression", kPattern)),
                                    mandatory(keyword("with", "Text to put in", kReplacement)),
                                    keyword("upto", "Most objects to change", kUpto)},
                      .handle = replace});
  commands.describe(mode, "wildcard", "Wildcard operations");
  commands.add(mode, {.words = "wildcard delete",
                      .help = "Delete all statements that match a regular expression",
                      .tail = pattern_tail(),
                      .handle = wildcard_delete});
  commands.describe(mode, "wildcard range", "Do a command for each number in [first-last,!number]");
  const auto add = [&](const char* words, const char* help, Reach reach, Change change) {
    commands.add(mode, {.words = words,
                        .help = help,
                        .tail = range_tail(reach),
                        .handle = ranged(reach, std::move(change))});
  };
  add("wildcard range activate", "Remove the inactive tag from statements", Reach::kAny,
      marks(Mark::kInactive, false));
  add("wildcard range deactivate", "Add the inactive tag to statements", Reach::kAny,
      marks(Mark::kInactive, true));
  add("wildcard range delete", "Delete data elements", Reach::kAny,
      [](configdb::Session& candidate, const Paths& paths) { return candidate.remove(paths); });
  add("wildcard range protect", "Protect statements", Reach::kAny, marks(Mark::kProtect, true));
  add("wildcard range set", "Set parameters", Reach::kSet,
      [](configdb::Session& candidate, const Paths& paths) { return candidate.set(paths); });
  add("wildcard range unprotect", "Unprotect statements", Reach::kAny,
      marks(Mark::kProtect, false));
}

}  // namespace nezu::mgmt
