#pragma once
#include <string>

#include "services/mgmt/rpc.h"

namespace nezu::system {

/// `show log [FILE]`, `clear log FILE`, of the files in `directory`. A name never leads out of it.
void add_log_rpcs(mgmt::Registry& registry, const std::string& directory);

}  // namespace nezu::system
