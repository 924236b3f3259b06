#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "configdb/node.h"

/// On which machines, and when, a group applies.
namespace nezu::configdb {

/// What else than the machine groups are asked about.
struct Circumstances {
  int64_t time = 0;  ///< seconds since 1970, UTC
  std::string host;  ///< our name among `peers`
};

/// The holder of its groups; null if there are none, or none that are active.
NodePtr groups_of(const NodePtr& raw);

/// The name that this RAW tree gives the router: `system host-name`, else that of the first group
/// that is applied to the whole configuration and asks for no peers.
std::string host_name(const NodePtr& raw);

/// Whether a group applies on this machine at all: it is not the one of the other routing engine
/// (re0, re1), and all that its `when` asks for is so. There is one routing engine, no virtual
/// chassis and no cluster, so a member, a node or a chassis of several is never this one.
bool applies_here(const Node& group, const Circumstances& now);

/// What of a group's `when` is no condition: the statement, or "" if there is none. Such a group
/// does not apply, and check_groups() refuses it.
std::string malformed(const Node& group);

/// The active groups of a tree that have a `when`.
void each_condition(const NodePtr& raw,
                    const std::function<void(const Node& group, const Node& when)>& visit);

/// The child called so; null if there is none, or it is inactive.
NodePtr active_child(const Node& parent, std::string_view name);

}  // namespace nezu::configdb
