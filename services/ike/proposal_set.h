// The proposals that come with the router: `proposal-set` of IKE and IPsec policies.
#pragma once

#include <string_view>
#include <vector>

#include "services/ike/config.h"

namespace nezu::ike {

/// "basic", "compatible", "standard". The others (suiteb-gcm-128 … prime-256) authenticate by
/// certificate, which is not there: they are empty, as unknown names are.
std::vector<IkeProposal> ike_proposal_set(std::string_view name);

struct EspProposalSet {
  std::vector<EspProposal> proposals;
  DhGroup pfs = DhGroup::kNone;
};
/// All seven.
EspProposalSet esp_proposal_set(std::string_view name);

}  // namespace nezu::ike
