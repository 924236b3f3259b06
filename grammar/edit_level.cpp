#include "grammar/edit_level.h"

namespace nezu::grammar {

Path level_above(Path level, size_t levels) {
  for (; levels && !level.empty(); --levels) {
    level.pop_back();
    while (!level.empty() && level.back().statement->joined) level.pop_back();
  }
  return level;
}

}  // namespace nezu::grammar
