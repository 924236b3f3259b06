#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "services/mgmt/rpc.h"

namespace nezu::system {

/// One who is logged in.
struct LoggedIn {
  std::string user;
  std::string terminal;  ///< "pts/0"; "" for none
  std::string from;      ///< the address he comes from; "" from the machine itself
  std::chrono::system_clock::time_point since;
  std::chrono::seconds idle{0};
};

/// show system users. `who` tells those who are logged in, in order of their coming.
void add_user_rpcs(mgmt::Registry& registry, std::function<std::vector<LoggedIn>()> who);

}  // namespace nezu::system
