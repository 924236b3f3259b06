#pragma once
#include <string>
#include <vector>

#include "services/mgmt/tail.h"

/// The tails of commands that edit.
namespace nezu::mgmt {

/// `STATEMENT KEYWORD STATEMENT`: insert, rename, copy.
struct TwoPaths {
  grammar::Path from, to;
  std::string keyword;  ///< as it stands in the list, not as it was typed
};

/// Reads "unit 0 to unit 1". `to` is a statement beside `from`, and its name may come without its
/// keyword. The problem counts the words given.
std::optional<grammar::LineProblem> read_two_paths(const Place& place, Words words,
                                                   const std::vector<const char*>& keywords,
                                                   TwoPaths& paths);
TailPtr two_paths_tail(std::vector<const char*> keywords);

/// A path, then one word: `annotate STATEMENT "comment"`.
TailPtr path_and_word_tail(grammar::Reach reach, const char* placeholder, const char* help);

/// A path, then a regular expression: `wildcard delete PATH PATTERN`.
TailPtr pattern_tail();

/// A path with ranges in its words: `wildcard range set interfaces et-0/0/[0-3] mtu 9000`.
TailPtr range_tail(grammar::Reach reach);

}  // namespace nezu::mgmt
