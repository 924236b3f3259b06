#include "services/re_offline.h"

#include <fmt/format.h>

#include <QCoreApplication>
#include <functional>
#include <vector>

#include "chassis/chassis.h"
#include "configdb/database.h"
#include "configdb/deadline.h"
#include "configdb/machine.h"
#include "grammar/schema.h"
#include "services/chassis/service.h"
#include "services/ike/settings/check.h"
#include "services/ike/settings/settings.h"
#include "services/interfaces/check.h"
#include "services/mgmt/cli_session.h"
#include "services/mgmt/server.h"
#include "services/routing/config.h"
#include "services/system/service.h"

namespace nezu::re {
namespace {
using configdb::Delta;
using configdb::Problems;

/// What a service says to a change, without the service.
class Checker final : public configdb::Service {
 public:
  using Check = std::function<Problems(const Delta&)>;
  Checker(std::string name, std::vector<std::string> claims, Check check)
      : name_(std::move(name)), claims_(std::move(claims)), check_(std::move(check)) {}

  std::string_view name() const override { return name_; }
  std::vector<std::string> claims() const override { return claims_; }
  void check(const Delta& delta, std::function<void(Problems)> done) override {
    done(check_(delta));
  }
  void apply(const Delta&, std::function<void()> done) override { done(); }

 private:
  std::string name_;
  std::vector<std::string> claims_;
  Check check_;
};
}  // namespace

struct Offline::Parts {
  explicit Parts(OfflineOptions wanted) : options(std::move(wanted)) {}

  std::string open();
  void make_services(const chassis::ChassisModel& model);

  OfflineOptions options;
  chassis::Forwarding forwarding;
  std::unique_ptr<chassis::Chassis> machine;
  std::shared_ptr<const grammar::Schema> schema;
  std::unique_ptr<configdb::Database> database;
  std::vector<std::unique_ptr<configdb::Service>> services;
  mgmt::Registry registry;  // empty: there is nothing to show but the configuration
  std::unique_ptr<mgmt::Router> commands;
  std::unique_ptr<mgmt::Server> management;
};

std::string Offline::Parts::open() {
  const chassis::ChassisModel* model = chassis::find_model(options.model);
  if (!model) return "unknown chassis model '" + options.model + "'";
  schema = grammar::Schema::open(grammar::schema_file());
  configdb::this_machine().model = model->name;
  configdb::this_machine().routing_engines = model->routing_engines;
  auto opened = configdb::Database::open(
      options.data + "/configuration.db", schema, nullptr, [now = options.clock] {
        return configdb::Now{now, configdb::machine_clock().uptime, "offline"};
      });
  if (!opened.database) return opened.error;
  database = std::move(opened.database);
  make_services(*model);
  if (const auto lost = database->unclaimed(); !lost.empty())
    return fmt::format("statements that nobody acts upon: {}", fmt::join(lost, ", "));
  return "";
}

// In the order in which a router's services answer.
void Offline::Parts::make_services(const chassis::ChassisModel& model) {
  machine = std::make_unique<chassis::Chassis>(model, forwarding);
  services.push_back(std::make_unique<system::SystemService>(false));
  services.push_back(std::make_unique<chassis_service::ChassisService>(*machine));
  services.push_back(
      std::make_unique<Checker>("interfaces", interfaces::claims(), [this](const Delta& delta) {
        return interfaces::check_interfaces(delta.after(), *machine);
      }));
  services.push_back(
      std::make_unique<Checker>("routing", std::vector<std::string>{"routing-options"},
                                [](const Delta& delta) { return routing::check(delta.after()); }));
  services.push_back(std::make_unique<Checker>("iked", ike::claims(), ike::check));
  for (const auto& service : services) database->add(*service);
}

Offline::Offline(OfflineOptions options) : parts_(std::make_unique<Parts>(std::move(options))) {}
Offline::~Offline() = default;

std::string Offline::start(int socket) {
  if (std::string error = parts_->open(); !error.empty()) return error;
  Parts& parts = *parts_;
  parts.commands =
      std::make_unique<mgmt::Router>(mgmt::Router{parts.schema, *parts.database, parts.registry});
  parts.management =
      std::make_unique<mgmt::Server>(parts.registry, mgmt::open_command_lines(*parts.commands));
  std::string error;
  parts.database->start(
      [&] { error = parts.management->serve(socket, [] { QCoreApplication::quit(); }); });
  return error;
}

}  // namespace nezu::re
