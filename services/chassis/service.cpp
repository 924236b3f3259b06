#include "services/chassis/service.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "chassis/interface_table.h"

namespace nezu::chassis_service {
namespace {

using chassis::Chassis;
using chassis::PortName;
using configdb::Problems;
using configdb::View;

uint32_t number(std::string_view text, uint32_t otherwise = ~0u) {
  uint32_t value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// "10g"; 0: none is given.
uint32_t gigabits(std::string_view text) {
  return number(text, 0);
}

// "10g", "500m", "1000000".
uint64_t bits(std::string_view text) {
  uint64_t value = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (end == last) return value;
  const uint64_t thousand = 1000;
  return value * (*end == 'g'   ? thousand * thousand * thousand
                  : *end == 'm' ? thousand * thousand
                                : thousand);
}

chassis::PicSettings read_pic(const View& view) {
  chassis::PicSettings settings;
  settings.inline_services = static_cast<bool>(view["inline-services"]);
  settings.inline_bits = bits(view["inline-services"]["bandwidth"].value());
  settings.gigabits = gigabits(view["pic-mode"].value());
  if (const View most = view["number-of-ports"])
    settings.number_of_ports = static_cast<uint32_t>(most.number());
  for (const View& port : view.entries("port"))
    settings.ports[number(port.key())] = {gigabits(port["speed"].value()),
                                          static_cast<bool>(port["unused"])};
  return settings;
}

// The speeds of a PIC's ports: each one it can have, all of a group within its wires.
class PortCheck {
 public:
  PortCheck(const View& view, uint32_t fpc, uint32_t slot, const chassis::PicModel& pic,
            Problems& problems)
      : view_(view),
        settings_(read_pic(view)),
        path_{"chassis", "fpc", std::to_string(fpc), "pic", std::to_string(slot)},
        pic_(pic),
        problems_(problems) {}

  void run() {
    if (settings_.gigabits && !can(settings_.gigabits)) refuse_speed(path_, "pic-mode", view_);
    const uint32_t most = settings_.number_of_ports.value_or(pic_.ports);
    if (most > pic_.ports || most == 0)
      report(path_, fmt::format("number-of-ports {}", most),
             fmt::format("the PIC has ports 1 to {} to enable", pic_.ports));
    for (const View& port : view_.entries("port")) check_port(port);
    for (const chassis::PortGroup& group : pic_.groups) check_group(group);
  }

 private:
  bool can(uint32_t gigabits) const {
    return std::find(pic_.gigabits.begin(), pic_.gigabits.end(), gigabits) != pic_.gigabits.end();
  }

  void check_port(const View& port) {
    const std::string statement = fmt::format("port {}", port.key());
    if (number(port.key()) >= pic_.ports)
      return report(path_, statement,
                    fmt::format("the PIC has ports 0 to {} only", pic_.ports - 1));
    std::vector<std::string> below = path_;
    below.insert(below.end(), {"port", std::string(port.key())});
    if (!port["speed"]) return;
    if (view_["pic-mode"] || view_["number-of-ports"])
      report(below, fmt::format("speed {}", port["speed"].value()),
             "speed of a port and pic-mode or number-of-ports exclude each other");
    else if (!can(gigabits(port["speed"].value())))
      refuse_speed(below, "speed", port);
  }

  void refuse_speed(const std::vector<std::string>& path, const std::string& word,
                    const View& view) {
    report(path, fmt::format("{} {}", word, view[word].value()),
           fmt::format("not a speed of {}: {}", pic_.description, pic_.speeds));
  }

  void check_group(const chassis::PortGroup& group) {
    uint32_t sum = 0;
    for (uint32_t port = group.first_port; port <= group.last_port; ++port)
      sum += chassis::port_gigabits(settings_, pic_, port);
    if (sum <= group.gigabits) return;
    report({path_.begin(), path_.begin() + 3}, fmt::format("pic {}", path_.back()),
           fmt::format("ports {}-{} have {} Gbps together and are configured for {}; what is not "
                       "needed is to be 'unused'",
                       group.first_port, group.last_port, group.gigabits, sum));
  }

  void report(std::vector<std::string> path, std::string statement, std::string message) {
    problems_.push_back({std::move(path), std::move(statement), std::move(message), false});
  }

  const View& view_;
  const chassis::PicSettings settings_;
  const std::vector<std::string> path_;
  const chassis::PicModel& pic_;
  Problems& problems_;
};

// An error for who configures it; who configures something else is only told.
void check_unified_services(const View& view, const View& before,
                            const std::vector<std::string>& path, const Chassis& chassis,
                            Problems& problems) {
  if (!view["inline-services"] || chassis.unified_services()) return;
  problems.push_back({path, "inline-services",
                      "needs unified services: 'request system enable unified-services', then "
                      "'request system reboot'",
                      static_cast<bool>(before["inline-services"])});
}

void check_pic(const View& view, const View& before, uint32_t fpc, const Chassis& chassis,
               Problems& problems) {
  const uint32_t slot = number(view.key());
  const std::vector<std::string> path = {"chassis", "fpc", std::to_string(fpc)};
  const chassis::PicModel* pic = chassis.pic(fpc, slot);
  if (!pic)
    problems.push_back({path, fmt::format("pic {}", slot),
                        fmt::format("no such PIC in this chassis ({})", chassis.model().name),
                        false});
  else
    PortCheck(view, fpc, slot, *pic, problems).run();
  if (!pic) return;
  check_unified_services(view, before,
                         {"chassis", "fpc", std::to_string(fpc), "pic", std::to_string(slot)},
                         chassis, problems);
  const View bandwidth = view["inline-services"]["bandwidth"];
  if (bandwidth && bits(bandwidth.value()) == 0)
    problems.push_back(
        {{"chassis", "fpc", std::to_string(fpc), "pic", std::to_string(slot), "inline-services"},
         "bandwidth " + std::string(bandwidth.value()),
         "inline services without bandwidth carry nothing; delete the statement to "
         "have all there is",
         false});
  if (view["inline-services"] && pic->service_interfaces == 0)
    problems.push_back({{"chassis", "fpc", std::to_string(fpc), "pic", std::to_string(slot)},
                        "inline-services",
                        "the PIC has no inline services",
                        false});
}

void check_fpc(const View& view, const View& before, const Chassis& chassis, Problems& problems) {
  const uint32_t slot = number(view.key());
  if (!chassis.has_fpc(slot)) {
    problems.push_back({{"chassis"},
                        fmt::format("fpc {}", slot),
                        fmt::format("no such FPC in this chassis ({})", chassis.model().name),
                        false});
    return;
  }
  for (const View& pic : view.entries("pic"))
    check_pic(pic, before.entry("pic", pic.key()), slot, chassis, problems);
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

Problems check_chassis(const View& root, const Chassis& chassis, const View& before) {
  Problems problems;
  for (const View& fpc : root["chassis"].entries("fpc"))
    check_fpc(fpc, before["chassis"].entry("fpc", fpc.key()), chassis, problems);
  for (const View& gateway : root["security"]["ike"].entries("gateway"))
    check_gateway(gateway, chassis, problems);
  return problems;
}

void ChassisService::check(const configdb::Delta& delta,
                           std::function<void(configdb::Problems)> done) {
  done(check_chassis(delta.after(), chassis_, delta.before()));
}

void ChassisService::apply(const configdb::Delta& delta, std::function<void()> done) {
  for (uint32_t fpc = 0; fpc < chassis_.model().fpcs.size(); ++fpc)
    for (uint32_t pic = 0; pic < chassis_.model().fpcs[fpc].pics.size(); ++pic) {
      const View view = delta.after()["chassis"]
                            .entry("fpc", std::to_string(fpc))
                            .entry("pic", std::to_string(pic));
      chassis_.set_pic(fpc, pic, read_pic(view));
    }
  done();
}

}  // namespace nezu::chassis_service
