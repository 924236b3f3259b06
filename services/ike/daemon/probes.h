// ICMP echo through tunnels, with the kernel's own unprivileged sockets.
#pragma once

#include <QSocketNotifier>
#include <functional>
#include <memory>
#include <string>

#include "services/ike/daemon/monitor.h"

namespace nezu::ike {

class Probes {
 public:
  using Answered = std::function<void(const Monitor::Probe&)>;

  explicit Probes(Answered answered) : answered_(std::move(answered)) {}

  /// Out of `device` ("st0.1"), whatever the routes say; IPv6 only if a route leads there. 0 or an
  /// errno.
  int send(const Monitor::Probe& probe, const std::string& device, const Address& source,
           const Address& destination);

 private:
  struct Socket {
    int descriptor = -1;
    std::unique_ptr<QSocketNotifier> notifier;
    ~Socket();
  };

  int open(Socket& socket, bool inet6);
  void read(const Socket& socket);

  Answered answered_;
  Socket inet_, inet6_;
};

}  // namespace nezu::ike
