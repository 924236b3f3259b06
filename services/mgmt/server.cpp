#include "services/mgmt/server.h"

namespace nezu::mgmt {

Server::Server(const Registry& registry, OpenSession open_session)
    : registry_(registry), open_session_(std::move(open_session)) {
  listener_.setSocketOptions(QLocalServer::UserAccessOption);
  for_all_.setSocketOptions(QLocalServer::WorldAccessOption);
  for (QLocalServer* each : {&listener_, &for_all_})
    QObject::connect(each, &QLocalServer::newConnection, each, [this, each] { accept(*each); });
}

std::string Server::listen(const std::string& path) {
  return listen(listener_, path);
}

std::string Server::listen_to_all(const std::string& path) {
  return listen(for_all_, path);
}

std::string Server::listen(QLocalServer& listener, const std::string& path) {
  const QString name = QString::fromStdString(path);
  QLocalServer::removeServer(name);
  if (listener.listen(name)) return "";
  return path + ": " + listener.errorString().toStdString();
}

std::string Server::serve(int descriptor, std::function<void()> gone) {
  auto socket = std::make_unique<QLocalSocket>();
  if (!socket->setSocketDescriptor(descriptor)) return "that is no connected local socket";
  const uint32_t id = ++last_id_;
  clients_[id] = std::make_unique<Connection>(socket.release(), id, registry_, open_session_,
                                              [this, id, gone = std::move(gone)] {
                                                clients_.erase(id);
                                                gone();
                                              });
  return "";
}

void Server::accept(QLocalServer& listener) {
  while (QLocalSocket* socket = listener.nextPendingConnection()) {
    if (clients_.size() >= kMaxClients) {
      delete socket;
      continue;
    }
    const uint32_t id = ++last_id_;
    clients_[id] = std::make_unique<Connection>(socket, id, registry_, open_session_,
                                                [this, id] { clients_.erase(id); });
  }
}

}  // namespace nezu::mgmt
