// CliSession: completion of a line.
#include <algorithm>

#include "services/mgmt/cli_session.h"
#include "services/mgmt/completion_text.h"

namespace nezu::mgmt {
namespace {
using grammar::Candidate;
using grammar::Candidates;
using grammar::LineProblem;
using grammar::Reach;

constexpr size_t kMostNames = 1000;  // live names listed at once

bool begins(std::string_view name, std::string_view partial) {
  return name.starts_with(partial);
}

// The candidates that are words to be typed as they stand.
std::vector<std::string> words_of(const Candidates& candidates, std::string_view partial) {
  std::vector<std::string> words;
  for (const Candidate& each : candidates)
    if (!each.placeholder && begins(each.name, partial)) words.push_back(each.name);
  return words;
}

bool takes_any_value(const Candidates& candidates) {
  return std::any_of(candidates.begin(), candidates.end(),
                     [](const Candidate& each) { return each.placeholder; });
}

std::string common_beginning(const std::vector<std::string>& words) {
  std::string common = words.front();
  for (const std::string& word : words)
    common.resize(static_cast<size_t>(
        std::mismatch(common.begin(), common.end(), word.begin(), word.end()).first -
        common.begin()));
  return common;
}

// The names of a list's entries in `tree`, for a list that is not inside another one.
std::vector<std::string> keys_at(const configdb::NodePtr& tree, const grammar::Statement* list) {
  std::vector<const grammar::Statement*> way;
  for (const auto* at = list; at && at->parent; at = at->parent) way.insert(way.begin(), at);
  configdb::NodePtr node = tree;
  for (const auto* statement : way) {
    if (statement != list && statement->kind == grammar::Kind::kList) return {};
    node = node ? configdb::child_of(*node, *statement) : nullptr;
  }
  std::vector<std::string> keys;
  if (node)
    node->children.each([&](const configdb::NodePtr& entry) { keys.push_back(entry->text); });
  return keys;
}

std::vector<std::string> keys_in(const configdb::NodePtr& tree, const grammar::Path& at,
                                 const grammar::Statement& list) {
  const configdb::NodePtr node = configdb::find(tree, at);
  const configdb::NodePtr holder = node ? configdb::child_of(*node, list) : nullptr;
  std::vector<std::string> keys;
  if (holder)
    holder->children.each([&](const configdb::NodePtr& entry) { keys.push_back(entry->text); });
  return keys;
}

// The revisions by number, each with its line of `show system commit`.
std::vector<std::pair<std::string, std::string>> revision_names(
    const std::vector<configdb::Revision>& log) {
  std::vector<std::pair<std::string, std::string>> names;
  for (const configdb::Revision& revision : log)
    names.emplace_back(std::to_string(names.size()), configdb::utc(revision.time) + " by " +
                                                         revision.user + " via " + revision.via);
  return names;
}

Reach reach_of(Tail tail) {
  if (tail == Tail::kSetPath) return Reach::kSet;
  return tail == Tail::kLevelPath ? Reach::kLevel : Reach::kAny;
}

bool alone(Verb verb) {
  return verb == Verb::kShow || verb == Verb::kShowConfiguration || verb == Verb::kDelete;
}
}  // namespace

// A line up to the cursor: whole words, and the one that is being typed.
struct CliSession::Partial {
  std::string line;
  grammar::CommandLine parsed;
  grammar::Words words;  ///< whole ones; of the last pipe if there is one
  grammar::Word last;    ///< being typed; text "" if a new one begins
  bool pipe = false;
};

CliSession::Partial CliSession::take_apart(std::string_view line) {
  Partial partial;
  partial.line = line;
  partial.parsed = reader_.read(line);
  partial.pipe = !partial.parsed.pipes.empty();
  partial.words = partial.pipe ? partial.parsed.pipes.back() : partial.parsed.words;
  partial.last.column = partial.last.end = line.size();
  if (partial.parsed.ends_in_blank || partial.words.empty()) return partial;
  partial.last = partial.words.back();
  partial.words.pop_back();
  return partial;
}

Completion CliSession::complete(std::string_view line, Trigger trigger) {
  const Partial partial = take_apart(line);
  const bool quoted = partial.last.form == grammar::Word::Form::kQuoted;
  const std::string blank = trigger == Trigger::kEnter ? "" : " ";
  if (partial.parsed.error || quoted || (trigger == Trigger::kSpace && !complete_on_space_))
    return {blank, ""};
  const FoundCommand command = commands_->find(mode(), partial.parsed.words);
  const bool configuration =
      command.verb == Verb::kShow || command.verb == Verb::kShowConfiguration;
  auto found =
      partial.pipe
          ? grammar::Completion(complete_pipe(partial.words, partial.last.text, configuration))
          : possible(place(), partial.words, partial.last.text);
  if (trigger == Trigger::kEnter) {
    if (found.problem || partial.last.text.empty()) return {};
    return {complete_word(partial, found).insert, ""};
  }
  if (found.problem) return {"", complaint(*found.problem, partial.words, line)};
  if (trigger == Trigger::kSpace) {
    Completion completed = complete_word(partial, found);
    if (completed.output.empty()) completed.insert += " ";
    return completed;
  }
  add_live_names(mode(), partial.last.text, found);
  if (trigger == Trigger::kTab && !partial.last.text.empty()) return complete_name(partial, found);
  return {"", completions_text(found.candidates, found.enter && partial.last.text.empty())};
}

// Where the command behind `run` or `top` is at home.
CliSession::Place CliSession::behind(const FoundCommand& found, const Place& place) {
  return {found.tail == Tail::kOperational ? Mode::kOperational : place.mode, {}};
}

grammar::Completion CliSession::possible(const Place& place, Words words,
                                         std::string_view partial) const {
  const FoundCommand found = commands_->find(place.mode, words);
  if (found.tail == Tail::kInputs) return commands_->tree(place.mode).complete(words, partial);
  const Words rest = words.subspan(found.words);
  grammar::Completion completion;
  if (found.tail == Tail::kOperational || found.tail == Tail::kConfiguration) {
    completion = possible(behind(found, place), rest, partial);
    if (found.tail == Tail::kConfiguration && rest.empty()) completion.enter = true;
  } else {
    completion = possible_path(found, place, rest, partial);
  }
  if (completion.problem) completion.problem->word += found.words;
  return completion;
}

grammar::Completion CliSession::possible_path(const FoundCommand& found, const Place& place,
                                              Words rest, std::string_view partial) const {
  auto completion = grammar::complete(root(), place.level, rest, partial, reach_of(found.tail));
  completion.enter = completion.enter || (rest.empty() && alone(found.verb));
  if (completion.brackets)
    completion.candidates.push_back({' ', "[", "Open a set of values", true});
  return completion;
}

// What is wrong with whole words; `words` become those that the problem counts.
std::optional<LineProblem> CliSession::check(const Place& place, Words& words) const {
  const FoundCommand found = commands_->find(place.mode, words);
  if (found.tail == Tail::kInputs) return found.match.problem;
  words = words.subspan(found.words);
  if (found.tail == Tail::kConfiguration && words.empty()) return std::nullopt;
  if (found.tail == Tail::kOperational || found.tail == Tail::kConfiguration)
    return check(behind(found, place), words);
  return grammar::resolve(root(), place.level, words, reach_of(found.tail)).problem;
}

// Names that exist now: of the router, of what a reference may mean, of the entries of a list.
void CliSession::add_live_names(Mode mode, std::string_view partial,
                                grammar::Completion& found) const {
  const auto& tree =
      mode == Mode::kConfiguration ? router_.database.candidate() : router_.database.active();
  std::vector<std::pair<std::string, std::string>> names;
  if (found.live_names == "revision")
    names = revision_names(router_.database.log());
  else if (!found.live_names.empty())
    names = router_.registry.names(found.live_names);
  std::vector<std::string> keys;
  if (!found.reference.empty()) keys = keys_at(tree, router_.schema->at(found.reference));
  if (found.list) keys = keys_in(tree, found.at, *found.list);
  for (std::string& key : keys) names.emplace_back(std::move(key), "");
  std::vector<std::string> known = words_of(found.candidates, "");
  for (auto& [name, help] : names) {
    if (!begins(name, partial) || found.candidates.size() > kMostNames) continue;
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    known.push_back(name);
    found.candidates.push_back({' ', std::move(name), std::move(help), false});
  }
  std::stable_sort(found.candidates.begin(), found.candidates.end(),
                   [](const Candidate& a, const Candidate& b) {
                     if (a.placeholder != b.placeholder) return a.placeholder;
                     return configdb::natural_compare(a.name, b.name) < 0;
                   });
}

// Space: only words of the language are completed; a name stands as it was typed.
Completion CliSession::complete_word(const Partial& partial,
                                     const grammar::Completion& found) const {
  const std::string& typed = partial.last.text;
  const auto words = words_of(found.candidates, typed);
  if (std::find(words.begin(), words.end(), typed) != words.end()) return {};
  if (words.size() == 1) return {words.front().substr(typed.size()), ""};
  if (words.empty() || takes_any_value(found.candidates)) return accept_typed(partial);
  LineProblem problem{
      LineProblem::Kind::kAmbiguous, partial.words.size(), "'" + typed + "' is ambiguous.", {}};
  for (const Candidate& each : found.candidates)
    if (begins(each.name, typed)) problem.candidates.push_back(each);
  grammar::Words all = partial.words;
  all.push_back(partial.last);
  return {"", complaint(problem, all, partial.line)};
}

// Tab: names too; as far as all that fit agree.
Completion CliSession::complete_name(const Partial& partial,
                                     const grammar::Completion& found) const {
  const std::string& typed = partial.last.text;
  const auto words = words_of(found.candidates, typed);
  if (words.size() == 1) return {words.front().substr(typed.size()) + " ", ""};
  if (words.empty()) {
    Completion completed = accept_typed(partial);
    if (completed.output.empty()) completed.insert += " ";
    return completed;
  }
  const std::string common = common_beginning(words);
  if (common.size() > typed.size()) return {common.substr(typed.size()), ""};
  return {"", completions_text(found.candidates, false)};
}

// The word that was typed is complete: whether it may stand there.
Completion CliSession::accept_typed(const Partial& partial) const {
  grammar::Words all = partial.words;
  all.push_back(partial.last);
  if (partial.pipe) {
    const auto next = complete_pipe(all, "", true);
    return {"", next.problem ? complaint(*next.problem, all, partial.line) : ""};
  }
  Words words = all;
  const auto problem = check(place(), words);
  const bool here =
      problem && problem->kind != LineProblem::Kind::kMissing && problem->word < words.size();
  return {"", here ? complaint(*problem, words, partial.line) : ""};
}

std::string CliSession::complaint(const LineProblem& problem, Words words,
                                  std::string_view line) const {
  return problem_text(problem, {words.begin(), words.end()}, columns(line), columns(prompt().text));
}

}  // namespace nezu::mgmt
