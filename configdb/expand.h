#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "configdb/tree.h"

namespace nezu::configdb {

/// RAW and EFFECTIVE tree of one moment.
struct Trees {
  NodePtr raw;
  NodePtr effective;
  int64_t at = 0;  ///< seconds since 1970 that it was expanded at: see this_machine().time
};

/// The EFFECTIVE tree of `raw`: inactive statements gone, groups and interface ranges inherited and
/// themselves gone, apply-path expanded, marks and annotations gone, containers that are empty
/// without them gone. Subtrees without any of these are shared with `raw`; where `raw` and what it
/// inherits is as in `before`, and where nothing but a mark differs, the result is shared with
/// before.effective. `before` may be empty.
///
/// What is configured wins over groups, groups applied here over those applied further up, an
/// earlier one over a later one. A wildcard gives to what exists and makes nothing itself. Values
/// and entries of ordered lists stand behind the configured ones.
/// Cost: what differs from `before`, and what inherits from a group that does.
NodePtr expand(const NodePtr& raw, const Trees& before);

/// Where a statement was inherited from.
struct Origin {
  enum class Kind { kGroup, kRange };
  Kind kind = Kind::kGroup;
  std::string name;
};

/// The same with all that is to be shown of it: inactive statements, marks and annotations stay.
struct Inherited {
  NodePtr root;
  std::map<const Node*, Origin> origins;  ///< of the nodes of `root` that are not configured
  std::map<const Node*, std::vector<std::string>> expanded;  ///< an apply-path leaf → its values
};
Inherited inherit(const NodePtr& raw, int64_t now);  ///< `now`: as Trees::at

}  // namespace nezu::configdb
