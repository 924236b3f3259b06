#pragma once
#include <memory>

#include "configdb/database.h"
#include "services/mgmt/rpc.h"
#include "services/mgmt/terminals.h"

namespace nezu::mgmt {

/// What a command line stands on. All of it outlives every session.
struct Router {
  std::shared_ptr<const grammar::Schema> schema;
  configdb::Database& database;
  const Registry& registry;
  std::shared_ptr<Terminals> terminals = std::make_shared<Terminals>();

  /// "Broadcast Message from root@HOST" to everybody who is logged in.
  void broadcast(const std::string& text) const {
    terminals->broadcast(database.effective()["system"]["host-name"].value(), database.now(), text);
  }
};

}  // namespace nezu::mgmt
