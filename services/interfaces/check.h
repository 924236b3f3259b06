#pragma once
#include "chassis/chassis.h"
#include "configdb/service.h"

namespace nezu::interfaces {

/// What of the configuration is the interfaces'.
std::vector<std::string> claims();

/// Everything wrong with the interfaces and bridge domains of an effective tree, `root` its root:
/// names the machine does not have, units and addresses that cannot be, service interfaces without
/// inline services.
configdb::Problems check_interfaces(const configdb::View& root, const chassis::Chassis& chassis);

}  // namespace nezu::interfaces
