// What one end offered beside what the other made of it, and where they differ.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/ike/message/payload_sa.h"
#include "services/ike/session/journal.h"

namespace nezu::ike {

/// What keeps an offer from being taken, of all pairs of proposals the one that misses least:
/// "encryption: the peer offers aes-128-cbc, this end accepts aes-256-cbc". Empty: nothing differs.
std::string difference(const std::vector<Offer>& offered, const std::vector<Offer>& accepted);

/// One line of the comparison.
struct Row {
  std::string what;       // "proposal 1 encryption", "TSi", "KE"
  std::string initiator;  // of the exchange
  std::string responder;
  std::string verdict;  // "chosen", "differs", "narrowed"
};

/// The exchange side by side; empty if nothing was negotiated in it.
std::vector<Row> side_by_side(const Exchange& exchange);

/// What became of it: "done", "no answer to 6 requests", "refused by the peer: NO_PROPOSAL_CHOSEN".
std::string outcome_of(const Exchange& exchange);

}  // namespace nezu::ike
