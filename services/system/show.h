#pragma once
#include <chrono>
#include <functional>
#include <string>

#include "services/mgmt/rpc.h"
#include "services/system/service.h"

namespace nezu::system {

/// Who changed the configuration last.
struct Configured {
  std::chrono::system_clock::time_point when;
  std::string user;  ///< "" if nobody ever did
};

/// What the shows need to know; `service` outlives them.
struct Facts {
  const SystemService& service;
  std::string model;  ///< "mx304"
  std::function<Configured()> configured;
  std::chrono::system_clock::time_point booted;
};

/// When a process of the router started ("1": the router itself).
std::chrono::system_clock::time_point started(const std::string& process);

/// show version, show system uptime.
void add_rpcs(mgmt::Registry& registry, const Facts& facts);

}  // namespace nezu::system
