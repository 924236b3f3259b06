#include "configdb/problems.h"

#include <algorithm>
#include <set>

#include "configdb/children.h"

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

bool is_before(const Problem& a, const Problem& b) {
  const size_t shared = std::min(a.path.size(), b.path.size());
  for (size_t i = 0; i < shared; ++i)
    if (const int order = natural_compare(a.path[i], b.path[i])) return order < 0;
  if (a.path.size() != b.path.size()) return a.path.size() < b.path.size();
  return natural_compare(a.statement, b.statement) < 0;
}

// Whoever found them: what concerns one place stands together, places in the order of their paths.
std::vector<const Problem*> by_place(const Problems& problems) {
  std::vector<const Problem*> sorted;
  for (const Problem& problem : problems) sorted.push_back(&problem);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Problem* a, const Problem* b) { return is_before(*a, *b); });
  return sorted;
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
  for (const Problem* problem : by_place(problems)) {
    const bool same_path = last && last->path == problem->path;
    if (!same_path) text += edit_line(*problem);
    if (!same_path || last->statement != problem->statement)
      text += "  '" + problem->statement + "'\n";
    text += indented((problem->warning ? "warning: " : "") + problem->message, "    ");
    last = problem;
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
