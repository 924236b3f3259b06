#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "configdb/tree.h"

namespace nezu::mgmt {

/// The names of a list's entries that begin with `partial`, in the list's order.
struct EntryNames {
  std::vector<std::string> names;
  bool more = false;  ///< there are others that begin so
};

/// At most so many of them. Cost: those, not how many entries the list has; but of a list in an
/// order of its user's all are looked at. `holder` may be null.
EntryNames entry_names(const configdb::NodePtr& holder, std::string_view partial, size_t most);

}  // namespace nezu::mgmt
