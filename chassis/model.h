#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The machines that can be emulated, as data: what is in which slot, which port hangs on which
/// forwarding engine, what a service interface is anchored on.
namespace nezu::chassis {

/// Ports of one forwarding engine that share their wires.
struct PortGroup {
  uint32_t number;  ///< within its slice
  uint32_t slice;   ///< within its PIC
  uint32_t first_port;
  uint32_t last_port;
  uint32_t gigabits;        ///< all traffic
  uint32_t ipsec_gigabits;  ///< of it, IPsec; 0: the group does none
};

struct PicModel {
  std::string description;  ///< "MRATE LMIC 16x100G/4x400G"
  std::string media;        ///< "et"
  uint32_t ports = 0;
  uint32_t slices = 0;              ///< forwarding engines
  uint32_t service_interfaces = 0;  ///< si-, with inline services on
  uint32_t port_gigabits = 0;       ///< what a port runs at
  std::string speeds;               ///< "4x10GE, …"
  std::vector<uint32_t> gigabits;   ///< what a port can be set to
  std::vector<PortGroup> groups;

  const PortGroup* group(uint32_t port) const;
  /// The slice that carries si-fpc/pic/`number`.
  uint32_t service_slice(uint32_t number) const;
};

struct FpcModel {
  std::string description;
  std::string cpu_description;
  uint32_t memory_megabytes = 0;
  std::vector<PicModel> pics;
};

/// A line of `show chassis hardware` that is not an FPC or below one.
struct ModuleModel {
  std::string name;
  std::string part_number;
  std::string description;
};

struct ChassisModel {
  std::string name;              ///< "mx304"
  std::string description;       ///< "JNP304 [MX304]"
  uint32_t routing_engines = 1;  ///< slots; what is in them is listed in `front`
  std::vector<FpcModel> fpcs;
  std::vector<ModuleModel> front;  ///< listed before the FPCs
  std::vector<ModuleModel> rear;   ///< and after them
};

/// Null for a model that is not known.
const ChassisModel* find_model(std::string_view name);

/// "et-0/2/10": a physical interface that has a place.
struct PortName {
  std::string media;
  uint32_t fpc = 0;
  uint32_t pic = 0;
  uint32_t port = 0;

  std::string text() const;
  /// Nothing for other forms ("st0", "et-0/0", "et-0/0/0.0", numbers past 999).
  static std::optional<PortName> parse(std::string_view text);
  bool operator==(const PortName&) const = default;
};

}  // namespace nezu::chassis
