#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "services/interfaces/service.h"

namespace nezu::interfaces {

constexpr uint32_t kLogicalSnmpBase = 1000;  ///< of a unit: this and its index

/// A physical interface with its logical ones, as the shows go through them.
struct PhysicalView {
  std::string name;
  Kind kind = Kind::kEthernet;
  chassis::PortName port;  ///< kEthernet, kService
  const Physical* configured = nullptr;
  bool enabled = true;
  bool link = false;
  uint32_t index = 0;
  uint32_t snmp_index = 0;
  std::vector<std::pair<std::string, const InterfacesService::Status*>> units;  ///< by number
};

/// What is configured of a unit; null if nothing is.
const Unit* configured(const PhysicalView& view, const std::string& name);

/// The physical interfaces there are: ports with a wire or with configuration, service interfaces,
/// and the tunnel and loopback interfaces. `filter`: only that one, or the one of that unit and
/// then only the unit; "" for all.
std::vector<PhysicalView> physical_interfaces(const InterfacesService& service,
                                              std::string_view filter);

}  // namespace nezu::interfaces
