#pragma once
#include <sys/types.h>

#include <string>

namespace nezu::cli {

/// A routing engine without a router: `nezu-re --offline`, a child that speaks the management
/// protocol over a socket and checks and commits into a database of its own, which goes with it.
/// Needs no rights.
class OfflineEngine {
 public:
  OfflineEngine() = default;
  ~OfflineEngine();
  OfflineEngine(const OfflineEngine&) = delete;
  OfflineEngine& operator=(const OfflineEngine&) = delete;

  /// Returns an error text, or "".
  std::string start(const std::string& model);
  /// Our end of the socket; who takes it closes it.
  int descriptor() const { return socket_; }
  /// What it wrote on its way out, one line; "" if nothing.
  std::string last_words() const;

 private:
  pid_t pid_ = 0;
  int socket_ = -1;
  std::string directory_;
};

}  // namespace nezu::cli
