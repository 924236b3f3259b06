#pragma once
#include <string_view>

#include "configdb/load.h"

namespace nezu::configdb {

/// Reads what `show | compare` prints: under each "[edit PATH]" statements with `-` that go,
/// statements with `+` that come, `!` before what is moved or marked, and neighbours that say where
/// in an ordered list. PATHs begin at `level`.
void read_patch(const grammar::Statement& root, const Path& level, std::string_view text,
                Loader& loader);

}  // namespace nezu::configdb
