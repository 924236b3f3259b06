#pragma once
#include "chassis/chassis.h"
#include "configdb/service.h"

namespace nezu::chassis_service {

/// `chassis`: tells the machine which PICs have inline services.
class ChassisService final : public configdb::Service {
 public:
  explicit ChassisService(chassis::Chassis& chassis) : chassis_(chassis) {}

  std::string_view name() const override { return "chassis"; }
  std::vector<std::string> claims() const override { return {"chassis"}; }
  void check(const configdb::Delta& delta, std::function<void(configdb::Problems)> done) override;
  void apply(const configdb::Delta& delta, std::function<void()> done) override;

 private:
  chassis::Chassis& chassis_;
};

/// Everything wrong with `chassis`, and IPsec gateways on ports that cannot do IPsec. `before`: the
/// root of what the commit changes; what was wrong for the machine then is only warned of.
configdb::Problems check_chassis(const configdb::View& root, const chassis::Chassis& chassis,
                                 const configdb::View& before = {});

}  // namespace nezu::chassis_service
