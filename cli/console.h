#pragma once
#include <chrono>
#include <string>

#include "cli/client.h"
#include "cli/editor.h"
#include "cli/keyboard.h"
#include "cli/program.h"

namespace nezu::cli {

/// A person at a terminal: prompt, line, output, until they leave.
class Console {
 public:
  /// `client` is connected.
  explicit Console(Client& client, ProgramPlace programs = {});
  /// Returns an exit status (cli/shell.h).
  int run();

 private:
  bool open();
  bool command(const std::string& line);
  bool converse();
  bool show_output();
  bool ask(const Answer& answer);
  void close_idle();
  bool read_text();
  void run_asked(const Answer& answer);
  bool reconnect();
  void take_prompt();
  Editor::Asking asking() const;
  Completed complete(std::string_view line, const char* trigger);

  Client& client_;
  ProgramPlace programs_;  ///< where those run that commands ask for
  Keyboard keyboard_;
  Editor editor_;
  std::string banner_, prompt_;
  size_t rows_ = 0;  ///< of a screen, as the user set them; 0: as the terminal has
  bool leave_ = false;
  bool given_up_ = false;  ///< a question is left without an answer
};

}  // namespace nezu::cli
