// VPN monitoring in the daemon: rounds by a timer, probes, what follows from them.
#pragma once

#include <QTimer>
#include <functional>
#include <map>
#include <string>

#include "services/ike/daemon/monitor.h"
#include "services/ike/daemon/pfe_client.h"
#include "services/ike/daemon/probes.h"
#include "services/ike/daemon/tunnels.h"

namespace nezu::ike {

class Monitoring {
 public:
  struct Events {
    std::function<void(std::uint32_t tunnel)> up;
    /// `why` in words: nobody answered, or why nobody could be asked.
    std::function<void(std::uint32_t tunnel, const std::string& why)> down;
  };

  Monitoring(const Tunnels& tunnels, PfeClient& plane, Random random, Events events);

  void configure(const Settings& settings);
  void was_down(std::uint32_t tunnel) { monitor_.was_down(tunnel); }
  Monitor::State state(std::uint32_t tunnel) const { return monitor_.state(tunnel); }
  std::uint32_t interval_seconds() const { return seconds_; }
  /// Why the last question could not be asked: "cannot ask 10.0.0.1 through st0.0: No such device";
  /// empty: it could.
  std::string problem(std::uint32_t tunnel) const;

 private:
  void look();
  void round(const api::Statistics* statistics);
  void send(const Monitor::Probe& probe);
  std::string why_down(std::uint32_t tunnel) const;

  const Tunnels& tunnels_;
  PfeClient& plane_;
  Events events_;
  Monitor monitor_;
  Probes probes_;
  std::map<std::uint32_t, int> errors_;  // errno of the last question, by tunnel
  QTimer timer_;
  std::uint32_t seconds_ = 10;
};

}  // namespace nezu::ike
