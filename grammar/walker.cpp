#include "grammar/walker.h"

#include <algorithm>

#include "grammar/value_word.h"

namespace nezu::grammar {
namespace {

using ProblemKind = LineProblem::Kind;

LineProblem syntax_error(size_t index) {
  return {ProblemKind::kUnknown, index, "syntax error.", {}};
}

LineProblem missing_argument(size_t index) {
  return {ProblemKind::kMissing, index, "missing argument.", {}};
}

// The children that `word` may mean: the one of that name, else those it abbreviates.
std::vector<const Statement*> matches(const Statement& container, std::string_view word) {
  std::vector<const Statement*> found;
  for (const auto child : container.children) {
    if (child->no_keyword) continue;
    if (child->name == word) return {child};
    if (!child->hidden && child->name.starts_with(word)) found.push_back(child);
  }
  return found;
}

Candidates as_candidates(const std::vector<const Statement*>& statements) {
  Candidates candidates;
  for (const auto statement : statements)
    candidates.push_back({marker_of(*statement), statement->name, help_of(*statement), false});
  return candidates;
}

}  // namespace

Walker::Walker(const Statement& root, const Path& level, Reach reach)
    : root_(root),
      reach_(reach),
      here_(level),
      start_(level.size()),
      container_(level.empty() ? &root : level.back().statement) {}

const Statement& Walker::value_statement() const {
  return pending_->kind == Kind::kList ? *pending_->keys[keys_.size()] : *pending_;
}

std::vector<const Statement*> Walker::containers() const {
  std::vector<const Statement*> all = {container_};
  // What is printed on one line may be followed by its container's next statement. By the way here,
  // not by parents: groups hold the statements of the root.
  for (size_t at = here_.size(); at-- > 0 && reach_ == Reach::kSet && !fresh_;) {
    if (!all.back()->one_line) break;
    all.push_back(at ? here_[at - 1].statement : &root_);
  }
  return all;
}

const Statement* Walker::unnamed(const Statement& container) const {
  for (const auto child : container.children) {
    if (!child->no_keyword) continue;
    const bool given = std::any_of(paths.begin(), paths.end(), [&](const Path& path) {
      return path.back().statement == child;
    });
    if (child->kind == Kind::kList || &container != container_ || !given) return child;
  }
  return nullptr;
}

Walker::Result Walker::take(const Word& word, size_t index) {
  switch (expect_) {
    case Expect::kStatement:
      return take_statement(word, index);
    case Expect::kKey:
    case Expect::kValue:
      return take_value(word, index);
    case Expect::kInBrackets:
      return take_in_brackets(word, index);
    case Expect::kNothing:
      break;
  }
  return syntax_error(index);
}

Walker::Result Walker::take_statement(const Word& word, size_t index) {
  const bool bracket = word.form == Word::Form::kOpenBracket;
  if (word.form == Word::Form::kCloseBracket) return syntax_error(index);
  for (const auto container : containers()) {
    auto found = bracket ? std::vector<const Statement*>{} : matches(*container, word.text);
    const auto unnamed_here = unnamed(*container);
    if (found.size() > 1 && !unnamed_here) return ambiguous(word.text, index, as_candidates(found));
    if (found.size() == 1) {
      leave_to(container);
      return descend(*found.front(), index);
    }
    if (unnamed_here) {
      leave_to(container);
      if (auto problem = descend(*unnamed_here, index)) return problem;
      return take_value(word, index);
    }
  }
  return syntax_error(index);
}

void Walker::leave_to(const Statement* container) {
  while (container_ != container) {
    here_.pop_back();
    container_ = here_.empty() ? &root_ : here_.back().statement;
  }
}

Walker::Result Walker::descend(const Statement& statement, size_t index) {
  if (reach_ == Reach::kLevel && !statement.holds_statements()) return syntax_error(index);
  pending_ = &statement;
  keys_.clear();
  switch (statement.kind) {
    case Kind::kContainer:
    case Kind::kPresence:
      open(statement, "");
      break;
    case Kind::kFlag:
      name(statement, "");
      break;
    case Kind::kList:
      expect_ = Expect::kKey;
      break;
    default:
      expect_ = Expect::kValue;
  }
  return std::nullopt;
}

void Walker::open(const Statement& statement, std::string key) {
  here_.push_back({&statement, std::move(key)});
  container_ = &statement;
  fresh_ = true;
  expect_ = Expect::kStatement;
}

void Walker::name(const Statement& statement, std::string value) {
  Path& path = paths.emplace_back();
  path.reserve(here_.size() + 1);
  path = here_;
  path.push_back({&statement, std::move(value)});
  fresh_ = false;
  if (expect_ == Expect::kInBrackets) return;
  expect_ = reach_ == Reach::kSet ? Expect::kStatement : Expect::kNothing;
}

void Walker::name_entry() {
  if (fresh_ && here_.size() > start_ && container_->kind != Kind::kContainer)
    paths.push_back(here_);
}

bool Walker::may_hold_brackets() const {
  if (pending_->kind == Kind::kLeafList) return true;
  return pending_->kind == Kind::kList && pending_->keys.size() == 1 && reach_ != Reach::kLevel;
}

Walker::Result Walker::take_value(const Word& word, size_t index) {
  if (word.form == Word::Form::kOpenBracket) {
    if (!may_hold_brackets()) return syntax_error(index);
    expect_ = Expect::kInBrackets;
    return std::nullopt;
  }
  if (word.form == Word::Form::kCloseBracket) return syntax_error(index);
  if (expect_ == Expect::kKey) return enter_key(word, index);
  std::string value;
  if (auto problem = read_value(*pending_, word, index, value)) return problem;
  name(*pending_, std::move(value));
  return std::nullopt;
}

// The key of the innermost list entry, "" outside of any.
std::string_view Walker::entry_above() const {
  for (auto step = here_.rbegin(); step != here_.rend(); ++step)
    if (step->statement->kind == Kind::kList) return step->value;
  return "";
}

// "et-0/0/0.5" for "et-0/0/0 unit 5"; nullopt if the key is none of those. The unit's word is
// `unit`.
std::optional<Word> Walker::split_unit(Word word, Word& unit) const {
  const auto* units = pending_->keys.size() == 1 ? pending_->child("unit") : nullptr;
  const size_t dot = word.text.rfind('.');
  if (!units || units->kind != Kind::kList || dot == 0 || dot == word.text.npos)
    return std::nullopt;
  const Type* type = pending_->keys[0]->type;
  unit = word;
  unit.text.erase(0, dot + 1);
  const bool is_unit =
      !unit.text.empty() && unit.text.find_first_not_of("0123456789") == unit.text.npos;
  if (!is_unit || !type || !type->refuse(word.text)) return std::nullopt;
  word.text.resize(dot);
  return word;
}

Walker::Result Walker::enter_key(const Word& word, size_t index) {
  if (Word unit; const auto name = split_unit(word, unit)) {
    if (auto problem = enter_key(*name, index)) return problem;
    pending_ = container_->child("unit");
    keys_.clear();
    return enter_key(unit, index);
  }
  std::string value;
  const Statement& key_statement = value_statement();
  if (in_group() && is_wildcard(word.text))
    value = word.text;
  else if (auto problem = read_value(key_statement, word, index, value))
    return problem;
  else if (key_statement.type)
    value = key_statement.type->canonical_below(value, entry_above());
  keys_.push_back(std::move(value));
  const size_t due = keys_.size();
  if (due < pending_->keys.size() && !absent_after(*pending_->keys[due], keys_.back()))
    return std::nullopt;
  std::string key;
  for (const auto& part : keys_) key += (key.empty() ? "" : " ") + part;
  open(*pending_, std::move(key));
  return std::nullopt;
}

Walker::Result Walker::take_in_brackets(const Word& word, size_t index) {
  if (word.form == Word::Form::kOpenBracket) return syntax_error(index);
  if (word.form == Word::Form::kCloseBracket) {
    const bool named = !fresh_ && !paths.empty() && paths.back().back().statement == pending_;
    if (!named) return missing_argument(index);
    expect_ = reach_ == Reach::kSet ? Expect::kStatement : Expect::kNothing;
    return std::nullopt;
  }
  std::string value;
  if (in_group() && pending_->kind == Kind::kList && is_wildcard(word.text))
    value = word.text;
  else if (auto problem = read_value(value_statement(), word, index, value))
    return problem;
  name(*pending_, std::move(value));
  return std::nullopt;
}

Walker::Result Walker::finish(size_t words) {
  const bool any = reach_ == Reach::kAny;
  if (expect_ == Expect::kInBrackets) return missing_argument(words);
  if (expect_ == Expect::kKey || expect_ == Expect::kValue) {
    if (!any || !keys_.empty()) return missing_argument(words);
    name(*pending_, "");
    return std::nullopt;
  }
  if (expect_ == Expect::kNothing || !fresh_) return std::nullopt;
  if (reach_ == Reach::kLevel && container_->joined) return missing_argument(words);
  if (reach_ == Reach::kSet &&
      (here_.empty() || container_->kind == Kind::kContainer || words == 0))
    return missing_argument(words);
  paths.push_back(here_);
  return std::nullopt;
}

}  // namespace nezu::grammar
