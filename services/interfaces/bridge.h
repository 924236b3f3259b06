#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/interfaces/plan.h"

/// `bridge-domains` and `switch-options`: frames between Ethernet interfaces and VXLAN endpoints.
namespace nezu::interfaces {

struct BridgeDomain {
  std::optional<uint32_t> vlan;
  std::vector<std::string> interfaces;  ///< with their units, each once
  std::vector<std::string> repeated;    ///< those that are named more than once
  uint32_t stations = 5120;
  uint32_t ageing = 300;  ///< seconds
  bool vxlan = false;
  std::optional<uint32_t> vni;
  bool replication = false;          ///< ingress-node-replication
  std::vector<std::string> remotes;  ///< static-remote-vtep-list
};

struct Switching {
  std::map<std::string, BridgeDomain, std::less<>> domains;
  std::string source_interface;      ///< vtep-source-interface, with its unit
  std::vector<std::string> remotes;  ///< remote-vtep-list
};

Switching read_switching(const configdb::View& root);

/// Names of the endpoints' interfaces: the one of this router, then those of remote-vtep-list in
/// its order.
constexpr uint32_t kFirstVtep = 32768;
std::string vtep_name(size_t position);

/// The address of the endpoints of this router, as octets; "" if there is none.
std::string vtep_address(const Switching& switching, const Configuration& configuration);

/// Adds the endpoints to a plan and marks the interfaces of domains, which then have no device of
/// the kernel's.
void plan_bridges(const Switching& switching, const Configuration& configuration,
                  const chassis::Chassis& chassis, Plan& plan);

/// Interfaces of a domain, endpoints among them, as they are in the plan.
std::vector<std::string> members(const Switching& switching, const BridgeDomain& domain,
                                 const Plan& plan);

/// Numbers of domains for the forwarding plane: they stay while names come and go.
std::map<uint32_t, std::string> bridge_numbers(const Switching& switching);

void check_switching(const Switching& switching, const Configuration& configuration,
                     const EspPorts& esp, configdb::Problems& problems);

}  // namespace nezu::interfaces
