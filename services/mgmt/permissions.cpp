#include "services/mgmt/permissions.h"

#include <array>
#include <string>

namespace nezu::mgmt {
namespace {
using P = Permission;

constexpr std::array<PermissionWord, kPermissions> kWords = {{
    {P::kAccess, "access", "Can view access configuration"},
    {P::kAccessControl, "access-control", "Can modify access configuration"},
    {P::kAdmin, "admin", "Can view user accounts"},
    {P::kAdminControl, "admin-control", "Can modify user accounts"},
    {P::kAll, "all", "All permission bits turned on"},
    {P::kClear, "clear", "Can clear learned network info"},
    {P::kConfigure, "configure", "Can enter configuration mode"},
    {P::kControl, "control", "Can modify any config"},
    {P::kField, "field", "Can use field debug commands"},
    {P::kFirewall, "firewall", "Can view firewall configuration"},
    {P::kFirewallControl, "firewall-control", "Can modify firewall configuration"},
    {P::kFloppy, "floppy", "Can read and write the floppy"},
    {P::kInterface, "interface", "Can view interface configuration"},
    {P::kInterfaceControl, "interface-control", "Can modify interface configuration"},
    {P::kMaintenance, "maintenance", "Can become the super-user"},
    {P::kNetwork, "network", "Can access the network"},
    {P::kReset, "reset", "Can reset/restart interfaces and daemons"},
    {P::kRollback, "rollback", "Can rollback to previous configurations"},
    {P::kRouting, "routing", "Can view routing configuration"},
    {P::kRoutingControl, "routing-control", "Can modify routing configuration"},
    {P::kSecret, "secret", "Can view secret statements"},
    {P::kSecretControl, "secret-control", "Can modify secret statements"},
    {P::kSecurity, "security", "Can view security configuration"},
    {P::kSecurityControl, "security-control", "Can modify security configuration"},
    {P::kShell, "shell", "Can start a local shell"},
    {P::kSnmp, "snmp", "Can view SNMP configuration"},
    {P::kSnmpControl, "snmp-control", "Can modify SNMP configuration"},
    {P::kSystem, "system", "Can view system configuration"},
    {P::kSystemControl, "system-control", "Can modify system configuration"},
    {P::kTrace, "trace", "Can view trace file settings"},
    {P::kTraceControl, "trace-control", "Can modify trace file settings"},
    {P::kView, "view", "Can view current values and statistics"},
    {P::kViewConfiguration, "view-configuration",
     "Can view all configuration (not including secrets)"},
}};

struct Need {
  std::string_view words;
  std::optional<Permission> permission;
};

// The longest that a command begins with counts. What is not named here needs `all`.
constexpr Need kOperational[] = {
    {"clear", P::kClear},
    {"clear log", P::kTrace},
    {"clear security pki", P::kMaintenance},
    {"configure", P::kConfigure},
    {"exit", std::nullopt},
    {"file", P::kMaintenance},
    {"help", std::nullopt},
    {"monitor", P::kTrace},
    {"mtrace", P::kNetwork},
    {"ping", P::kNetwork},
    {"quit", std::nullopt},
    {"request", P::kMaintenance},
    {"restart", P::kReset},
    {"set", std::nullopt},
    {"set date", P::kMaintenance},
    {"show", P::kView},
    {"show cli", std::nullopt},
    {"show log", P::kTrace},
    {"show system configuration rescue", P::kMaintenance},
    {"ssh", P::kNetwork},
    {"start", P::kShell},
    {"telnet", P::kNetwork},
    {"test", P::kView},
    {"traceroute", P::kNetwork},
};

struct Hierarchy {
  std::string_view name;
  Permission view, change;
};
constexpr Hierarchy kHierarchies[] = {
    {"access", P::kAccess, P::kAccessControl},
    {"bridge-domains", P::kRouting, P::kRoutingControl},
    {"chassis", P::kInterface, P::kInterfaceControl},
    {"class-of-service", P::kInterface, P::kInterfaceControl},
    {"firewall", P::kFirewall, P::kFirewallControl},
    {"forwarding-options", P::kInterface, P::kInterfaceControl},
    {"interfaces", P::kInterface, P::kInterfaceControl},
    {"policy-options", P::kRouting, P::kRoutingControl},
    {"protocols", P::kRouting, P::kRoutingControl},
    {"routing-instances", P::kRouting, P::kRoutingControl},
    {"routing-options", P::kRouting, P::kRoutingControl},
    {"security", P::kSecurity, P::kSecurityControl},
    {"services", P::kInterface, P::kInterfaceControl},
    {"snmp", P::kSnmp, P::kSnmpControl},
    {"switch-options", P::kRouting, P::kRoutingControl},
    {"system", P::kSystem, P::kSystemControl},
};

bool begins_with(std::string_view words, std::string_view beginning) {
  return words.starts_with(beginning) &&
         (words.size() == beginning.size() || words[beginning.size()] == ' ');
}

const Hierarchy& hierarchy_of(const grammar::Path& path) {
  static constexpr Hierarchy kUnknown = {"", P::kAll, P::kAll};
  static constexpr Hierarchy kAccounts = {"", P::kAdmin, P::kAdminControl};
  static constexpr Hierarchy kInheritance = {"", P::kConfigure, P::kConfigure};
  // What is in a group is what it would be outside.
  const size_t first = !path.empty() && path[0].statement->groups ? 1 : 0;
  if (path.size() <= first || path[first].statement->inheritance != grammar::Inheritance::kNone)
    return kInheritance;
  const std::string& name = path[first].statement->name;
  const std::string second = path.size() > first + 1 ? path[first + 1].statement->name.str() : "";
  if (name == "system" && (second == "login" || second == "root-authentication")) return kAccounts;
  for (const Hierarchy& each : kHierarchies)
    if (each.name == name) return each;
  return kUnknown;
}
}  // namespace

std::optional<Permissions> Permissions::of_class(std::string_view name) {
  Permissions made;
  if (name == "super-user" || name == "superuser") {
    made.add(P::kAll);
  } else if (name == "operator") {
    for (const P each : {P::kClear, P::kNetwork, P::kReset, P::kTrace, P::kView}) made.add(each);
  } else if (name == "read-only") {
    made.add(P::kView);
  } else if (name != "unauthorized") {
    return std::nullopt;
  }
  return made;
}

bool Permissions::add(std::string_view word) {
  for (const PermissionWord& each : kWords)
    if (each.word == word) return add(each.permission), true;
  return false;
}

bool Permissions::has(Permission permission) const {
  return flags_.test(static_cast<size_t>(permission)) ||
         flags_.test(static_cast<size_t>(Permission::kAll));
}

const PermissionWord& word_of(size_t permission) {
  return kWords.at(permission);
}

std::optional<Permission> needed_for_command(std::string_view words, bool configuration_mode) {
  // Whoever is in configuration mode was let in; what he does there is asked statement by
  // statement.
  if (configuration_mode) {
    if (begins_with(words, "rollback")) return P::kRollback;
    // It changes what it does not name.
    if (begins_with(words, "replace")) return P::kSecret;
    return std::nullopt;
  }
  const Need* found = nullptr;
  for (const Need& each : kOperational)
    if (begins_with(words, each.words) && (!found || found->words.size() < each.words.size()))
      found = &each;
  return found ? found->permission : std::optional(P::kAll);
}

bool tells_keys(std::string_view words) {
  return begins_with(words, "request security ike debug-keys") ||
         begins_with(words, "request security pki key-pair export");
}

Permission needed_to_view(const grammar::Path& path) {
  return hierarchy_of(path).view;
}

Permission needed_to_change(const grammar::Path& path) {
  return hierarchy_of(path).change;
}

}  // namespace nezu::mgmt
