#include "configdb/factory.h"

#include "configdb/node.h"

namespace nezu::configdb {

// Nothing: interfaces, chassis and log come up by themselves, and a lab's startup configuration is
// then exactly what the router has.
NodePtr factory_default(const grammar::Schema& schema) {
  return make_root(schema);
}

}  // namespace nezu::configdb
