#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// A line as typed: words, brackets and pipes, each with its place. Meaning comes later, from the
/// schema (grammar/resolve.h).
namespace nezu::grammar {

struct Word {
  enum class Form { kPlain, kQuoted, kOpenBracket, kCloseBracket };
  std::string text;   ///< without quotes, escapes undone
  size_t column = 0;  ///< of its first byte in the line (the opening quote), from 0
  size_t end = 0;     ///< one past its last byte
  Form form = Form::kPlain;
};
using Words = std::vector<Word>;

struct CommandLine {
  struct Error {
    size_t column = 0;
    std::string message;  ///< "unterminated string", "syntax error", "line too long"
  };
  Words words;               ///< before the first pipe; comments left out
  std::vector<Words> pipes;  ///< the words after each `|`, e.g. {match, x y}
  std::optional<Error> error;
  bool ends_in_blank = false;  ///< a new word would begin at the end (completion)
};

/// Reads command lines with the CommandLine grammar. Keep one and use it again: its parser and the
/// automaton it learns are reused. Not for two threads at once.
class CommandLineReader {
 public:
  CommandLineReader();
  ~CommandLineReader();
  /// Words up to 64 KiB, lines up to 1 MiB; beyond that an error, not an exception.
  const CommandLine& read(std::string_view line);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace nezu::grammar
