#pragma once
#include <string>
#include <vector>

#include "configdb/tree.h"

namespace nezu::state {

/// The `set` and `delete` lines that turn the claimed part of `before` into that of `after`.
///
/// A claim is a path of containers that may end at a list ("interfaces interface"). Deletions come
/// before additions on every level, so that an alternative makes room for another. Where the order
/// of user-ordered entries differs they are removed and entered anew. Cost: what differs.
std::vector<std::string> change_lines(const configdb::View& before, const configdb::View& after,
                                      const std::vector<std::string>& claims);

}  // namespace nezu::state
