// Where one edits: the level, and commands carried out elsewhere.
#include <algorithm>
#include <cctype>

#include "grammar/edit_level.h"
#include "services/mgmt/context.h"

namespace nezu::mgmt {
namespace {
using grammar::Reach;

const NumberType kLevels("<count>", 1, 255);
constexpr size_t kMostLevels = 255;  // that `exit` finds back; the oldest are forgotten

// What may follow `up`: a number, a command, both or nothing.
struct UpWords {
  explicit UpWords(Words words) : command(words) {
    if (words.empty() || !std::isdigit(static_cast<unsigned char>(words[0].text[0]))) return;
    if (const auto refused = kLevels.refuse(words[0].text))
      problem = {grammar::LineProblem::Kind::kInvalid, 0, *refused, {}};
    levels = strtoul(words[0].text.c_str(), nullptr, 10);
    command = words.subspan(1);
    skipped = 1;
  }
  grammar::Path of(grammar::Path level) const {
    return grammar::level_above(std::move(level), levels);
  }
  Place place(const Place& from) const {
    return {from.commands, from.root, from.mode, of(from.level)};
  }

  size_t levels = 1;
  Words command;
  size_t skipped = 0;
  std::optional<grammar::LineProblem> problem;
};

class UpTail : public Tail {
 public:
  grammar::Completion complete(const Place& place, Words words,
                               std::string_view partial) const override {
    const UpWords up(words);
    grammar::Completion completion;
    completion.problem = up.problem;
    if (up.problem) return completion;
    completion = complete_line(up.place(place), up.command, partial);
    if (completion.problem) completion.problem->word += up.skipped;
    if (words.empty())
      completion.candidates.insert(completion.candidates.begin(),
                                   {' ', "<count>", "Number of levels " + kLevels.range(), true});
    if (up.command.empty()) completion.enter = true;
    return completion;
  }
  std::optional<grammar::LineProblem> check(const Place& place, Words words) const override {
    const UpWords up(words);
    if (up.problem || up.command.empty()) return up.problem;
    auto problem = check_line(up.place(place), up.command);
    if (problem) problem->word += up.skipped;
    return problem;
  }
  std::vector<std::string> full_words(const Place& place, Words words) const override {
    const UpWords up(words);
    if (up.problem || up.command.empty()) return {typed_words(words)};
    const Place there = up.place(place);
    auto lines = full_lines(there, there.commands.find(there.mode, up.command), up.command);
    if (up.skipped)
      for (std::string& line : lines) line = words[0].text + " " + line;
    return lines;
  }
  std::optional<Inner> inner(const Place& place, Words words) const override {
    const UpWords up(words);
    if (up.problem) return std::nullopt;
    return Inner{up.place(place), up.command};
  }
};

void edit(Context& context, const Call& call) {
  const auto paths = context.paths(call.rest, Reach::kLevel, call.run);
  if (!paths) return;
  if (!paths->empty()) {
    auto& levels = context.levels();
    if (levels.size() >= kMostLevels) levels.erase(levels.begin());
    levels.push_back(context.candidate()->level());
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

// `up`, `up 2`, or one command as if it were given there.
void up(Context& context, const Call& call) {
  const UpWords words(call.rest);
  if (words.problem) return call.run->refuse(*words.problem, call.rest);
  if (!words.command.empty())
    return context.dispatch_at(words.of(context.base()), words.command, call.run);
  context.candidate()->edit(words.of(context.base()));
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
                      .tail = std::make_shared<UpTail>(),
                      .leads_on = true,
                      .handle = up});
  commands.add(mode, {.words = "run",
                      .help = "Run an operational-mode command",
                      .tail = operational_tail(),
                      .leads_on = true,
                      .handle = run});
}

}  // namespace nezu::mgmt
