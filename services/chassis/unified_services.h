#pragma once
#include <functional>
#include <string>

#include "services/mgmt/rpc.h"

namespace nezu::chassis_service {

/// Which services a machine is made for: those of the next generation, inline IPsec among them, or
/// the classic ones. What is asked for holds from the next boot on, and is kept in a file.
class UnifiedServices {
 public:
  /// `file` outlives reboots; without it unified services are on. `boot_file` lives until the next
  /// reboot, and keeps the mode of this one over a death of the process.
  UnifiedServices(std::string file, const std::string& boot_file);

  bool enabled() const { return enabled_; }  ///< of this boot
  bool wanted() const;                       ///< of the next
  /// False: the file cannot be written.
  bool want(bool on) const;

 private:
  std::string file_;
  bool enabled_;
};

/// request system enable|disable unified-services, show system unified-services status, request
/// system reboot; `reboot` asks for one, which leaves time for an answer, and says whether it
/// comes. `services` outlives them.
void add_mode_rpcs(mgmt::Registry& registry, const UnifiedServices& services,
                   std::function<bool()> reboot);

}  // namespace nezu::chassis_service
