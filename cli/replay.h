#pragma once
#include <string>
#include <vector>

namespace nezu::cli {

/// `nezu replay FILE…`: configurations and recorded sessions against a scratch database, or a
/// running router (docs/replay.md). Exit status: 0, all was well; 1, a file had errors, was refused
/// or answered otherwise; 2, wrong usage; 3, no such file or node; 4, the engine or the router does
/// not answer, or does not let us edit; 130, ^C.
int replay(const std::vector<std::string>& arguments);

}  // namespace nezu::cli
