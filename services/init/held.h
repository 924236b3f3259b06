#pragma once
#include <map>
#include <string>

#include "services/init/protocol.h"

/// Devices that outlive every crash but init's: their descriptors by name.
namespace nezu::init {

class Held {
 public:
  /// Opens the device, or gives what is held under that name. Negative: an errno.
  int open(Op op, const std::string& name);
  /// 0, or ENOENT.
  int release(const std::string& name);

  struct Device {
    Op op;
    int descriptor;
  };
  const std::map<std::string, Device>& devices() const { return devices_; }

 private:
  std::map<std::string, Device> devices_;
};

/// A NETLINK_ROUTE socket of the ports' namespace; negative: an errno.
int open_ports_netlink();

}  // namespace nezu::init
