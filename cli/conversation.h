#pragma once
#include <string>

#include "cli/client.h"

namespace nezu::cli {

/// One answer of a router, whole.
struct Said {
  static constexpr size_t kMost = 64 << 20;  ///< of an output; the rest is not kept

  std::string output;
  Answer answer;
  bool gone = false;     ///< the router went away in the middle
  bool stopped = false;  ///< ^C: the command was given up

  bool done() const { return !gone && answer.outcome == "done"; }
};

/// What a client of a program (`interactive` false) or of a terminal says first: who it is for, and
/// where it stands.
std::string opening(const Client& client, bool interactive);

/// Requests one after the other, for programs: what is said is collected, not shown.
class Conversation {
 public:
  explicit Conversation(Client& client) : client_(client) {}

  /// Opens a command line for a program (`interactive` false), or as on a terminal of 80 columns.
  Said open(bool interactive);
  Said execute(const std::string& line);
  Said answer(const std::string& words);
  Said input(const std::string& text);
  Said help(const std::string& line);  ///< what `?` shows behind the line

 private:
  Said ask(const char* name, const std::string& content);

  Client& client_;
};

}  // namespace nezu::cli
