#pragma once
#include <cstdio>
#include <string>
#include <vector>

#include "cli/client.h"

namespace nezu::cli {

/// Runs commands one after the other, prints what they say, stops at the first that is refused.
/// Questions get the answer that Enter alone would give. Returns an exit status (cli/shell.h).
int run_commands(Client& client, const std::vector<std::string>& commands);

/// Runs the lines of a file; goes on after a refused one, as with a paste. Lines after
/// `load … terminal` are its text up to the end of the file.
int run_script(Client& client, FILE* lines);

}  // namespace nezu::cli
