// VPN monitoring: is there anybody at the far end of a tunnel? No sockets, no clock.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "services/ike/settings/settings.h"

namespace nezu::ike {

/// What the forwarding plane counted of a tunnel's packets.
struct TunnelTraffic {
  std::uint64_t in = 0;
  std::uint64_t out = 0;
};

/// Asks through each tunnel that has `vpn-monitor` once an interval, and counts the questions in a
/// row that nobody answered.
class Monitor {
 public:
  enum class State : std::uint8_t { kNone, kWaiting, kUp, kDown };

  /// A question to send; its answer has the same nonce.
  struct Probe {
    std::uint32_t tunnel = 0;
    std::uint64_t nonce = 0;
  };
  struct Round {
    std::vector<Probe> probes;
    std::vector<std::uint32_t> down;  ///< tunnels whose threshold is reached just now
    std::vector<std::uint32_t> up;    ///< tunnels whose traffic shows it, which was not known
  };
  /// What is known of a tunnel at the time of a round.
  struct Look {
    bool has_pair = false;
    std::optional<TunnelTraffic> traffic;  ///< none: the plane did not say
  };

  /// `random` makes nonces, which an answer must have.
  explicit Monitor(Random random) : random_(std::move(random)) {}

  /// What was known of tunnels that stay as they are is kept.
  void configure(const std::map<std::uint32_t, Tunnel>& tunnels);
  /// What an earlier process knew.
  void was_down(std::uint32_t tunnel);
  bool empty() const { return watched_.empty(); }
  /// Whether a round needs counters.
  bool needs_traffic() const;

  Round round(const std::map<std::uint32_t, Look>& looks);
  /// True: the tunnel is up, and was not known to be.
  bool answered(const Probe& probe);

  State state(std::uint32_t tunnel) const;

 private:
  struct Watched {
    VpnMonitor settings;
    State state = State::kWaiting;
    std::uint32_t misses = 0;
    std::uint64_t nonce = 0;            ///< of the question that is not answered; 0: none
    std::optional<TunnelTraffic> seen;  ///< at the last look, our question and its answer counted
  };

  enum class Sign : std::uint8_t { kHeard, kIdle, kNone };
  static Sign sign_of(Watched& watched, const Look& look);
  std::uint64_t fresh_nonce() const;

  Random random_;
  std::map<std::uint32_t, Watched> watched_;
};

}  // namespace nezu::ike
