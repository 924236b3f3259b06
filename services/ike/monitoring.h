// VPN monitoring in the daemon: rounds by a timer, probes, what follows from them.
#pragma once

#include <QTimer>
#include <functional>
#include <map>

#include "services/ike/monitor.h"
#include "services/ike/pfe_client.h"
#include "services/ike/probes.h"
#include "services/ike/tunnels.h"

namespace nezu::ike {

class Monitoring {
 public:
  struct Events {
    std::function<void(std::uint32_t tunnel)> up;
    std::function<void(std::uint32_t tunnel)> down;
  };

  Monitoring(const Tunnels& tunnels, PfeClient& plane, Random random, Events events);

  void configure(const Settings& settings);
  Monitor::State state(std::uint32_t tunnel) const { return monitor_.state(tunnel); }
  std::uint32_t interval_seconds() const { return seconds_; }

 private:
  void look();
  void round(const api::Statistics* statistics);
  void send(const Monitor::Probe& probe);

  const Tunnels& tunnels_;
  PfeClient& plane_;
  Events events_;
  Monitor monitor_;
  Probes probes_;
  QTimer timer_;
  std::uint32_t seconds_ = 10;
};

}  // namespace nezu::ike
