#include "services/interfaces/link_traps.h"

#include <fmt/format.h>

#include "services/interfaces/view.h"

namespace nezu::interfaces {

void LinkTraps::look(const InterfacesService& service, const Log& log) {
  std::map<std::string, bool> seen;
  const auto look_at = [&](const std::string& name, uint32_t index, bool enabled, bool up) {
    seen.emplace(name, up);
    const auto before = known_.find(name);
    if (before == known_.end() || before->second == up) return;
    log(up ? "SNMP_TRAP_LINK_UP" : "SNMP_TRAP_LINK_DOWN",
        fmt::format("ifIndex {}, ifAdminStatus {}, ifOperStatus {}, ifName {}", index,
                    enabled ? "up(1)" : "down(2)", up ? "up(1)" : "down(2)", name));
  };
  for (const PhysicalView& view : physical_interfaces(service, "")) {
    look_at(view.name, view.snmp_index, view.enabled, view.link);
    for (const auto& [name, unit] : view.units) {
      const Unit* values = configured(view, name);
      if (const auto* entry = service.surroundings().table.find(name))
        look_at(name, kLogicalSnmpBase + entry->index, !(values && values->disabled), unit->up);
    }
  }
  known_ = std::move(seen);
}

}  // namespace nezu::interfaces
