#include "services/interfaces/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "chassis/interface_table.h"
#include "services/interfaces/bridge.h"

namespace nezu::interfaces {
namespace {

using chassis::Chassis;
using chassis::PortName;
using configdb::Problems;
using configdb::View;

constexpr uint32_t kLastUnit = 16385;
constexpr uint32_t kLastTunnelUnit = 16384;
constexpr size_t kMostOverlaps = 100;  // warnings: a page of them says it all
constexpr uint32_t kLeastInet6Mtu = 1280;

bool inline_services(const View& root, const PortName& name) {
  const View pic =
      root["chassis"].entry("fpc", std::to_string(name.fpc)).entry("pic", std::to_string(name.pic));
  return static_cast<bool>(pic["inline-services"]);
}

std::string no_inline_services(const PortName& name) {
  return fmt::format("inline-services is not configured on FPC {} PIC {}", name.fpc, name.pic);
}

// Whether the machine can have this service interface, with inline services on.
bool possible_service(const Chassis& chassis, const PortName& name) {
  const chassis::PicModel* pic = chassis.pic(name.fpc, name.pic);
  return name.media == "si" && pic && name.port < pic->service_interfaces;
}

// Why there is no such port; "" if there is one. As the configuration at hand says, which is not
// in force yet.
std::string port_lacks(const View& root, const Chassis& chassis, const PortName& name) {
  const auto& model = chassis.model();
  if (!chassis.has_fpc(name.fpc))
    return fmt::format("there is no FPC {} in this chassis ({})", name.fpc, model.name);
  const chassis::PicModel* pic = chassis.pic(name.fpc, name.pic);
  if (!pic)
    return fmt::format("FPC {} of this chassis ({}) has no PIC {}", name.fpc, model.name, name.pic);
  if (name.media == "si" && pic->service_interfaces > 0)
    return fmt::format("FPC {} PIC {} has service interfaces 0 to {} only", name.fpc, name.pic,
                       pic->service_interfaces - 1);
  if (name.media != pic->media)
    return fmt::format("the ports of FPC {} PIC {} are {}-", name.fpc, name.pic, pic->media);
  if (name.port >= pic->ports)
    return fmt::format("FPC {} PIC {} has no port {}", name.fpc, name.pic, name.port);
  const View view =
      root["chassis"].entry("fpc", std::to_string(name.fpc)).entry("pic", std::to_string(name.pic));
  if (const View number = view["number-of-ports"]; number && name.port >= number.number())
    return fmt::format("number-of-ports of FPC {} PIC {} is {}", name.fpc, name.pic,
                       number.number());
  if (view.entry("port", std::to_string(name.port))["unused"])
    return fmt::format("port {} of FPC {} PIC {} is configured as unused", name.port, name.fpc,
                       name.pic);
  return "";
}

// One interface with its problems.
class InterfaceCheck {
 public:
  InterfaceCheck(const std::string& name, const Physical& physical, Problems& problems)
      : name_(name), physical_(physical), problems_(problems) {}

  void run(const View& root, const Chassis& chassis) {
    if (name_ == "fxp0") return check_management();
    if (!exists(root, chassis)) return;
    if (name_ == "lo0" && physical_.mtu) warn_loopback_mtu();
    check_encapsulation({"interfaces", name_}, physical_.encapsulation,
                        {"ethernet", "ethernet-bridge", "flexible-ethernet-services"});
    for (const auto& [number, unit] : physical_.units) {
      check_encapsulation({"interfaces", name_, "unit", std::to_string(number)}, unit.encapsulation,
                          {"vlan-bridge"});
      check_unit(number, unit);
    }
  }

 private:
  void check_encapsulation(std::vector<std::string> path, const std::string& value,
                           const std::set<std::string>& known) {
    if (value.empty() || (ethernet_ && known.contains(value))) return;
    problems_.push_back({std::move(path), "encapsulation " + value,
                         "statement is accepted but has no effect", true});
  }

  bool exists(const View& root, const Chassis& chassis) {
    if (name_ == "st0" || name_ == "lo0" || name_ == "fti0") return true;
    const auto port = PortName::parse(name_);
    if (port && port_lacks(root, chassis, *port).empty()) return ethernet_ = true;
    if (port && possible_service(chassis, *port)) {
      service_ = true;
      if (inline_services(root, *port)) return true;
      return report({"interfaces"}, name_, no_inline_services(*port));
    }
    // As on the real machine: the card may come later. Until then there is no such interface.
    const std::string lacks =
        port ? port_lacks(root, chassis, *port)
             : fmt::format("no such interface in this chassis ({})", chassis.model().name);
    problems_.push_back({{"interfaces"}, name_, lacks + "; the interface does not come up", true});
    return false;
  }

  void check_management() {
    ethernet_ = true;
    for (const auto& [number, unit] : physical_.units) check_unit(number, unit);
    problems_.push_back(
        {{"interfaces"}, name_, "no lab wires the management port; its link is down", true});
  }

  void warn_loopback_mtu() {
    problems_.push_back({{"interfaces", name_},
                         fmt::format("mtu {}", physical_.mtu),
                         "statement is accepted but has no effect",
                         true});
  }

  void check_unit(uint32_t number, const Unit& unit) {
    check_number(number);
    check_vlan(number, unit);
    if (!unit.service_domain.empty() && !service_)
      report({"interfaces", name_, "unit", std::to_string(number)},
             "service-domain " + unit.service_domain,
             "service-domain is for service interfaces only");
    if (unit.inet) check_family(number, "inet", *unit.inet);
    if (unit.inet6) check_family(number, "inet6", *unit.inet6);
    check_inet6_mtu(number, unit);
    if (name_ == "fti0" && !unit.vxlan)
      problems_.push_back({{"interfaces", name_},
                           fmt::format("unit {}", number),
                           "has no 'tunnel encapsulation vxlan-gpe'; the unit does not come up",
                           true});
  }

  void check_number(uint32_t number) {
    const std::string statement = fmt::format("unit {}", number);
    if (ethernet_ && !physical_.tagged && number != 0)
      report({"interfaces", name_}, statement, "Only unit 0 is valid for this encapsulation");
    else if (name_ == "lo0" && number != 0)
      report({"interfaces", name_}, statement,
             "Only one loopback unit is valid in a routing instance");
    else if (number > (name_ == "st0" ? kLastTunnelUnit : kLastUnit))
      report({"interfaces", name_}, statement,
             fmt::format("unit number is not within range (0..{})",
                         name_ == "st0" ? kLastTunnelUnit : kLastUnit));
  }

  void check_vlan(uint32_t number, const Unit& unit) {
    const std::vector<std::string> path = {"interfaces", name_};
    if (!unit.vlan) {
      if (ethernet_ && physical_.tagged)
        report(path, fmt::format("unit {}", number),
               "VLAN-ID must be specified on tagged ethernet interfaces");
      return;
    }
    const std::vector<std::string> below = {"interfaces", name_, "unit", std::to_string(number)};
    const std::string statement = fmt::format("vlan-id {}", *unit.vlan);
    if (!ethernet_ || !physical_.tagged)
      report(below, statement, "VLAN-ID can only be specified on tagged ethernet interfaces");
    else if (*unit.vlan == 0)
      report(below, statement, "VLAN-ID 0 is a priority tag and cannot be a logical interface's");
    else if (const auto [twin, added] = vlans_.emplace(*unit.vlan, number); !added)
      report(below, statement,
             fmt::format("VLAN-ID {} is unit {}'s already", *unit.vlan, twin->second));
  }

  void check_family(uint32_t number, const std::string& family, const Family& values) {
    const std::vector<std::string> path = {"interfaces",           name_,    "unit",
                                           std::to_string(number), "family", family};
    const uint32_t media = ethernet_mtu(physical_);
    if (ethernet_ && values.mtu > media - link_header(physical_))
      report(path, fmt::format("mtu {}", values.mtu),
             fmt::format("protocol MTU does not fit in the interface's MTU of {}", media));
    for (const Address& address : values.addresses) check_address(path, address);
  }

  // The families of a unit share one device, so the smallest MTU is everyone's.
  void check_inet6_mtu(uint32_t number, const Unit& unit) {
    if (name_ == "lo0" || !unit.inet6) return;
    const uint32_t header = ethernet_ ? link_header(physical_) : 0;
    if (physical_.mtu && physical_.mtu < kLeastInet6Mtu + header)
      report({"interfaces", name_}, fmt::format("mtu {}", physical_.mtu),
             fmt::format("family inet6 needs an MTU of at least {}", kLeastInet6Mtu + header));
    for (const auto& [name, family] : {std::make_pair("inet", &unit.inet), {"inet6", &unit.inet6}})
      if (*family && (*family)->mtu && (*family)->mtu < kLeastInet6Mtu)
        report({"interfaces", name_, "unit", std::to_string(number), "family", name},
               fmt::format("mtu {}", (*family)->mtu),
               fmt::format("family inet6 needs an MTU of at least {}", kLeastInet6Mtu));
  }

  void check_address(const std::vector<std::string>& path, const Address& address) {
    const std::string refusal = address.is_inet6() ? refuse6(address) : refuse4(address);
    if (!refusal.empty()) report(path, "address " + address.text(), refusal);
  }

  std::string refuse4(const Address& address) const {
    const auto first = static_cast<uint8_t>(address.octets[0]);
    if (first == 0) return "address in network 0 cannot be assigned to an interface";
    if (first == 127) return "loopback address cannot be assigned to an interface";
    if (first >= 224 && first < 240) return "multicast address cannot be assigned to an interface";
    if (first >= 240) return "reserved address cannot be assigned to an interface";
    if (name_ == "lo0" && address.length != 32) return "";
    if (address.length > 30) return "";
    if (address.network() == address.octets) return "Cannot assign network address to an interface";
    std::string last = address.network();
    for (size_t bit = address.length; bit < 32; ++bit)
      last[bit / 8] = static_cast<char>(last[bit / 8] | 0x80 >> bit % 8);
    return last == address.octets ? "Cannot assign broadcast address to an interface" : "";
  }

  static std::string refuse6(const Address& address) {
    static const std::string kUnspecified(16, '\0');
    static const std::string kLoopback = std::string(15, '\0') + '\1';
    if (address.octets == kUnspecified) return "unspecified address cannot be assigned";
    if (address.octets == kLoopback) return "loopback address cannot be assigned";
    if (static_cast<uint8_t>(address.octets[0]) == 0xff)
      return "multicast address cannot be assigned to an interface";
    return "";
  }

  bool report(std::vector<std::string> path, std::string statement, std::string message) {
    problems_.push_back({std::move(path), std::move(statement), std::move(message), false});
    return false;
  }

  const std::string& name_;
  const Physical& physical_;
  Problems& problems_;
  bool ethernet_ = false;
  bool service_ = false;
  std::map<uint32_t, uint32_t> vlans_;  ///< VLAN → unit
};

// An address with where it stands, for comparing each with each.
struct Placed {
  Address address;
  std::string interface;
  uint32_t unit;

  std::string logical() const { return fmt::format("{}.{}", interface, unit); }
  std::vector<std::string> path() const {
    return {"interfaces",         interface, "unit",
            std::to_string(unit), "family",  address.is_inet6() ? "inet6" : "inet"};
  }
};

void collect(const std::string& name, const Physical& physical, std::vector<Placed>& all) {
  for (const auto& [number, unit] : physical.units)
    for (const auto* family : {&unit.inet, &unit.inet6})
      if (*family)
        for (const Address& address : (*family)->addresses) all.push_back({address, name, number});
}

void check_pair(const Placed& one, const Placed& other, Problems& problems) {
  const std::string family = one.address.is_inet6() ? "inet6" : "inet";
  if (one.address.octets == other.address.octets)
    problems.push_back(
        {other.path(), "address " + other.address.text(),
         fmt::format("identical local address found on rt_inst [default], intfs [{} and {}], "
                     "family [{}]",
                     one.logical(), other.logical(), family),
         false});
  else if (one.logical() != other.logical())
    problems.push_back(
        {other.path(), "address " + other.address.text(),
         fmt::format("network overlaps {} of {}", one.address.network_text(), one.logical()),
         true});
}

// Sorted by address, a network comes after those it lies in; the nearest of them is told, and the
// nearest that has the very address.
void check_overlaps(std::vector<Placed> all, Problems& problems) {
  std::stable_sort(all.begin(), all.end(), [](const Placed& one, const Placed& other) {
    const auto key = [](const Placed& placed) {
      return std::make_tuple(placed.address.octets.size(), placed.address.network(),
                             placed.address.length);
    };
    return key(one) < key(other);
  });
  std::map<std::string, const Placed*> same;  // by octets, the last
  std::vector<const Placed*> around;          // what the address at hand lies in, widest first
  size_t warnings = 0;
  for (const Placed& placed : all) {
    if (placed.address.octets.starts_with("\xfe\x80")) continue;
    while (!around.empty() && !overlap(around.back()->address, placed.address)) around.pop_back();
    const Placed*& twin = same[placed.address.octets];
    if (twin)
      check_pair(*twin, placed, problems);
    else if (!around.empty() && around.back()->logical() != placed.logical() &&
             warnings++ < kMostOverlaps)
      check_pair(*around.back(), placed, problems);
    twin = &placed;
    around.push_back(&placed);
  }
}

void check_service_sets(const View& root, const Chassis& chassis, Problems& problems) {
  for (const View& set : root["services"].entries("service-set"))
    for (const char* side : {"inside-service-interface", "outside-service-interface"}) {
      const std::string name = set["next-hop-service"][side].value();
      if (name.empty()) continue;
      const auto port = PortName::parse(chassis::physical_name(name));
      const std::vector<std::string> path = {"services", "service-set", std::string(set.key()),
                                             "next-hop-service"};
      const std::string statement = fmt::format("{} {}", side, name);
      if (!port || !possible_service(chassis, *port))
        problems.push_back({path, statement, "not a service interface of this chassis", false});
      else if (!inline_services(root, *port))
        problems.push_back({path, statement, no_inline_services(*port), false});
    }
}

// The routes of selectors and those that a protocol learns would be of the same interface.
void check_protocols(const View& root, Problems& problems) {
  std::set<std::string> selective;  // st0 units
  for (const View& vpn : root["security"]["ipsec"].entries("vpn"))
    if (!vpn.entries("traffic-selector").empty()) selective.emplace(vpn["bind-interface"].value());
  if (selective.empty()) return;
  for (const char* protocol : {"ospf", "ospf3"})
    for (const View& area : root["protocols"][protocol].entries("area"))
      for (const View& interface : area.entries("interface"))
        if (selective.contains(std::string(interface.key())))
          problems.push_back({{"protocols", protocol, "area", std::string(area.key())},
                              fmt::format("interface {}", interface.key()),
                              "its VPN has traffic selectors, whose routes come by themselves: a "
                              "routing protocol is not supported beside them",
                              true});
}

}  // namespace

std::vector<std::string> claims() {
  return {"interfaces", "bridge-domains", "switch-options"};
}

Problems check_interfaces(const View& root, const Chassis& chassis) {
  Problems problems;
  std::vector<Placed> addresses;
  const Configuration all = read(root);
  for (const auto& [name, physical] : all) {
    InterfaceCheck(name, physical, problems).run(root, chassis);
    collect(name, physical, addresses);
  }
  check_overlaps(std::move(addresses), problems);
  const EspPorts esp = read_esp_ports(root, all);
  check_vxlan(all, esp, problems);
  check_switching(read_switching(root), all, esp, problems);
  check_service_sets(root, chassis, problems);
  check_protocols(root, problems);
  return problems;
}

}  // namespace nezu::interfaces
