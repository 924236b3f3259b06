// The numbers of tunnels: what shows print, what the PFE and the operator know a tunnel by.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "services/ike/bytes.h"

namespace nezu::ike {

/// Gives each VPN a number from 500001 on and never changes it: not by a commit, not by a restart.
class TunnelIds {
 public:
  static constexpr std::uint32_t kFirst = 500001;
  static constexpr std::size_t kRemembered = 20'000;  ///< names, before unused ones are forgotten

  /// The number of `vpn`, a new one if it has none yet.
  std::uint32_t id_of(const std::string& vpn);
  /// Forgets names that are not in `used` once there are too many.
  void trim(const std::set<std::string>& used);

  Bytes serialise() const;
  /// What is not understood is left out.
  static TunnelIds parse(ByteView bytes);

  bool operator==(const TunnelIds&) const = default;

 private:
  std::map<std::string, std::uint32_t> ids_;
  std::uint32_t next_ = kFirst;
};

}  // namespace nezu::ike
