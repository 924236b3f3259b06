#include "grammar/resolve.h"

#include "grammar/value_word.h"
#include "grammar/walker.h"

namespace nezu::grammar {
namespace {

bool is_wildcard_begun(std::string_view partial) {
  return partial.empty() || partial.front() == '<';
}

void add_value(const Walker& walker, const Statement& statement, std::string_view partial,
               Completion& to) {
  add_value_candidates(statement, partial, to.candidates);
  to.live_names = statement.live_names;
  to.reference = statement.reference;
  const Statement* list = statement.parent;
  if (!list || list->kind != Kind::kList || list->keys.empty() || list->keys[0] != &statement)
    return;
  to.list = list;
  to.at = walker.here();
  if (walker.in_group() && !list->groups && is_wildcard_begun(partial))
    to.candidates.push_back(
        {' ', "<*>", "Wildcard for names that exist, such as <a-*[1-3]>", true});
}

void add_statements(const Walker& walker, const Statement& container, std::string_view partial,
                    Completion& to) {
  for (const auto child : container.children) {
    if (child->no_keyword || child->hidden || !child->name.starts_with(partial)) continue;
    if (walker.reach() == Reach::kLevel && !child->holds_statements()) continue;
    to.candidates.push_back({marker_of(*child), child->name, help_of(*child), false});
  }
  const auto unnamed = walker.unnamed(container);
  if (!unnamed || (walker.reach() == Reach::kLevel && !unnamed->holds_statements())) return;
  add_value(walker, unnamed->kind == Kind::kList ? *unnamed->keys[0] : *unnamed, partial, to);
}

void add_next(const Walker& walker, std::string_view partial, Completion& to) {
  switch (walker.expect()) {
    case Walker::Expect::kStatement:
      for (const auto container : walker.containers())
        add_statements(walker, *container, partial, to);
      break;
    case Walker::Expect::kKey:
    case Walker::Expect::kValue:
    case Walker::Expect::kInBrackets:
      add_value(walker, walker.value_statement(), partial, to);
      to.in_brackets = walker.expect() == Walker::Expect::kInBrackets;
      to.brackets = walker.expect() == Walker::Expect::kInBrackets ||
                    walker.pending()->kind == Kind::kLeafList;
      break;
    case Walker::Expect::kNothing:
      break;
  }
}

bool is_secret_next(const Walker& walker) {
  const bool value = walker.expect() == Walker::Expect::kValue ||
                     walker.expect() == Walker::Expect::kKey ||
                     walker.expect() == Walker::Expect::kInBrackets;
  return value && walker.value_statement().secret;
}

}  // namespace

Resolution resolve(const Statement& root, const Path& level, std::span<const Word> words,
                   Reach reach) {
  Walker walker(root, level, reach);
  Resolution result;
  for (size_t i = 0; i < words.size() && !result.problem; ++i) {
    if (!result.secret_from && is_secret_next(walker)) result.secret_from = i;
    result.problem = walker.take(words[i], i);
  }
  if (!result.problem) result.problem = walker.finish(words.size());
  result.paths = std::move(walker.paths);
  return result;
}

Completion complete(const Statement& root, const Path& level, std::span<const Word> words,
                    std::string_view partial, Reach reach) {
  Walker walker(root, level, reach);
  Completion result;
  for (size_t i = 0; i < words.size(); ++i)
    if (result.problem = walker.take(words[i], i); result.problem) return result;
  add_next(walker, partial, result);
  sort_candidates(result.candidates);
  if (partial.empty()) result.enter = !walker.finish(words.size());
  return result;
}

}  // namespace nezu::grammar
