#pragma once
#include "chassis/pfe_link.h"
#include "services/interfaces/service.h"
#include "services/mgmt/rpc.h"

namespace nezu::interfaces {

/// show interfaces …, and the live names "interface" and "interface-device". All three outlive the
/// registry's use.
void add_rpcs(mgmt::Registry& registry, const InterfacesService& service, chassis::PfeLink& plane);

/// show bridge …, clear bridge …, show l2-learning …; part of add_rpcs().
void add_bridge_rpcs(mgmt::Registry& registry, const InterfacesService& service,
                     chassis::PfeLink& plane);

}  // namespace nezu::interfaces
