#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "configdb/tree.h"
#include "services/interfaces/vxlan.h"

/// What the configuration says about interfaces, as plain values.
namespace nezu::interfaces {

struct Address {
  std::string octets;  ///< 4 or 16, network byte order
  uint32_t length = 0;
  bool operator==(const Address&) const = default;
  auto operator<=>(const Address&) const = default;

  /// "1.1.1.1/24"; nothing if it is not an address with an optional length.
  static std::optional<Address> parse(std::string_view text);
  std::string text() const;
  std::string host_text() const;
  /// The first octets of the network, host bits zero.
  std::string network() const;
  std::string network_text() const;
  bool is_loopback() const;  ///< 127.0.0.0/8, ::1
  bool is_inet6() const { return octets.size() == 16; }
};

/// Whether one of the two networks is inside the other.
bool overlap(const Address& one, const Address& other);

struct Family {
  uint32_t mtu = 0;  ///< 0: from the interface
  std::vector<Address> addresses;
};

struct Unit {
  std::string description;
  bool disabled = false;
  std::optional<uint32_t> vlan;  ///< vlan-id
  std::string service_domain;
  std::optional<Family> inet;
  std::optional<Family> inet6;
  std::optional<Vxlan> vxlan;
  std::string encapsulation;
};

struct Physical {
  std::string description;
  bool disabled = false;
  uint32_t mtu = 0;     ///< with the link layer's header; 0: the default
  bool tagged = false;  ///< vlan-tagging or flexible-vlan-tagging
  std::string encapsulation;
  std::map<uint32_t, Unit> units;
};

/// The unit of a logical interface ("lo0.0", or "lo0" for its unit 0); null if it is not
/// configured.
const Unit* find_unit(const Configuration& configuration, const std::string& name);

/// Its first IPv4 address, as octets; "" if it has none.
std::string first_address(const Configuration& configuration, const std::string& name);

/// Reads `interfaces` below the root of an effective tree.
Configuration read(const configdb::View& root);

}  // namespace nezu::interfaces
