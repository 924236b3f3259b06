#pragma once
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/mgmt/rpc.h"

/// `ping` and `traceroute`: the system's own programs, run in the RE's namespace, their words
/// turned into the router's.
namespace nezu::system {

/// The program and its arguments for an input of `ping`; empty host: never (the grammar asks for
/// it).
std::vector<std::string> ping_command(const mgmt::Input& input);
std::vector<std::string> traceroute_command(const mgmt::Input& input);

/// A line of the system's ping as the router prints it; nothing: the line is not shown.
/// Sequence numbers count from 0.
std::optional<std::string> ping_line(const std::string& line);

/// The same of traceroute.
std::optional<std::string> traceroute_line(const std::string& line);

/// The lines of `ping rapid`: a '!' an answer, a '.' a request without one, then the statistics.
class RapidPing {
 public:
  explicit RapidPing(size_t asked) : asked_(std::min(asked, kMostShown)) {}
  std::optional<std::string> operator()(const std::string& line);

 private:
  static constexpr size_t kMostShown = 10'000;
  size_t asked_, answers_ = 0;
};

/// Adds both to the registry. The programs end when their reader goes away.
void add_probes(mgmt::Registry& registry);

}  // namespace nezu::system
