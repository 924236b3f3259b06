#include "services/mgmt/pipeline.h"

#include <algorithm>

#include "services/mgmt/argument.h"
#include "services/mgmt/file_pipes.h"
#include "services/mgmt/resolve_pipe.h"

namespace nezu::mgmt {
namespace {
using grammar::Candidates;
using grammar::LineProblem;
using grammar::Words;

enum class Takes {
  kNothing,
  kExpression,
  kNumber,
  kMaybeNumber,
  kSeconds,
  kFile,
  kFullNames,
  kMessage,
  kDisplay,
  kCompare,
};

const NumberType kInterval("<interval>", 1, 604'800);
const RevisionType kRevision;
constexpr char kRollback[] = "rollback";
constexpr char kFullNames[] = "full-names";

struct PipeWord {
  const char* word;
  const char* help;
  Takes takes;
  enum class After { kAll, kConfiguration, kShow } after = After::kAll;

  bool may_follow(const Shows& shows) const {
    return after == After::kAll || (after == After::kShow ? shows.again : shows.configuration);
  }
};
using After = PipeWord::After;

constexpr PipeWord kPipes[] = {
    {"append", "Append output text to file", Takes::kFile},
    {"compare", "Compare configuration changes with prior version", Takes::kCompare,
     After::kConfiguration},
    {"count", "Count occurrences", Takes::kNothing},
    {"display", "Show additional kinds of information", Takes::kDisplay},
    {"except", "Show only text that does not match a pattern", Takes::kExpression},
    {"find", "Search for first occurrence of pattern", Takes::kExpression},
    {"first", "Display beginning of output only", Takes::kMaybeNumber},
    {"hold", "Hold text without exiting the --More-- prompt", Takes::kNothing},
    {"last", "Display end of output only", Takes::kMaybeNumber},
    {"match", "Show only text that matches a pattern", Takes::kExpression},
    {"no-more", "Don't paginate output", Takes::kNothing},
    {"refresh", "Show the output again and again", Takes::kSeconds, After::kShow},
    {"request", "Make system-level requests", Takes::kMessage},
    {"resolve", "Show names in place of addresses", Takes::kFullNames},
    {"save", "Save output text to file", Takes::kFile},
    {"tee", "Show output text and save it to file", Takes::kFile},
    {"trim", "Trim specified number of columns from start of line", Takes::kNumber},
};

constexpr PipeWord kInheritances[] = {
    {"brief", "Display comments without frames", Takes::kNothing},
    {"defaults", "Display the defaults that are in force too", Takes::kNothing},
    {"no-comments", "Display inherited statements without comments", Takes::kNothing},
    {"terse", "Display comments behind the statements", Takes::kNothing},
};

constexpr PipeWord kDisplays[] = {
    {"changed", "Tag changes with junos:changed attribute (XML only)", Takes::kNothing,
     After::kConfiguration},
    {"detail", "Show each step of a commit; of configuration, what it is", Takes::kNothing},
    {"inheritance", "Show inherited configuration data and source group", Takes::kNothing,
     After::kConfiguration},
    {"json", "Show output as JSON", Takes::kNothing},
    {"modelled", "Show which statements something acts on", Takes::kNothing, After::kConfiguration},
    {"omit", "Show statements that are left out otherwise", Takes::kNothing, After::kConfiguration},
    {"set", "Show 'set' commands that create configuration", Takes::kNothing,
     After::kConfiguration},
    {"xml", "Show output as XML tags", Takes::kNothing},
};

template <size_t N>
std::vector<const PipeWord*> beginning(const PipeWord (&table)[N], std::string_view partial,
                                       const Shows& shows) {
  std::vector<const PipeWord*> found;
  for (const PipeWord& each : table) {
    if (!each.may_follow(shows)) continue;
    if (each.word == partial) return {&each};
    if (std::string_view(each.word).starts_with(partial)) found.push_back(&each);
  }
  return found;
}

Candidates rows(const std::vector<const PipeWord*>& words) {
  Candidates out;
  for (const PipeWord* each : words) out.push_back({' ', each->word, each->help, false});
  return out;
}

LineProblem missing(size_t word) {
  return {LineProblem::Kind::kMissing, word, "missing argument.", {}};
}
LineProblem unexpected(size_t word) {
  return {LineProblem::Kind::kUnknown, word, "syntax error.", {}};
}

// The one entry of the table that words[at] means.
template <size_t N>
const PipeWord* choose(const PipeWord (&table)[N], const Words& words, size_t at,
                       const Shows& shows, std::optional<LineProblem>& problem) {
  if (at >= words.size()) {
    problem = missing(at);
    return nullptr;
  }
  const auto found = beginning(table, words[at].text, shows);
  if (found.size() == 1) return found.front();
  problem = unexpected(at);
  if (found.size() > 1)
    problem = LineProblem{LineProblem::Kind::kAmbiguous, at,
                          "'" + words[at].text + "' is ambiguous.", rows(found)};
  return nullptr;
}

void read_compare(const Words& words, Pipeline& pipeline) {
  Compared& compared = pipeline.compare.emplace();
  if (words.size() == 1) return;
  if (!std::string_view(kRollback).starts_with(words[1].text)) {
    compared.file = words[1].text;
    if (words.size() > 2) pipeline.problem = unexpected(2);
    return;
  }
  if (words.size() != 3) {
    pipeline.problem = words.size() == 2 ? missing(2) : unexpected(3);
  } else if (const auto refused = kRevision.refuse(words[2].text)) {
    pipeline.problem = LineProblem{LineProblem::Kind::kInvalid, 2, *refused, {}};
  } else {
    compared.rescue = words[2].text == "rescue";
    compared.revision = number_of(words[2].text).value_or(0);
  }
}

bool is_relative(std::string_view word) {
  return !word.empty() && std::string_view("relative").starts_with(word);
}

void read_inheritance(const Words& words, Pipeline& pipeline) {
  using Inheritance = Pipeline::Inheritance;
  pipeline.inheritance = Inheritance::kComments;
  for (size_t at = 2; at < words.size(); ++at) {
    const PipeWord* option = choose(kInheritances, words, at, {true}, pipeline.problem);
    if (!option) return;
    const std::string_view word = option->word;
    if (word == "defaults")
      pipeline.defaults = true;
    else
      pipeline.inheritance = word == "brief"   ? Inheritance::kBrief
                             : word == "terse" ? Inheritance::kTerse
                                               : Inheritance::kNoComments;
  }
}

void read_display(const Words& words, const Shows& shows, Pipeline& pipeline) {
  const PipeWord* display = choose(kDisplays, words, 1, shows, pipeline.problem);
  if (!display) return;
  if (std::string_view(display->word) == "inheritance") return read_inheritance(words, pipeline);
  const std::string_view word = display->word;
  const bool relative = word == "set" && words.size() == 3 && is_relative(words[2].text);
  if (words.size() > 2 && !relative) pipeline.problem = unexpected(2);
  if (word == "set") pipeline.relative = relative;
  pipeline.detail |= word == "detail";
  pipeline.changed |= word == "changed";
  pipeline.modelled |= word == "modelled";
  pipeline.omitted |= word == "omit";
  if (word == "detail" || word == "changed" || word == "modelled" || word == "omit") return;
  pipeline.display = word == "set"   ? Pipeline::Display::kSet
                     : word == "xml" ? Pipeline::Display::kXml
                                     : Pipeline::Display::kJson;
}

void read_filter(const PipeWord& pipe, const Words& words, Pipeline& pipeline) {
  const bool needs = pipe.takes == Takes::kExpression || pipe.takes == Takes::kNumber ||
                     pipe.takes == Takes::kFile;
  const size_t most = pipe.takes == Takes::kNothing ? 1 : 2;
  if (needs && words.size() < 2)
    pipeline.problem = missing(1);
  else if (words.size() > most)
    pipeline.problem = unexpected(most);
  else
    pipeline.filters.push_back({pipe.word, words.size() > 1 ? words[1].text : ""});
}

void read_refresh(const Words& words, Pipeline& pipeline) {
  pipeline.refresh = words.size() > 1 ? number_of(words[1].text) : 1;
  if (words.size() > 2) {
    pipeline.problem = unexpected(2);
  } else if (words.size() == 2) {
    if (const auto refused = kInterval.refuse(words[1].text))
      pipeline.problem = LineProblem{LineProblem::Kind::kInvalid, 1, *refused, {}};
  }
}

void read_resolve(const Words& words, Pipeline& pipeline) {
  if (words.size() > 2)
    pipeline.problem = unexpected(2);
  else if (words.size() == 2 && !std::string_view(kFullNames).starts_with(words[1].text))
    pipeline.problem = unexpected(1);
  else
    pipeline.filters.push_back({"resolve", words.size() > 1 ? kFullNames : ""});
}

// `request message all`: of those at other terminals nobody is told alone.
void read_request(const Words& words, Pipeline& pipeline) {
  constexpr std::string_view kWords[] = {"message", "all"};
  for (size_t i = 0; i < 2 && !pipeline.problem; ++i) {
    if (words.size() < i + 2)
      pipeline.problem = missing(i + 1);
    else if (!kWords[i].starts_with(words[i + 1].text))
      pipeline.problem = unexpected(i + 1);
  }
  if (words.size() > 3) pipeline.problem = unexpected(3);
  pipeline.filters.push_back({"request", "all"});
}

void read_pipe(const Words& words, const Shows& shows, Pipeline& pipeline) {
  const PipeWord* pipe = choose(kPipes, words, 0, shows, pipeline.problem);
  if (!pipe) return;
  if (pipe->takes == Takes::kCompare) return read_compare(words, pipeline);
  if (pipe->takes == Takes::kDisplay) return read_display(words, shows, pipeline);
  if (pipe->takes == Takes::kSeconds) return read_refresh(words, pipeline);
  if (pipe->takes == Takes::kFullNames) return read_resolve(words, pipeline);
  if (pipe->takes == Takes::kMessage) return read_request(words, pipeline);
  if (std::string_view(pipe->word) == "no-more") pipeline.pager = false;
  if (std::string_view(pipe->word) == "hold") pipeline.hold = true;
  read_filter(*pipe, words, pipeline);
}
}  // namespace

Pipeline read_pipes(const std::vector<Words>& pipes, const Shows& shows) {
  Pipeline pipeline;
  for (size_t i = 0; i < pipes.size() && !pipeline.problem; ++i) {
    pipeline.problem_pipe = i;
    read_pipe(pipes[i], shows, pipeline);
  }
  return pipeline;
}

namespace {
void complete_compare(const Words& words, std::string_view partial, grammar::Completion& out) {
  if (words.size() == 1) {
    out.candidates = {{' ', "<filename>", "Compare with a file", true}};
    if (std::string_view(kRollback).starts_with(partial))
      out.candidates.push_back(
          {' ', kRollback, "Compare with previously committed version", false});
  } else if (words.size() == 2 && std::string_view(kRollback).starts_with(words[1].text)) {
    out.live_names = "revision";
  }
}
}  // namespace

grammar::Completion complete_pipe(const Words& words, std::string_view partial,
                                  const Shows& shows) {
  grammar::Completion out;
  if (words.empty()) {
    out.candidates = rows(beginning(kPipes, partial, shows));
    return out;
  }
  const PipeWord* pipe = choose(kPipes, words, 0, shows, out.problem);
  if (!pipe) return out;
  const bool first = words.size() == 1;
  switch (pipe->takes) {
    case Takes::kDisplay:
      if (first) out.candidates = rows(beginning(kDisplays, partial, shows));
      if (words.size() == 2 && shows.configuration && words[1].text == "set" &&
          std::string_view("relative").starts_with(partial))
        out.candidates = {
            {' ', "relative", "Show 'set' commands relative to the edit level", false}};
      if (!first && std::string_view("inheritance").starts_with(words[1].text))
        out.candidates = rows(beginning(kInheritances, partial, shows));
      break;
    case Takes::kExpression:
      if (first) out.candidates = {{' ', "<pattern>", "Pattern to match against", true}};
      break;
    case Takes::kNumber:
    case Takes::kMaybeNumber:
      if (first) out.candidates = {{' ', "<lines>", "Number (0..10000)", true}};
      break;
    case Takes::kSeconds:
      if (first)
        out.candidates = {
            {' ', "<interval>", "Seconds between two rounds " + kInterval.range(), true}};
      break;
    case Takes::kFile:
      if (first) out.candidates = {{' ', "<filename>", "Output file name", true}};
      break;
    case Takes::kFullNames:
      if (first && std::string_view(kFullNames).starts_with(partial))
        out.candidates = {{' ', kFullNames, "Show full names, not their first part", false}};
      break;
    case Takes::kMessage:
      if (first) out.candidates = {{' ', "message", "Send the output to other terminals", false}};
      if (words.size() == 2)
        out.candidates = {{' ', "all", "To everybody who is logged in", false}};
      break;
    case Takes::kCompare:
      complete_compare(words, partial, out);
      break;
    case Takes::kNothing:
      break;
  }
  const bool optional = pipe->takes == Takes::kNothing || pipe->takes == Takes::kMaybeNumber ||
                        pipe->takes == Takes::kSeconds || pipe->takes == Takes::kFullNames ||
                        pipe->takes == Takes::kCompare;
  out.enter = first ? optional : pipe->takes != Takes::kMessage || words.size() == 3;
  if (out.live_names == "revision") out.enter = false;
  return out;
}

namespace {
// Keeps the output for other terminals; a long one is cut.
class Message : public Filter {
 public:
  Message(std::unique_ptr<Filter> next, std::function<void(const std::string&)> broadcast)
      : next_(std::move(next)), broadcast_(std::move(broadcast)) {}

  void write(std::string_view text) override {
    text_ += text.substr(0, std::min(text.size(), kMost - text_.size()));
  }
  void end() override {
    if (broadcast_ && !text_.empty()) broadcast_(text_);
    next_->end();
  }

 private:
  static constexpr size_t kMost = 16384;
  std::unique_ptr<Filter> next_;
  std::function<void(const std::string&)> broadcast_;
  std::string text_;
};

bool writes_file(const Pipeline::Stage& stage) {
  return stage.word == "save" || stage.word == "append" || stage.word == "tee";
}

std::variant<std::unique_ptr<Filter>, FilterError> make(const Pipeline::Stage& stage,
                                                        const PipeSurroundings& around,
                                                        size_t screen,
                                                        std::unique_ptr<Filter> next) {
  if (stage.word == "request" && !around.may_broadcast)
    return FilterError{"permission denied: request message"};
  if (stage.word == "request") return std::make_unique<Message>(std::move(next), around.broadcast);
  if (writes_file(stage)) {
    const UserFiles::Place place = around.file(stage.argument);
    if (!place.error.empty()) return FilterError{place.error};
    return file_filter(stage.word, stage.argument, place.path, std::move(next));
  }
  if (stage.word == "resolve")
    return resolve_filter(around.resolver, !stage.argument.empty(), std::move(next));
  return make_filter(stage.word, stage.argument, std::move(next), screen);
}
}  // namespace

std::unique_ptr<Filter> build(const Pipeline& pipeline, grammar::Sink sink,
                              std::function<void()> ended, const PipeSurroundings& around,
                              std::string& error) {
  const CliSettings& settings = around.settings;
  constexpr size_t kScreen = 24;  // of a client without one
  const size_t screen = settings.screen_length > 1 ? settings.screen_length - 1 : kScreen;
  // No file is touched for a line that is wrong further on.
  for (const Pipeline::Stage& stage : pipeline.filters)
    if (!writes_file(stage))
      if (const auto made = make(stage, around, screen, write_to([](std::string_view) {}));
          const auto* bad = std::get_if<FilterError>(&made)) {
        error = bad->message;
        return nullptr;
      }
  auto chain = write_to(std::move(sink), std::move(ended));
  if (settings.wrap() > 0) chain = wrap_at(settings.wrap(), std::move(chain));
  for (auto stage = pipeline.filters.rbegin(); stage != pipeline.filters.rend(); ++stage) {
    auto made = make(*stage, around, screen, std::move(chain));
    if (const auto* bad = std::get_if<FilterError>(&made)) {
      error = bad->message;
      return nullptr;
    }
    chain = std::move(std::get<std::unique_ptr<Filter>>(made));
  }
  return chain;
}

}  // namespace nezu::mgmt
