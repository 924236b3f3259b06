#pragma once
#include <QTimer>
#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "chassis/chassis.h"
#include "chassis/interface_table.h"
#include "configdb/service.h"
#include "services/interfaces/bridge.h"
#include "services/interfaces/check.h"
#include "services/interfaces/kernel.h"
#include "services/interfaces/plan.h"
#include "services/interfaces/wires.h"
#include "services/state/tables.h"

namespace nezu::interfaces {

/// What the service works with; outlives it.
struct Surroundings {
  chassis::Chassis& chassis;
  chassis::Forwarding& forwarding;
  chassis::InterfaceTable& table;
  Devices& devices;
  state::Tables& tables;
  Mac base;  ///< the machine's first MAC address
};

/// `interfaces`, `bridge-domains`, `switch-options`: makes the devices of the host path, tells the
/// forwarding plane of ports, logical interfaces and local addresses, and publishes the state
/// tables "interface" and "anchor".
///
/// Everything is done by reconcile(), which compares what is to be with what is. So boot, restart
/// (the devices are there already), a commit, a cable and an FPC's return are one case. The
/// forwarding state is held back until it first got to everything there is.
class InterfacesService final : public configdb::Service {
 public:
  explicit InterfacesService(Surroundings surroundings);

  std::string_view name() const override { return "interfaces"; }
  std::vector<std::string> claims() const override { return interfaces::claims(); }
  void check(const configdb::Delta& delta, std::function<void(configdb::Problems)> done) override;
  void apply(const configdb::Delta& delta, std::function<void()> done) override;
  std::string behind() const override;

  /// For the log.
  std::function<void(const std::string&)> on_error;
  /// Called when everything was seen to: somebody may look for what came up and went down.
  std::function<void()> on_reconciled;

  /// What is in force, for shows.
  struct Status {
    Logical logical;
    bool up = false;  ///< enabled, and its link there
  };
  using Statuses = std::map<std::string, Status, std::less<>>;
  const Statuses& statuses() const { return statuses_; }
  const Configuration& configuration() const { return configuration_; }
  const Switching& switching() const { return switching_; }
  const Surroundings& surroundings() const { return around_; }
  /// Of a port: there is a wire; it has a carrier.
  bool present(const chassis::PortName& port) const;
  bool link(const chassis::PortName& port) const;
  bool port_enabled(const chassis::PortName& port) const;
  /// When the link last changed; the epoch if it never did.
  std::chrono::system_clock::time_point port_flapped(const chassis::PortName& port) const;

 private:
  using Links = std::map<std::string, Kernel::Link, std::less<>>;

  void look_soon();
  void reconcile();
  void reconcile_once();
  void start_wires();
  void release_hold();
  void remove_missing(const Plan& wanted);
  void remove_devices(const std::vector<std::string>& names);
  void set_wires();
  void set_ports();
  void set_port(const chassis::PortName& port, bool ready);
  void open_devices(const Plan& wanted);
  void set_interfaces(const Plan& wanted);
  void set_bridges(const Plan& wanted);
  void set_interface(const std::string& name, const Logical& logical, const Links& links);
  void set_kernel(const chassis::InterfaceName& entry, const Logical& logical,
                  const Kernel::Link& there);
  void set_forwarding(const chassis::InterfaceName& entry, const Logical* before,
                      const Logical& logical, bool up);
  void remove_from_plane(const chassis::InterfaceName& entry, const Logical& logical);
  void forget_wire(const std::string& device);
  void remove(const std::string& name);
  void clear_loopback();
  void release_strangers();
  bool link_up(const std::string& name, const Logical& logical, const Kernel::Link& there) const;
  /// Down, but asked through whether its far end is there again.
  bool is_monitored(const std::string& name, const Logical& logical) const;
  void set_link(const Kernel::Link& there, int descriptor, bool up, bool dormant);
  void publish_interfaces();
  void publish_anchors();
  void watch_anchor(const chassis::Anchor& anchor);
  void failed(const std::string& what, int error);
  void lacking(const std::string& what, int error);

  Surroundings around_;
  Configuration configuration_;
  Switching switching_;
  TunnelAnchors anchors_;
  Statuses statuses_;
  std::set<uint32_t> bridges_;  ///< that the plane has, by number
  std::map<std::string, chassis::Descriptor, std::less<>> descriptors_;  ///< TAP, TUN by device
  std::set<std::string> ready_ports_;             ///< that the plane reads, by device
  std::map<std::string, std::string> published_;  ///< rows of "interface", serialised
  std::map<std::string, std::string> published_anchors_;
  std::map<std::string, std::pair<bool, std::chrono::system_clock::time_point>> port_links_;
  Wires wires_;
  Kernel kernel_;
  QTimer soon_;  ///< what comes in company is seen to once
  std::chrono::steady_clock::time_point quiet_until_;
  QTimer retry_;
  bool failed_ = false;
  bool incomplete_ = false;         ///< the plane was not told of something that is there
  bool holding_ = true;             ///< the plane waits for the first complete reconcile()
  std::set<std::string> troubles_;  ///< what was logged since the last time all was well
  bool configured_ = false;         ///< apply() was called
  bool strangers_released_ = false;
  bool reconciling_ = false;
};

}  // namespace nezu::interfaces
