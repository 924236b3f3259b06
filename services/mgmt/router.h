#pragma once
#include <map>
#include <memory>

#include "configdb/database.h"
#include "configdb/session.h"
#include "services/mgmt/resolver.h"
#include "services/mgmt/rpc.h"
#include "services/mgmt/terminals.h"

namespace nezu::mgmt {

/// What a command line stands on. All of it outlives every session.
struct Router {
  std::shared_ptr<const grammar::Schema> schema;
  configdb::Database& database;
  const Registry& registry;
  std::shared_ptr<Terminals> terminals = std::make_shared<Terminals>();
  std::shared_ptr<Resolver> resolver = std::make_shared<Resolver>();
  /// Sessions of the protocol that have the candidate locked.
  std::shared_ptr<std::map<uint32_t, const configdb::Session*>> locks =
      std::make_shared<std::map<uint32_t, const configdb::Session*>>();
  std::string homes = {};  ///< where users have their files; "": nowhere (UserFiles)
  std::string logs = {};   ///< the directory of the log's files; "": nowhere

  /// "Broadcast Message from root@HOST" to everybody who is logged in.
  void broadcast(const std::string& text, const std::string& user = "root",
                 const std::string& tty = "") const {
    terminals->broadcast(speaker(user, tty), text);
  }
  /// To those who are wanted; false: nobody is.
  bool send(const std::string& text, const Terminal& from, const Terminals::Wanted& wanted) const {
    return terminals->send(speaker(from.user, from.tty), text, wanted) > 0;
  }

  Terminals::Speaker speaker(const std::string& user, const std::string& tty) const {
    return {user, database.effective()["system"]["host-name"].value(), tty, database.now()};
  }
};

}  // namespace nezu::mgmt
