#include "configdb/problems.h"

#include <set>

namespace nezu::configdb {
namespace {

std::string edit_line(const Problem& problem) {
  std::string line = "[edit";
  for (const auto& word : problem.path) line += " " + word;
  return line + "]\n";
}

std::string indented(std::string_view text, std::string_view indent) {
  std::string out;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    out.append(indent).append(text.substr(0, end)).push_back('\n');
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

std::string_view reason(Failure failure) {
  switch (failure) {
    case Failure::kMandatory:
      return ": (missing mandatory statements)";
    case Failure::kConstraint:
      return ": (statements constraint check failed)";
    default:
      return "";
  }
}

}  // namespace

std::string render(const Problems& problems) {
  std::string text;
  const Problem* last = nullptr;
  for (const Problem& problem : problems) {
    const bool same_path = last && last->path == problem.path;
    if (!same_path) text += edit_line(problem);
    if (!same_path || last->statement != problem.statement)
      text += "  '" + problem.statement + "'\n";
    text += indented((problem.warning ? "warning: " : "") + problem.message, "    ");
    last = &problem;
  }
  return text;
}

std::string one_line(const Problem& problem) {
  std::string path = edit_line(problem);
  path.pop_back();
  return "path: " + path + ", statement: " + problem.statement + ", " + problem.message;
}

std::string last_line(Failure failure, bool check_only) {
  if (failure == Failure::kNone) return {};
  const bool check = check_only || failure == Failure::kService;
  return (check ? "error: configuration check-out failed" : "error: commit failed") +
         std::string(reason(failure)) + "\n";
}

Problems unique(Problems problems) {
  std::set<std::string> seen;
  Problems out;
  for (Problem& problem : problems)
    if (seen.insert(render({problem})).second) out.push_back(std::move(problem));
  return out;
}

}  // namespace nezu::configdb
