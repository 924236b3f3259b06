#pragma once
#include <linux/netlink.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "chassis/forwarding.h"
#include "chassis/netlink.h"
#include "services/routing/links.h"

namespace nezu::routing {

/// The kernel's neighbours of the RE's namespace, copied into the forwarding state, and kept
/// fresh: the kernel does not see the plane's traffic, so it is asked to probe what grew stale.
class Neighbours {
 public:
  struct Key {
    uint32_t interface = 0;  ///< logical interface index
    std::string address;     ///< octets
    auto operator<=>(const Key&) const = default;
  };
  struct Entry {
    std::string mac;  ///< 6 octets
    std::string interface;
    uint16_t state = 0;  ///< NUD_…
    bool router = false;
    uint32_t confirmed_ms = 0;  ///< ago, when it was last told
    std::chrono::steady_clock::time_point told;
  };

  Neighbours(chassis::Forwarding& forwarding, const Links& links)
      : forwarding_(forwarding), links_(links) {}

  /// Reads all; what is not there any more goes. 0 or an errno.
  int dump(chassis::Netlink& requests);
  /// RTM_NEWNEIGH or RTM_DELNEIGH.
  void take(const nlmsghdr& message);
  void forget(uint32_t interface);

  /// Makes the kernel resolve an address that the plane has a packet for.
  void resolve(chassis::Netlink& requests, const chassis::InterfaceName& interface,
               const std::string& address);
  /// Probes at most `most` of those that grew stale. True while some are left.
  bool probe_stale(chassis::Netlink& requests, size_t most);

  const std::map<Key, Entry>& entries() const { return entries_; }

 private:
  void set(const Key& key, Entry entry);
  void unset(const Key& key);

  chassis::Forwarding& forwarding_;
  const Links& links_;
  std::map<Key, Entry> entries_;
  std::set<Key> stale_;
};

}  // namespace nezu::routing
