#pragma once
#include <memory>

#include "configdb/database.h"
#include "services/mgmt/rpc.h"

namespace nezu::mgmt {

/// What a command line stands on. All of it outlives every session.
struct Router {
  std::shared_ptr<const grammar::Schema> schema;
  configdb::Database& database;
  const Registry& registry;
};

}  // namespace nezu::mgmt
