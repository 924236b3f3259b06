#pragma once
#include <string>
#include <vector>

#include "services/mgmt/tail.h"

/// The tails of commands that edit.
namespace nezu::mgmt {

TailPtr two_paths_tail(std::vector<const char*> keywords);

/// A path, then one word: `annotate STATEMENT "comment"`.
TailPtr path_and_word_tail(grammar::Reach reach, const char* placeholder, const char* help);

/// A path, then a regular expression: `wildcard delete PATH PATTERN`.
TailPtr pattern_tail();

/// A path with ranges in its words: `wildcard range set interfaces et-0/0/[0-3] mtu 9000`.
TailPtr range_tail(grammar::Reach reach);

}  // namespace nezu::mgmt
