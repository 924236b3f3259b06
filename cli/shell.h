#pragma once
#include <string>
#include <vector>

namespace nezu::cli {

/// `nezu cli [NODE|LAB/NODE] [-c COMMAND]…`: the command line of a router.
///
/// Without -c it reads standard input: keys of a terminal, or the lines of a script. Exit status:
/// 0, all went well; 1, a command was refused (after -c nothing more is run then; a script goes on
/// with its next line, as a paste does); 2, wrong usage; 3, no such node; 4, the router does not
/// answer, or went away in the middle;
/// 130, ^C.
int shell(const std::vector<std::string>& arguments);

enum Status : int { kFine = 0, kRefused = 1, kUsage = 2, kNoNode = 3, kGone = 4, kStopped = 130 };

}  // namespace nezu::cli
