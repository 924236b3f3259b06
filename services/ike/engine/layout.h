// The text of iked's shows.
#pragma once

#include "grammar/layout.h"
#include "services/mgmt/rpc.h"

namespace nezu::ike {

/// The layout of an RPC's answer; null for commands that only do something.
const grammar::Layout* layout_of(std::string_view rpc, const mgmt::Input& input);

/// Of shows about peers; null for others.
const grammar::Layout* layout_of_peers(std::string_view rpc, const mgmt::Input& input);
/// Of show security ike exchange and explain; null for others.
const grammar::Layout* layout_of_explanation(std::string_view rpc, const mgmt::Input& input);

}  // namespace nezu::ike
