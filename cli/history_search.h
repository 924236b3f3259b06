#pragma once
#include <histedit.h>

#include <string>
#include <vector>

#include "cli/keyboard.h"

namespace nezu::cli {

/// The lines of a history, newest first.
std::vector<std::string> history_lines(History* history);

/// ^R: a line of the history that contains what is typed, found anew with each key.
class HistorySearch {
 public:
  HistorySearch(Keyboard& keyboard, std::vector<std::string> lines)
      : keyboard_(keyboard), lines_(std::move(lines)) {}

  struct Found {
    bool taken = false;  ///< else the line stays as it was (^G, ^C, nothing found)
    std::string line;
    int key = 0;  ///< the key that ended it and still means something; 0: none
  };
  /// Uses the row the cursor is at the beginning of, and leaves it empty.
  Found run();

 private:
  bool find(size_t from);
  void show();
  void erase();

  Keyboard& keyboard_;
  std::vector<std::string> lines_;
  std::string pattern_;
  size_t at_ = 0;  ///< the line that is shown; lines_.size(): none
  bool failed_ = false;
  size_t shown_ = 0;  ///< columns on the screen
};

}  // namespace nezu::cli
