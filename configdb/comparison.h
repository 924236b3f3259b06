#pragma once
#include "configdb/node.h"

/// What both ways to print a comparison (text.h, compare_xml.h) ask of nodes.
namespace nezu::configdb {

/// Whether other statements stand in it: a container or an entry of a list.
bool is_level(const Node& node);

/// Whether an entry of a user-ordered list, `old` of `before`, stands behind another one in
/// `after`.
bool moved(const Node& before, const Node& old, const Node& after, const Node& entry);

}  // namespace nezu::configdb
