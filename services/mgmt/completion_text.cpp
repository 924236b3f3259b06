#include "services/mgmt/completion_text.h"

#include <algorithm>

namespace nezu::mgmt {
namespace {
constexpr size_t kNameColumns = 20;

std::string row(char marker, std::string_view name, std::string_view help) {
  std::string out{marker, ' '};
  out += name;
  if (help.empty()) return out + "\n";
  const size_t width = columns(name);
  out.append(width > kNameColumns ? 2 : kNameColumns + 1 - width, ' ');
  return out.append(help) + "\n";
}

std::string table(const grammar::Candidates& candidates, bool enter) {
  std::string out = "Possible completions:\n";
  if (enter) out += row(' ', "<[Enter]>", "Execute this command");
  for (const auto& each : candidates) out += row(each.marker, each.name, each.help);
  if (enter) out += row(' ', "|", "Pipe through a command");
  return out;
}

size_t column_of(const grammar::LineProblem& problem, const grammar::Words& words,
                 size_t line_length) {
  return problem.word < words.size() ? words[problem.word].column : line_length;
}
}  // namespace

size_t columns(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

std::string completions_text(const grammar::Candidates& candidates, bool enter) {
  if (candidates.empty() && !enter) return "No valid completions\n";
  return table(candidates, enter);
}

std::string problem_text(const grammar::LineProblem& problem, const grammar::Words& words,
                         size_t line_length, size_t prompt) {
  std::string out(prompt + column_of(problem, words, line_length), ' ');
  out += "^\n" + problem.message + "\n";
  if (!problem.candidates.empty()) out += table(problem.candidates, false);
  return out;
}

std::string problem_line(const grammar::LineProblem& problem, const grammar::Words& words) {
  std::string message = problem.message;
  if (message.ends_with('.')) message.pop_back();
  std::string out = "error: " + message;
  const bool named = problem.word < words.size() && !problem.secret;
  if (named && !words[problem.word].text.empty()) out += ": " + words[problem.word].text;
  return out + "\n";
}

}  // namespace nezu::mgmt
