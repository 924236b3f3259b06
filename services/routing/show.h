#pragma once
#include <chrono>
#include <string>

#include "services/mgmt/rpc.h"
#include "services/routing/config.h"
#include "services/routing/neighbours.h"
#include "services/routing/routes.h"

namespace nezu::routing {

/// The tables that the shows read.
struct Tables {
  const Routes& routes;
  const Neighbours& neighbours;
  const StaticRoutes& statics;
};

/// "show route", "show arp", "show ipv6 neighbors".
void add_shows(mgmt::Registry& registry, Tables tables);

/// "00:01:02", "1d 02:03:04", "2w3d 04:05:06".
std::string age_text(std::chrono::seconds age);

}  // namespace nezu::routing
