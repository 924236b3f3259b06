#pragma once
#include <string>
#include <vector>

namespace nezu::cli {

/// `nezu exec [--wires] NODE [--] COMMAND…`: runs a program inside a node, with its network,
/// processes and mounts, and returns its status.
int exec(const std::vector<std::string>& arguments);

}  // namespace nezu::cli
