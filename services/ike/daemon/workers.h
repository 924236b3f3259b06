// Threads for the slow computations of the protocol.
#pragma once

#include <QObject>
#include <QThreadPool>
#include <functional>

#include "services/ike/session/actions.h"

namespace nezu::ike {

/// Runs Diffie-Hellman jobs beside the event loop, so that a flood of handshakes delays no
/// keepalive. How many wait is bounded by the protocol's limit of half-open SAs.
class Workers {
 public:
  /// `done` is called in the thread that made this object.
  explicit Workers(std::function<void(const DhResult&)> done);
  ~Workers();

  void run(DhJob job);

 private:
  static constexpr int kThreads = 2;

  std::function<void(const DhResult&)> done_;
  QObject here_;  ///< results are posted to its thread
  QThreadPool pool_;
};

}  // namespace nezu::ike
