#include "services/chassis/show.h"

#include <fmt/format.h>

#include <QTimer>
#include <charconv>

#include "chassis/time_text.h"
#include "services/chassis/layouts.h"

namespace nezu::chassis_service {
namespace {

using chassis::Chassis;
using chassis::PortName;
using chassis::SlotState;
using grammar::Element;
using mgmt::Input;
using ReplyPtr = std::shared_ptr<mgmt::Reply>;

constexpr auto kRestart = std::chrono::seconds(3);
constexpr char kVersion[] = "REV 01";
constexpr char kNotMeasured[] = "N/A";

std::optional<uint32_t> number(const Input& input, const char* name) {
  const auto found = input.find(name);
  uint32_t value = 0;
  if (found == input.end()) return {};
  const std::string& text = found->second;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

template <const char* kText>
const grammar::Layout* layout(const Input&) {
  static const grammar::Layout kLayout(kText);
  return &kLayout;
}

std::chrono::seconds since(chassis::Clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::seconds>(chassis::Clock::now() - time);
}

// "FPC 3 is not installed", and false.
bool refuse_absent(const Chassis& chassis, const Input& input, const char* name,
                   mgmt::Reply& reply) {
  const auto slot = number(input, name);
  if (!slot || chassis.has_fpc(*slot)) return false;
  reply.fail(fmt::format("FPC slot {} is not valid", *slot));
  return true;
}

class Inventory {
 public:
  Inventory(const Machine& machine, mgmt::Reply& reply) : machine_(machine), reply_(reply) {}

  void write() {
    const Element inventory(reply_, "chassis-inventory");
    const Element chassis(reply_, "chassis");
    reply_.leaf("name", "Chassis");
    reply_.leaf("serial-number", serial("NZ", 0));
    reply_.leaf("description", machine_.chassis.model().description);
    for (const auto& module : machine_.chassis.model().front) write(module);
    for (uint32_t fpc = 0; fpc < machine_.chassis.model().fpcs.size(); ++fpc) write_fpc(fpc);
    for (const auto& module : machine_.chassis.model().rear) write(module);
  }

 private:
  // Stable, and another one on every machine.
  std::string serial(const char* prefix, uint32_t part) const {
    const auto& mac = machine_.base;
    return fmt::format("{}{:02X}{:02X}{:02X}{:02X}{:02d}", prefix, mac[1], mac[2], mac[3], mac[4],
                       part);
  }

  void write(const chassis::ModuleModel& module) {
    const Element element(reply_, "chassis-module");
    item(module.name, kVersion, module.part_number, serial("NM", ++parts_), module.description);
  }

  void item(std::string_view name, std::string_view version, std::string_view part,
            std::string_view serial_number, std::string_view description) {
    reply_.leaf("name", name);
    if (!version.empty()) reply_.leaf("version", version);
    reply_.leaf("part-number", part);
    reply_.leaf("serial-number", serial_number);
    reply_.leaf("description", description);
  }

  void write_fpc(uint32_t fpc) {
    const chassis::FpcModel& model = machine_.chassis.model().fpcs[fpc];
    const Element element(reply_, "chassis-module");
    item(fmt::format("FPC {}", fpc), "", "BUILTIN", "BUILTIN", model.description);
    {
      const Element cpu(reply_, "chassis-sub-module");
      item("CPU", kVersion, "750-122877", serial("NC", fpc), model.cpu_description);
    }
    for (uint32_t pic = 0; pic < model.pics.size(); ++pic) write_pic(fpc, pic);
  }

  void write_pic(uint32_t fpc, uint32_t pic) {
    const chassis::PicModel& model = machine_.chassis.model().fpcs[fpc].pics[pic];
    const Element element(reply_, "chassis-sub-module");
    item(fmt::format("PIC {}", pic), kVersion, "750-122718", serial("NP", fpc * 8 + pic),
         model.description);
    for (uint32_t port = 0; port < model.ports; ++port) {
      if (machine_.wan_status({model.media, fpc, pic, port}).empty()) continue;
      const Element plug(reply_, "chassis-sub-sub-module");
      item(fmt::format("Xcvr {}", port), kVersion, "NON-JNPR", serial("NX", pic * 16 + port),
           "VIRTUAL-WIRE");
    }
  }

  const Machine& machine_;
  mgmt::Reply& reply_;
  uint32_t parts_ = 0;
};

void write_load(const PlaneLoad& load, uint32_t memory, mgmt::Reply& reply) {
  using std::chrono::minutes;
  reply.leaf_number("cpu-total", load.processor(std::chrono::seconds(5)));
  reply.leaf("cpu-interrupt", kNotMeasured);
  reply.leaf_number("cpu-1min-avg", load.processor(minutes(1)));
  reply.leaf_number("cpu-5min-avg", load.processor(minutes(5)));
  reply.leaf_number("cpu-15min-avg", load.processor(minutes(15)));
  reply.leaf_number("memory-dram-size", memory);
  reply.leaf_number("memory-heap-utilization", 100 * load.memory_megabytes() / memory);
  reply.leaf("memory-buffer-utilization", kNotMeasured);
}

// The card runs since its plane does, or since it was last brought online. A new nezu-re changes
// nothing of this.
std::optional<std::chrono::seconds> uptime(const Machine& machine, uint32_t fpc) {
  const auto plane = machine.load.age();
  const auto changed = machine.chassis.fpc_since(fpc);
  if (!plane || changed == machine.chassis.started()) return plane;
  return std::min(*plane, since(changed));
}

std::optional<std::chrono::seconds> uptime(const Machine& machine, uint32_t fpc, uint32_t pic) {
  const auto card = uptime(machine, fpc);
  return card ? std::min(*card, since(machine.chassis.pic_since(fpc, pic))) : card;
}

void write_fpc(const Machine& machine, uint32_t fpc, bool detail, mgmt::Reply& reply) {
  const Chassis& chassis = machine.chassis;
  const Element element(reply, "fpc");
  const SlotState state = chassis.fpc_state(fpc);
  reply.leaf_number("slot", fpc);
  reply.leaf("state", text(state));
  if (state == SlotState::kOffline) return reply.leaf("comment", "Offlined by cli command");
  // The emulated card has no thermometer.
  reply.leaf("temperature", kNotMeasured);
  if (detail) {
    reply.leaf_number("memory-dram-size", chassis.model().fpcs[fpc].memory_megabytes);
    const auto age = uptime(machine, fpc);
    if (!age) return;
    reply.leaf("start-time", chassis::utc_text(chassis::Clock::now() - *age));
    reply.leaf("up-time", chassis::long_duration(*age));
    return;
  }
  write_load(machine.load, chassis.model().fpcs[fpc].memory_megabytes, reply);
}

// One PIC in full.
class PicDetail {
 public:
  PicDetail(const Machine& machine, uint32_t fpc, uint32_t pic, mgmt::Reply& reply)
      : machine_(machine),
        chassis_(machine.chassis),
        fpc_(fpc),
        pic_(pic),
        model_(*chassis_.pic(fpc, pic)),
        reply_(reply) {}

  void write() {
    const Element element(reply_, "pic-detail");
    reply_.leaf_number("slot", fpc_);
    reply_.leaf_number("pic-slot", pic_);
    reply_.leaf("pic-type", model_.description);
    reply_.leaf("state", text(chassis_.pic_state(fpc_, pic_)));
    if (chassis_.pic_state(fpc_, pic_) != SlotState::kOnline) return;
    reply_.leaf("pic-version", "0.0");
    if (const auto age = uptime(machine_, fpc_, pic_))
      reply_.leaf("up-time", chassis::long_duration(*age));
    write_plugs();
    write_speeds();
    write_groups();
    write_wan();
  }

 private:
  PortName name(uint32_t port) const { return {model_.media, fpc_, pic_, port}; }

  void write_plugs() {
    const Element element(reply_, "port-information");
    for (uint32_t port = 0; port < model_.ports; ++port) {
      if (machine_.wan_status(name(port)).empty()) continue;
      const Element one(reply_, "port");
      reply_.leaf_number("port-number", port);
      reply_.leaf("cable-type", fmt::format("{}G VIRTUAL", chassis_.port_gigabits(name(port))));
      reply_.leaf("fiber-mode", "n/a");
      reply_.leaf("sfp-vendor-name", "NEZU");
      reply_.leaf("sfp-vendor-pno", "VIRTUAL-WIRE");
      reply_.leaf("wavelength", "n/a");
      reply_.leaf("sfp-vendor-fw-ver", "0.0");
    }
  }

  void write_speeds() {
    const Element element(reply_, "port-speed-information");
    for (uint32_t port = 0; port < model_.ports; ++port) {
      const Element one(reply_, "port");
      reply_.leaf_number("port-number1", port);
      reply_.leaf_number("pfe-number", chassis_.pfe_of(name(port)));
      reply_.leaf("speed-capability", model_.speeds);
    }
  }

  void write_groups() {
    const Element element(reply_, "port-group-information");
    for (const chassis::PortGroup& group : model_.groups) {
      const Element one(reply_, "port-group");
      reply_.leaf_number("pfe-number", chassis_.pfe_id(fpc_, pic_, group.slice));
      reply_.leaf_number("port-group-number", group.number);
      reply_.leaf("ports", fmt::format("{}-{}", group.first_port, group.last_port));
      reply_.leaf("bandwidth", fmt::format("{} Gbps", group.gigabits));
      reply_.leaf("ipsec-bandwidth", group.ipsec_gigabits
                                         ? fmt::format("{} Gbps", group.ipsec_gigabits)
                                         : std::string("none"));
    }
  }

  void write_wan() {
    const Element element(reply_, "wan-information");
    for (uint32_t port = 0; port < model_.ports; ++port) {
      const std::string status = machine_.wan_status(name(port));
      const Element one(reply_, "port");
      reply_.leaf_number("port-number", port);
      reply_.leaf("interface-name", name(port).text());
      reply_.leaf_number("pfe-number", chassis_.pfe_of(name(port)));
      reply_.leaf_number("port-group-number", model_.group(port)->number);
      reply_.leaf("wan-status", status.empty() ? "Not connected" : status);
    }
  }

  const Machine& machine_;
  const Chassis& chassis_;
  uint32_t fpc_, pic_;
  const chassis::PicModel& model_;
  mgmt::Reply& reply_;
};

void show_hardware(const Machine& machine, const ReplyPtr& reply) {
  Inventory(machine, *reply).write();
  reply->finish();
}

void show_pic(const Machine& machine, uint32_t fpc, uint32_t pic, const ReplyPtr& reply) {
  if (!machine.chassis.pic(fpc, pic))
    return reply->fail(fmt::format("FPC slot {}, PIC slot {} is empty", fpc, pic));
  {
    const Element information(*reply, "fpc-information");
    const Element element(*reply, "fpc");
    PicDetail(machine, fpc, pic, *reply).write();
  }
  reply->finish();
}

void show_fpc(const Machine& machine, const Input& input, const ReplyPtr& reply) {
  if (refuse_absent(machine.chassis, input, "fpc-slot", *reply)) return;
  const auto slot = number(input, "fpc-slot");
  if (const auto pic = number(input, "pic")) {
    if (!slot) return reply->fail("missing argument: fpc-slot");
    return show_pic(machine, *slot, *pic, reply);
  }
  {
    const Element information(*reply, "fpc-information");
    for (uint32_t fpc = 0; fpc < machine.chassis.model().fpcs.size(); ++fpc)
      if (!slot || *slot == fpc) write_fpc(machine, fpc, input.contains("detail"), *reply);
  }
  reply->finish();
}

const grammar::Layout* fpc_layout(const Input& input) {
  if (input.contains("pic")) return layout<kPicDetail>(input);
  return input.contains("detail") ? layout<kFpcDetail>(input) : layout<kFpc>(input);
}

void show_pic_status(const Chassis& chassis, const Input& input, const ReplyPtr& reply) {
  if (refuse_absent(chassis, input, "fpc-slot", *reply)) return;
  const auto slot = number(input, "fpc-slot");
  {
    const Element information(*reply, "fpc-information");
    for (uint32_t fpc = 0; fpc < chassis.model().fpcs.size(); ++fpc) {
      if (slot && *slot != fpc) continue;
      const chassis::FpcModel& model = chassis.model().fpcs[fpc];
      const Element element(*reply, "fpc");
      reply->leaf_number("slot", fpc);
      reply->leaf("state", text(chassis.fpc_state(fpc)));
      reply->leaf("description", model.description);
      if (chassis.fpc_state(fpc) != SlotState::kOnline) continue;
      for (uint32_t pic = 0; pic < model.pics.size(); ++pic) {
        const Element one(*reply, "pic");
        reply->leaf_number("pic-slot", pic);
        reply->leaf("pic-state", text(chassis.pic_state(fpc, pic)));
        reply->leaf("pic-type", model.pics[pic].description);
      }
    }
  }
  reply->finish();
}

void show_alarms(const Chassis& chassis, const ReplyPtr& reply) {
  {
    const Element information(*reply, "alarm-information");
    {
      const Element summary(*reply, "alarm-summary");
      if (chassis.alarms().empty())
        reply->leaf("no-active-alarms", "");
      else
        reply->leaf_number("active-alarm-count", chassis.alarms().size());
    }
    for (const auto& [key, alarm] : chassis.alarms()) {
      const Element detail(*reply, "alarm-detail");
      reply->leaf("alarm-time", chassis::utc_text(alarm.since));
      reply->leaf("alarm-class", alarm.major ? "Major" : "Minor");
      reply->leaf("alarm-description", alarm.description);
      reply->leaf("alarm-type", "Chassis");
    }
  }
  reply->finish();
}

void request_fpc(Chassis& chassis, const Input& input, const ReplyPtr& reply) {
  if (refuse_absent(chassis, input, "slot", *reply)) return;
  const uint32_t fpc = number(input, "slot").value_or(0);
  const auto say = [&](std::string_view what) {
    reply->message(fmt::format("{} initiated, use \"show chassis fpc\" to verify", what));
    reply->finish();
  };
  if (input.contains("offline")) {
    if (!chassis.take_offline(fpc))
      return reply->fail(fmt::format("FPC {} is already offline", fpc));
    return say("Offline");
  }
  if (input.contains("online")) {
    if (!chassis.bring_online(fpc))
      return reply->fail(fmt::format("FPC {} is already online", fpc));
    return say("Online");
  }
  if (!input.contains("restart")) return reply->fail("missing argument: offline, online, restart");
  chassis.start(fpc);
  QTimer::singleShot(kRestart, [&chassis, fpc] {
    if (chassis.fpc_state(fpc) == SlotState::kStarting) chassis.bring_online(fpc);
  });
  say("Restart");
}

void request_pic(Chassis& chassis, const Input& input, const ReplyPtr& reply) {
  if (refuse_absent(chassis, input, "fpc-slot", *reply)) return;
  const uint32_t fpc = number(input, "fpc-slot").value_or(0);
  const uint32_t pic = number(input, "pic-slot").value_or(0);
  const std::string name = fmt::format("FPC {} PIC {}", fpc, pic);
  if (!chassis.pic(fpc, pic))
    return reply->fail(fmt::format("FPC slot {}, PIC slot {} is empty", fpc, pic));
  const bool offline = input.contains("offline");
  if (!offline && !input.contains("online"))
    return reply->fail("missing argument: offline, online");
  if (const SlotState state = chassis.fpc_state(fpc); state != SlotState::kOnline)
    return reply->fail(
        fmt::format("FPC {} is {}", fpc, state == SlotState::kOffline ? "offline" : "starting"));
  if (!(offline ? chassis.take_pic_offline(fpc, pic) : chassis.bring_pic_online(fpc, pic)))
    return reply->fail(fmt::format("{} is already {}", name, offline ? "offline" : "online"));
  reply->message(
      fmt::format("fpc {} pic {} {} initiated, use \"show chassis fpc pic-status\" to verify", fpc,
                  pic, offline ? "offline" : "online"));
  reply->finish();
}

}  // namespace

void add_chassis_rpcs(mgmt::Registry& registry, const Machine& machine) {
  Chassis& chassis = machine.chassis;
  registry.add({"get-chassis-inventory",
                [machine](const Input&, ReplyPtr reply) { show_hardware(machine, reply); },
                layout<kHardware>});
  registry.add({"get-fpc-information",
                [machine](const Input& input, ReplyPtr reply) { show_fpc(machine, input, reply); },
                fpc_layout});
  registry.add(
      {"get-pic-information",
       [&chassis](const Input& input, ReplyPtr reply) { show_pic_status(chassis, input, reply); },
       layout<kPicStatus>});
  registry.add({"get-pic-detail",
                [machine](const Input& input, ReplyPtr reply) {
                  show_pic(machine, number(input, "fpc-slot").value_or(0),
                           number(input, "pic-slot").value_or(0), reply);
                },
                layout<kPicDetail>});
  registry.add({"get-alarm-information",
                [&chassis](const Input&, ReplyPtr reply) { show_alarms(chassis, reply); },
                layout<kAlarms>});
  registry.add(
      {"request-chassis-pic",
       [&chassis](const Input& input, ReplyPtr reply) { request_pic(chassis, input, reply); },
       nullptr});
  registry.add(
      {"request-chassis-fpc",
       [&chassis](const Input& input, ReplyPtr reply) { request_fpc(chassis, input, reply); },
       nullptr});
}

}  // namespace nezu::chassis_service
