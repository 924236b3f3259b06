#include "grammar/line_resolver.h"

#include <algorithm>

#include "grammar/walker.h"

namespace nezu::grammar {

size_t LineResolver::common(std::span<const Word> words) const {
  const auto same = [](const Word& a, const Word& b) {
    return a.text == b.text && a.form == b.form;
  };
  return std::mismatch(words_.begin(), words_.end(), words.begin(), words.end(), same).first -
         words_.begin();
}

// What was named last may have left what is printed on one line.
void LineResolver::remember(std::span<const Word> words, const Path& here) {
  while (!way_.empty() && way_.back().steps > here.size()) way_.pop_back();
  if (way_.empty()) return;
  words_.assign(words.begin(), words.begin() + static_cast<long>(way_.back().words));
  here_.assign(here.begin(), here.begin() + static_cast<long>(way_.back().steps));
}

Resolution LineResolver::resolve(const Path& level, std::span<const Word> words) {
  const size_t known = way_.empty() ? 0 : common(words);
  const size_t depth = way_.size();
  while (!way_.empty() && way_.back().words > known) way_.pop_back();
  if (!way_.empty()) here_.resize(way_.back().steps);
  Walker walker(root_, way_.empty() ? level : here_, Reach::kSet);
  bool further = way_.size() < depth;
  Resolution result;
  for (size_t i = way_.empty() ? 0 : way_.back().words; i < words.size(); ++i) {
    result.problem = walker.take(words[i], i);
    if (result.problem) break;
    const bool stands = walker.expect() == Walker::Expect::kStatement && walker.paths.empty();
    if (!stands) continue;
    way_.push_back({i + 1, walker.here().size()});
    further = true;
  }
  if (!result.problem) result.problem = walker.finish(words.size());
  if (result.problem) walker.name_entry();
  if (further) remember(words, walker.here());
  result.paths = std::move(walker.paths);
  return result;
}

}  // namespace nezu::grammar
