// What changes many statements at once: replace pattern, wildcard delete, wildcard range.
#include <re2/re2.h>

#include "configdb/node.h"
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

constexpr size_t kMostText = 64 << 20;  // that one command may make
constexpr size_t kLongestValue = 64 << 10;
const TextType kPattern("pattern");
const TextType kReplacement("replacement");
const NumberType kUpto("count", 0, 1'000'000'000);

std::unique_ptr<RE2> compiled(const std::string& pattern) {
  RE2::Options options;
  options.set_posix_syntax(true);
  options.set_perl_classes(true);
  options.set_longest_match(true);
  options.set_log_errors(false);
  return std::make_unique<RE2>(pattern, options);
}

std::string wrong_pattern(const RE2& pattern) {
  return "error: invalid regular expression: " + pattern.error() + "\n";
}

// `&` and `\1` as RE2 has them.
std::string rewrite_of(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '&') {
      out += "\\0";
    } else if (text[at] == '\\' && at + 1 < text.size()) {
      const char next = text[++at];
      if (next == '\\' || (next >= '0' && next <= '9')) out += '\\';
      out += next;
    } else {
      out += text[at] == '\\' ? "\\\\" : std::string(1, text[at]);
    }
  }
  return out;
}

// Replaces in one value after the other, within bounds.
class Replacer {
 public:
  Replacer(const RE2& pattern, std::string rewrite)
      : pattern_(pattern), rewrite_(std::move(rewrite)) {}

  std::optional<std::string> operator()(std::string_view text) {
    if (error_ || !RE2::PartialMatch(text, pattern_)) return std::nullopt;
    std::string changed(text);
    // Each match, an empty one too, may bring the whole of `rewrite_` and itself as often as that
    // names it.
    const size_t most = 2 * (text.size() + 1) * (rewrite_.size() + 1);
    error_ = most > kMostText;  // it is not even tried
    if (error_ || !RE2::GlobalReplace(&changed, pattern_, rewrite_)) return std::nullopt;
    made_ += changed.size();
    error_ = changed.size() > kLongestValue || made_ > kMostText;
    return changed;
  }
  bool too_long() const { return error_; }

 private:
  const RE2& pattern_;
  std::string rewrite_;
  size_t made_ = 0;
  bool error_ = false;
};

void replace(Context& context, const Call& call) {
  const auto pattern = compiled(*call.input("pattern"));
  if (!pattern->ok()) return call.run->refuse(wrong_pattern(*pattern));
  const std::string rewrite = rewrite_of(*call.input("with"));
  std::string error;
  if (!pattern->CheckRewriteString(rewrite, &error))
    return call.run->refuse("error: invalid replacement: " + *call.input("with") + "\n");
  auto replacer = std::make_shared<Replacer>(*pattern, rewrite);
  const configdb::NodePtr before = context.candidate()->tree();
  std::string text = context.candidate()->replace(
      context.base(), [replacer](std::string_view value) { return (*replacer)(value); },
      call.number("upto", 0));
  if (replacer->too_long()) {
    context.candidate()->put(before);
    text = "error: the replaced text would be too long\n";
  }
  context.report(text, call.run);
}

// What stands right below `path`, one path each: statements, or the entries of a list.
Paths members(const configdb::NodePtr& root, const Path& path) {
  Paths found;
  const auto collect = [&](const configdb::Node& node, Path above, const auto& self) -> void {
    node.children.each([&](const configdb::NodePtr& child) {
      const bool holder = child->role == configdb::Node::Role::kHolder;
      if (holder && child->statement->no_keyword) return self(*child, above, self);
      Path place = above;
      place.push_back({child->statement, holder ? "" : child->text});
      if (child->statement->kind == grammar::Kind::kLeaf) place.back().value.clear();
      found.push_back(std::move(place));
    });
  };
  Path above = path;
  const configdb::NodePtr node = configdb::find(root, path);
  if (node && node->role == configdb::Node::Role::kHolder) above.pop_back();
  if (node) collect(*node, above, collect);
  return found;
}

const std::string& name_of(const Path& path) {
  return path.back().value.empty() ? path.back().statement->name : path.back().value;
}

void ask_to_delete(Context& context, const Paths& matched, const RunPtr& run) {
  std::string text;
  for (const Path& path : matched) text += "  matched: " + name_of(path) + "\n";
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
  const auto pattern = compiled(words.back().text);
  if (!pattern->ok()) return call.run->refuse(wrong_pattern(*pattern));
  Paths matched = members(context.authorization().visible(context.candidate()->tree()),
                          paths->empty() ? context.base() : paths->front());
  std::erase_if(matched,
                [&](const Path& path) { return !RE2::PartialMatch(name_of(path), *pattern); });
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
