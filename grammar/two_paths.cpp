#include "grammar/two_paths.h"

#include <algorithm>
#include <string_view>

namespace nezu::grammar {
namespace {

using Problem = std::optional<LineProblem>;
using Keywords = std::vector<const char*>;

constexpr size_t kMostTries = 100;  // to find where the keyword stands: each reads all before it

LineProblem missing(size_t word) {
  return {LineProblem::Kind::kMissing, word, "missing argument.", {}};
}

// The keyword that `word` is or abbreviates; null if none, or more than one.
const char* keyword_of(const Word& word, const Keywords& keywords) {
  const char* found = nullptr;
  for (const char* each : keywords) {
    if (word.form != Word::Form::kPlain || !std::string_view(each).starts_with(word.text)) continue;
    if (found) return nullptr;
    found = each;
  }
  return found;
}

// Whether `path` names one entry of a list or one value of a leaf-list.
bool names_entry(const Path& path) {
  if (path.empty() || path.back().value.empty()) return false;
  const Kind kind = path.back().statement->kind;
  return kind == Kind::kList || kind == Kind::kLeafList;
}

// The words behind the keyword, with the statement's name in front if it was left out.
Words with_keyword(const Path& from, std::span<const Word> words) {
  Words out(words.begin(), words.end());
  const auto& list = *from.back().statement;
  const size_t values = list.kind == Kind::kList ? list.keys.size() : 1;
  if (list.no_keyword || words.size() != values) return out;
  Word name = words.front();
  name.text = list.name;
  name.form = Word::Form::kPlain;
  out.insert(out.begin(), name);
  return out;
}

}  // namespace

// The keyword is the first word that can be one behind a whole entry: an entry may be named "to".
FirstOfTwo first_of_two(const Statement& root, const Path& level, std::span<const Word> words,
                        const Keywords& keywords) {
  FirstOfTwo found;
  size_t tries = 0;
  for (size_t at = 1; at < words.size() && tries < kMostTries; ++at) {
    const char* keyword = keyword_of(words[at], keywords);
    if (!keyword) continue;
    ++tries;
    auto from = resolve(root, level, words.first(at), Reach::kAny);
    if (from.problem || from.paths.size() != 1 || !names_entry(from.paths.front())) continue;
    return {std::nullopt, std::move(from.paths.front()), at, keyword};
  }
  const auto whole = resolve(root, level, words, Reach::kAny);
  found.problem = whole.problem ? whole.problem : missing(words.size());
  if (!whole.problem && whole.paths.size() == 1 && names_entry(whole.paths.front()))
    found.from = whole.paths.front();
  return found;
}

Problem second_of_two(const Statement& root, const Path& from, std::span<const Word> words,
                      Path& to) {
  const Words whole = with_keyword(from, words);
  auto target = resolve(root, {from.begin(), from.end() - 1}, whole, Reach::kAny);
  const size_t added = whole.size() - words.size();
  if (target.problem) {
    target.problem->word -= std::min(added, target.problem->word);
    return target.problem;
  }
  if (target.paths.size() != 1) return missing(words.size());
  to = std::move(target.paths.front());
  if (to.size() == from.size() && to.back().statement == from.back().statement && names_entry(to))
    return std::nullopt;
  return LineProblem{LineProblem::Kind::kInvalid, 0, "syntax error.", {}};
}

Problem read_two_paths(const Statement& root, const Path& level, std::span<const Word> words,
                       const Keywords& keywords, TwoPaths& paths) {
  FirstOfTwo found = first_of_two(root, level, words, keywords);
  if (found.problem) return found.problem;
  const size_t skipped = found.split + 1;
  if (skipped == words.size()) return missing(words.size());
  auto problem = second_of_two(root, found.from, words.subspan(skipped), paths.to);
  if (problem) problem->word += skipped;
  paths.from = std::move(found.from);
  paths.keyword = std::move(found.keyword);
  return problem;
}

}  // namespace nezu::grammar
