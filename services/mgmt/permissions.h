#pragma once
#include <bitset>
#include <optional>
#include <string_view>

#include "grammar/path.h"

/// The permission flags of login classes, and what each is needed for.
namespace nezu::mgmt {

enum class Permission {
  kAccess,
  kAccessControl,
  kAdmin,
  kAdminControl,
  kAll,
  kClear,
  kConfigure,
  kControl,
  kField,
  kFirewall,
  kFirewallControl,
  kFloppy,
  kInterface,
  kInterfaceControl,
  kMaintenance,
  kNetwork,
  kReset,
  kRollback,
  kRouting,
  kRoutingControl,
  kSecret,
  kSecretControl,
  kSecurity,
  kSecurityControl,
  kShell,
  kSnmp,
  kSnmpControl,
  kSystem,
  kSystemControl,
  kTrace,
  kTraceControl,
  kView,
  kViewConfiguration,
};
constexpr size_t kPermissions = static_cast<size_t>(Permission::kViewConfiguration) + 1;

class Permissions {
 public:
  /// Of a predefined class: super-user, operator, read-only, unauthorized; nullopt: it is none.
  static std::optional<Permissions> of_class(std::string_view name);

  void add(Permission permission) { flags_.set(static_cast<size_t>(permission)); }
  bool add(std::string_view word);  ///< false: there is no such permission
  /// Whether it, or `all`, is there.
  bool has(Permission permission) const;

 private:
  std::bitset<kPermissions> flags_;
};

struct PermissionWord {
  Permission permission;
  const char* word;
  const char* help;  ///< as `show cli authorization` has it
};
/// All, in the order of Permission.
const PermissionWord& word_of(size_t permission);

/// What a command needs, by the words it begins with; nullopt: it is open to everybody.
std::optional<Permission> needed_for_command(std::string_view words, bool configuration_mode);

/// Whether an operational command hands out keys: that takes `secret` besides.
bool tells_keys(std::string_view words);

/// What it takes to see the statement at a path, or to change it.
Permission needed_to_view(const grammar::Path& path);
Permission needed_to_change(const grammar::Path& path);

}  // namespace nezu::mgmt
