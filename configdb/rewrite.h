#pragma once
#include <functional>
#include <optional>
#include <string_view>

#include "configdb/edit.h"

namespace nezu::configdb {

/// What a name or value shall be instead; nullopt: as it is.
using Replacement = std::function<std::optional<std::string>(std::string_view)>;

/// `replace pattern`: changes names of entries and values below `level`, but no secrets and nothing
/// protected. At most `upto` of them, what stands nearest to the level first; 0: all. All or
/// nothing: an error if a type refuses a new value, or two entries would have one name.
Edited rewrite(const NodePtr& root, const Path& level, const Replacement& replacement,
               size_t upto = 0);

}  // namespace nezu::configdb
