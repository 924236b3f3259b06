#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "services/interfaces/service.h"

namespace nezu::interfaces {

/// Which interfaces came up and went down since the last look, for the log.
class LinkTraps {
 public:
  /// "SNMP_TRAP_LINK_DOWN", "ifIndex 561, ifAdminStatus up(1), ifOperStatus down(2), ifName
  /// si-0/0/0".
  using Log = std::function<void(std::string_view tag, const std::string& text)>;

  /// What is seen for the first time is only remembered.
  void look(const InterfacesService& service, const Log& log);

 private:
  std::map<std::string, bool> known_;
};

}  // namespace nezu::interfaces
