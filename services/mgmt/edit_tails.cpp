#include "services/mgmt/edit_tails.h"

#include <algorithm>

#include "grammar/value_word.h"
#include "grammar/word_range.h"

namespace nezu::mgmt {
namespace {
using grammar::Kind;
using grammar::LineProblem;
using grammar::Path;
using grammar::Reach;
using Problem = std::optional<LineProblem>;
using Keywords = std::vector<const char*>;

constexpr size_t kMostTries = 100;  // to find where the keyword stands: each reads all before it

LineProblem missing(size_t word) {
  return {LineProblem::Kind::kMissing, word, "missing argument.", {}};
}

// The keyword that `word` is or abbreviates; null if none, or more than one.
const char* keyword_of(const grammar::Word& word, const Keywords& keywords) {
  const char* found = nullptr;
  for (const char* each : keywords) {
    if (word.form != grammar::Word::Form::kPlain || !std::string_view(each).starts_with(word.text))
      continue;
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

// Two statements beside each other, as far as a line has them.
struct Halves {
  Problem problem;
  Path from;
  size_t split = 0;  ///< where the keyword stands; 0: it has not come
  std::string keyword;
};

// The keyword is the first word that can be one behind a whole entry: an entry may be named "to".
Halves halves(const Place& place, Words words, const Keywords& keywords) {
  Halves found;
  size_t tries = 0;
  for (size_t at = 1; at < words.size() && tries < kMostTries; ++at) {
    const char* keyword = keyword_of(words[at], keywords);
    if (!keyword) continue;
    ++tries;
    auto from = grammar::resolve(place.root, place.level, words.first(at), Reach::kAny);
    if (from.problem || from.paths.size() != 1 || !names_entry(from.paths.front())) continue;
    return {std::nullopt, std::move(from.paths.front()), at, keyword};
  }
  const auto whole = grammar::resolve(place.root, place.level, words, Reach::kAny);
  found.problem = whole.problem ? whole.problem : missing(words.size());
  if (!whole.problem && whole.paths.size() == 1 && names_entry(whole.paths.front()))
    found.from = whole.paths.front();
  return found;
}

Path above(const Path& path) {
  return {path.begin(), path.end() - 1};
}

// The words behind the keyword, with the statement's name in front if it was left out.
grammar::Words with_keyword(const Path& from, Words words) {
  grammar::Words out(words.begin(), words.end());
  const auto& list = *from.back().statement;
  const size_t values = list.kind == Kind::kList ? list.keys.size() : 1;
  if (list.no_keyword || words.size() != values) return out;
  grammar::Word name = words.front();
  name.text = list.name;
  name.form = grammar::Word::Form::kPlain;
  out.insert(out.begin(), name);
  return out;
}

Problem read_target(const Place& place, const Path& from, Words words, Path& to) {
  const grammar::Words whole = with_keyword(from, words);
  auto target = grammar::resolve(place.root, above(from), whole, Reach::kAny);
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

class TwoPathsTail : public Tail {
 public:
  explicit TwoPathsTail(Keywords keywords) : keywords_(std::move(keywords)) {}

  grammar::Completion complete(const Place& place, Words words,
                               std::string_view partial) const override {
    const Halves found = halves(place, words, keywords_);
    if (found.split) return complete_target(place, found, words.subspan(found.split + 1), partial);
    auto completion = grammar::complete(place.root, place.level, words, partial, Reach::kAny);
    completion.enter = false;
    if (completion.problem || found.from.empty()) return completion;
    for (const char* keyword : keywords_)
      if (std::string_view(keyword).starts_with(partial))
        completion.candidates.push_back({' ', keyword, help_of(keyword), false});
    grammar::sort_candidates(completion.candidates);
    return completion;
  }

  Problem check(const Place& place, Words words) const override {
    TwoPaths paths;
    return read(place, words, paths);
  }

  Problem read(const Place& place, Words words, TwoPaths& paths) const {
    Halves found = halves(place, words, keywords_);
    if (found.problem) return found.problem;
    const size_t skipped = found.split + 1;
    if (skipped == words.size()) return missing(words.size());
    auto problem = read_target(place, found.from, words.subspan(skipped), paths.to);
    if (problem) problem->word += skipped;
    paths.from = std::move(found.from);
    paths.keyword = std::move(found.keyword);
    return problem;
  }

 private:
  static std::string help_of(std::string_view keyword) {
    if (keyword == "to") return "Name of the new statement";
    return keyword == "before" ? "Insert before the statement that follows"
                               : "Insert after the statement that follows";
  }

  static grammar::Completion complete_target(const Place& place, const Halves& found, Words words,
                                             std::string_view partial) {
    const Path level = above(found.from);
    const auto& list = *found.from.back().statement;
    auto completion = grammar::complete(place.root, level, words, partial, Reach::kAny);
    if (completion.problem) completion.problem->word += found.split + 1;
    std::erase_if(completion.candidates, [&](const grammar::Candidate& each) {
      return words.empty() && !list.no_keyword && each.name != list.name;
    });
    Path to;
    completion.enter =
        partial.empty() && !words.empty() && !read_target(place, found.from, words, to);
    if (completion.enter) completion.candidates.clear();
    return completion;
  }

  Keywords keywords_;
};

class PathAndWordTail : public Tail {
 public:
  PathAndWordTail(Reach reach, const char* placeholder, const char* help)
      : reach_(reach), word_{' ', placeholder, help, true} {}

  grammar::Completion complete(const Place& place, Words words,
                               std::string_view partial) const override {
    auto completion = grammar::complete(place.root, place.level, words, partial, reach_);
    if (completion.problem) {
      if (check(place, words)) return completion;
      completion = {};
      completion.enter = partial.empty();
      return completion;
    }
    completion.enter = false;
    if (!words.empty()) completion.candidates.insert(completion.candidates.begin(), word_);
    return completion;
  }

  Problem check(const Place& place, Words words) const override {
    if (words.size() < 2) return missing(words.size());
    return grammar::resolve(place.root, place.level, words.first(words.size() - 1), reach_).problem;
  }

 private:
  Reach reach_;
  grammar::Candidate word_;
};

// A pattern may have brackets in it, which are words of their own.
class PatternTail : public PathAndWordTail {
 public:
  using PathAndWordTail::PathAndWordTail;
  grammar::Completion complete(const Place& place, Words words,
                               std::string_view partial) const override {
    return PathAndWordTail::complete(place, grammar::join_ranges(words), partial);
  }
  Problem check(const Place& place, Words words) const override {
    return PathAndWordTail::check(place, grammar::join_ranges(words));
  }
};

class RangeTail : public Tail {
 public:
  explicit RangeTail(Reach reach) : path_(path_tail(reach)) {}

  grammar::Completion complete(const Place& place, Words words,
                               std::string_view partial) const override {
    const auto ranges = grammar::expand_ranges(words);
    if (ranges.error.empty()) return path_->complete(place, ranges.lines.front(), partial);
    grammar::Completion completion;
    completion.problem = problem_of(ranges);
    return completion;
  }
  Problem check(const Place& place, Words words) const override {
    const auto ranges = grammar::expand_ranges(words);
    return ranges.error.empty() ? path_->check(place, ranges.lines.front()) : problem_of(ranges);
  }

 private:
  static LineProblem problem_of(const grammar::RangeLines& ranges) {
    return {LineProblem::Kind::kInvalid, ranges.word, ranges.error, {}};
  }
  TailPtr path_;
};
}  // namespace

Problem read_two_paths(const Place& place, Words words, const std::vector<const char*>& keywords,
                       TwoPaths& paths) {
  return TwoPathsTail(keywords).read(place, words, paths);
}

TailPtr two_paths_tail(std::vector<const char*> keywords) {
  return std::make_shared<TwoPathsTail>(std::move(keywords));
}

TailPtr path_and_word_tail(Reach reach, const char* placeholder, const char* help) {
  return std::make_shared<PathAndWordTail>(reach, placeholder, help);
}

TailPtr pattern_tail() {
  return std::make_shared<PatternTail>(Reach::kAny, "<pattern>", "Regular expression");
}

TailPtr range_tail(Reach reach) {
  return std::make_shared<RangeTail>(reach);
}

}  // namespace nezu::mgmt
