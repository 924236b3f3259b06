#include "services/interfaces/show.h"

#include <fmt/format.h>

#include <QTimer>
#include <memory>
#include <optional>

#include "chassis/time_text.h"
#include "pfe-model/api.pb.h"
#include "services/interfaces/layouts.h"
#include "services/interfaces/view.h"

namespace nezu::interfaces {
namespace {

namespace api = pfe::api;
using grammar::Element;
using mgmt::Input;
using ReplyPtr = std::shared_ptr<mgmt::Reply>;

// Rates are measured, over this long.
constexpr auto kSample = std::chrono::milliseconds(250);

struct Traffic {
  uint64_t input_packets = 0, input_bytes = 0, output_packets = 0, output_bytes = 0;
  uint64_t input_drops = 0, output_drops = 0;
};
// By port id and by logical index; empty while the plane is away.
struct Statistics {
  std::chrono::steady_clock::time_point when = std::chrono::steady_clock::now();
  std::map<uint32_t, Traffic> ports, units;
};

template <class Message>
Traffic traffic_of(const Message& message) {
  return {message.input_packets(), message.input_bytes(), message.output_packets(),
          message.output_bytes()};
}

Statistics statistics_of(const api::Statistics* message) {
  Statistics statistics;
  if (!message) return statistics;
  for (const api::PortStatistics& port : message->port()) {
    Traffic& traffic = statistics.ports[port.id()] = traffic_of(port);
    traffic.input_drops = port.input_drops();
    traffic.output_drops = port.output_drops();
  }
  for (const api::InterfaceStatistics& unit : message->interface())
    statistics.units[unit.index()] = traffic_of(unit);
  return statistics;
}

enum class Level { kBrief, kDetail };

const char* encapsulation(Kind kind) {
  switch (kind) {
    case Kind::kEthernet:
    case Kind::kManagement:
    case Kind::kVtep:
      return "ENET2";
    case Kind::kTunnel:
      return "Secure-Tunnel";
    case Kind::kVxlan:
      return "VXLAN-GPEv4";
    case Kind::kService:
      return "Adaptive-Services";
    case Kind::kLoopback:
      return "Unspecified";
  }
  return "";
}

const char* link_type(Kind kind) {
  if (kind == Kind::kVxlan) return "Flexible-tunnel-Interface";
  if (kind == Kind::kVtep) return "VxLAN-Tunnel-Endpoint";
  const bool ethernet = kind == Kind::kEthernet || kind == Kind::kManagement;
  return ethernet ? "Ethernet" : encapsulation(kind);
}

// "1.1.1/24": octets of host bits at the end are left out, as the router does.
std::string destination(const Address& address) {
  if (address.is_inet6()) return address.network_text();
  const std::string network = address.network();
  const uint32_t octets = std::max<uint32_t>(1, (address.length + 7) / 8);
  std::string text;
  for (uint32_t i = 0; i < octets; ++i)
    text += (i ? "." : "") + std::to_string(static_cast<uint8_t>(network[i]));
  return fmt::format("{}/{}", text, address.length);
}

std::string broadcast(const Address& address) {
  Address last = address;
  for (size_t bit = address.length; bit < 32; ++bit)
    last.octets[bit / 8] = static_cast<char>(last.octets[bit / 8] | 0x80 >> bit % 8);
  return last.host_text();
}

// Writes one command's output.
class Writer {
 public:
  Writer(const InterfacesService& service, mgmt::Reply& reply) : service_(service), reply_(reply) {}

  void terse(const std::vector<PhysicalView>& all, bool with_physical) {
    const Element information(reply_, "interface-information");
    for (const PhysicalView& view : all) {
      const Element element(reply_, "physical-interface");
      reply_.leaf("name", view.name);
      if (with_physical) status(view.enabled, view.link);
      for (const auto& [name, unit] : view.units) terse_unit(view, name, *unit);
    }
  }

  void full(const std::vector<PhysicalView>& all, bool with_physical, Level level,
            const Statistics& before, const Statistics& now) {
    level_ = level;
    const Element information(reply_, "interface-information");
    for (const PhysicalView& view : all) {
      const Element element(reply_, "physical-interface");
      reply_.leaf("name", view.name);
      if (with_physical) physical(view, before, now);
      for (const auto& [name, unit] : view.units) full_unit(view, name, *unit, now);
    }
  }

 private:
  void status(bool enabled, bool link) {
    reply_.leaf("admin-status", enabled ? "up" : "down");
    reply_.leaf("oper-status", link ? "up" : "down");
  }

  void terse_unit(const PhysicalView& view, const std::string& name,
                  const InterfacesService::Status& unit) {
    const Element element(reply_, "logical-interface");
    const Unit* values = configured(view, name);
    reply_.leaf("name", name);
    status(!(values && values->disabled), unit.up);
    if (values && !values->description.empty()) reply_.leaf("description", values->description);
    families(unit.logical, view.kind, [&](const Address& address) {
      const bool host = view.kind == Kind::kLoopback;
      reply_.leaf("ifa-local", host ? address.host_text() : address.text());
      if (host && !address.is_inet6()) reply_.leaf("ifa-destination", "0/0");
    });
  }

  template <class Write>
  void families(const Logical& logical, Kind kind, Write write) {
    if (logical.inet) family("inet", logical, false, write);
    if (logical.inet6) family("inet6", logical, true, write);
    const bool bridged = logical.bridged || (kind == Kind::kVtep && !logical.vxlan.remote.empty());
    if (kind != Kind::kEthernet && !bridged) return;
    const Element element(reply_, "address-family");
    reply_.leaf("address-family-name", bridged ? "bridge" : "multiservice");
    if (level_) reply_.leaf("mtu", "Unlimited");
  }

  template <class Write>
  void family(const char* name, const Logical& logical, bool inet6, Write write) {
    const Element element(reply_, "address-family");
    reply_.leaf("address-family-name", name);
    if (level_) reply_.leaf_number("mtu", logical.mtu);
    for (const Address& address : logical.addresses) {
      if (address.is_inet6() != inet6) continue;
      const Element one(reply_, "interface-address");
      write(address);
    }
  }

  void physical(const PhysicalView& view, const Statistics& before, const Statistics& now) {
    status(view.enabled, view.link);
    reply_.leaf_number("local-index", view.index);
    reply_.leaf_number("snmp-index", view.snmp_index);
    if (view.configured && !view.configured->description.empty())
      reply_.leaf("description", view.configured->description);
    if (view.kind == Kind::kLoopback) reply_.leaf("if-type", "Loopback");
    if (view.kind == Kind::kVtep) reply_.leaf("if-type", "Software-Pseudo");
    reply_.leaf("link-level-type", link_type(view.kind));
    reply_.leaf("mtu", media_mtu(view));
    if (view.kind == Kind::kVxlan || view.kind == Kind::kVtep) reply_.leaf("speed", "Unlimited");
    flags(view);
    if (view.kind == Kind::kEthernet) ethernet(view, before, now);
  }

  std::string media_mtu(const PhysicalView& view) const {
    if (view.configured && view.configured->mtu) return std::to_string(view.configured->mtu);
    switch (view.kind) {
      case Kind::kEthernet:
      case Kind::kManagement:
        return std::to_string(view.configured ? ethernet_mtu(*view.configured) : kDefaultMediaMtu);
      case Kind::kLoopback:
      case Kind::kVxlan:
      case Kind::kVtep:
        return "Unlimited";
      default:
        return std::to_string(view.kind == Kind::kTunnel ? kTunnelMtu : kServiceMtu);
    }
  }

  bool present(const PhysicalView& view) const {
    const bool placed = view.kind == Kind::kEthernet || view.kind == Kind::kService;
    if (placed && !service_.surroundings().chassis.online(view.port)) return false;
    return view.kind != Kind::kEthernet || service_.present(view.port);
  }

  void flags(const PhysicalView& view) {
    {
      const Element device(reply_, "if-device-flags");
      const bool there = present(view);
      if (there) reply_.leaf("ifdf-present", "");
      if (there) reply_.leaf("ifdf-running", "");
      if (!view.link) reply_.leaf("ifdf-down", "");
      if (view.kind == Kind::kLoopback) reply_.leaf("ifdf-loopback", "");
    }
    const Element config(reply_, "if-config-flags");
    if (!view.enabled) reply_.leaf("iff-admin-down", "");
    if (!view.link) reply_.leaf("iff-hardware-down", "");
    if (view.kind == Kind::kTunnel) reply_.leaf("iff-point-to-point", "");
    reply_.leaf("iff-snmp-traps", "");
  }

  void ethernet(const PhysicalView& view, const Statistics& before, const Statistics& now) {
    const auto& around = service_.surroundings();
    reply_.leaf("speed", fmt::format("{}Gbps", around.chassis.port_gigabits(view.port)));
    const std::string mac =
        chassis::text(mac_of(around.base, port_number(around.chassis, view.port)));
    reply_.leaf("current-physical-address", mac);
    reply_.leaf("hardware-physical-address", mac);
    const auto flapped = service_.port_flapped(view.port);
    const auto ago = std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::system_clock::now() - flapped);
    reply_.leaf("interface-flapped", flapped == std::chrono::system_clock::time_point()
                                         ? "Never"
                                         : fmt::format("{} ({} ago)", chassis::utc_text(flapped),
                                                       chassis::short_duration(ago)));
    const uint32_t id = chassis::Chassis::port_id(view.port);
    const auto found = now.ports.find(id);
    if (found != now.ports.end()) {
      const auto old = before.ports.find(id);
      seconds_ = std::chrono::duration<double>(now.when - before.when).count();
      port_traffic(old == before.ports.end() ? found->second : old->second, found->second);
    }
    const Element alarms(reply_, "active-alarms");
    reply_.leaf(view.link ? "alarm-not-present" : "ethernet-alarm-link-down", "");
  }

  uint64_t rate(uint64_t before, uint64_t now) const {
    if (now <= before || seconds_ <= 0) return 0;
    return static_cast<uint64_t>(static_cast<double>(now - before) / seconds_ + 0.5);
  }

  void port_traffic(const Traffic& before, const Traffic& now) {
    {
      const Element element(reply_, "traffic-statistics");
      if (level_ == Level::kDetail) bytes_and_packets(now);
      reply_.leaf_number("input-bps", 8 * rate(before.input_bytes, now.input_bytes));
      reply_.leaf_number("input-pps", rate(before.input_packets, now.input_packets));
      reply_.leaf_number("output-bps", 8 * rate(before.output_bytes, now.output_bytes));
      reply_.leaf_number("output-pps", rate(before.output_packets, now.output_packets));
    }
    if (level_ != Level::kDetail) return;
    {
      const Element errors(reply_, "input-error-list");
      reply_.leaf_number("input-drops", now.input_drops);
    }
    const Element errors(reply_, "output-error-list");
    reply_.leaf_number("output-drops", now.output_drops);
  }

  void bytes_and_packets(const Traffic& traffic) {
    reply_.leaf_number("input-bytes", traffic.input_bytes);
    reply_.leaf_number("output-bytes", traffic.output_bytes);
    reply_.leaf_number("input-packets", traffic.input_packets);
    reply_.leaf_number("output-packets", traffic.output_packets);
  }

  void full_unit(const PhysicalView& view, const std::string& name,
                 const InterfacesService::Status& unit, const Statistics& now) {
    const chassis::InterfaceName* entry = service_.surroundings().table.find(name);
    if (!entry) return;
    const Unit* values = configured(view, name);
    const Element element(reply_, "logical-interface");
    reply_.leaf("name", name);
    reply_.leaf_number("local-index", entry->index);
    reply_.leaf_number("snmp-index", kLogicalSnmpBase + entry->index);
    if (values && !values->description.empty()) reply_.leaf("description", values->description);
    unit_flags(view, values, unit);
    reply_.leaf("encapsulation", encapsulation(view.kind));
    if (values && !values->service_domain.empty())
      reply_.leaf("service-domain", values->service_domain);
    if (view.kind == Kind::kVxlan && values && values->vxlan) vxlan(*values->vxlan, unit.logical);
    if (view.kind == Kind::kVtep) vtep(unit.logical.vxlan);
    unit_traffic(now, entry->index);
    families(unit.logical, view.kind, [this, &unit](const Address& address) {
      full_address(unit.logical.addresses, address);
    });
  }

  void vtep(const VxlanEnds& ends) {
    const Element element(reply_, "vtep-info");
    reply_.leaf("vtep-type", ends.remote.empty() ? "Source" : "Remote");
    reply_.leaf("vtep-address",
                Address{ends.remote.empty() ? ends.local : ends.remote, 32}.host_text());
  }

  void vxlan(const Vxlan& values, const Logical& logical) {
    const Element element(reply_, "flexible-tunnel");
    reply_.leaf_number("destination-udp-port", values.port());
    if (values.vni) reply_.leaf_number("vni", *values.vni);
    if (const std::string& local = logical.vxlan.local; !local.empty())
      reply_.leaf("source-address", Address{local, 32}.host_text());
    if (!values.destination.empty()) reply_.leaf("destination-address", values.destination);
  }

  void unit_flags(const PhysicalView& view, const Unit* values,
                  const InterfacesService::Status& unit) {
    const Element element(reply_, "if-config-flags");
    const bool disabled = values && values->disabled;
    if (unit.up) reply_.leaf("iff-up", "");
    if (disabled) reply_.leaf("iff-down", "");
    if (!unit.up && !disabled) reply_.leaf("iff-hardware-down", "");
    if (!view.link) reply_.leaf("iff-device-down", "");
    if (view.kind == Kind::kTunnel || view.kind == Kind::kVxlan)
      reply_.leaf("iff-point-to-point", "");
    reply_.leaf("iff-snmp-traps", "");
  }

  void unit_traffic(const Statistics& now, uint32_t index) {
    const auto found = now.units.find(index);
    if (found == now.units.end()) return;
    const Traffic& traffic = found->second;
    const Element element(reply_, "traffic-statistics");
    if (level_ == Level::kDetail) return bytes_and_packets(traffic);
    reply_.leaf_number("input-packets", traffic.input_packets);
    reply_.leaf_number("output-packets", traffic.output_packets);
  }

  // The lowest address of a network is preferred there, the lowest of all is the primary one.
  void address_flags(const std::set<Address>& all, const Address& address) {
    bool primary = !address.is_inet6(), preferred = true;
    for (const Address& other : all) {
      if (other == address) break;
      if (other.is_inet6() != address.is_inet6()) continue;
      primary = false;
      preferred &= other.network_text() != address.network_text();
    }
    const Element element(reply_, "ifa-flags");
    if (!primary && !preferred) reply_.leaf("ifaf-none", "");
    if (preferred) reply_.leaf("ifaf-current-preferred", "");
    if (primary) reply_.leaf("ifaf-current-primary", "");
  }

  void full_address(const std::set<Address>& all, const Address& address) {
    address_flags(all, address);
    const bool network = address.length < address.octets.size() * 8;
    if (network) reply_.leaf("ifa-destination", destination(address));
    reply_.leaf("ifa-local", address.host_text());
    if (network && !address.is_inet6() && address.length < 31)
      reply_.leaf("ifa-broadcast", broadcast(address));
  }

  const InterfacesService& service_;
  mgmt::Reply& reply_;
  std::optional<Level> level_;  ///< none: terse
  double seconds_ = 0;          ///< between the two looks at the counters
};

std::string filter_of(const Input& input) {
  const auto found = input.find("interface-name");
  return found == input.end() ? "" : found->second;
}

bool terse(const Input& input) {
  return input.contains("terse");
}

void show_full(const InterfacesService& service, chassis::PfeLink& plane, const Input& input,
               const ReplyPtr& reply) {
  api::GetStatistics wanted;
  wanted.set_ports(true);
  wanted.set_interfaces(true);
  const Level level = input.contains("detail") ? Level::kDetail : Level::kBrief;
  const auto finish = [&service, level, filter = filter_of(input), reply](
                          const Statistics& before, const api::Statistics* second) {
    // Looked up again: something may have changed while the plane was asked.
    const auto all = physical_interfaces(service, filter);
    Writer(service, *reply)
        .full(all, filter.find('.') == filter.npos, level, before, statistics_of(second));
    reply->finish();
  };
  plane.statistics(wanted, [&plane, wanted, finish](const api::Statistics* first) {
    const Statistics before = statistics_of(first);
    if (!first) return finish(before, nullptr);
    QTimer::singleShot(kSample, [&plane, wanted, finish, before] {
      plane.statistics(wanted,
                       [finish, before](const api::Statistics* second) { finish(before, second); });
    });
  });
}

void show(const InterfacesService& service, chassis::PfeLink& plane, const Input& input,
          const ReplyPtr& reply) {
  const std::string filter = filter_of(input);
  const auto all = physical_interfaces(service, filter);
  if (all.empty() && !filter.empty())
    return reply->fail(fmt::format("device {} not found", filter));
  if (!terse(input)) return show_full(service, plane, input, reply);
  Writer(service, *reply).terse(all, filter.find('.') == filter.npos);
  reply->finish();
}

// A unit alone has no empty line above it, which otherwise parts it from its interface.
std::string unit_text() {
  std::string text = kFull;
  constexpr std::string_view kBegin = "{#logical-interface}\n";
  text.erase(text.find(kBegin) + kBegin.size(), 1);
  return text;
}

const grammar::Layout* layout(const Input& input) {
  static const grammar::Layout kTerseLayout(kTerse);
  static const grammar::Layout kFullLayout(kFull);
  static const grammar::Layout kUnitLayout(unit_text());
  if (terse(input)) return &kTerseLayout;
  const bool unit = filter_of(input).find('.') != std::string::npos;
  return unit ? &kUnitLayout : &kFullLayout;
}

using Names = std::vector<std::pair<std::string, std::string>>;

Names names(const InterfacesService& service, bool units) {
  Names all;
  for (const PhysicalView& view : physical_interfaces(service, "")) {
    all.emplace_back(view.name, view.configured ? view.configured->description : "");
    if (units)
      for (const auto& [name, unit] : view.units) all.emplace_back(name, "");
  }
  return all;
}

}  // namespace

void add_rpcs(mgmt::Registry& registry, const InterfacesService& service, chassis::PfeLink& plane) {
  registry.add({"get-interface-information",
                [&service, &plane](const Input& input, ReplyPtr reply) {
                  show(service, plane, input, reply);
                },
                layout});
  add_bridge_rpcs(registry, service, plane);
  registry.add_names("interface", [&service] { return names(service, true); });
  registry.add_names("interface-tunnel", [&service] {
    Names tunnels = names(service, true);
    std::erase_if(tunnels, [](const auto& each) { return !each.first.starts_with("st0."); });
    return tunnels;
  });
  registry.add_names("interface-device", [&service] { return names(service, false); });
}

}  // namespace nezu::interfaces
