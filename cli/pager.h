#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "cli/keyboard.h"

namespace nezu::cli {

/// Prints, and stops at each full screen with ---(more)--- until a key is pressed.
class Pager {
 public:
  /// `active` false: prints only.
  Pager(Keyboard& keyboard, bool active);

  /// False: the user has had enough (q, ^C); nothing more is printed.
  bool write(std::string_view text);
  /// Rows of the terminal, 0 if it has none or does not say.
  static size_t rows();
  static size_t columns();

 private:
  bool line(std::string_view text);
  bool stop();
  void erase_mark();
  int key();

  Keyboard& keyboard_;
  bool active_;
  bool quit_ = false;
  size_t rows_;
  size_t columns_;
  size_t printed_ = 0;  ///< rows since the last stop
  size_t column_ = 0;
};

}  // namespace nezu::cli
