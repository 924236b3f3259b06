#pragma once
#include <QLocalServer>
#include <map>
#include <memory>
#include <string>

#include "services/mgmt/connection.h"

namespace nezu::mgmt {

/// The management server of a router on a local socket (mode 0600), and on another for its users.
/// Runs in Qt's event loop.
class Server {
 public:
  static constexpr size_t kMaxClients = 256;
  /// Of them by listen_to_all(): users cannot keep the machine's root out.
  static constexpr size_t kMaxUsers = 128;

  /// Registry must outlive the server.
  Server(const Registry& registry, OpenSession open_session);

  /// Listens at `path`, over what a dead server left there. Returns an error text, or "".
  std::string listen(const std::string& path);
  /// The same for everybody (mode 0666): the kernel says who it is.
  std::string listen_to_all(const std::string& path);
  /// Serves one client on a socket that is connected already; `gone` is called when it has left.
  std::string serve(int descriptor, std::function<void()> gone);
  size_t clients() const { return clients_.size(); }

 private:
  std::string listen(QLocalServer& listener, const std::string& path);
  void accept(QLocalServer& listener, Door door);
  size_t users() const;
  bool kill(uint32_t id);

  const Registry& registry_;
  OpenSession open_session_;
  uint32_t last_id_ = 0;
  std::map<uint32_t, std::unique_ptr<Connection>> clients_;
  QLocalServer listener_, for_all_;  // last: no new client while the others go
};

}  // namespace nezu::mgmt
