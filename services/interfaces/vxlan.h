#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "configdb/service.h"
#include "configdb/tree.h"

namespace nezu::interfaces {

/// What `tunnel encapsulation vxlan-gpe` of a unit of fti0 says.
struct Vxlan {
  std::string source;            ///< an address as it was written; "": none
  std::string source_interface;  ///< whose first address it is instead
  std::string destination;
  std::string source_mac, destination_mac;  ///< as written; "": the usual ones
  std::optional<uint32_t> vni;
  std::optional<uint32_t> first_port, last_port;  ///< that flows are spread over
  std::optional<uint32_t> udp_port;               ///< destination-udp-port
  bool ethernet = false;                          ///< tunnel-endpoint vxlan

  uint32_t port() const { return udp_port.value_or(ethernet ? 4789 : 4790); }
};

/// The same with both ends found: a tunnel that can be.
struct VxlanEnds {
  std::string local, remote;                ///< octets of addresses
  std::string source_mac, destination_mac;  ///< 6 octets, or none
  uint32_t vni = 0;
  uint32_t port = 0;
  uint32_t first_port = 0, last_port = 0;  ///< 0: any
  bool ethernet = false;
  bool operator==(const VxlanEnds&) const = default;
};

std::optional<Vxlan> read_vxlan(const configdb::View& unit);

struct Physical;  // config.h
using Configuration = std::map<std::string, Physical, std::less<>>;

/// Nothing if an end or the network identifier is missing.
std::optional<VxlanEnds> vxlan_ends(const Vxlan& vxlan, const Configuration& configuration);

/// Octets of an address as it was written; "" if it is none.
std::string octets_of(const std::string& text);

/// Why VXLAN cannot have its end there; "": it can.
std::string refuse_host(const std::string& octets);

/// Where ESP in UDP is received beyond the ports of IKE: address and port, and which gateway's that
/// is. What arrives there must be either VXLAN or ESP.
using EspPorts = std::map<std::pair<std::string, uint32_t>, std::string>;
EspPorts read_esp_ports(const configdb::View& root, const Configuration& configuration);
/// Why VXLAN cannot be received at that address and port; "": it can.
std::string taken_by_esp(const EspPorts& esp, const std::string& local, uint32_t port);

/// Tunnels that cannot be, also because of each other.
void check_vxlan(const Configuration& configuration, const EspPorts& esp,
                 configdb::Problems& problems);

}  // namespace nezu::interfaces
