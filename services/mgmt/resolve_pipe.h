#pragma once
#include <map>
#include <memory>
#include <string>

#include "services/mgmt/pipes.h"

namespace nezu::mgmt {

/// Names by address, as /etc/hosts has them. A router asks no name server while it shows
/// something: nobody would answer for the time of it.
class HostTable {
 public:
  /// At most kMost bytes of the file; one that cannot be read is an empty table.
  static HostTable read(const std::string& path = "/etc/hosts");
  static constexpr size_t kMost = 1 << 20;

  /// "" if it has none.
  std::string name_of(const std::string& address) const;

 private:
  std::map<std::string, std::string> names_;  ///< by the address in its canonical form
};

/// `resolve`: a name in place of each IPv4 or IPv6 address that has one; without `full_names` its
/// first label alone.
std::unique_ptr<Filter> resolve_filter(HostTable hosts, bool full_names,
                                       std::unique_ptr<Filter> next);

}  // namespace nezu::mgmt
