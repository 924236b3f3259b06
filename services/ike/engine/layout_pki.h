// The text of show security pki.
#pragma once

#include "grammar/layout.h"
#include "services/mgmt/rpc.h"

namespace nezu::ike {

/// Null for other RPCs.
const grammar::Layout* pki_layout_of(std::string_view rpc, const mgmt::Input& input);

/// Every RPC of nezu-rpc-pki.yang.
const std::vector<std::string>& pki_rpc_names();

}  // namespace nezu::ike
