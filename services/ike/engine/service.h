// IKE as nezu-re sees it: what its main adds.
#pragma once

#include <memory>

#include "configdb/service.h"
#include "services/mgmt/rpc.h"
#include "services/state/server.h"

namespace nezu::ike {

/// Makes nezu-iked known to the channel. The result takes part in commits like any other service;
/// it lives as long as `server`. Before server.listen().
configdb::Service& add_service(state::Server& server);

/// The operational commands that iked answers, with their layouts, and the live names "ipsec-vpn",
/// "ike-gateway" and "ipsec-tunnel". `server` outlives the registry's use.
void add_commands(state::Server& server, mgmt::Registry& registry);

}  // namespace nezu::ike
