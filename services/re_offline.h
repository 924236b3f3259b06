#pragma once
#include <memory>
#include <string>

/// The Routing Engine without a router: configuration, checks and command line, nothing to act on.
namespace nezu::re {

struct OfflineOptions {
  std::string data;  ///< where its database is made
  std::string model = "mx304";
  int64_t clock = 1'767'225'600;  ///< it is always then (seconds since 1970): replays are alike
};

/// Serves the one client at the other end of a socket with the management protocol. Every service
/// checks as in a router; applying does nothing. Needs no rights, touches nothing but `data`.
class Offline {
 public:
  explicit Offline(OfflineOptions options);
  ~Offline();

  /// Serves `socket` until the client has gone; the application ends then. Returns what is wrong,
  /// "" if nothing.
  std::string start(int socket);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace nezu::re
