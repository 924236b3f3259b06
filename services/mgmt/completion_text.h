#pragma once
#include <string>
#include <string_view>

#include "grammar/resolve.h"

/// What the router says about a line: possible completions, and what is wrong with it.
namespace nezu::mgmt {

/// "Possible completions:" and its table; "No valid completions" if it is empty. `enter`: Enter
/// and a pipe are legal here too.
std::string completions_text(const grammar::Candidates& candidates, bool enter);

/// The caret under the offending word, `prompt` columns further right than in the line, and the
/// message; with the candidates of an ambiguous word.
std::string problem_text(const grammar::LineProblem& problem, const grammar::Words& words,
                         size_t line_length, size_t prompt);

/// The same for a client without a terminal: "error: syntax error: foo".
std::string problem_line(const grammar::LineProblem& problem, const grammar::Words& words);

/// Columns of UTF-8 text.
size_t columns(std::string_view text);

}  // namespace nezu::mgmt
