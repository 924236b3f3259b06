#pragma once
#include <linux/netlink.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "chassis/forwarding.h"
#include "chassis/netlink.h"
#include "services/routing/links.h"

namespace nezu::routing {

using Clock = std::chrono::steady_clock;

struct Prefix {
  std::string octets;  ///< 4 or 16, network byte order, host bits zero
  uint8_t length = 0;

  bool inet6() const { return octets.size() == 16; }
  std::string text() const;  ///< "2.2.2.0/24"
  /// IPv4 before IPv6, then by address, short before long.
  bool operator<(const Prefix& other) const;
  bool operator==(const Prefix&) const = default;
  bool covers(const Prefix& other) const;
};

std::string address_text(const std::string& octets);

struct Hop {
  int device = 0;      ///< kernel's index
  uint32_t index = 0;  ///< of the logical interface
  std::string interface;
  std::string gateway;  ///< octets; empty: on the link
  bool operator==(const Hop&) const = default;
};

/// A route of the kernel.
struct Route {
  enum class Action { kForward, kDiscard, kReject, kLocal };
  Action action = Action::kForward;
  uint8_t protocol = 0;  ///< RTPROT_…
  std::vector<Hop> hops;
  Clock::time_point since;
  bool same(const Route& other) const {
    return action == other.action && protocol == other.protocol && hops == other.hops;
  }
};

/// The kernel's routes of the RE's namespace, copied into the forwarding state. The kernel prefers,
/// among routes to one prefix, the lowest metric; only that one is forwarded by.
class Routes {
 public:
  Routes(chassis::Forwarding& forwarding, const Links& links)
      : forwarding_(forwarding), links_(links) {}

  /// Reads all routes; what is not there any more goes. 0 or an errno.
  int dump(chassis::Netlink& requests);
  /// RTM_NEWROUTE or RTM_DELROUTE. False: it cannot be understood from the message alone, dump.
  bool take(const nlmsghdr& message);
  /// Whether a route was left out because this device had no carrier then.
  bool misses(int device) const { return dark_.contains(device); }
  /// Gives up what names this interface, before it goes.
  void forget(uint32_t interface);

  /// Whether a route that the kernel lost is only being sent again (its daemon restarts), so that
  /// it is to be used for a while longer. Asked only while its interfaces are up.
  std::function<bool(const Prefix&)> is_expected;
  /// Ends the time of those, three seconds after the daemon has `settled`; call it now and then.
  /// True while there are any.
  bool expire(Clock::time_point now, bool settled = true);

  /// What is forwarded by: the best route of each prefix.
  const std::map<Prefix, Route>& active() const { return active_; }
  const std::map<Prefix, Route>& locals() const { return locals_; }

 private:
  struct Parsed {
    Prefix prefix;
    uint32_t metric = 0;
    Route route;
    std::vector<int> dark;  ///< devices of hops that are left out, for they have no carrier
  };
  using Metrics = std::map<uint32_t, Route>;

  enum class Reading { kOurs, kNotOurs, kBroken };
  Reading parse(const nlmsghdr& message, Parsed& parsed) const;
  bool read_hops(const nlmsghdr& message, Parsed& parsed) const;
  void add_hop(int device, std::string_view gateway, Route& route) const;
  void note_dark(const Parsed& parsed) { dark_.insert(parsed.dark.begin(), parsed.dark.end()); }
  void add(std::map<Prefix, Metrics>& to, Parsed parsed);
  bool remove(const Parsed& parsed);
  void choose(const Prefix& prefix);
  void set(const Prefix& prefix, const Route& route);
  void unset(const Prefix& prefix);
  bool lingers(const Prefix& prefix, const Route& route);

  chassis::Forwarding& forwarding_;
  const Links& links_;
  std::map<Prefix, Metrics> all_;
  std::map<Prefix, Route> active_;
  std::map<Prefix, Route> locals_;
  std::map<Prefix, Clock::time_point> lingering_;
  std::set<int> dark_;  ///< devices of what was left out since everything was read
};

}  // namespace nezu::routing
