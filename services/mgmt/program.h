#pragma once
#include <functional>
#include <string>
#include <vector>

#include "services/mgmt/run.h"

namespace nezu::mgmt {

/// A program of the machine that a command has do its work.
struct Program {
  std::vector<std::string> words;  ///< the program and its arguments
  std::string input = {};          ///< the file it reads; "" for none
  /// What the user sees of a line that it prints, without its end; "" for nothing.
  std::function<std::string(const std::string& line)> shown;
  int fine = 0;              ///< the highest status that is no failure
  std::string failure = {};  ///< what is then said, "error: …"
  /// Called once, when it has ended or was stopped, before that is said: what went wrong with what
  /// it leaves ("error: …"), or "". `fine`: it succeeded.
  std::function<std::string(bool fine)> ended = {};
};

/// Starts it. The command ends with it, and it with the command: nobody waits for it meanwhile.
void run_program(const RunPtr& run, Program program);

}  // namespace nezu::mgmt
