#pragma once
#include <map>
#include <set>
#include <string>

#include "chassis/chassis.h"
#include "chassis/interface_table.h"
#include "chassis/mac.h"
#include "services/interfaces/config.h"

/// From configuration and machine to the logical interfaces that are to exist. Pure.
namespace nezu::interfaces {

/// kManagement: the Routing Engine's own port, which no forwarding engine knows.
/// kVxlan: a unit of the flexible tunnel interface. kVtep: a VXLAN endpoint of bridge domains.
enum class Kind { kEthernet, kTunnel, kService, kLoopback, kManagement, kVxlan, kVtep };

using chassis::Mac;

/// Of a tunnel whose anchor is not there: no forwarding engine takes what it has to send.
constexpr uint32_t kNoPfe = ~0u;

/// The MAC of a port: the machine's base address and the port's number in it.
Mac mac_of(const Mac& base, uint32_t port_number);

/// The link-local address that a MAC makes (RFC 4291 appendix A).
Address link_local(const Mac& mac);

/// A logical interface as it is to be.
struct Logical {
  Kind kind = Kind::kEthernet;
  chassis::PortName place;  ///< kEthernet, kService
  uint32_t pfe = kNoPfe;    ///< but for kEthernet: where it is anchored
  bool enabled = true;      ///< not disabled, and its FPC online
  uint32_t mtu = 0;         ///< of the IP packet, the smaller of the families'
  bool inet = false;
  bool inet6 = false;
  Mac mac{};                    ///< kEthernet, kManagement
  uint32_t vlan = 0;            ///< kEthernet: the tag of its frames; 0: none
  std::set<Address> addresses;  ///< with the link-local one
  VxlanEnds vxlan;              ///< kVxlan and kVtep, where they have an anchor
  bool bridged = false;         ///< kEthernet: its frames are those of a bridge domain
  /// Whether it has a TAP or TUN: a unit of a service card without addresses needs none, and lo0
  /// is the kernel's own. What is bridged is none of the kernel's.
  bool has_device() const {
    if (kind == Kind::kVtep || bridged) return false;
    return kind == Kind::kService ? !addresses.empty() : kind != Kind::kLoopback;
  }
  bool operator==(const Logical&) const = default;
};

using Plan = std::map<std::string, Logical, std::less<>>;

constexpr uint32_t kEthernetHeader = 14;
constexpr uint32_t kVlanTag = 4;
constexpr uint32_t kDefaultMediaMtu = 1514;

/// Octets of the link layer's header, and the MTU with it.
uint32_t link_header(const Physical& physical);
uint32_t ethernet_mtu(const Physical& physical);

constexpr uint32_t kTunnelMtu = 9192;
constexpr uint32_t kServiceMtu = 9192;
constexpr uint32_t kLoopbackMtu = 65535;

/// The anchor of a tunnel interface is the forwarding engine of the service interface that its
/// VPN's service set names (st0 name → si name).
using TunnelAnchors = std::map<std::string, std::string, std::less<>>;
TunnelAnchors tunnel_anchors(const configdb::View& root);

/// Interfaces whose place is not in the machine are left out.
Plan plan(const Configuration& configuration, const TunnelAnchors& anchors,
          const chassis::Chassis& chassis, const Mac& base);

/// The forwarding engine of the first PIC in service, for what is at home nowhere.
uint32_t any_pfe(const chassis::Chassis& chassis);

/// Position of a port among all ports of the machine, in order.
uint32_t port_number(const chassis::Chassis& chassis, const chassis::PortName& name);

}  // namespace nezu::interfaces
