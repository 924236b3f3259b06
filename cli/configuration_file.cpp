#include "cli/configuration_file.h"

#include <re2/re2.h>

#include <algorithm>
#include <chrono>
#include <sstream>

#include "cli/progress.h"
#include "cli/recording.h"

namespace nezu::cli {
namespace {
using Clock = std::chrono::steady_clock;

constexpr size_t kPartLines = 2000;  // of set form at once: the bar moves, ^C is heard
constexpr size_t kPartBytes = 1 << 20;
constexpr size_t kMostAtOnce = 12 << 20;  // a request is 16 MiB at most, escapes included

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

std::string_view first_word(std::string_view line) {
  const size_t begin = line.find_first_not_of(" \t\r");
  if (begin == line.npos) return {};
  line.remove_prefix(begin);
  return line.substr(0, line.find_first_of(" \t\r\n"));
}

// The first line that says something, without a byte order mark.
std::string_view first_line(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty()) {
    const size_t feed = text.find('\n');
    const std::string_view line = text.substr(0, feed);
    const std::string_view word = first_word(line);
    if (!word.empty() && !word.starts_with('#')) return line;
    text.remove_prefix(feed == text.npos ? text.size() : feed + 1);
  }
  return {};
}

bool is_set_verb(std::string_view word) {
  constexpr std::string_view kVerbs[] = {"set",      "delete",    "activate", "deactivate",
                                         "annotate", "insert",    "rename",   "copy",
                                         "protect",  "unprotect", "edit",     "top",
                                         "up",       "exit",      "wildcard", "replace"};
  return std::find(std::begin(kVerbs), std::end(kVerbs), word) != std::end(kVerbs);
}

// Lines that go on from where the one before them has led cannot be cut apart.
bool has_levels(std::string_view text) {
  constexpr std::string_view kMoves[] = {"edit", "up", "top", "exit", "quit"};
  while (!text.empty()) {
    const size_t feed = text.find('\n');
    const std::string_view word = first_word(text.substr(0, feed));
    if (std::find(std::begin(kMoves), std::end(kMoves), word) != std::end(kMoves)) return true;
    text.remove_prefix(feed == text.npos ? text.size() : feed + 1);
  }
  return false;
}

// The beginning of `text` of at most so many lines and bytes, but one line at least.
std::string_view part_of(std::string_view text) {
  size_t end = 0;
  for (size_t lines = 0; lines < kPartLines && end < text.size(); ++lines) {
    const size_t feed = text.find('\n', end);
    const size_t next = feed == text.npos ? text.size() : feed + 1;
    if (lines > 0 && next > kPartBytes) break;
    end = next;
  }
  return text.substr(0, end);
}
}  // namespace

size_t count_lines(std::string_view text) {
  const auto feeds = static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
  return feeds + (!text.empty() && text.back() != '\n');
}

std::string form_of(std::string_view text) {
  const std::string_view line = first_line(text), word = first_word(line);
  if (word.starts_with('<')) return "xml";
  if (word.starts_with('{')) return word == "{master}" ? "session" : "json";
  if (Recording::is_one(text)) return "session";
  return word.empty() || is_set_verb(word) ? "set" : "text";
}

ConfigurationFile::Ending ConfigurationFile::replay(std::string_view text) {
  const auto begin = Clock::now();
  load(text);
  report_.load.milliseconds = milliseconds_since(begin);
  if (ending_ != Ending::kDone) return ending_;
  const bool wanted = report_.errors.empty() || !(work_.stop_on_error || work_.waiting);
  if (wanted && !step("commit check", report_.check)) return ending_;
  bool keep = report_.well();
  if (keep && !work_.check_only) {
    const std::string minutes = work_.confirmed.empty() ? "" : " confirmed " + work_.confirmed;
    if (!step("commit" + minutes, report_.commit)) return ending_;
    keep = report_.commit->done;
  }
  if (!keep) take_back();
  return ending_;
}

// False: nothing more can be done.
bool ConfigurationFile::step(const std::string& command, std::optional<FileReport::Step>& step) {
  const auto begin = Clock::now();
  const Said said = conversation_.execute(command);
  step.emplace(FileReport::Step{said.done(), said.output, milliseconds_since(begin)});
  return !broken(said);
}

bool ConfigurationFile::take_back() {
  return !broken(conversation_.execute("rollback 0"));
}

bool ConfigurationFile::broken(const Said& said) {
  if (said.gone) ending_ = Ending::kGone;
  if (said.stopped) ending_ = Ending::kStopped;
  if (said.stopped) conversation_.execute("rollback 0");
  return ending_ != Ending::kDone;
}

std::string ConfigurationFile::verb() const {
  if (work_.override_all) return "load override";
  return report_.form == "set" ? "load set" : "load merge";
}

bool ConfigurationFile::load(std::string_view text) {
  if (report_.form == "set" && work_.override_all) {
    const Said said = conversation_.execute("delete");
    if (broken(said) || broken(conversation_.answer("yes"))) return false;
  }
  if (report_.form == "set" && !has_levels(text)) return load_lines(text);
  if (text.size() > kMostAtOnce) {
    add({0, 0, "the file is too large: more than 12 MiB in this form", ""});
    return true;
  }
  return load_part(text, 0);
}

bool ConfigurationFile::load_lines(std::string_view text) {
  Progress progress(report_.file, text.size());
  const size_t all = text.size();
  for (size_t lines = 0; !text.empty();) {
    const std::string_view part = part_of(text);
    if (!load_part(part, lines)) return false;
    if (work_.stop_on_error && !report_.errors.empty()) return true;
    lines += count_lines(part);
    text.remove_prefix(part.size());
    progress.at(all - text.size());
  }
  return true;
}

bool ConfigurationFile::load_part(std::string_view text, size_t lines_before) {
  const std::string command = report_.form == "set" ? "load set" : verb();
  Said said = conversation_.execute(command + " terminal");
  if (broken(said)) return false;
  if (said.answer.outcome == "input") said = conversation_.input(std::string(text));
  if (broken(said)) return false;
  const size_t before = report_.errors.size() + report_.more_errors;
  take_problems(said.output, lines_before);
  const bool told = report_.errors.size() + report_.more_errors > before;
  if (!said.done() && !told) add({0, 0, "not loaded: " + said.output, ""});
  return true;
}

// "terminal:4:(18) syntax error: metric" and the lines under it; "warning: …", "error: …".
void ConfigurationFile::take_problems(const std::string& output, size_t lines_before) {
  static const re2::RE2 kPlace(R"(terminal:(\d+):\((\d+)\) (.*))");
  std::stringstream in(output);
  bool open = false;  // the line before belongs to an error
  for (std::string line; std::getline(in, line);) {
    FileReport::Error error;
    if (re2::RE2::FullMatch(line, kPlace, &error.line, &error.column, &error.message)) {
      if (work_.stop_on_error && !report_.errors.empty()) return;
      error.line += lines_before;
      add(std::move(error));
      open = true;
    } else if (line.starts_with("error: ")) {
      add({0, 0, line.substr(7), ""});
      open = true;
    } else if (line.starts_with("warning: ")) {
      if (report_.warnings.size() < FileReport::kMostErrors)
        report_.warnings.push_back(line.substr(9));
      open = false;
    } else if (open && line.starts_with(' ') && report_.more_errors == 0) {
      report_.errors.back().detail += line + "\n";
    }
  }
}

void ConfigurationFile::add(FileReport::Error error) {
  if (report_.errors.size() < FileReport::kMostErrors)
    report_.errors.push_back(std::move(error));
  else
    ++report_.more_errors;
}

}  // namespace nezu::cli
