#pragma once
#include <functional>
#include <string>

#include "services/mgmt/rpc.h"

namespace nezu::system {

/// show system processes, show system license, restart. `restart` has nezu-init start a program
/// anew; 0 or an errno.
void add_process_rpcs(mgmt::Registry& registry, std::function<int(const std::string&)> restart);

}  // namespace nezu::system
