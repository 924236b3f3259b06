#pragma once
#include <string>

#include "configdb/node.h"

namespace nezu::configdb {

/// Whether a group applies on this machine at all: it is not the one of the other routing engine
/// (re0, re1), and all that its `when` asks for is so. There is one routing engine, no virtual
/// chassis and no cluster, so a member, a node or a chassis of several is never this one.
bool applies_here(const Node& group);

/// What of a group's `when` nothing here decides: the statement, or "" if there is none. Such a
/// group does not apply, and check_groups() refuses it.
std::string undecided(const Node& group);

}  // namespace nezu::configdb
