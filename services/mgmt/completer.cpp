#include "services/mgmt/completer.h"

#include <algorithm>
#include <unordered_set>

#include "services/mgmt/completion_text.h"
#include "services/mgmt/entry_names.h"
#include "services/mgmt/file_names.h"

namespace nezu::mgmt {
namespace {
using grammar::Candidate;
using grammar::Candidates;
using grammar::LineProblem;

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

// What holds a list's entries in `tree`, for a list that is not inside another one; null: nothing.
configdb::NodePtr holder_at(const configdb::NodePtr& tree, const grammar::Statement* list) {
  std::vector<const grammar::Statement*> way;
  for (const auto* at = list; at && at->parent; at = at->parent) way.insert(way.begin(), at);
  configdb::NodePtr node = tree;
  for (const auto* statement : way) {
    if (statement != list && statement->kind == grammar::Kind::kList) return nullptr;
    node = node ? configdb::child_of(*node, *statement) : nullptr;
  }
  return node;
}

configdb::NodePtr holder_in(const configdb::NodePtr& tree, const grammar::Path& at,
                            const grammar::Statement& list) {
  const configdb::NodePtr node = configdb::find(tree, at);
  return node ? configdb::child_of(*node, list) : nullptr;
}

// The revisions by number, and the rescue configuration, each with its line of `show system
// commit`.
std::vector<std::pair<std::string, std::string>> revision_names(
    const configdb::Database& database) {
  std::vector<std::pair<std::string, std::string>> names;
  const auto add = [&](std::string name, const configdb::Revision& revision) {
    names.emplace_back(std::move(name), configdb::utc(revision.time) + " by " + revision.user +
                                            " via " + revision.via);
  };
  for (const configdb::Revision& each : database.log()) add(std::to_string(names.size()), each);
  if (const auto rescue = database.rescue()) add("rescue", *rescue);
  return names;
}

// The predefined login classes, and those in `tree`.
std::vector<std::pair<std::string, std::string>> class_names(const configdb::NodePtr& tree) {
  std::vector<std::pair<std::string, std::string>> names = {{"operator", "Predefined class"},
                                                            {"read-only", "Predefined class"},
                                                            {"super-user", "Predefined class"},
                                                            {"unauthorized", "Predefined class"}};
  const configdb::View root(tree, tree->statement);
  for (const auto& each : root["system"]["login"].entries("class"))
    names.emplace_back(std::string(each.key()), "");
  return names;
}

grammar::Path path_to(const grammar::Statement* list) {
  grammar::Path path;
  for (; list && list->parent; list = list->parent) path.insert(path.begin(), {list, {}});
  return path;
}

}  // namespace

Completer::Completer(const Context& context, std::string_view line, grammar::CommandLine parsed)
    : context_(context), line_(line), parsed_(std::move(parsed)), pipe_(!parsed_.pipes.empty()) {
  words_ = pipe_ ? parsed_.pipes.back() : parsed_.words;
  last_.column = last_.end = line.size();
  if (parsed_.ends_in_blank || words_.empty()) return;
  last_ = words_.back();
  words_.pop_back();
}

Completion Completer::complete(Trigger trigger) const {
  const bool quoted = last_.form == grammar::Word::Form::kQuoted;
  const std::string blank = trigger == Trigger::kEnter ? "" : " ";
  if (parsed_.error || quoted ||
      (trigger == Trigger::kSpace && !context_.settings().complete_on_space))
    return {blank, ""};
  if (too_nested(context_.place(), parsed_.words)) return {};
  auto found = possible();
  leave_out_denied(found);
  if (trigger == Trigger::kEnter) {
    if (found.problem || last_.text.empty()) return {};
    return {complete_word(found).insert, ""};
  }
  if (found.problem) return {"", complaint(*found.problem, words_)};
  if (trigger == Trigger::kSpace) {
    Completion completed = complete_word(found);
    if (completed.output.empty()) completed.insert += " ";
    return completed;
  }
  const bool all = add_names(found);
  if (trigger == Trigger::kTab && !last_.text.empty()) return complete_name(found, all);
  return {"", completions_text(found.candidates, found.enter && last_.text.empty())};
}

grammar::Completion Completer::possible() const {
  if (!pipe_) return complete_line(context_.place(), words_, last_.text);
  return complete_pipe(words_, last_.text, shows_of(context_.place(), parsed_.words));
}

// Commands that the user may not give.
void Completer::leave_out_denied(grammar::Completion& found) const {
  const Authorization& user = context_.authorization();
  if (user.all() || pipe_ || !words_.empty()) return;
  const bool configuration = context_.mode() == Mode::kConfiguration;
  std::erase_if(found.candidates, [&](const Candidate& each) {
    return !each.placeholder && !user.may_give(each.name, configuration);
  });
}

// Names that exist now: of the router, of what a reference may mean, of the entries of a list.
std::vector<Completer::Name> Completer::live_names(const grammar::Completion& found) const {
  const Router& router = context_.router();
  if (found.live_names == "revision") return revision_names(router.database);
  if (found.live_names == "file") return file_names(last_.text);
  if (found.live_names == "login-class") return class_names(tree());
  if (found.live_names == "interface-or-range") return interface_and_range_names();
  if (!found.live_names.empty()) return router.registry.names(found.live_names);
  return {};
}

std::vector<Completer::Name> Completer::interface_and_range_names() const {
  const Router& router = context_.router();
  std::vector<Name> names = router.registry.names("interface");
  const grammar::Statement* ranges = router.schema->at("interfaces interface-range");
  if (!ranges || !context_.authorization().may_view(path_to(ranges))) return names;
  for (std::string& name : entry_names(holder_at(tree(), ranges), last_.text, kMostNames).names)
    names.emplace_back(std::move(name), "");
  return names;
}

// Files where the word that is typed would have them; none where the user has nothing to look for.
std::vector<Completer::Name> Completer::file_names(const std::string& typed) const {
  const std::string directory = typed.substr(0, typed.rfind('/') + 1);
  const UserFiles::Place place = context_.file(directory);
  if (!place.error.empty()) return {};
  return file_completions(place.path, typed);
}

// False: there are more than are listed.
bool Completer::add_entries(const grammar::Completion& found, std::vector<Name>& names) const {
  const Authorization& user = context_.authorization();
  grammar::Path list = found.at;
  const grammar::Statement* entries = found.list;
  if (entries)
    list.push_back({entries, {}});
  else if (!found.reference.empty())
    list = path_to(entries = context_.router().schema->at(found.reference));
  if (!entries || !user.may_view(list)) return true;
  const auto holder =
      found.list ? holder_in(tree(), found.at, *entries) : holder_at(tree(), entries);
  EntryNames there = entry_names(holder, last_.text, kMostNames);
  for (std::string& name : there.names) {
    list.back().value = name;
    if (user.all() || user.may_view(list)) names.emplace_back(std::move(name), "");
  }
  return !there.more;
}

// False: not all names are there.
bool Completer::add_names(grammar::Completion& found) const {
  std::vector<Name> names = live_names(found);
  bool all = add_entries(found, names);
  std::unordered_set<std::string> known;
  for (const std::string& word : words_of(found.candidates, "")) known.insert(word);
  for (auto& [name, help] : names) {
    if (!begins(name, last_.text) || !known.insert(name).second) continue;
    all = all && found.candidates.size() < kMostNames;
    if (all || found.candidates.size() < kMostNames)
      found.candidates.push_back({' ', std::move(name), std::move(help), false});
  }
  std::stable_sort(found.candidates.begin(), found.candidates.end(),
                   [](const Candidate& a, const Candidate& b) {
                     if (a.placeholder != b.placeholder) return a.placeholder;
                     return configdb::natural_compare(a.name, b.name) < 0;
                   });
  if (!all)
    found.candidates.push_back(
        {' ', "...", "There are more: type the beginning of the name", true});
  return all;
}

const configdb::NodePtr& Completer::tree() const {
  return context_.candidate() ? context_.candidate()->tree() : context_.database().active();
}

// Space: only words of the language are completed; a name stands as it was typed.
Completion Completer::complete_word(const grammar::Completion& found) const {
  const std::string& typed = last_.text;
  const auto words = words_of(found.candidates, typed);
  if (std::find(words.begin(), words.end(), typed) != words.end()) return {};
  if (words.size() == 1) return {words.front().substr(typed.size()), ""};
  if (words.empty() || takes_any_value(found.candidates)) return accept_typed();
  LineProblem problem{
      LineProblem::Kind::kAmbiguous, words_.size(), "'" + typed + "' is ambiguous.", {}};
  for (const Candidate& each : found.candidates)
    if (begins(each.name, typed)) problem.candidates.push_back(each);
  grammar::Words all = words_;
  all.push_back(last_);
  return {"", complaint(problem, all)};
}

// Tab: names too; as far as all that fit agree.
Completion Completer::complete_name(const grammar::Completion& found, bool all) const {
  const std::string& typed = last_.text;
  const auto words = words_of(found.candidates, typed);
  const bool directory = found.live_names == "file" && words.size() == 1 && words[0].ends_with('/');
  if (words.size() == 1) return {words.front().substr(typed.size()) + (directory ? "" : " "), ""};
  if (words.empty()) {
    Completion completed = accept_typed();
    if (completed.output.empty()) completed.insert += " ";
    return completed;
  }
  const std::string common = common_beginning(words);
  if (all && common.size() > typed.size()) return {common.substr(typed.size()), ""};
  return {"", completions_text(found.candidates, false)};
}

// The word that was typed is complete: whether it may stand there.
Completion Completer::accept_typed() const {
  grammar::Words all = words_;
  all.push_back(last_);
  if (pipe_) {
    const auto next = complete_pipe(all, "", shows_of(context_.place(), parsed_.words));
    return {"", next.problem ? complaint(*next.problem, all) : ""};
  }
  const auto problem = check_line(context_.place(), all);
  const bool here =
      problem && problem->kind != LineProblem::Kind::kMissing && problem->word < all.size();
  return {"", here ? complaint(*problem, all) : ""};
}

std::string Completer::complaint(const LineProblem& problem, Words words) const {
  return problem_text(problem, {words.begin(), words.end()}, columns(line_),
                      columns(context_.prompt().text));
}

}  // namespace nezu::mgmt
