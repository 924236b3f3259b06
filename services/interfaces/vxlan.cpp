#include "services/interfaces/vxlan.h"

#include <fmt/format.h>

#include <cstdio>
#include <tuple>

#include "services/interfaces/config.h"

namespace nezu::interfaces {
namespace {

using configdb::Problems;
using configdb::View;

constexpr uint32_t kIkePort = 500;
constexpr uint32_t kIkeNatPort = 4500;

std::optional<uint32_t> number(const View& leaf) {
  if (!leaf) return {};
  return static_cast<uint32_t>(leaf.number());
}

std::string mac_octets(const std::string& text) {
  unsigned o[6];
  if (std::sscanf(text.c_str(), "%x:%x:%x:%x:%x:%x", &o[0], &o[1], &o[2], &o[3], &o[4], &o[5]) != 6)
    return "";
  std::string octets;
  for (const unsigned octet : o) octets += static_cast<char>(octet);
  return octets;
}

std::string local_octets(const Vxlan& vxlan, const Configuration& configuration) {
  return vxlan.source_interface.empty() ? octets_of(vxlan.source)
                                        : first_address(configuration, vxlan.source_interface);
}

// Of ESP of a VPN: its own, or its gateway's; 0 if it is one of IKE.
uint32_t esp_port(const View& ike, const View& gateway, const View& vpn) {
  if (const View own = vpn["udp-encapsulate"])
    return static_cast<uint32_t>(own["dest-port"].number());
  if (!gateway["packet-encapsulation"]["use-global-dest-port"]) return 0;
  return number(ike["packet-encapsulation"]["dest-port"]).value_or(0);
}

// The first IPv4 address of the interface, unless the gateway is one of IPv6.
std::string local_of(const View& gateway, const Configuration& configuration) {
  if (const View address = gateway["local-address"]) return octets_of(address.value());
  const auto remotes = gateway.values("address");
  if (remotes.empty() || octets_of(remotes.front()).size() != 4) return "";
  return first_address(configuration, gateway["external-interface"].value());
}

bool is_own(const Configuration& configuration, const std::string& octets) {
  for (const auto& [name, physical] : configuration)
    for (const auto& [unit_number, unit] : physical.units)
      for (const Address& address : unit.inet ? unit.inet->addresses : std::vector<Address>())
        if (address.octets == octets) return true;
  return false;
}

// All tunnels of a configuration, one after the other.
class VxlanCheck {
 public:
  VxlanCheck(const Configuration& configuration, const EspPorts& esp, Problems& problems)
      : configuration_(configuration), esp_(esp), problems_(problems) {}

  void check(const std::string& physical, uint32_t unit, const Vxlan& vxlan) {
    path_ = {"interfaces", physical, "unit", std::to_string(unit), "tunnel", "encapsulation"};
    if (physical != "fti0")
      return report("vxlan-gpe", "is for units of the flexible tunnel interface fti0 only");
    check_missing(vxlan);
    path_.push_back("vxlan-gpe");
    check_source(vxlan);
    check_destination(vxlan);
    check_ports(vxlan);
    check_twin(unit, vxlan);
  }

 private:
  void check_missing(const Vxlan& vxlan) {
    const auto missing = [this](const char* what) {
      report("vxlan-gpe", fmt::format("Missing mandatory statement: '{}'", what));
    };
    if (vxlan.source.empty() && vxlan.source_interface.empty()) missing("source");
    if (vxlan.destination.empty()) missing("destination address");
    if (!vxlan.vni) missing("vni");
  }

  void check_source(const Vxlan& vxlan) {
    const bool by_name = !vxlan.source_interface.empty();
    const std::string statement =
        by_name ? "source interface " + vxlan.source_interface : "source address " + vxlan.source;
    const std::string local = local_octets(vxlan, configuration_);
    if (by_name && local.empty())
      return report(statement, "the interface has no family inet address");
    if (local.empty()) return;
    if (const std::string why = refuse_host(local); !why.empty()) return report(statement, why);
    if (!is_own(configuration_, local))
      warn(statement, "no interface has this address: what the other end sends does not arrive");
  }

  void check_destination(const Vxlan& vxlan) {
    const std::string remote = octets_of(vxlan.destination);
    if (remote.empty()) return;
    const std::string statement = "destination address " + vxlan.destination;
    if (const std::string why = refuse_host(remote); !why.empty()) return report(statement, why);
    if (is_own(configuration_, remote) || remote == local_octets(vxlan, configuration_))
      report(statement, "is an address of this router");
  }

  void check_ports(const Vxlan& vxlan) {
    if (vxlan.udp_port == kIkePort || vxlan.udp_port == kIkeNatPort)
      report(fmt::format("destination-udp-port {}", *vxlan.udp_port), "is a port of IKE");
    const std::string local = local_octets(vxlan, configuration_);
    if (const std::string whose = taken_by_esp(esp_, local, vxlan.port()); !whose.empty())
      report(fmt::format("destination-udp-port {}", vxlan.port()), whose);
    if (vxlan.first_port.has_value() != vxlan.last_port.has_value())
      report("source-udp-port-range", "needs both min and max");
    else if (vxlan.first_port && *vxlan.first_port > *vxlan.last_port)
      report("source-udp-port-range",
             fmt::format("min {} is above max {}", *vxlan.first_port, *vxlan.last_port));
  }

  // What arrives is told apart by these.
  void check_twin(uint32_t unit, const Vxlan& vxlan) {
    const std::string local = local_octets(vxlan, configuration_);
    if (local.empty() || vxlan.destination.empty() || !vxlan.vni) return;
    const auto key = std::make_tuple(local, octets_of(vxlan.destination), vxlan.port(), *vxlan.vni);
    const auto [twin, added] = seen_.emplace(key, unit);
    if (!added)
      report(fmt::format("vni {}", *vxlan.vni),
             fmt::format("unit {} has the same ends, UDP port and VNI", twin->second));
  }

  void report(std::string statement, std::string message) {
    problems_.push_back({path_, std::move(statement), std::move(message), false});
  }
  void warn(std::string statement, std::string message) {
    problems_.push_back({path_, std::move(statement), std::move(message), true});
  }

  const Configuration& configuration_;
  const EspPorts& esp_;
  Problems& problems_;
  std::vector<std::string> path_;
  std::map<std::tuple<std::string, std::string, uint32_t, uint32_t>, uint32_t> seen_;
};

}  // namespace

std::optional<Vxlan> read_vxlan(const View& unit) {
  const View view = unit["tunnel"]["encapsulation"]["vxlan-gpe"];
  if (!view) return {};
  Vxlan vxlan;
  vxlan.source = view["source"]["address"].value();
  vxlan.source_interface = view["source"]["interface"].value();
  vxlan.source_mac = view["source"]["mac-address"].value();
  vxlan.destination = view["destination"]["address"].value();
  vxlan.destination_mac = view["destination"]["mac-address"].value();
  vxlan.vni = number(view["vni"]);
  vxlan.first_port = number(view["source-udp-port-range"]["min"]);
  vxlan.last_port = number(view["source-udp-port-range"]["max"]);
  vxlan.udp_port = number(view["destination-udp-port"]);
  vxlan.ethernet = view["tunnel-endpoint"].value() == "vxlan";
  return vxlan;
}

std::optional<VxlanEnds> vxlan_ends(const Vxlan& vxlan, const Configuration& configuration) {
  VxlanEnds ends;
  ends.local = local_octets(vxlan, configuration);
  ends.remote = octets_of(vxlan.destination);
  if (ends.local.empty() || ends.remote.empty() || !vxlan.vni) return {};
  ends.source_mac = mac_octets(vxlan.source_mac);
  ends.destination_mac = mac_octets(vxlan.destination_mac);
  ends.vni = *vxlan.vni;
  ends.port = vxlan.port();
  ends.first_port = vxlan.first_port.value_or(0);
  ends.last_port = vxlan.last_port.value_or(0);
  ends.ethernet = vxlan.ethernet;
  return ends;
}

std::string octets_of(const std::string& text) {
  const auto address = Address::parse(text);
  return address ? address->octets : "";
}

std::string refuse_host(const std::string& octets) {
  const auto first = octets.empty() ? 0 : static_cast<uint8_t>(octets[0]);
  if (first == 0 || first == 127 || first >= 224) return "must be the address of one host";
  return "";
}

EspPorts read_esp_ports(const View& root, const Configuration& configuration) {
  EspPorts ports;
  const View ike = root["security"]["ike"];
  for (const View& vpn : root["security"]["ipsec"].entries("vpn")) {
    const View gateway = ike.entry("gateway", vpn["ike"]["gateway"].value());
    if (const uint32_t port = esp_port(ike, gateway, vpn))
      ports.emplace(std::pair(local_of(gateway, configuration), port), gateway.key());
  }
  return ports;
}

std::string taken_by_esp(const EspPorts& esp, const std::string& local, uint32_t port) {
  const auto found = local.empty() ? esp.end() : esp.find({local, port});
  if (found == esp.end()) return "";
  return fmt::format("UDP port {} at this address is that of ESP of IKE gateway {}", port,
                     found->second);
}

void check_vxlan(const Configuration& configuration, const EspPorts& esp, Problems& problems) {
  VxlanCheck check(configuration, esp, problems);
  for (const auto& [name, physical] : configuration)
    for (const auto& [number, unit] : physical.units)
      if (unit.vxlan) check.check(name, number, *unit.vxlan);
}

}  // namespace nezu::interfaces
