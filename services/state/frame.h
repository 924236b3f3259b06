#pragma once
#include <QLocalSocket>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace google::protobuf {
class MessageLite;
}

/// Length-prefixed messages over a Unix stream socket: what the RE, iked and nezu-pfe speak.
namespace nezu::state {

/// The longest message either side accepts, in octets. A whole configuration of 2,000 tunnels is
/// about 3 MB.
constexpr size_t kMaxFrame = 64u << 20;
/// A peer that leaves this much unread is cut off: it comes back and is told everything anew.
constexpr qint64 kMaxUnsent = 128 << 20;

/// One end of a connection. Lives in the thread of its event loop. Callbacks may destroy it.
class FramedSocket {
 public:
  /// Takes a connected socket.
  explicit FramedSocket(std::unique_ptr<QLocalSocket> socket);
  ~FramedSocket();
  FramedSocket(const FramedSocket&) = delete;
  FramedSocket& operator=(const FramedSocket&) = delete;

  void on_frame(std::function<void(std::string_view)> callback) { on_frame_ = std::move(callback); }
  /// Called once when the peer is gone or was cut off; not on destruction and not after close().
  void on_gone(std::function<void()> callback) { on_gone_ = std::move(callback); }

  /// Queues one message; false if the connection is gone or the peer does not read.
  bool send(std::string_view frame);
  bool send(const google::protobuf::MessageLite& message);
  void flush() { socket_->flush(); }
  void close();

 private:
  void read();
  bool deliver_one(const std::weak_ptr<bool>& alive);
  void gone();

  QObject context_;  ///< what our connections hang on: they end with us, the socket a little later
  std::unique_ptr<QLocalSocket> socket_;
  std::string input_;
  size_t taken_ = 0;  ///< octets of input_ already delivered
  std::function<void(std::string_view)> on_frame_;
  std::function<void()> on_gone_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace nezu::state
