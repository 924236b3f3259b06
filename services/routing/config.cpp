#include "services/routing/config.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace nezu::routing {
using configdb::View;

namespace {

constexpr std::array kTables = {"inet.0", "inet6.0"};

bool is_inet6(std::string_view prefix) {
  return prefix.find(':') != prefix.npos;
}

std::string written_out(std::string_view prefix, std::string_view table) {
  if (prefix != "default") return std::string(prefix);
  return table == "inet6.0" ? "::/0" : "0.0.0.0/0";
}

uint32_t number(const View& presence, uint32_t otherwise) {
  return presence ? static_cast<uint32_t>(presence["metric-value"].number()) : otherwise;
}

StaticRoute read_route(const View& entry, std::string_view table) {
  StaticRoute route;
  route.table = table;
  route.inet6 = is_inet6(written_out(entry.key(), table));
  route.preference = number(entry["preference"], kStaticPreference);
  if (entry["metric"]) route.metric = number(entry["metric"], 0);
  if (entry["discard"]) route.action = StaticRoute::Action::kDiscard;
  if (entry["reject"]) route.action = StaticRoute::Action::kReject;
  for (const std::string& target : entry.values("next-hop"))
    route.next_hops.push_back({target, route.preference});
  for (const View& qualified : entry.entries("qualified-next-hop")) {
    const View preference = qualified["preference"];
    route.next_hops.push_back(
        {std::string(qualified.key()),
         preference ? static_cast<uint32_t>(preference.number()) : route.preference});
  }
  return route;
}

/// The `static` of each table that has one, with the words that lead to it.
struct Place {
  std::string table;
  View routes;
  std::vector<std::string> path;
};

std::vector<Place> places(const View& root) {
  const View options = root["routing-options"];
  std::vector<Place> found = {{"inet.0", options["static"], {"routing-options", "static"}}};
  for (const char* table : kTables)
    found.push_back({table,
                     options.entry("rib", table)["static"],
                     {"routing-options", "rib", table, "static"}});
  return found;
}

// Tables of the schema that this machine does not have: their routes go nowhere.
void check_tables(const View& root, configdb::Problems& problems) {
  for (const View& table : root["routing-options"].entries("rib")) {
    const bool known = std::find(kTables.begin(), kTables.end(), table.key()) != kTables.end();
    if (known || !table["static"]) continue;
    problems.push_back({{"routing-options", "rib", std::string(table.key())},
                        "static",
                        "routes of this table have no effect; only inet.0 and inet6.0 are there",
                        true});
  }
}

bool configured(const View& root, const std::string& interface) {
  const size_t dot = interface.rfind('.');
  const std::string unit = dot == interface.npos ? "0" : interface.substr(dot + 1);
  return static_cast<bool>(
      root["interfaces"].entry("interface", interface.substr(0, dot)).entry("unit", unit));
}

/// Collects what is wrong with one route.
class Checker {
 public:
  Checker(const View& root, const Place& place, const View& entry, configdb::Problems& problems)
      : root_(root), problems_(problems), path_(place.path), prefix_(entry.key()) {
    path_.insert(path_.end(), {"route", prefix_});
    run(read_route(entry, place.table), place.table == "inet6.0");
  }

 private:
  void problem(std::string statement, std::string message) {
    problems_.push_back({path_, std::move(statement), std::move(message)});
  }

  // Of the route as a whole: it is a statement of the level above.
  void route_problem(std::string message) {
    const std::vector<std::string> above(path_.begin(), path_.end() - 2);
    problems_.push_back({above, "route " + prefix_, std::move(message)});
  }

  void run(const StaticRoute& route, bool inet6_table) {
    if (route.inet6 != inet6_table)
      route_problem("prefix is not of the address family of the routing table");
    if (route.action == StaticRoute::Action::kForward && route.next_hops.empty())
      route_problem("RT: Invalid next hop: static route has no next hop");
    check_preference(route.preference, "preference");
    for (const NextHop& hop : route.next_hops) check_hop(route, hop);
  }

  void check_preference(uint32_t preference, const std::string& statement) {
    if (preference >= 1 && preference <= kMostPreference) return;
    problem(statement, "preference " + std::to_string(preference) + " is not supported here (1.." +
                           std::to_string(kMostPreference) + ")");
  }

  void check_hop(const StaticRoute& route, const NextHop& hop) {
    if (hop.preference != route.preference)
      check_preference(hop.preference, "qualified-next-hop " + hop.target);
    if (hop.is_address()) {
      if (is_inet6(hop.target) != route.inet6)
        problem("next-hop " + hop.target, "next hop is not of the route's address family");
    } else if (!configured(root_, hop.target)) {
      problem("next-hop " + hop.target, "interface " + hop.target + " is not configured");
    }
  }

  const View& root_;
  configdb::Problems& problems_;
  std::vector<std::string> path_;
  std::string prefix_;
};

std::string device_of(const std::string& target, const chassis::InterfaceTable& table) {
  const std::string name = target.find('.') == target.npos ? target + ".0" : target;
  const chassis::InterfaceName* known = table.find(name);
  return known ? known->device : chassis::device_name(name, 0);
}

/// As FRR prints it back: a distance of 1 is its own default and left out.
std::string frr_line(const std::string& start, const std::string& target, uint32_t distance) {
  return start + target + (distance == 1 ? "" : " " + std::to_string(distance));
}

}  // namespace

bool NextHop::is_address() const {
  in6_addr octets;
  return inet_pton(AF_INET, target.c_str(), &octets) == 1 ||
         inet_pton(AF_INET6, target.c_str(), &octets) == 1;
}

StaticRoutes read(const View& root) {
  StaticRoutes routes;
  for (const Place& place : places(root))
    for (const View& entry : place.routes.entries("route"))
      routes[written_out(entry.key(), place.table)] = read_route(entry, place.table);
  return routes;
}

StaticRoutes merged(StaticRoutes configured, const StaticRoutes& inserted) {
  for (const auto& [prefix, route] : inserted) {
    const auto [place, fresh] = configured.try_emplace(prefix, route);
    StaticRoute& known = place->second;
    if (fresh || known.action != StaticRoute::Action::kForward) continue;
    for (const NextHop& hop : route.next_hops)
      if (std::none_of(known.next_hops.begin(), known.next_hops.end(),
                       [&](const NextHop& each) { return each.target == hop.target; }))
        known.next_hops.push_back(hop);
  }
  return configured;
}

configdb::Problems check(const View& root) {
  configdb::Problems problems;
  check_tables(root, problems);
  for (const Place& place : places(root))
    for (const View& entry : place.routes.entries("route")) Checker(root, place, entry, problems);
  return problems;
}

std::set<std::string> frr_lines(const StaticRoutes& routes, const chassis::InterfaceTable& table) {
  std::set<std::string> lines;
  for (const auto& [prefix, route] : routes) {
    const std::string start = (route.inet6 ? "ipv6 route " : "ip route ") + prefix + " ";
    if (route.action == StaticRoute::Action::kDiscard)
      lines.insert(frr_line(start, "blackhole", route.preference));
    if (route.action == StaticRoute::Action::kReject)
      lines.insert(frr_line(start, "reject", route.preference));
    for (const NextHop& hop : route.next_hops)
      lines.insert(frr_line(start, hop.is_address() ? hop.target : device_of(hop.target, table),
                            hop.preference));
  }
  return lines;
}

}  // namespace nezu::routing
