#include "cli/recording.h"

#include <re2/re2.h>

#include <algorithm>
#include <sstream>

#include "cli/line_diff.h"

namespace nezu::cli {
namespace {
using Lines = std::vector<std::string>;

// "user@host> show version", "host# ", "lab> "
const re2::RE2& prompt_expression() {
  static const re2::RE2 expression(R"(^([\w.-]+(?:@[\w.-]+)?[>#])(?: (.*))?$)");
  return expression;
}

bool is_prompt(const std::string& line, std::string* prompt = nullptr,
               std::string* typed = nullptr) {
  return re2::RE2::FullMatch(line, prompt_expression(), prompt, typed);
}

std::string trimmed(std::string text) {
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text;
}

Lines lines_of(std::string_view text) {
  Lines lines;
  std::stringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) lines.push_back(trimmed(line));
  return lines;
}

std::string joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

// Without blank lines at its end, and what is never twice the same.
std::string comparable(const std::string& text) {
  struct Varying {
    re2::RE2 expression;
    const char* by;
  };
  static const Varying kVarying[] = {
      {re2::RE2(R"(\d{4}-\d\d?-\d\d? \d\d:\d\d:\d\d [A-Z][A-Z0-9+-]*)"), "<time>"},
      {re2::RE2(R"(\(pid \d+\))"), "(pid <number>)"},
      {re2::RE2(R"(, idle (\d+d )?\d+:\d\d(:\d\d)?)"), ""},
      {re2::RE2(R"("\$9\$[^"]*")"), "\"$9$<secret>\""},
      {re2::RE2(R"(\{(master|backup|linecard)(:\d+)?\})"), ""},
  };
  std::string out = joined(lines_of(text));
  for (const auto& [expression, by] : kVarying) re2::RE2::GlobalReplace(&out, expression, by);
  while (out.ends_with("\n\n")) out.pop_back();
  return out == "\n" ? "" : out;
}

// Where the text that somebody typed up to ^D ends, in a recording that does not show the ^D.
bool is_answer_to_input(const std::string& line) {
  static const re2::RE2 expression(R"((load complete|error: |warning: |terminal:\d+:\().*)");
  return re2::RE2::FullMatch(line, expression);
}
}  // namespace

bool Recording::is_one(std::string_view text) {
  for (const std::string& line : lines_of(text.substr(0, 4096)))
    if (!line.empty()) return is_prompt(line);
  return false;
}

Recording::Recording(std::string_view text) {
  size_t number = 0;
  for (const std::string& line : lines_of(text)) {
    ++number;
    Step step;
    if (is_prompt(line, &step.prompt, &step.typed)) {
      step.line = number;
      steps_.push_back(std::move(step));
    } else if (!steps_.empty()) {
      steps_.back().answer.push_back(line);
    }
  }
}

RecordingPlayer::Ending RecordingPlayer::play(bool stop_on_error, FileReport& report) {
  take_prompt(conversation_.open(true));
  for (const Recording::Step& step : recording_.steps()) {
    Said said;
    screen_ += prompt_;
    const bool left = prompt_.empty();
    if (left) break;
    ++report.commands;
    const std::string answer = carry_out(step, said);
    if (said.gone) return Ending::kGone;
    if (said.stopped) return Ending::kStopped;
    const bool closed = said.answer.outcome == "closed";
    take_prompt(said);
    if (closed) prompt_.clear();
    const std::string recorded = comparable(joined(step.answer));
    // Help is shown under the line, and nothing between it and the next prompt.
    const bool helped = step.typed.ends_with('?');
    const std::string here = comparable(answer + (helped ? "" : "\n") + banner_);
    screen_ += answer;
    if (!helped && !closed) screen_ += "\n";
    if (!banner_.empty()) screen_ += banner_ + "\n";
    if (here == recorded) continue;
    report.differences.push_back({step.line, step.typed, recorded, here});
    if (stop_on_error) break;
  }
  return Ending::kPlayed;
}

void RecordingPlayer::take_prompt(const Said& said) {
  if (said.answer.prompt.empty()) return;
  banner_ = said.answer.banner;
  prompt_ = said.answer.prompt;
}

// What the terminal shows from the end of the typed line on.
std::string RecordingPlayer::carry_out(const Recording::Step& step, Said& said) {
  if (step.typed.ends_with('?'))
    return help(step, step.typed.substr(0, step.typed.size() - 1), said);
  screen_ += step.typed.empty() ? "\n" : step.typed + " \n";
  said = conversation_.execute(step.typed);
  std::string shown = said.output;
  for (size_t at = 0; !said.gone && !said.stopped;) {
    const std::string& outcome = said.answer.outcome;
    if (outcome != "question" && outcome != "input") break;
    shown += go_on(step, said, at);
  }
  return shown;
}

std::string RecordingPlayer::help(const Recording::Step& step, const std::string& line,
                                  Said& said) {
  screen_ += step.typed + "\n";
  said = conversation_.help(line);
  return said.output;
}

// Gives what the recording has for a question, or for input; `at`: how far its answer is used.
std::string RecordingPlayer::go_on(const Recording::Step& step, Said& said, size_t& at) {
  if (said.answer.outcome == "question") {
    const std::string question = said.answer.question;
    std::string words;
    for (; at < step.answer.size(); ++at) {
      const std::string& line = step.answer[at];
      if (!line.starts_with(trimmed(question))) continue;
      if (line.size() > question.size()) words = line.substr(question.size());
      ++at;
      break;
    }
    said = conversation_.answer(words);
    return question + words + "\n" + said.output;
  }
  std::string text;
  bool mark = false;
  while (at < step.answer.size() && step.answer[at].starts_with("[Type")) ++at;
  for (; at < step.answer.size() && !is_answer_to_input(step.answer[at]); ++at) {
    mark = step.answer[at] == "^D";
    if (mark) break;
    text += step.answer[at] + "\n";
  }
  said = conversation_.input(text);
  return text + (mark ? "^D\n" : "") + said.output;
}

}  // namespace nezu::cli
