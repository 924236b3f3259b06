#include "services/interfaces/view.h"

#include <algorithm>

namespace nezu::interfaces {
namespace {

using chassis::PortName;

constexpr uint32_t kFirstPhysicalIndex = 128;
constexpr uint32_t kFirstSnmpIndex = 513;
// Those without a place come first, as on the real machine.
constexpr uint32_t kLoopbackIndex = 6;
constexpr uint32_t kLoopbackSnmpIndex = 6;
constexpr uint32_t kManagementIndex = 64;
constexpr uint32_t kManagementSnmpIndex = 1;
constexpr uint32_t kVtepIndex = 125;
constexpr uint32_t kVtepSnmpIndex = 510;
constexpr uint32_t kFlexibleIndex = 126;
constexpr uint32_t kFlexibleSnmpIndex = 511;
constexpr uint32_t kTunnelIndex = 127;
constexpr uint32_t kTunnelSnmpIndex = 512;

uint32_t unit_number(const std::string& name) {
  return static_cast<uint32_t>(std::stoul(name.substr(name.find('.') + 1)));
}

// Goes through the machine in order and keeps what the filter lets pass.
class Collector {
 public:
  Collector(const InterfacesService& service, std::string_view filter)
      : service_(service), filter_(filter), wanted_(chassis::physical_name(filter)) {
    for (const auto& [name, status] : service_.statuses())
      units_[std::string(chassis::physical_name(name))].emplace_back(name, &status);
  }

  std::vector<PhysicalView> collect() {
    uint32_t number = 0;
    for (const PortName& port : chassis().ports()) {
      const uint32_t position = number++;
      const std::string name = port.text();
      if (!chassis().port(port)) continue;  // configured not to be there
      if (!service_.present(port) && !service_.configuration().contains(name)) continue;
      add(name, Kind::kEthernet, port, kFirstPhysicalIndex + position, kFirstSnmpIndex + position);
    }
    for (const chassis::Anchor& anchor : chassis().anchors()) {
      add(anchor.name, Kind::kService, *PortName::parse(anchor.name), kFirstPhysicalIndex + number,
          kFirstSnmpIndex + number);
      ++number;
    }
    if (service_.configuration().contains("fxp0"))
      add("fxp0", Kind::kManagement, {}, kManagementIndex, kManagementSnmpIndex);
    if (service_.configuration().contains("fti0"))
      add("fti0", Kind::kVxlan, {}, kFlexibleIndex, kFlexibleSnmpIndex);
    add("lo0", Kind::kLoopback, {}, kLoopbackIndex, kLoopbackSnmpIndex);
    add("st0", Kind::kTunnel, {}, kTunnelIndex, kTunnelSnmpIndex);
    if (service_.statuses().contains(vtep_name(0)))
      add("vtep", Kind::kVtep, {}, kVtepIndex, kVtepSnmpIndex);
    return std::move(all_);
  }

 private:
  const chassis::Chassis& chassis() const { return service_.surroundings().chassis; }

  void add(const std::string& name, Kind kind, const PortName& port, uint32_t index,
           uint32_t snmp_index) {
    if (!wanted_.empty() && wanted_ != name) return;
    const auto configured = service_.configuration().find(name);
    PhysicalView view;
    view.name = name;
    view.kind = kind;
    view.port = port;
    view.index = index;
    view.snmp_index = snmp_index;
    if (configured != service_.configuration().end()) view.configured = &configured->second;
    view.enabled = !(view.configured && view.configured->disabled);
    view.link = view.enabled && linked(view);
    view.units = units(name);
    if (filter_ == wanted_ || !view.units.empty()) all_.push_back(std::move(view));
  }

  bool linked(const PhysicalView& view) const {
    if (view.kind == Kind::kEthernet)
      return chassis().online(view.port) && service_.link(view.port);
    if (view.kind == Kind::kManagement) return false;
    return view.kind != Kind::kService || chassis().online(view.port);
  }

  std::vector<std::pair<std::string, const InterfacesService::Status*>> units(
      const std::string& name) {
    auto found = units_[name];
    if (filter_ != wanted_)
      std::erase_if(found, [this](const auto& unit) { return unit.first != filter_; });
    std::sort(found.begin(), found.end(), [](const auto& one, const auto& other) {
      return unit_number(one.first) < unit_number(other.first);
    });
    return found;
  }

  const InterfacesService& service_;
  std::string_view filter_;
  std::string_view wanted_;
  std::map<std::string, std::vector<std::pair<std::string, const InterfacesService::Status*>>>
      units_;
  std::vector<PhysicalView> all_;
};

}  // namespace

const Unit* configured(const PhysicalView& view, const std::string& name) {
  if (!view.configured) return nullptr;
  const auto number = static_cast<uint32_t>(std::stoul(name.substr(name.find('.') + 1)));
  const auto found = view.configured->units.find(number);
  return found == view.configured->units.end() ? nullptr : &found->second;
}

std::vector<PhysicalView> physical_interfaces(const InterfacesService& service,
                                              std::string_view filter) {
  return Collector(service, filter).collect();
}

}  // namespace nezu::interfaces
