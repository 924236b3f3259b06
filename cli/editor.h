#pragma once
#include <histedit.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/keyboard.h"

namespace nezu::cli {

/// What completion of the text before the cursor gives.
struct Completed {
  std::string insert;  ///< put in at the cursor
  std::string output;  ///< printed below; then the prompt and the line again
};

/// The line editor: libedit with the keys of a router.
class Editor {
 public:
  enum class Ending {
    kLine,
    kInterrupt,  ///< ^C
    kEnd,        ///< ^D on an empty line
    kClosed,     ///< no more input, or the program is to end
    kGone,       ///< the descriptor to watch became readable
    kIdle,       ///< no key for too long
  };
  /// What is typed: a command, or text in which every key stands for itself.
  enum class Kind { kCommand, kText };
  /// `trigger` is "space", "tab", "question" or "enter".
  using Complete = std::function<Completed(std::string_view line, const char* trigger)>;

  Editor(Keyboard& keyboard, Complete complete);
  ~Editor();
  Editor(const Editor&) = delete;
  Editor& operator=(const Editor&) = delete;

  /// How the next line is asked for.
  struct Asking {
    std::string banner;  ///< a line before the prompt, whenever it is shown anew; "" for none
    std::string prompt;
    std::string history;  ///< which history the line belongs to; "" for none
    Kind kind = Kind::kCommand;
    int watch = -1;  ///< a descriptor to watch meanwhile; -1 for none
  };
  Ending read(const Asking& asking, std::string& line);
  /// Another type of terminal, by its name in terminfo; one that is not known changes nothing.
  void use_terminal(const std::string& type);

 private:
  static char* show_prompt(EditLine* editor);
  static int get_character(EditLine* editor, wchar_t* character);
  static unsigned char space_key(EditLine* editor, int key);
  static unsigned char tab_key(EditLine* editor, int key);
  static unsigned char question_key(EditLine* editor, int key);
  static unsigned char enter_key(EditLine* editor, int key);
  static unsigned char search_key(EditLine* editor, int key);
  static unsigned char expand_key(EditLine* editor, int key);
  static unsigned char redraw_key(EditLine* editor, int key);
  static unsigned char delete_key(EditLine* editor, int key);
  static unsigned char finish_key(EditLine* editor, int key);

  static Editor& self(EditLine* editor);
  void bind();
  void bind_emacs();
  void use_history(const std::string& name);
  void remember(const std::string& line);
  std::string before_cursor() const;
  std::string text() const;
  bool literal() const;
  unsigned char complete_with(const char* trigger, int key);
  unsigned char insert_key(int key);
  unsigned char show(std::string_view echoed, const std::string& output);
  void go_below();
  void make_room();
  void replace_line(const std::string& line);
  std::optional<int> next_byte();

  Keyboard& keyboard_;
  Complete complete_;
  EditLine* editor_ = nullptr;
  std::map<std::string, History*> histories_;
  History* history_ = nullptr;  ///< of the line being read; null: none
  Asking asking_;
  Ending ending_ = Ending::kLine;
  std::string terminal_;
  /// M-/: the words of the history that go on from what was typed.
  struct {
    std::string typed, line;  ///< the word's beginning; the text before the cursor as we left it
    std::vector<std::string> words;
    size_t next = 0;
  } expansion_;
};

}  // namespace nezu::cli
