#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/node.h"

namespace nezu::cli {

/// Where the programs run that a router's commands ask for (`ssh`, `start shell`).
struct ProgramPlace {
  bool known = false;        ///< otherwise none is run
  std::optional<Node> node;  ///< to be entered first; nullopt: we are in the router already
};

/// Runs one on this terminal until it ends, in the router's namespaces and as its user `account`.
/// Returns what is wrong, "" if it ran. Root alone keeps his environment.
std::string run_program(const ProgramPlace& place, const std::vector<std::string>& words,
                        const std::string& account);

}  // namespace nezu::cli
