#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "grammar/command_line.h"
#include "grammar/path.h"

/// From words to statements: abbreviations, keys, values, brackets. And the other way round: what
/// may follow.
namespace nezu::grammar {

/// How far a path must or may go.
enum class Reach {
  kSet,    ///< `set`: to something that can be set; several statements of one level may follow
  kAny,    ///< `delete`, `show`, `deactivate`: to any statement, a leaf with or without its value
  kLevel,  ///< `edit`: to a container or list entry
};

/// One line of "Possible completions:".
struct Candidate {
  char marker = ' ';  ///< '>' container or list, '+' takes several values, ' ' else
  std::string name;   ///< "proposal", or "<name>" for a value to be typed
  std::string help;   ///< with the range of a number
  bool placeholder = false;
};
using Candidates = std::vector<Candidate>;  ///< sorted by name, placeholders first

/// What is wrong with a line.
struct LineProblem {
  enum class Kind { kUnknown, kAmbiguous, kMissing, kInvalid };
  Kind kind = Kind::kUnknown;
  size_t word = 0;        ///< index of the offending word; words.size() for kMissing
  std::string message;    ///< "syntax error.", "'i' is ambiguous.", "missing argument.", …
  Candidates candidates;  ///< kAmbiguous: what it may mean
  bool secret = false;    ///< the word is where a secret stands: nobody repeats it
};

struct Resolution {
  std::vector<Path> paths;  ///< from the root, one for each statement or value named
  std::optional<LineProblem> problem;
  /// The first word that is where a secret stands; who quotes the line ends before it.
  std::optional<size_t> secret_from;
};

/// Resolves `words`, typed at edit level `level` below `root`.
Resolution resolve(const Statement& root, const Path& level, std::span<const Word> words,
                   Reach reach);

/// What may follow a line.
struct Completion {
  Candidates candidates;  ///< those that begin with the partial word
  bool enter = false;     ///< the line is complete without a further word
  bool brackets = false;  ///< `[` (or `]`, inside) may follow
  bool in_brackets = false;
  /// For a value: where else its names come from. mgmt adds them to the candidates.
  std::string live_names;              ///< source in the mgmt Registry
  std::string reference;               ///< configuration path of a list whose keys fit
  const Statement* list = nullptr;     ///< the list whose key is typed: existing entries fit …
  Path at;                             ///< … in the container at this path
  std::optional<LineProblem> problem;  ///< of the words before the partial one
};

/// Candidates for the word that begins with `partial` (may be empty) after `words`.
Completion complete(const Statement& root, const Path& level, std::span<const Word> words,
                    std::string_view partial, Reach reach);

}  // namespace nezu::grammar
