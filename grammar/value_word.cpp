#include "grammar/value_word.h"

#include <algorithm>

#include "grammar/secret.h"

namespace nezu::grammar {
namespace {

using ProblemKind = LineProblem::Kind;

Candidates words_with_prefix(const Type& type, std::string_view prefix) {
  Candidates found;
  for (const auto& [word, help] : type.choices())
    if (word.starts_with(prefix)) found.push_back({' ', word, help, false});
  return found;
}

// An abbreviated word of an enumeration is spelled out.
std::optional<LineProblem> spell_out(const Type& type, size_t index, std::string& value) {
  auto fits = words_with_prefix(type, value);
  if (fits.empty()) return std::nullopt;
  if (fits.size() > 1) return ambiguous(value, index, std::move(fits));
  value = fits.front().name;
  return std::nullopt;
}

// Puts what is kept of a secret in the place of what is written. What is wrong with it is said
// without its text.
std::optional<std::string> read_secret(bool hashed, std::string& value) {
  if (auto refusal = refuse_secret(value, hashed)) return refusal;
  if (!is_encoded_secret(value)) return std::nullopt;
  auto clear = decode_secret(value);
  if (!clear) return "invalid encoded secret";
  value = std::move(*clear);
  return std::nullopt;
}

}  // namespace

LineProblem ambiguous(std::string_view word, size_t index, Candidates candidates) {
  sort_candidates(candidates);
  return {ProblemKind::kAmbiguous, index, "'" + std::string(word) + "' is ambiguous.",
          std::move(candidates)};
}

std::optional<LineProblem> read_value(const Statement& statement, const Word& word, size_t index,
                                      std::string& value) {
  value = word.text;
  const auto refused = [&](std::string message) {
    LineProblem problem{ProblemKind::kInvalid, index, std::move(message), {}};
    problem.secret = statement.secret;
    return problem;
  };
  if (statement.secret)
    if (auto refusal = read_secret(statement.hashed, value)) return refused(*refusal);
  if (!statement.type) return std::nullopt;
  auto refusal = statement.type->refuse(value);
  if (refusal && !statement.type->choices().empty() && !value.empty()) {
    if (auto problem = spell_out(*statement.type, index, value)) return problem;
    refusal = statement.type->refuse(value);
  }
  if (refusal) return refused(*refusal);
  value = statement.type->canonical(value);
  return std::nullopt;
}

std::string help_of(const Statement& statement) {
  const auto range = statement.type ? statement.type->range() : "";
  const auto help = range.empty() ? statement.help : statement.help + " " + range;
  return statement.not_modelled ? help + " [no effect]" : help;
}

void add_value_candidates(const Statement& statement, std::string_view partial, Candidates& to) {
  if (!statement.type) return;
  if (statement.type->choices().empty()) {
    to.push_back({' ', "<" + statement.type->placeholder() + ">", help_of(statement), true});
    return;
  }
  auto words = words_with_prefix(*statement.type, partial);
  to.insert(to.end(), words.begin(), words.end());
}

char marker_of(const Statement& statement) {
  if (statement.holds_statements()) return '>';
  return statement.kind == Kind::kLeafList ? '+' : ' ';
}

void sort_candidates(Candidates& candidates) {
  const auto rank = [](const Candidate& c) {
    return std::pair<bool, std::string_view>(!c.placeholder, c.name);
  };
  std::sort(candidates.begin(), candidates.end(),
            [&](const Candidate& a, const Candidate& b) { return rank(a) < rank(b); });
}

}  // namespace nezu::grammar
