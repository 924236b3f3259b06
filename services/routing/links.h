#pragma once
#include <linux/netlink.h>

#include <cstdint>
#include <map>
#include <string>

#include "chassis/interface_table.h"
#include "chassis/netlink.h"

namespace nezu::routing {

/// The kernel's devices, as far as routes and neighbours name them.
class Links {
 public:
  explicit Links(const chassis::InterfaceTable& table) : table_(table) {}

  /// 0 or an errno.
  int dump(chassis::Netlink& requests);
  /// RTM_NEWLINK or RTM_DELLINK. True if a device came, went, or changed between up and down.
  bool take(const nlmsghdr& message);

  /// The logical interface that a device carries; null if it is none of ours.
  const chassis::InterfaceName* interface(int index) const;
  const chassis::InterfaceName* named(uint32_t index) const { return table_.find(index); }
  int index_of(const chassis::InterfaceName& interface) const;  ///< 0: it has no device
  bool up(int index) const;

 private:
  struct Link {
    std::string device;
    bool up = false;
    std::string state;  ///< IFLA_OPERSTATE as it came
  };
  const chassis::InterfaceTable& table_;
  std::map<int, Link> links_;
};

}  // namespace nezu::routing
