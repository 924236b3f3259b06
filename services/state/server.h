#pragma once
#include <QLocalServer>
#include <QTimer>
#include <map>
#include <memory>
#include <string>

#include "services/state/daemon_service.h"
#include "services/state/frame.h"
#include "services/state/tables.h"

namespace nezu::state {

/// The RE's end of the channel: accepts the daemons on re.sock and holds the operational state
/// tables, which the RE's own services use directly.
class Server {
 public:
  Server();
  ~Server();

  Tables& tables() { return tables_; }

  /// Called with the name of a daemon that is stuck, for its process to be restarted.
  void on_restart(std::function<void(const std::string&)> restart) {
    restart_ = std::move(restart);
  }

  /// Called with the name of a daemon and a line of its for the router's log.
  using Log = std::function<void(const std::string& daemon, const channel::LogLine&)>;
  void on_log(Log log) { log_ = std::move(log); }

  /// Makes a daemon known; before listen(). The service lives as long as this server.
  DaemonService& declare(DaemonService::Declaration declaration);

  /// The function to register for an RPC of a daemon, declared before or after.
  std::function<void(const mgmt::Input&, std::shared_ptr<mgmt::Reply>)> forward(std::string daemon,
                                                                                std::string rpc);

  /// Calls `then` once, when every declared daemon has said Hello, or after `patience`.
  void when_present(std::chrono::milliseconds patience, std::function<void()> then);

  /// Listens at `path` (a socket left by a predecessor is replaced). Empty, or what went wrong.
  std::string listen(const std::string& path);

 private:
  static constexpr size_t kMaxSessions = 32;
  static constexpr std::chrono::milliseconds kHelloTimeout{5'000};

  struct Session {
    std::unique_ptr<FramedSocket> socket;
    DaemonService* daemon = nullptr;  ///< null until Hello
    std::unique_ptr<QTimer> deadline;
  };

  void accept();
  void received(uint64_t id, std::string_view frame);
  void hello(uint64_t id, const channel::Hello& hello);
  void drop(uint64_t id);
  void drop_daemon(const DaemonService* daemon);
  void tell_present();

  Tables tables_;
  Log log_;
  std::map<std::string, std::unique_ptr<DaemonService>, std::less<>> daemons_;
  std::map<uint64_t, Session> sessions_;
  std::function<void(const std::string&)> restart_;
  std::function<void()> awaits_;  ///< of when_present(), while somebody is missing
  QTimer patience_;
  uint64_t next_session_ = 1;
  QLocalServer server_;
};

}  // namespace nezu::state
