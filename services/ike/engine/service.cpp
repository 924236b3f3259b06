#include "services/ike/engine/service.h"

#include <algorithm>

#include "services/ike/engine/layout.h"
#include "services/ike/engine/layout_pki.h"
#include "services/ike/settings/check.h"
#include "services/ike/settings/settings.h"

namespace nezu::ike {
namespace {

constexpr const char* kRpcs[] = {
    "get-ike-security-associations-information",
    "get-security-associations-information",
    "get-ipsec-traffic-selector-information",
    "get-inactive-tunnels",
    "get-ipsec-statistics-information",
    "clear-ike-security-association",
    "clear-ipsec-security-association",
    "clear-ipsec-statistics",
    "request-security-ike-debug-keys",
    "get-ike-exchange-information",
    "get-ike-explanation",
    "get-ike-active-peers-information",
    "get-ike-stats-information",
    "get-ipsec-tunnel-event-statistics",
    "clear-ipsec-tunnel-event-statistics",
    "request-security-ike-initiate",
    "request-security-ike-rekey",
    "request-security-ike-terminate",
    "get-ipsec-tunnel-distribution",
};

// Keys and certificates come from files and go into files; nothing else here does.
std::vector<std::string> files_of(const std::string& rpc) {
  const auto& pki = pki_rpc_names();
  if (std::find(pki.begin(), pki.end(), rpc) == pki.end()) return {};
  return {"filename", "key"};
}

using Names = std::vector<std::pair<std::string, std::string>>;

// One name a tunnel, or what `pick` makes of it; each once.
mgmt::Registry::Names names(
    state::Server& server,
    std::function<std::pair<std::string, std::string>(const channel::TunnelState&)> pick) {
  return [&server, pick = std::move(pick)] {
    std::map<std::string, std::string> found;
    for (const auto& row : server.tables().rows("tunnel")) found.insert(pick(row.tunnel()));
    return Names(found.begin(), found.end());
  };
}

}  // namespace

configdb::Service& add_service(state::Server& server) {
  return server.declare({.name = "iked", .claims = claims(), .check = check});
}

void add_commands(state::Server& server, mgmt::Registry& registry) {
  std::vector<std::string> rpcs(std::begin(kRpcs), std::end(kRpcs));
  rpcs.insert(rpcs.end(), pki_rpc_names().begin(), pki_rpc_names().end());
  for (const std::string& rpc : rpcs)
    registry.add({rpc, server.forward("iked", rpc),
                  [rpc](const mgmt::Input& input) { return layout_of(rpc, input); },
                  files_of(rpc)});
  registry.add_names("ipsec-tunnel", names(server, [](const channel::TunnelState& tunnel) {
                       return std::pair(std::to_string(tunnel.id()), "VPN " + tunnel.vpn());
                     }));
  registry.add_names("ipsec-vpn", names(server, [](const channel::TunnelState& tunnel) {
                       return std::pair(tunnel.vpn(), "on " + tunnel.interface());
                     }));
  registry.add_names("ike-gateway", names(server, [](const channel::TunnelState& tunnel) {
                       return std::pair(tunnel.gateway(), std::string());
                     }));
}

}  // namespace nezu::ike
