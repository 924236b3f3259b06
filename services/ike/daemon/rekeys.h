// Tunnels that somebody wants rekeyed now.
#pragma once

#include <QTimer>
#include <cstdint>
#include <deque>
#include <functional>

namespace nezu::ike {

/// Begins them in the order in which they were asked for, no more in a moment than a peer's socket
/// and processor take: 500 a second.
class Rekeys {
 public:
  using Begin = std::function<void(std::uint32_t tunnel)>;

  explicit Rekeys(Begin begin);

  /// One that waits already does so once.
  void add(std::uint32_t tunnel);

 private:
  void next();

  Begin begin_;
  std::deque<std::uint32_t> waiting_;
  QTimer timer_;
};

}  // namespace nezu::ike
