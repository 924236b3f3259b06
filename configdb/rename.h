#pragma once
#include "configdb/edit.h"

namespace nezu::configdb {

/// `rename`: gives an entry of a list another name, in its place. Both paths are whole and differ
/// in their last value only. What refers to the old name still does.
Edited rename(const NodePtr& root, const Path& from, const Path& to);

/// `copy`: adds an entry with the contents of another, at the end of an ordered list.
Edited copy(const NodePtr& root, const Path& from, const Path& to);

}  // namespace nezu::configdb
