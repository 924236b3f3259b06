#pragma once
#include <QTemporaryDir>
#include <memory>
#include <string>
#include <vector>

#include "configdb/database.h"
#include "services/mgmt/cli_session.h"
#include "services/mgmt/server.h"

namespace nezu::mgmt {

/// A router without a network: the real schema and database, the management server, and a few
/// commands of its own (yang/nezu-test.yang) that answer what tests ask for.
class TestRouter {
 public:
  TestRouter();

  std::string socket() const { return path("mgmt.sock"); }
  std::string path(const std::string& name) const;
  configdb::Database& database() { return *database_; }
  Registry& registry() { return registry_; }
  /// Listens at `socket`; "" or an error.
  std::string listen(const std::string& socket);
  /// The same for the router's users, after listen().
  std::string listen_to_all(const std::string& socket) { return server_->listen_to_all(socket); }
  void stop() { server_.reset(); }
  size_t clients() const { return server_->clients(); }

  /// What `request test silence` has not answered.
  std::vector<std::shared_ptr<Reply>>& unanswered() { return unanswered_; }

  /// Opens a command line without a socket.
  std::unique_ptr<Session> session(const Terminal& terminal) { return open_session_(terminal); }

 private:
  void fill();

  QTemporaryDir directory_;
  std::shared_ptr<const grammar::Schema> schema_;
  std::unique_ptr<configdb::Database> database_;
  Registry registry_;
  std::vector<std::shared_ptr<Reply>> unanswered_;
  std::unique_ptr<Router> router_;
  OpenSession open_session_;
  std::unique_ptr<Server> server_;
};

}  // namespace nezu::mgmt
