// The words of every event, in one place.
#pragma once

#include <string_view>

namespace nezu::ike::events {

// Tunnel events, as the reference output spells them.
constexpr std::string_view kNegotiated = "IPsec SA negotiation succeeds";
constexpr std::string_view kRekeyed = "IPsec SA rekey succeeds";
constexpr std::string_view kSoftExpired =
    "IPSEC SA rekey initiated because soft life timer expired";
constexpr std::string_view kDeletedByPeer =
    "IPSec SA is deleted because received DEL notification from peer";
constexpr std::string_view kHardExpired =
    "IPSec SA is deleted because IPSec SA hard life-time expired, sent DEL notification";
constexpr std::string_view kIkeDeleted = "IPSec SA is deleted because IKE SA is deleted";
constexpr std::string_view kCleared = "IPSec SA is deleted because it was cleared";
constexpr std::string_view kReconfigured =
    "IPSec SA is deleted because its configuration was changed";
constexpr std::string_view kRedundant =
    "IPSec SA is deleted because the peer made the same one at the same time";
constexpr std::string_view kRevoked = "Peer certificate is revoked";

// VPN monitoring.
constexpr std::string_view kMonitorUp = "VPN monitoring: far end answers";
constexpr std::string_view kMonitorDown = "VPN monitoring: far end does not answer, tunnel is down";

// Negotiations that failed; the reason follows for the first.
constexpr std::string_view kNegotiationFailed = "IPsec SA negotiation failed: ";
constexpr std::string_view kNoProposalChosen = "No proposal chosen";
constexpr std::string_view kInvalidKe = "Invalid KE payload";
constexpr std::string_view kTsUnacceptable = "TS unacceptable";
constexpr std::string_view kAuthenticationFailed = "Authentication failed";
constexpr std::string_view kInvalidSyntax = "Invalid syntax";
constexpr std::string_view kTimedOut = "No response from peer";
constexpr std::string_view kPeerDead = "Peer is dead (DPD)";
constexpr std::string_view kNotConfigured = "No longer configured";
constexpr std::string_view kRefused = "Refused by peer";

}  // namespace nezu::ike::events
