// Requests and responses on an IKE SA: message ids, retransmission, the cached answer, fragments.
// RFC 7296 sections 2.1-2.4, RFC 7383. The window is one message in each direction.
#pragma once

#include "services/ike/sk.h"
#include "services/ike/step.h"

namespace nezu::ike {

// Implementation constants.
constexpr Time kFirstRetransmit = 1 * kSecond;
constexpr Time kLongestRetransmit = 16 * kSecond;
constexpr std::uint32_t kTransmissions = 6;  // about 47 seconds in all
// On an SA that stands: over four minutes, RFC 7296 section 2.4 says a dozen times at least. With
// dead peer detection only while the peer is heard.
constexpr std::uint32_t kPatientTransmissions = 20;
constexpr std::uint32_t kDeleteTransmissions = 4;
// For a DELETE that the peer owes us; longer than it asks again for answers that were lost.
constexpr Time kWaitForDelete = 300 * kSecond;

/// Seals the chain, sends it and waits for its answer.
void send_request(Step& step, ExchangeType exchange, const PayloadChain& chain, const Task& task);
/// A request in the clear (IKE_SA_INIT).
void send_clear_request(Step& step, const Bytes& message);
/// Answers the peer's request `next_expected`; the answer is kept for when it asks again.
void send_response(Step& step, ExchangeType exchange, const PayloadChain& chain);
void send_clear_response(Step& step, const Bytes& message);
/// A sealed message that nobody answers: a last word before the SA is forgotten.
void send_notice(Step& step, const PayloadChain& chain);

/// An answer to a request of ours has come.
Outstanding take_outstanding(Step& step);
/// Sends again what is due; false when the peer has had all its chances.
bool retransmit(Step& step);
/// The answer to the last request once more.
void repeat_response(Step& step);

/// A fragment that opened: the whole when it was the last one missing. Bounded in number and
/// octets.
std::optional<Opened> reassemble(IkeSa& sa, const Header& header, Opened piece);

}  // namespace nezu::ike
