#pragma once
#include <QSocketNotifier>
#include <QTimer>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "chassis/chassis.h"
#include "chassis/forwarding.h"
#include "chassis/interface_table.h"
#include "configdb/service.h"
#include "services/mgmt/rpc.h"
#include "services/routing/config.h"
#include "services/routing/frr.h"
#include "services/routing/links.h"
#include "services/routing/neighbours.h"
#include "services/routing/routes.h"

namespace nezu::routing {

/// Static routes into FRR, and the kernel's routes and neighbours into the forwarding plane.
class Routing final : public configdb::Service {
 public:
  struct Paths {
    std::string frr_files = "/etc/frr";
    std::string frr_sockets = "/run/frr";
  };

  /// Holds the forwarding state back until start() has read the kernel's tables.
  Routing(chassis::Chassis& chassis, chassis::Forwarding& forwarding,
          chassis::InterfaceTable& table, const Paths& paths);

  /// Call once, after the configuration was applied for the first time and the devices are there.
  void start();
  void add_rpcs(mgmt::Registry& registry);

  std::string_view name() const override { return "routing"; }
  std::vector<std::string> claims() const override { return {"routing-options"}; }
  void check(const configdb::Delta& delta, std::function<void(configdb::Problems)> done) override;
  void apply(const configdb::Delta& delta, std::function<void()> done) override;
  std::string behind() const override;

  /// Routes of other daemons, all of them: those of before that are not named are withdrawn.
  void insert(StaticRoutes routes);

  const Routes& routes() const { return routes_; }
  const Neighbours& neighbours() const { return neighbours_; }
  const StaticRoutes& static_routes() const { return static_routes_; }

 private:
  void listen();
  void read_changes();
  void take(const nlmsghdr& message);
  void take_link(const nlmsghdr& message);
  void dump();
  void tick();
  void neighbour_wanted(uint32_t interface, const std::string& address);
  bool expected(const Prefix& prefix);

  chassis::Chassis& chassis_;
  chassis::Forwarding& forwarding_;
  chassis::InterfaceTable& table_;
  StaticRoutes configured_;
  StaticRoutes inserted_;
  StaticRoutes static_routes_;  ///< both
  Frr frr_;
  std::string trouble_;  ///< of FRR, since the last commit or before
  Links links_;
  Routes routes_;
  Neighbours neighbours_;
  chassis::Netlink requests_;
  std::unique_ptr<chassis::Netlink> monitor_;
  std::unique_ptr<QSocketNotifier> notifier_;
  QTimer dump_;         ///< a dump is due soon
  QTimer ticks_;        ///< runs while there is something to expire or to probe
  int resolve_budget_;  ///< until the next tick
  bool started_ = false;
  bool dumped_ = false;  ///< the kernel's tables were read whole, once at least
};

}  // namespace nezu::routing
