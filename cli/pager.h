#pragma once
#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "cli/client.h"
#include "cli/keyboard.h"
#include "cli/paged_text.h"

namespace nezu::cli {

/// Shows the output of a client's request as it comes, and stops at each full screen with
/// ---(more)--- until a key says how to go on: further, back, to what is searched for, or no more.
class Pager {
 public:
  enum class Ending {
    kSeen,  ///< all of the answer was read, if not shown: client.answer()
    kLeft,  ///< the user has had enough (q, ^C); the answer is still to be read to its end
    kGone,  ///< the server has closed, or the program is to end
    kIdle,  ///< nobody has pressed a key for too long
  };
  /// `rows`: lines of a screen as the user set them; 0: those of the terminal.
  Pager(Keyboard& keyboard, Client& client, size_t rows);

  Ending run();

  /// Rows of the terminal, 0 if it has none or does not say.
  static size_t rows();
  static size_t columns();

 private:
  bool print_next();
  void print(std::string_view text);
  bool fetch(int milliseconds);
  void read_ahead();
  void interrupted();
  void stop();
  bool act(int key);
  bool forwards(int key);
  bool backwards(int key);
  void show_mark();
  void erase_mark();
  int key();
  int escape();
  void measure();

  size_t rows_of(size_t line) const;
  size_t top() const { return back(next_, page()); }
  size_t back(size_t from, size_t rows) const;
  size_t page() const { return rows_ - 1; }
  size_t half_page() const { return std::max<size_t>(page() / 2, 1); }
  bool page_ends_here() const;
  void show_from(size_t line);
  void to_the_end();
  void search(char direction, const std::string& pattern);
  bool ask(char sign, std::string& words);
  static void rub_out(std::string& words);
  void filter(char sign);
  void save();
  bool append(const std::string& name, const std::string& text, std::string& said);
  void say(std::string_view words);

  Keyboard& keyboard_;
  Client& client_;
  const size_t wanted_rows_;
  size_t rows_ = 0, columns_ = 0;
  PagedText text_;
  size_t next_ = 0;     ///< the line to be printed next
  size_t begun_ = 0;    ///< bytes of it that are printed already
  size_t printed_ = 0;  ///< rows since the screen was last full
  bool paging_ = true;  ///< stops at full screens
  bool hold_ = false;   ///< stops at the end too
  bool ended_ = false;  ///< the whole answer is here
  bool left_ = false, gone_ = false, idle_ = false;
  bool asked_to_end_ = false;  ///< ^C was passed on to a command that ends in its own way
  bool line_open_ = false;     ///< the cursor is not at the beginning of a row
  size_t mark_ = 0;            ///< columns of the mark on the screen
  char last_search_ = '/';
  std::string pattern_;
};

}  // namespace nezu::cli
