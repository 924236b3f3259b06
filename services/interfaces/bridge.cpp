#include "services/interfaces/bridge.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "pfe-model/limits.h"

namespace nezu::interfaces {
namespace {

using configdb::Problems;
using configdb::View;

constexpr uint32_t kPort = 4789;

std::string with_unit(std::string name) {
  return name.empty() || name.find('.') != name.npos ? name : name + ".0";
}

BridgeDomain read_domain(const View& view) {
  BridgeDomain domain;
  if (const View vlan = view["vlan-id"]) domain.vlan = static_cast<uint32_t>(vlan.number());
  std::set<std::string> known;
  for (const View& interface : view.entries("interface")) {
    const std::string name = with_unit(std::string(interface.key()));
    (known.insert(name).second ? domain.interfaces : domain.repeated).push_back(name);
  }
  const View options = view["bridge-options"];
  if (const View size = options["mac-table-size"])
    domain.stations = static_cast<uint32_t>(size.number());
  if (const View time = options["mac-table-aging-time"])
    domain.ageing = static_cast<uint32_t>(time.number());
  const View vxlan = view["vxlan"];
  domain.vxlan = static_cast<bool>(vxlan);
  if (const View vni = vxlan["vni"]) domain.vni = static_cast<uint32_t>(vni.number());
  domain.replication = static_cast<bool>(vxlan["ingress-node-replication"]);
  domain.remotes = vxlan.values("static-remote-vtep-list");
  return domain;
}

// Of a domain: those it names, or all.
const std::vector<std::string>& remotes_of(const Switching& switching, const BridgeDomain& domain) {
  return domain.remotes.empty() ? switching.remotes : domain.remotes;
}

class SwitchingCheck {
 public:
  SwitchingCheck(const Switching& switching, const Configuration& configuration,
                 const EspPorts& esp, Problems& problems)
      : switching_(switching), configuration_(configuration), esp_(esp), problems_(problems) {}

  void run() {
    check_source();
    check_remotes();
    for (const auto& [name, domain] : switching_.domains) {
      path_ = {"bridge-domains", name};
      check_members(domain);
      for (const std::string& interface : domain.interfaces) check_interface(name, interface);
      if (!domain.vxlan) continue;
      path_.push_back("vxlan");
      check_vxlan(name, domain);
    }
  }

 private:
  void check_source() {
    path_ = {"switch-options"};
    const std::string& name = switching_.source_interface;
    if (name.empty()) return;
    const std::string statement = "vtep-source-interface " + name;
    const std::string address = vtep_address(switching_, configuration_);
    if (address.empty()) return report(statement, "the interface has no family inet address");
    if (const std::string whose = taken_by_esp(esp_, address, kPort); !whose.empty())
      report(statement, whose);
  }

  void check_remotes() {
    for (const std::string& remote : switching_.remotes) {
      const std::string statement = "remote-vtep-list " + remote;
      const std::string octets = octets_of(remote);
      if (const std::string why = refuse_host(octets); !why.empty())
        report(statement, why);
      else if (octets == vtep_address(switching_, configuration_))
        report(statement, "is the address of this router's own endpoint");
    }
  }

  void check_members(const BridgeDomain& domain) {
    for (const std::string& name : domain.repeated)
      report("interface " + name, "is named twice: without a unit it is unit 0");
    const size_t remotes = domain.vni ? remotes_of(switching_, domain).size() : 0;
    const size_t members = domain.interfaces.size() + remotes;
    if (members > pfe::kMaxMembers)
      report(domain.interfaces.empty() ? "vxlan" : "interface",
             fmt::format("{} interfaces and {} endpoints: {} are possible",
                         domain.interfaces.size(), remotes, pfe::kMaxMembers));
  }

  void check_interface(const std::string& domain, const std::string& name) {
    const std::string statement = "interface " + name;
    const auto [other, added] = taken_.emplace(name, domain);
    if (!added && other->second != domain)
      return report(statement, fmt::format("is in bridge domain {} already", other->second));
    const Unit* unit = find_unit(configuration_, name);
    if (!unit) return report(statement, "the interface is not defined");
    const Physical& physical = configuration_.find(name.substr(0, name.find('.')))->second;
    const bool bridged = physical.tagged ? unit->encapsulation == "vlan-bridge"
                                         : physical.encapsulation == "ethernet-bridge";
    if (!bridged)
      return report(statement, physical.tagged
                                   ? "the unit needs 'encapsulation vlan-bridge'"
                                   : "the interface needs 'encapsulation ethernet-bridge'");
    if (unit->inet || unit->inet6)
      report(statement, "family inet and inet6 cannot be on an interface of a bridge domain");
  }

  void check_vxlan(const std::string& name, const BridgeDomain& domain) {
    if (!domain.vni) return report("vxlan", "Missing mandatory statement: 'vni'");
    const std::string statement = fmt::format("vni {}", *domain.vni);
    const auto [twin, added] = networks_.emplace(*domain.vni, name);
    if (!added) report(statement, fmt::format("is that of bridge domain {}", twin->second));
    if (switching_.source_interface.empty())
      report(statement, "needs 'switch-options vtep-source-interface'");
    if (!domain.replication)
      report(statement, "needs 'ingress-node-replication': there are no multicast groups");
    for (const std::string& remote : domain.remotes)
      if (std::find(switching_.remotes.begin(), switching_.remotes.end(), remote) ==
          switching_.remotes.end())
        report("static-remote-vtep-list " + remote, "is not in 'switch-options remote-vtep-list'");
    if (remotes_of(switching_, domain).empty())
      problems_.push_back(
          {path_, statement, "there is no other endpoint: see remote-vtep-list", true});
    check_tunnels(statement, domain);
  }

  // What arrives must be either the domain's or the unit's.
  void check_tunnels(const std::string& statement, const BridgeDomain& domain) {
    const auto fti = configuration_.find("fti0");
    if (fti == configuration_.end()) return;
    for (const auto& [number, unit] : fti->second.units) {
      const auto ends = unit.vxlan ? vxlan_ends(*unit.vxlan, configuration_) : std::nullopt;
      if (!ends || ends->port != kPort || ends->vni != *domain.vni) continue;
      if (ends->local == vtep_address(switching_, configuration_))
        report(statement, fmt::format("is that of fti0.{} at the same address and port", number));
    }
  }

  void report(std::string statement, std::string message) {
    problems_.push_back({path_, std::move(statement), std::move(message), false});
  }

  const Switching& switching_;
  const Configuration& configuration_;
  const EspPorts& esp_;
  Problems& problems_;
  std::vector<std::string> path_;
  std::map<std::string, std::string> taken_;  // interface → domain
  std::map<uint32_t, std::string> networks_;  // VNI → domain
};

}  // namespace

Switching read_switching(const View& root) {
  Switching switching;
  for (const View& domain : root["bridge-domains"].entries("domain"))
    switching.domains.emplace(domain.key(), read_domain(domain));
  const View options = root["switch-options"];
  switching.source_interface = with_unit(std::string(options["vtep-source-interface"].value()));
  switching.remotes = options.values("remote-vtep-list");
  return switching;
}

std::string vtep_name(size_t position) {
  return fmt::format("vtep.{}", kFirstVtep + position);
}

std::string vtep_address(const Switching& switching, const Configuration& configuration) {
  return first_address(configuration, switching.source_interface);
}

void plan_bridges(const Switching& switching, const Configuration& configuration,
                  const chassis::Chassis& chassis, Plan& plan) {
  for (const auto& [name, domain] : switching.domains)
    for (const std::string& interface : domain.interfaces)
      if (const auto found = plan.find(interface);
          found != plan.end() && found->second.kind == Kind::kEthernet) {
        found->second.bridged = true;
        found->second.addresses.clear();
      }
  Logical vtep;
  vtep.kind = Kind::kVtep;
  vtep.mtu = kTunnelMtu;
  vtep.vxlan.local = vtep_address(switching, configuration);
  vtep.vxlan.port = kPort;
  if (vtep.vxlan.local.empty()) return;
  plan.emplace(vtep_name(0), vtep);
  vtep.pfe = any_pfe(chassis);
  for (size_t i = 0; i < switching.remotes.size(); ++i) {
    const auto remote = Address::parse(switching.remotes[i]);
    if (!remote || remote->octets == vtep.vxlan.local) continue;
    vtep.vxlan.remote = remote->octets;
    plan.emplace(vtep_name(i + 1), vtep);
  }
}

std::vector<std::string> members(const Switching& switching, const BridgeDomain& domain,
                                 const Plan& plan) {
  std::vector<std::string> names;
  for (const std::string& name : domain.interfaces)
    if (const auto found = plan.find(name); found != plan.end() && found->second.bridged)
      names.push_back(name);
  if (!domain.vni) return names;
  const auto& remotes = remotes_of(switching, domain);
  for (size_t i = 0; i < switching.remotes.size(); ++i)
    if (plan.contains(vtep_name(i + 1)) &&
        std::find(remotes.begin(), remotes.end(), switching.remotes[i]) != remotes.end())
      names.push_back(vtep_name(i + 1));
  return names;
}

// From the name (FNV-1a); two of one number are told apart in order.
std::map<uint32_t, std::string> bridge_numbers(const Switching& switching) {
  std::map<uint32_t, std::string> numbers;
  for (const auto& [name, domain] : switching.domains) {
    uint32_t number = 2166136261u;
    for (const char letter : name) number = (number ^ static_cast<uint8_t>(letter)) * 16777619u;
    while (number == 0 || numbers.contains(number)) ++number;
    numbers.emplace(number, name);
  }
  return numbers;
}

void check_switching(const Switching& switching, const Configuration& configuration,
                     const EspPorts& esp, Problems& problems) {
  SwitchingCheck(switching, configuration, esp, problems).run();
}

}  // namespace nezu::interfaces
