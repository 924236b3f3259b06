#include "services/state/server.h"

#include <fmt/format.h>

#include <algorithm>

namespace nezu::state {
namespace {

bool all_connected(const auto& daemons) {
  return std::all_of(daemons.begin(), daemons.end(),
                     [](const auto& daemon) { return daemon.second->connected(); });
}

}  // namespace

Server::Server() {
  patience_.setSingleShot(true);
  patience_.callOnTimeout([this] { tell_present(); });
}

Server::~Server() {
  server_.close();
  while (!sessions_.empty()) drop(sessions_.begin()->first);
}

DaemonService& Server::declare(DaemonService::Declaration declaration) {
  auto service = std::make_unique<DaemonService>(std::move(declaration));
  DaemonService& daemon = *service;
  daemon.on_reset([this, &daemon] { drop_daemon(&daemon); });
  daemon.on_restart([this, &daemon] {
    if (restart_) restart_(std::string(daemon.name()));
  });
  daemons_[std::string(daemon.name())] = std::move(service);
  return daemon;
}

std::function<void(const mgmt::Input&, std::shared_ptr<mgmt::Reply>)> Server::forward(
    std::string daemon, std::string rpc) {
  return [this, daemon = std::move(daemon), rpc = std::move(rpc)](
             const mgmt::Input& input, std::shared_ptr<mgmt::Reply> reply) {
    const auto found = daemons_.find(daemon);
    if (found == daemons_.end()) return reply->fail(daemon + " is not known");
    found->second->forward(rpc)(input, std::move(reply));
  };
}

void Server::when_present(std::chrono::milliseconds patience, std::function<void()> then) {
  awaits_ = std::move(then);
  // From the event loop, also if all are here already.
  patience_.start(all_connected(daemons_) ? std::chrono::milliseconds(0) : patience);
}

void Server::tell_present() {
  patience_.stop();
  if (const auto then = std::exchange(awaits_, nullptr)) then();
}

std::string Server::listen(const std::string& path) {
  const QString name = QString::fromStdString(path);
  QLocalServer::removeServer(name);
  server_.setSocketOptions(QLocalServer::UserAccessOption);
  QObject::connect(&server_, &QLocalServer::newConnection, &server_, [this] { accept(); });
  if (!server_.listen(name)) return server_.errorString().toStdString();
  return {};
}

void Server::accept() {
  while (QLocalSocket* next = server_.nextPendingConnection()) {
    next->setParent(nullptr);
    std::unique_ptr<QLocalSocket> socket(next);
    if (sessions_.size() >= kMaxSessions) continue;
    const uint64_t id = next_session_++;
    Session& session = sessions_[id];
    session.deadline = std::make_unique<QTimer>();
    session.deadline->setSingleShot(true);
    session.deadline->callOnTimeout([this, id] { drop(id); });
    session.deadline->start(kHelloTimeout);
    session.socket = std::make_unique<FramedSocket>(std::move(socket));
    session.socket->on_frame([this, id](std::string_view frame) { received(id, frame); });
    session.socket->on_gone([this, id] { drop(id); });
  }
}

void Server::received(uint64_t id, std::string_view frame) {
  channel::Message message;
  Session& session = sessions_.at(id);
  if (!message.ParseFromArray(frame.data(), int(frame.size()))) return drop(id);
  if (!session.daemon) {
    if (!message.has_hello()) return drop(id);
    return hello(id, message.hello());
  }
  if (message.has_table()) {
    if (!tables_.publish(session.daemon->name(), message.table())) drop(id);
    return;
  }
  if (message.has_log()) {
    if (log_) log_(std::string(session.daemon->name()), message.log());
    return;
  }
  session.daemon->handle(message);
}

void Server::hello(uint64_t id, const channel::Hello& hello) {
  const auto daemon = daemons_.find(hello.daemon());
  if (daemon == daemons_.end()) return drop(id);
  drop_daemon(daemon->second.get());
  const auto claims = daemon->second->claims();
  if (!std::equal(claims.begin(), claims.end(), hello.claim().begin(), hello.claim().end()))
    fmt::print(stderr,
               "nezu-re: {} claims another part of the configuration than it was built for\n",
               hello.daemon());
  Session& session = sessions_.at(id);
  session.deadline->stop();
  session.daemon = daemon->second.get();
  FramedSocket* socket = session.socket.get();
  for (const auto& table : hello.subscribe())
    tables_.subscribe(socket, table, [socket](const channel::Table& change) {
      channel::Message message;
      *message.mutable_table() = change;
      socket->send(message);
    });
  // After the tables: the configuration is read against them.
  session.daemon->attach(socket);
  if (awaits_ && all_connected(daemons_)) patience_.start(0);
}

void Server::drop(uint64_t id) {
  auto node = sessions_.extract(id);
  if (!node) return;
  Session& session = node.mapped();
  tables_.unsubscribe(session.socket.get());
  if (session.daemon) session.daemon->detach();
  session.deadline->stop();                   // its deletion may come after ours
  session.deadline.release()->deleteLater();  // it may be what called us
}

void Server::drop_daemon(const DaemonService* daemon) {
  const auto found = std::find_if(sessions_.begin(), sessions_.end(),
                                  [daemon](const auto& s) { return s.second.daemon == daemon; });
  if (found != sessions_.end()) drop(found->first);
}

}  // namespace nezu::state
