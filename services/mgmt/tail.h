#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/resolve.h"
#include "services/mgmt/pipeline.h"

/// What follows the words of a local command, where that is not a set of arguments.
namespace nezu::mgmt {

class LocalCommands;
struct FoundCommand;
enum class Mode { kOperational, kConfiguration };
using Words = std::span<const grammar::Word>;

/// Where a line is read: which commands there are, and where paths begin.
struct Place {
  const LocalCommands& commands;
  const grammar::Statement& root;  ///< of the configuration
  Mode mode;
  grammar::Path level;
};

/// A command within a line, and where it is carried out.
struct Inner {
  Place place;
  Words words;
};

class Tail {
 public:
  virtual ~Tail() = default;
  /// What may follow `words`, which are those behind the command's own.
  virtual grammar::Completion complete(const Place& place, Words words,
                                       std::string_view partial) const = 0;
  /// What is wrong with whole words, counted from the first of `words`.
  virtual std::optional<grammar::LineProblem> check(const Place& place, Words words) const = 0;
  /// Whole words as rules see them: every name in full, no secret, one line for each statement that
  /// is named. Words that say nothing yet stand as they were typed.
  virtual std::vector<std::string> full_words(const Place& place, Words words) const = 0;
  /// The command in `words`, if what follows is one.
  virtual std::optional<Inner> inner(const Place& place, Words words) const {
    (void)place, (void)words;
    return std::nullopt;
  }
};
using TailPtr = std::shared_ptr<const Tail>;

std::string typed_words(Words words);
/// "security ike policy p pre-shared-key ascii-text": without the value of a secret.
std::string shown_path(grammar::Path path);

/// A path of the configuration; `alone`: or nothing.
TailPtr path_tail(grammar::Reach reach, bool alone = false);
/// A command of operational mode.
TailPtr operational_tail();
/// A command of configuration mode from the top, or nothing.
TailPtr top_tail();

/// Whether a line leads through more commands than anybody means (`top up 2 top …`): each is a call
/// deeper for those who carry it out, complete it or write it down.
bool too_nested(const Place& place, Words words);

/// The same for a whole line of a mode.
grammar::Completion complete_line(const Place& place, Words words, std::string_view partial);
std::optional<grammar::LineProblem> check_line(const Place& place, Words words);
/// Of the command that was found in `words`: see Tail::full_words().
std::vector<std::string> full_lines(const Place& place, const FoundCommand& found, Words words);

/// What a command prints, and the last command of a line.
Shows shows_of(const FoundCommand& found);
Shows shows_of(const Place& place, Words words);

}  // namespace nezu::mgmt
