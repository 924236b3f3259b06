#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "chassis/interface_table.h"
#include "configdb/service.h"

/// What the configuration says about static routes, as plain values, and in FRR's words.
namespace nezu::routing {

constexpr uint32_t kStaticPreference = 5;
/// FRR's distance has 8 bits and its last value means unusable; 0 is for connected routes.
constexpr uint32_t kMostPreference = 254;

struct NextHop {
  std::string target;  ///< an address, or a logical interface ("st0.1")
  uint32_t preference = kStaticPreference;
  bool is_address() const;
};

struct StaticRoute {
  enum class Action { kForward, kDiscard, kReject };
  Action action = Action::kForward;
  bool inet6 = false;
  std::string table;  ///< where it is configured: "inet.0" or "inet6.0"
  uint32_t preference = kStaticPreference;
  std::optional<uint32_t> metric;
  std::vector<NextHop> next_hops;
};

/// By prefix, "2.2.2.0/24" ("default" is written out).
using StaticRoutes = std::map<std::string, StaticRoute, std::less<>>;

/// Reads `routing-options` below the root of an effective tree.
StaticRoutes read(const configdb::View& root);

/// All that is wrong with the static routes of `root`.
configdb::Problems check(const configdb::View& root);

/// What is configured, and the routes that a daemon has inserted: those are more next hops of a
/// prefix that both have. A configured discard or reject stands.
StaticRoutes merged(StaticRoutes configured, const StaticRoutes& inserted);

/// The lines of staticd's configuration that make these routes.
std::set<std::string> frr_lines(const StaticRoutes& routes, const chassis::InterfaceTable& table);

}  // namespace nezu::routing
