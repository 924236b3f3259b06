#pragma once
#include <span>
#include <string>
#include <vector>

#include "grammar/command_line.h"

/// The ranges of `wildcard range`: "ge-0/0/[0-3,!2]" stands for three names.
namespace nezu::grammar {

inline constexpr size_t kMostRangeLines = 10'000;   ///< that one line may stand for
inline constexpr size_t kMostRangeWords = 500'000;  ///< in all of them

struct RangeLines {
  std::vector<Words> lines;  ///< one for each combination, numbers rising, the last range fastest
  size_t word = 0;           ///< of what is wrong, in the words given
  std::string error;         ///< "" or "invalid range '[x]'"
};

/// Words as the line was cut, where a bracket is a word: those that stand together without a blank
/// are one, and what is in brackets in it is a range: numbers and first-last, `!` before what is
/// left out. `[ a b ]` with blanks is a set of values as ever.
RangeLines expand_ranges(std::span<const Word> words, size_t most = kMostRangeLines);

/// Words with such ranges as they were typed, one word each: for patterns with brackets.
Words join_ranges(std::span<const Word> words);

}  // namespace nezu::grammar
