// IKE's UDP port in the kernel of the RE's namespace.
#pragma once

#include <QSocketNotifier>
#include <QTimer>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "services/ike/daemon/socket_errors.h"
#include "services/ike/session/actions.h"

namespace nezu::ike {

/// Ports 500 and 4500 of both families, bound to no address: addresses come and go without us, and
/// each datagram says which one it was sent to (IP_PKTINFO). A port that is taken is tried again.
class Sockets {
 public:
  /// Instance 0 only: other routing instances bring four sockets each.
  using Receive = std::function<void(ByteView, const Path&)>;

  explicit Sockets(Receive receive, std::uint16_t port = 500);  ///< and kNatPort beside 500
  ~Sockets();

  /// Takes the port. What arrives waits in the kernel until listen().
  void open();
  void listen();
  /// A datagram that the kernel refuses (no address, no route) is lost like one on the wire: it is
  /// counted, and the protocol sends it again.
  void send(const Datagram& datagram);

  std::uint64_t unsent() const { return unsent_; }
  const SocketErrors& errors() const { return errors_; }

 private:
  static constexpr int kBatch = 64;  ///< datagrams read before other events get their turn

  struct Socket {
    int family = 0;
    std::uint16_t port = 0;
    int descriptor = -1;
    std::unique_ptr<QSocketNotifier> readable;
  };

  Socket* of(int family, std::uint16_t port);
  bool open(Socket& socket);
  void read(const Socket& socket);
  bool read_one(const Socket& socket);
  void take(ByteView datagram, const Path& path);

  Receive receive_;
  std::uint16_t port_;
  std::vector<Socket> sockets_;  ///< never more than at the start
  QTimer retry_;
  std::vector<std::uint8_t> buffer_;
  bool listening_ = false;
  std::uint64_t unsent_ = 0;
  SocketErrors errors_;
};

}  // namespace nezu::ike
