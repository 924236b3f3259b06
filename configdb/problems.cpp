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

struct Sorted {
  std::vector<const Problem*> shown;
  size_t more_errors = 0, more_warnings = 0;
};

// Whoever found them: what concerns one place stands together, places in the order of their paths.
Sorted by_place(const Problems& problems) {
  std::vector<const Problem*> all;
  for (const Problem& problem : problems) all.push_back(&problem);
  std::stable_sort(all.begin(), all.end(),
                   [](const Problem* a, const Problem* b) { return is_before(*a, *b); });
  Sorted sorted;
  size_t errors = 0, warnings = 0;
  for (const Problem* problem : all) {
    if (++(problem->warning ? warnings : errors) <= kMostRendered)
      sorted.shown.push_back(problem);
    else
      ++(problem->warning ? sorted.more_warnings : sorted.more_errors);
  }
  return sorted;
}

std::string more(size_t count, const std::string& what) {
  if (!count) return {};
  return "... " + std::to_string(count) + " more " + what + (count == 1 ? "" : "s") + "\n";
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
  const Sorted sorted = by_place(problems);
  for (const Problem* problem : sorted.shown) {
    const bool same_path = last && last->path == problem->path;
    if (!same_path) text += edit_line(*problem);
    if (!same_path || last->statement != problem->statement)
      text += "  '" + problem->statement + "'\n";
    text += indented((problem->warning ? "warning: " : "") + problem->message, "    ");
    last = problem;
  }
  return text + more(sorted.more_errors, "error") + more(sorted.more_warnings, "warning");
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
