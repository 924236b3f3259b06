#pragma once
#include <functional>
#include <string>

#include "chassis/chassis.h"
#include "chassis/mac.h"
#include "chassis/pfe_link.h"
#include "services/chassis/load.h"
#include "services/mgmt/rpc.h"

namespace nezu::chassis_service {

/// What the shows need to know; outlives them.
struct Machine {
  chassis::Chassis& chassis;
  chassis::PfeLink& plane;
  const PlaneLoad& load;
  chassis::Mac base;  ///< serial numbers are made of it
  /// Of a port: "Up", "Down", "" where there is no wire.
  std::function<std::string(const chassis::PortName&)> wan_status;
  /// Of a tunnel's number; "": none has it.
  std::function<std::string(uint32_t)> vpn_name = {};
};

/// show chassis …, request chassis fpc.
void add_chassis_rpcs(mgmt::Registry& registry, const Machine& machine);
/// show pfe statistics …
void add_pfe_rpcs(mgmt::Registry& registry, const Machine& machine);

}  // namespace nezu::chassis_service
