#pragma once
#include <cstddef>
#include <string>

#include "services/mgmt/session.h"

namespace nezu::mgmt {

/// What `set cli` changes, for one command line.
struct CliSettings {
  bool complete_on_space = true;
  size_t screen_length = 24;  ///< 0: output never stops
  size_t screen_width = 80;   ///< 0: without a limit
  bool width_set = false;     ///< by the user: output is cut into lines of that width
  size_t idle_minutes = 0;    ///< 0: for ever, if the class lets him
  std::string prompt;         ///< "": user@host
  std::string timestamp;      ///< of strftime(); "": none
  std::string terminal;       ///< "xterm"
  std::string directory;      ///< where relative file names begin

  bool pager() const { return screen_length > 0; }
  /// Columns after which lines are cut; 0: they are left to the terminal.
  size_t wrap() const { return width_set ? screen_width : 0; }
};

inline CliSettings settings_of(const Terminal& terminal) {
  CliSettings settings;
  settings.screen_length = terminal.height;
  settings.screen_width = terminal.width;
  settings.terminal = terminal.type;
  settings.directory = terminal.directory;
  return settings;
}

}  // namespace nezu::mgmt
