#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace nezu::cli {

/// What came of one file. docs/replay.md has the form that it is written in.
struct FileReport {
  struct Error {
    size_t line = 0, column = 0;  ///< line from 1, column from 0 as the router counts; 0, 0: none
    std::string message;
    std::string detail;  ///< lines that follow it
  };
  struct Step {
    bool done = false;
    std::string text;  ///< all that was said
    double milliseconds = 0;
  };
  /// An answer of a recorded session that came back otherwise.
  struct Difference {
    size_t line = 0;  ///< of the command
    std::string command, recorded, answered;
  };

  std::string file;
  std::string form;  ///< set, text, xml, json, session; "" if it could not be read
  size_t lines = 0, bytes = 0;
  bool begun = false;  ///< false: the run ended before it, and nothing is known of it
  std::vector<Error> errors;
  std::vector<std::string> warnings;
  size_t more_errors = 0;  ///< beyond kMostErrors
  Step load;
  std::optional<Step> check, commit;
  size_t commands = 0;  ///< of a recorded session
  std::vector<Difference> differences;

  static constexpr size_t kMostErrors = 10'000;
  bool well() const;
};

/// One run of `nezu replay`.
struct ReplayReport {
  std::string target;  ///< "offline", or the node
  std::vector<FileReport> files;
  int status = 0;

  std::string json() const;
};

/// "text" with JSON's escapes, in quotes; bytes that are no UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

}  // namespace nezu::cli
