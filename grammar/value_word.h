#pragma once
#include <optional>
#include <string>

#include "grammar/resolve.h"

/// Words that stand for the value of one statement: a key, a leaf, an argument of a command.
namespace nezu::grammar {

/// Reads `word` as a value of `statement` into `value`, canonical and, for a secret, in clear.
/// Enumeration words may be abbreviated. `index` is the word's, for the problem.
std::optional<LineProblem> read_value(const Statement& statement, const Word& word, size_t index,
                                      std::string& value);

/// Adds what may be typed as a value of `statement`: its words that begin with `partial`, or a
/// placeholder.
void add_value_candidates(const Statement& statement, std::string_view partial, Candidates& to);

/// The help of a statement, with the range of its numbers, and whether nothing acts on it.
std::string help_of(const Statement& statement);

char marker_of(const Statement& statement);

/// Placeholders first, then by name.
void sort_candidates(Candidates& candidates);

LineProblem ambiguous(std::string_view word, size_t index, Candidates candidates);

}  // namespace nezu::grammar
