#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "grammar/resolve.h"

/// `STATEMENT KEYWORD STATEMENT`: insert, rename and copy.
namespace nezu::grammar {

/// Both name an entry of one list, or a value of one leaf-list.
struct TwoPaths {
  Path from, to;
  std::string keyword;  ///< as it stands in the list of keywords, not as it was typed
};

/// The first of two statements, as far as a line has it.
struct FirstOfTwo {
  std::optional<LineProblem> problem;
  Path from;
  size_t split = 0;  ///< where the keyword stands; 0: it has not come
  std::string keyword;
};
FirstOfTwo first_of_two(const Statement& root, const Path& level, std::span<const Word> words,
                        const std::vector<const char*>& keywords);

/// The second: a statement beside `from`, whose name may be left out.
std::optional<LineProblem> second_of_two(const Statement& root, const Path& from,
                                         std::span<const Word> words, Path& to);

/// Reads "unit 0 to unit 1". The problem counts the words given.
std::optional<LineProblem> read_two_paths(const Statement& root, const Path& level,
                                          std::span<const Word> words,
                                          const std::vector<const char*>& keywords,
                                          TwoPaths& paths);

}  // namespace nezu::grammar
