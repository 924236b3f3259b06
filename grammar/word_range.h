#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/command_line.h"

/// The ranges of `wildcard range`: "ge-0/0/[0-3,!2]" stands for three names.
namespace nezu::grammar {

inline constexpr size_t kMostRangeLines = 10'000;   ///< that one line may stand for
inline constexpr size_t kMostRangeWords = 500'000;  ///< in all of them

/// Numbers of 32 bits, held in more so that counting past the last of them is possible.
struct NumberSpan {
  uint64_t first, last;
};

/// "7" or "0-3"; nullopt if it is neither, or goes down.
std::optional<NumberSpan> number_span(std::string_view text);

struct RangeLines {
  std::vector<Words> lines;  ///< one for each combination, numbers rising, the last range fastest
  size_t word = 0;           ///< of what is wrong, in the words given
  std::string error;         ///< "" or "invalid range '[x]'"
};

/// Words as the line was cut, where a bracket is a word: those that stand together without a blank
/// are one, and what is in brackets in it is a range: numbers and first-last, `!` before what is
/// left out. `[ a b ]` with blanks is a set of values as ever.
RangeLines expand_ranges(std::span<const Word> words);

/// Words with such ranges as they were typed, one word each: for patterns with brackets.
Words join_ranges(std::span<const Word> words);

}  // namespace nezu::grammar
