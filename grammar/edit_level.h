#pragma once
#include "grammar/path.h"

namespace nezu::grammar {

/// The edit level so many above, at most the top. "family inet" is one level.
Path level_above(Path level, size_t levels);

}  // namespace nezu::grammar
