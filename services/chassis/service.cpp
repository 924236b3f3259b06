#include "services/chassis/service.h"

#include <fmt/format.h>

#include <charconv>

#include "chassis/interface_table.h"

namespace nezu::chassis_service {
namespace {

using chassis::Chassis;
using chassis::PortName;
using configdb::Problem;
using configdb::Problems;
using configdb::View;

uint32_t number(std::string_view text) {
  uint32_t value = ~0u;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

void check_pic(const View& view, uint32_t fpc, const Chassis& chassis, Problems& problems) {
  const uint32_t slot = number(view.key());
  const std::vector<std::string> path = {"chassis", "fpc", std::to_string(fpc)};
  const chassis::PicModel* pic = chassis.pic(fpc, slot);
  if (!pic)
    problems.push_back({path, fmt::format("pic {}", slot),
                        fmt::format("no such PIC in this chassis ({})", chassis.model().name),
                        false});
  else if (view["inline-services"] && pic->service_interfaces == 0)
    problems.push_back({{"chassis", "fpc", std::to_string(fpc), "pic", std::to_string(slot)},
                        "inline-services",
                        "the PIC has no inline services",
                        false});
}

void check_fpc(const View& view, const Chassis& chassis, Problems& problems) {
  const uint32_t slot = number(view.key());
  if (!chassis.has_fpc(slot)) {
    problems.push_back({{"chassis"},
                        fmt::format("fpc {}", slot),
                        fmt::format("no such FPC in this chassis ({})", chassis.model().name),
                        false});
    return;
  }
  for (const View& pic : view.entries("pic")) check_pic(pic, slot, chassis, problems);
}

// Only some port groups have wires to the cryptographic part of their forwarding engine. What runs
// on the others is encrypted all the same, on its neighbour's account.
void check_gateway(const View& gateway, const Chassis& chassis, Problems& problems) {
  const std::string external = gateway["external-interface"].value();
  const auto port = PortName::parse(chassis::physical_name(external));
  if (!port) return;
  const chassis::PicModel* pic = chassis.port(*port);
  const chassis::PortGroup* group = pic ? pic->group(port->port) : nullptr;
  if (!group || group->ipsec_gigabits > 0) return;
  problems.push_back({{"security", "ike", "gateway", std::string(gateway.key())},
                      "external-interface " + external,
                      fmt::format("port group {} of PFE {} does not support IPsec; its traffic "
                                  "counts against port group 0",
                                  group->number, chassis.pfe_of(*port)),
                      true});
}

}  // namespace

Problems check_chassis(const View& root, const Chassis& chassis) {
  Problems problems;
  for (const View& fpc : root["chassis"].entries("fpc")) check_fpc(fpc, chassis, problems);
  for (const View& gateway : root["security"]["ike"].entries("gateway"))
    check_gateway(gateway, chassis, problems);
  return problems;
}

void ChassisService::check(const configdb::Delta& delta,
                           std::function<void(configdb::Problems)> done) {
  done(check_chassis(delta.after(), chassis_));
}

void ChassisService::apply(const configdb::Delta& delta, std::function<void()> done) {
  for (uint32_t fpc = 0; fpc < chassis_.model().fpcs.size(); ++fpc)
    for (uint32_t pic = 0; pic < chassis_.model().fpcs[fpc].pics.size(); ++pic) {
      const View view = delta.after()["chassis"]
                            .entry("fpc", std::to_string(fpc))
                            .entry("pic", std::to_string(pic));
      chassis_.set_inline_services(fpc, pic, static_cast<bool>(view["inline-services"]));
    }
  done();
}

}  // namespace nezu::chassis_service
