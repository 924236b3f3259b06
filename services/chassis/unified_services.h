#pragma once
#include <functional>
#include <string>

#include "services/mgmt/rpc.h"

namespace nezu::chassis_service {

/// Which services a machine is made for: those of the next generation, inline IPsec among them, or
/// the classic ones. What is asked for holds from the next boot on, and is kept in a file.
class UnifiedServices {
 public:
  /// `file` outlives reboots; without it unified services are on.
  explicit UnifiedServices(std::string file);

  bool enabled() const { return enabled_; }  ///< of this boot
  bool wanted() const;                       ///< of the next
  /// False: the file cannot be written.
  bool want(bool on) const;

 private:
  std::string file_;
  bool enabled_;
};

/// request system enable|disable unified-services, show system unified-services status, request
/// system reboot; `reboot` begins one and says whether it could. `services` outlives them.
void add_mode_rpcs(mgmt::Registry& registry, const UnifiedServices& services,
                   std::function<bool()> reboot);

}  // namespace nezu::chassis_service
