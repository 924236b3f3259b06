#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "chassis/forwarding.h"
#include "chassis/model.h"

namespace nezu::chassis {

using Clock = std::chrono::system_clock;

enum class SlotState { kOnline, kOffline, kStarting };

/// "Online", "Offline", "Starting".
std::string_view text(SlotState state);

struct Alarm {
  Clock::time_point since;
  bool major = false;
  std::string description;  ///< "FPC 0 offline"
};

/// What is to be known of one si- interface.
struct Anchor {
  std::string name;  ///< "si-0/0/0"
  uint32_t fpc = 0;
  uint32_t pic = 0;
  uint32_t pfe = 0;  ///< of the machine
  bool online = false;
};

/// What is configured of a PIC.
struct PicSettings {
  struct Port {
    uint32_t gigabits = 0;  ///< 0: the PIC's
    bool unused = false;
    bool operator==(const Port&) const = default;
  };
  bool inline_services = false;
  uint64_t inline_bits = 0;                 ///< a second, of each forwarding engine; 0: no limit
  uint32_t gigabits = 0;                    ///< of its ports; 0: the model's
  std::optional<uint32_t> number_of_ports;  ///< only the first ones are there
  std::map<uint32_t, Port> ports;
  bool operator==(const PicSettings&) const = default;
};

/// Whether the configuration leaves the PIC this port.
bool is_in_use(const PicSettings& settings, const PicModel& pic, uint32_t port);
/// What the port runs at; 0: it is not in use.
uint32_t port_gigabits(const PicSettings& settings, const PicModel& pic, uint32_t port);

/// The state of the machine: which slots are online, which PICs have inline services, which alarms
/// are active. Owns the PFEs of the forwarding state. No timers: who asks for a restart calls
/// online() when it is over.
class Chassis {
 public:
  Chassis(const ChassisModel& model, Forwarding& forwarding);

  const ChassisModel& model() const { return model_; }
  bool has_fpc(uint32_t fpc) const { return fpc < model_.fpcs.size(); }
  /// Null if there is no such PIC.
  const PicModel* pic(uint32_t fpc, uint32_t pic) const;
  /// The PIC of a port of the model with that medium and number; null if the machine has no such
  /// port or is configured not to have it. Service interfaces are not ports.
  const PicModel* port(const PortName& name) const;
  bool has_port(const PortName& name) const;  ///< as the model has it
  /// What a port is configured to run at; 0 if it is not there.
  uint32_t port_gigabits(const PortName& name) const;
  /// All ports of the model, in order.
  std::vector<PortName> ports() const;

  // Numbers of the forwarding API.
  static uint32_t port_id(const PortName& name);
  uint32_t pfe_id(uint32_t fpc, uint32_t pic, uint32_t slice) const;
  uint32_t pfe_of(const PortName& port) const;
  uint32_t pfe_count(uint32_t fpc) const;

  SlotState fpc_state(uint32_t fpc) const { return fpcs_[fpc].state; }
  /// Offline by itself, or as its FPC is.
  SlotState pic_state(uint32_t fpc, uint32_t pic) const;
  Clock::time_point fpc_since(uint32_t fpc) const { return fpcs_[fpc].since; }
  /// When the PIC itself last came online; the epoch if it only ever did with its FPC.
  Clock::time_point pic_since(uint32_t fpc, uint32_t pic) const;
  Clock::time_point started() const { return started_; }
  bool online(const PortName& name) const;

  /// Takes an FPC out of service: its PFEs drop what they are given. False if it is so already.
  bool take_offline(uint32_t fpc);
  /// A restarting FPC forwards nothing until bring_online().
  void start(uint32_t fpc);
  /// Back in service, with everything sent again. False if it is so already.
  bool bring_online(uint32_t fpc);

  /// The same for one PIC: its ports have no link, what is anchored on it drops. False if it is so
  /// already, there is none, or its FPC is not online.
  bool take_pic_offline(uint32_t fpc, uint32_t pic);
  bool bring_pic_online(uint32_t fpc, uint32_t pic);

  void set_pic(uint32_t fpc, uint32_t pic, PicSettings settings);
  const PicSettings& settings(uint32_t fpc, uint32_t pic) const;
  bool inline_services(uint32_t fpc, uint32_t pic) const;
  /// The si- interfaces that exist.
  std::vector<Anchor> anchors() const;
  /// Whether si-f/p/n is one of them.
  bool has_service_interface(const PortName& name) const;

  /// Without unified services (`request system enable unified-services`) a machine has no inline
  /// services, whatever is configured. Set once, before the configuration is.
  void set_unified_services(bool on) { unified_services_ = on; }
  bool unified_services() const { return unified_services_; }

  void raise_alarm(const std::string& key, bool major, std::string description);
  void clear_alarm(const std::string& key);
  const std::map<std::string, Alarm>& alarms() const { return alarms_; }
  /// Called with each alarm that is new or says something else (`set`), and that is gone.
  std::function<void(const Alarm& alarm, bool set)> on_alarm;

  /// Called after a slot or inline services changed.
  void watch(std::function<void()> watcher) { watchers_.push_back(std::move(watcher)); }

 private:
  struct Fpc {
    SlotState state = SlotState::kOnline;
    Clock::time_point since;
    std::set<uint32_t> offline_pics;
    std::map<uint32_t, Clock::time_point> pics_since;
    std::map<uint32_t, PicSettings> pics;  ///< those that differ from the default
  };

  void set_state(uint32_t fpc, SlotState state);
  void send_pfes(uint32_t fpc);
  uint32_t pic_of(uint32_t fpc, uint32_t pfe) const;
  void changed();

  const ChassisModel& model_;
  Forwarding& forwarding_;
  Clock::time_point started_;
  bool unified_services_ = true;
  std::vector<Fpc> fpcs_;
  std::map<std::string, Alarm> alarms_;
  std::vector<std::function<void()>> watchers_;
};

}  // namespace nezu::chassis
