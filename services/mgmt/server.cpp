#include "services/mgmt/server.h"

#include <algorithm>

namespace nezu::mgmt {

Server::Server(const Registry& registry, OpenSession open_session)
    : registry_(registry), open_session_(std::move(open_session)) {
  listener_.setSocketOptions(QLocalServer::UserAccessOption);
  for_all_.setSocketOptions(QLocalServer::WorldAccessOption);
  QObject::connect(&listener_, &QLocalServer::newConnection, &listener_,
                   [this] { accept(listener_, Door::kOwner); });
  QObject::connect(&for_all_, &QLocalServer::newConnection, &for_all_,
                   [this] { accept(for_all_, Door::kUsers); });
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
  clients_[id] = std::make_unique<Connection>(socket.release(), Door::kOwner, id, registry_,
                                              open_session_, [this, id, gone = std::move(gone)] {
                                                clients_.erase(id);
                                                gone();
                                              });
  return "";
}

bool Server::kill(uint32_t id) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return false;
  found->second->close();
  return true;
}

size_t Server::users() const {
  return static_cast<size_t>(std::count_if(clients_.begin(), clients_.end(), [](const auto& each) {
    return each.second->door() == Door::kUsers;
  }));
}

void Server::accept(QLocalServer& listener, Door door) {
  while (QLocalSocket* socket = listener.nextPendingConnection()) {
    if (clients_.size() >= kMaxClients || (door == Door::kUsers && users() >= kMaxUsers)) {
      delete socket;
      continue;
    }
    const uint32_t id = ++last_id_;
    clients_[id] = std::make_unique<Connection>(socket, door, id, registry_, open_session_,
                                                [this, id] { clients_.erase(id); });
    clients_[id]->set_kill([this](uint32_t other) { return kill(other); });
  }
}

}  // namespace nezu::mgmt
