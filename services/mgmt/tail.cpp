#include "services/mgmt/tail.h"

#include "services/mgmt/authorization.h"
#include "services/mgmt/local_commands.h"

namespace nezu::mgmt {
namespace {
using grammar::LineProblem;
using grammar::Reach;
using Problem = std::optional<LineProblem>;

std::vector<std::string> full_inner(const Place& place, Words words) {
  return full_lines(place, place.commands.find(place.mode, words), words);
}

class PathTail : public Tail {
 public:
  PathTail(Reach reach, bool alone) : reach_(reach), alone_(alone) {}
  grammar::Completion complete(const Place& place, Words words,
                               std::string_view partial) const override {
    auto completion = grammar::complete(place.root, place.level, words, partial, reach_);
    completion.enter = completion.enter || (words.empty() && alone_);
    if (completion.in_brackets)
      completion.candidates.push_back({' ', "]", "Close a set of values", true});
    else if (completion.brackets)
      completion.candidates.push_back({' ', "[", "Open a set of values", true});
    return completion;
  }
  Problem check(const Place& place, Words words) const override {
    return grammar::resolve(place.root, place.level, words, reach_).problem;
  }
  std::vector<std::string> full_words(const Place& place, Words words) const override {
    const auto named = grammar::resolve(place.root, place.level, words, Reach::kAny);
    std::vector<std::string> lines;
    if (!named.problem)
      for (const auto& path : named.paths) lines.push_back(shown_path(path));
    return lines.empty() ? std::vector{typed_words(words)} : lines;
  }

 private:
  Reach reach_;
  bool alone_;
};

class OperationalTail : public Tail {
 public:
  grammar::Completion complete(const Place& place, Words words,
                               std::string_view partial) const override {
    return complete_line(behind(place), words, partial);
  }
  Problem check(const Place& place, Words words) const override {
    return check_line(behind(place), words);
  }
  std::optional<Inner> inner(const Place& place, Words words) const override {
    return Inner{behind(place), words};
  }
  std::vector<std::string> full_words(const Place& place, Words words) const override {
    return words.empty() ? std::vector{std::string()} : full_inner(behind(place), words);
  }

 private:
  static Place behind(const Place& place) {
    return {place.commands, place.root, Mode::kOperational, {}};
  }
};

class TopTail : public Tail {
 public:
  grammar::Completion complete(const Place& place, Words words,
                               std::string_view partial) const override {
    auto completion = complete_line(behind(place), words, partial);
    if (words.empty()) completion.enter = true;
    return completion;
  }
  Problem check(const Place& place, Words words) const override {
    return words.empty() ? std::nullopt : check_line(behind(place), words);
  }
  std::optional<Inner> inner(const Place& place, Words words) const override {
    return Inner{behind(place), words};
  }
  std::vector<std::string> full_words(const Place& place, Words words) const override {
    return words.empty() ? std::vector{std::string()} : full_inner(behind(place), words);
  }

 private:
  static Place behind(const Place& place) { return {place.commands, place.root, place.mode, {}}; }
};
}  // namespace

std::string typed_words(Words words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word.text;
  return text;
}

std::string shown_path(grammar::Path path) {
  if (!path.empty() && path.back().statement->secret) path.back().value.clear();
  return grammar::path_words(path);
}

TailPtr path_tail(Reach reach, bool alone) {
  return std::make_shared<PathTail>(reach, alone);
}

TailPtr operational_tail() {
  return std::make_shared<OperationalTail>();
}

TailPtr top_tail() {
  return std::make_shared<TopTail>();
}

bool too_nested(const Place& place, Words words) {
  constexpr size_t kMost = 16;
  if (words.size() <= kMost) return false;
  std::optional<Inner> at(Inner{place, words});
  for (size_t depth = 0; depth <= kMost; ++depth) {
    if (at->words.empty()) return false;
    const FoundCommand found = at->place.commands.find(at->place.mode, at->words);
    if (!found.tail()) return false;
    auto inner = found.tail()->inner(at->place, at->words.subspan(found.words));
    if (!inner) return false;
    at.emplace(std::move(*inner));
  }
  return true;
}

namespace {
// What needs another argument that is not there, or cannot stand beside one that is.
void leave_out_alone(const FoundCommand& found, grammar::Candidates& candidates) {
  const auto given = [&](std::string_view name) { return found.match.inputs.contains(name); };
  const auto leave_out = [&](std::string_view name) {
    std::erase_if(candidates, [&](const auto& each) { return each.name == name; });
  };
  for (const LocalCommand::Need& need : found.local->needs) {
    if (need.broken(true, given(need.other))) leave_out(found.local->shown(need.argument));
    if (need.broken(given(need.argument), true)) leave_out(found.local->shown(need.other));
  }
}
}  // namespace

grammar::Completion complete_line(const Place& place, Words words, std::string_view partial) {
  const FoundCommand found = place.commands.find(place.mode, words);
  grammar::Completion completion;
  if (!found.tail()) {
    completion = place.commands.tree(place.mode).complete(words, partial);
    if (found.local) leave_out_alone(found, completion.candidates);
    return completion;
  }
  completion = found.tail()->complete(place, words.subspan(found.words), partial);
  if (completion.problem) completion.problem->word += found.words;
  return completion;
}

Problem check_line(const Place& place, Words words) {
  const FoundCommand found = place.commands.find(place.mode, words);
  if (!found.tail()) return found.match.problem;
  Problem problem = found.tail()->check(place, words.subspan(found.words));
  if (problem) problem->word += found.words;
  return problem;
}

std::vector<std::string> full_lines(const Place& place, const FoundCommand& found, Words words) {
  if (!found.local && !found.match.command) return {typed_words(words)};
  if (!found.tail()) {
    std::string line = full_words(*found.match.command, found.match.inputs);
    if (found.local && found.local->stands_for)
      line.replace(0, std::string_view(found.local->words).size(), found.local->stands_for);
    return {std::move(line)};
  }
  auto lines = found.tail()->full_words(place, words.subspan(found.words));
  for (std::string& line : lines)
    line = line.empty() ? found.local->words : found.local->words + (" " + line);
  return lines;
}

// A command that does something is not given again because a second went by.
Shows shows_of(const FoundCommand& found) {
  if (!found.local) return {};
  const std::string_view words = found.local->words;
  return {found.local->shows_configuration, words.starts_with("show") || words == "status"};
}

Shows shows_of(const Place& place, Words words) {
  const FoundCommand found = place.commands.find(place.mode, words);
  const auto inner =
      found.tail() ? found.tail()->inner(place, words.subspan(found.words)) : std::nullopt;
  return inner ? shows_of(inner->place, inner->words) : shows_of(found);
}

}  // namespace nezu::mgmt
