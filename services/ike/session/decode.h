// Payloads in words, for people who read an exchange.
#pragma once

#include <string>
#include <vector>

#include "services/ike/message/payload_sa.h"
#include "services/ike/session/journal.h"

namespace nezu::ike {

/// "IKE_SA_INIT", "CREATE_CHILD_SA".
std::string_view name_of(ExchangeType type);
/// "SA", "KE", "TSi", "CERT"; "payload 99".
std::string name_of(PayloadType type);
/// "encryption", "PRF", "integrity", "DH group", "ESN".
std::string_view name_of(TransformType type);
/// "aes-256-cbc", "group14"; of what this router cannot do the name it has elsewhere, or
/// "encryption 99".
std::string name_of(const Transform& transform);
/// "aes-256-cbc, hmac-sha256, hmac-sha1-96, group14"; several of a kind: "group14 or group19".
std::string text_of(const Offer& offer);
/// Those of one kind, "none" if there is none.
std::string text_of(const Offer& offer, TransformType type);
/// "10.0.0.0-10.255.255.255", "10.0.0.0/8 tcp 500-1010".
std::string text_of(const TrafficSelector& selector);
std::string text_of(const std::vector<TrafficSelector>& selectors);

/// One payload; an SA has a line a proposal. Never a key, a nonce, a hash or a proof.
std::vector<std::string> lines_of(const KeptPayload& payload);

}  // namespace nezu::ike
