#pragma once
#include <QLocalSocket>
#include <QTimer>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "services/state/frame.h"

namespace nezu::state {

/// A client's end of a Unix socket that connects by itself, and again whenever the server comes
/// back.
class Link {
 public:
  struct Events {
    std::function<void()> up;  ///< connected: say hello, send everything
    std::function<void(std::string_view)> frame;
    std::function<void()> down;
  };

  Link(std::string path, Events events);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  void open();  ///< starts trying
  bool is_up() const { return socket_ != nullptr; }
  /// False if the link is down: what must arrive is sent again in `up`.
  bool send(const google::protobuf::MessageLite& message);
  /// Writes out what is queued, as far as the peer takes it now.
  void flush() {
    if (socket_) socket_->flush();
  }
  /// Cuts the connection and makes a new one: the cure for a peer that is out of step.
  void reset();
  /// What the peer said was of use: after the next loss the first try comes early again. Without
  /// it every connection is followed by a longer wait, so that two who cannot agree do not spin.
  void settled() { delay_ = kFirstRetry; }

 private:
  static constexpr std::chrono::milliseconds kFirstRetry{50};
  static constexpr std::chrono::milliseconds kLastRetry{500};     ///< nobody listens
  static constexpr std::chrono::milliseconds kLastReset{10'000};  ///< we cut it, or were cut

  void attempt();
  void connected();
  void retry(std::chrono::milliseconds longest);
  void went_down();

  std::string path_;
  Events events_;
  QTimer timer_;
  std::chrono::milliseconds delay_ = kFirstRetry;
  std::unique_ptr<QLocalSocket> connecting_;
  std::unique_ptr<FramedSocket> socket_;
};

}  // namespace nezu::state
