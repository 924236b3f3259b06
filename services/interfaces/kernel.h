#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "chassis/netlink.h"
#include "services/interfaces/plan.h"

namespace nezu::interfaces {

/// The kernel's half of the host path: devices of the RE's namespace with their addresses.
class Kernel {
 public:
  struct Link {
    int index = 0;
    bool up = false;
    bool carrier = false;
    bool dormant = false;  ///< carries packets, and is no way out for any route
    uint32_t mtu = 0;
    std::string mac;
    std::set<Address> addresses;
  };

  /// What is there now, by device name. `addresses` too.
  int dump(std::map<std::string, Link, std::less<>>& links);

  /// Makes the device what it is to be, changing only what differs; `mac` may be empty. Returns 0
  /// or the first errno.
  int set(const Link& there, const Link& wanted);

  /// Takes TAP and TUN devices away, whoever has them open. In company: each by itself waits for
  /// every processor, 20 ms with a thousand others around. Returns 0 or the first errno.
  int remove(const std::vector<int>& indexes);

  /// The carrier that the kernel sees on a TAP or TUN device; `descriptor` is one of the device's.
  /// What follows from it (routes, notifications) has happened when this returns, where the kernel
  /// can be asked for that (since 6.8); on others within a second.
  void set_carrier(int index, int descriptor, bool carrier);
  /// Whether a carrier puts the device into operation, or leaves it dormant (RFC 2863): then FRR
  /// uses no route by it, but it takes what is sent by it all the same. `carrier`: it has one now.
  void set_dormant(int index, bool dormant, bool carrier);
  /// Once, before anything else: an address that goes takes no other with it.
  static void prepare();
  /// Turns the kernel's own IPv6 addresses off (they are ours to choose), and IPv6 itself where it
  /// is not configured.
  static void set_inet6(const std::string& device, bool enabled);

 private:
  int dump_once(std::map<std::string, Link, std::less<>>& links);
  int remove_group(const std::vector<int>& indexes);
  int set_link(const Link& there, const Link& wanted);
  int set_address(int index, const Address& address, bool add);

  chassis::Netlink netlink_;
};

}  // namespace nezu::interfaces
