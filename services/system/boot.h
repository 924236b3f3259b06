#pragma once
#include <chrono>
#include <string>

namespace nezu::system {

/// One life of the router: process 1 outlives a reboot, what its folder for the boot holds does
/// not.
struct Boot {
  std::string name;  ///< of this boot and no other; "" if the folder takes no file
  std::chrono::system_clock::time_point since;
};

/// The boot whose files `folder` holds; the first to ask in a boot begins it.
Boot boot_of(const std::string& folder);

}  // namespace nezu::system
