#include "services/mgmt/edit_tails.h"

#include <algorithm>

#include "grammar/two_paths.h"
#include "grammar/value_word.h"
#include "grammar/word_range.h"

namespace nezu::mgmt {
namespace {
using grammar::LineProblem;
using grammar::Path;
using grammar::Reach;
using Problem = std::optional<LineProblem>;
using Keywords = std::vector<const char*>;

LineProblem missing(size_t word) {
  return {LineProblem::Kind::kMissing, word, "missing argument.", {}};
}

class TwoPathsTail : public Tail {
 public:
  explicit TwoPathsTail(Keywords keywords) : keywords_(std::move(keywords)) {}

  grammar::Completion complete(const Place& place, Words words,
                               std::string_view partial) const override {
    const auto found = grammar::first_of_two(place.root, place.level, words, keywords_);
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
    grammar::TwoPaths paths;
    return grammar::read_two_paths(place.root, place.level, words, keywords_, paths);
  }
  std::vector<std::string> full_words(const Place& place, Words words) const override {
    grammar::TwoPaths paths;
    if (grammar::read_two_paths(place.root, place.level, words, keywords_, paths))
      return {typed_words(words)};
    return {shown_path(paths.from) + " " + paths.keyword + " " + shown_path({paths.to.back()})};
  }

 private:
  static std::string help_of(std::string_view keyword) {
    if (keyword == "to") return "Name of the new statement";
    return keyword == "before" ? "Insert before the statement that follows"
                               : "Insert after the statement that follows";
  }

  static grammar::Completion complete_target(const Place& place, const grammar::FirstOfTwo& found,
                                             Words words, std::string_view partial) {
    const Path level(found.from.begin(), found.from.end() - 1);
    const auto& list = *found.from.back().statement;
    auto completion = grammar::complete(place.root, level, words, partial, Reach::kAny);
    if (completion.problem) completion.problem->word += found.split + 1;
    // Beside entries whose list is not named there stand other statements.
    std::erase_if(completion.candidates, [&](const grammar::Candidate& each) {
      return words.empty() && (list.no_keyword ? !each.placeholder : each.name != list.name);
    });
    Path to;
    completion.enter = partial.empty() && !words.empty() &&
                       !grammar::second_of_two(place.root, found.from, words, to);
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
  std::vector<std::string> full_words(const Place& place, Words words) const override {
    if (words.size() < 2) return {typed_words(words)};
    auto lines = path_tail(reach_)->full_words(place, words.first(words.size() - 1));
    for (std::string& line : lines) line += " " + words.back().text;
    return lines;
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
  std::vector<std::string> full_words(const Place& place, Words words) const override {
    return PathAndWordTail::full_words(place, grammar::join_ranges(words));
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
  std::vector<std::string> full_words(const Place& place, Words words) const override {
    const auto ranges = grammar::expand_ranges(words);
    if (!ranges.error.empty()) return {typed_words(words)};
    std::vector<std::string> all;
    for (const grammar::Words& line : ranges.lines)
      for (std::string& each : path_->full_words(place, line)) all.push_back(std::move(each));
    return all;
  }

 private:
  static LineProblem problem_of(const grammar::RangeLines& ranges) {
    return {LineProblem::Kind::kInvalid, ranges.word, ranges.error, {}};
  }
  TailPtr path_;
};
}  // namespace

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
