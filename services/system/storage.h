#pragma once
#include <string>
#include <vector>

#include "services/mgmt/rpc.h"

namespace nezu::system {

/// show system storage: the file systems that these directories are on, each once.
void add_storage_rpcs(mgmt::Registry& registry, const std::vector<std::string>& directories);

}  // namespace nezu::system
