// Requests and responses on an IKE SA: message ids, windows, retransmission, the answers that are
// kept, fragments. RFC 7296 sections 2.1-2.4, RFC 7383.
#pragma once

#include "services/ike/session/sk.h"
#include "services/ike/session/step.h"

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

/// Requests that may be under way at once, in each direction: what we tell the peer, and what we
/// use of a larger window of its. An answer to CREATE_CHILD_SA has a few hundred octets.
constexpr std::uint32_t kWindow = 8;

/// What a request id of the peer is to us.
enum class Place : std::uint8_t { kNew, kBeingComputed, kAnswered, kOutside };
Place place_of(const IkeSa& sa, std::uint32_t message);

/// Whether the task may be begun now as far as the peer's window and the other exchanges go. Those
/// of one tunnel follow each other; a rekey and the end of the IKE SA are alone.
bool may_begin(const IkeSa& sa, const Task& task);
/// Whether later tasks have to wait for this one although it may not be begun.
bool holds_up(const IkeSa& sa, const Task& task);

/// Whether another request may be under way beside what is.
bool has_room(const IkeSa& sa);
/// Our DELETE of the IKE SA waits for its turn: nothing new is made (RFC 7296 section 2.25).
bool is_ending(const IkeSa& sa);

/// The peer's request that is whole: what it cannot ask for again is forgotten.
void forget_answers(IkeSa& sa, std::uint32_t request);
/// The peer's SET_WINDOW_SIZE, if there is one.
void take_window(IkeSa& sa, const Payloads& payloads);

/// Seals the chain, sends it and waits for its answer. On an SA that stands the first message says
/// what our window is. Returns the message id.
std::uint32_t send_request(Step& step, ExchangeType exchange, const PayloadChain& chain,
                           const Task& task);
/// A request in the clear (IKE_SA_INIT).
void send_clear_request(Step& step, const Bytes& message);
/// Answers the peer's request `step.request`, else the lowest that has no answer; it is kept for
/// when the peer asks again.
void send_response(Step& step, ExchangeType exchange, const PayloadChain& chain);
void send_clear_response(Step& step, const Bytes& message);
/// A sealed message that nobody answers: a last word before the SA is forgotten.
void send_notice(Step& step, const PayloadChain& chain);

/// Our request of this id, whose answer has not come.
const Outstanding* find_outstanding(const IkeSa& sa, std::uint32_t message);
/// The answer to it has come.
Outstanding take_outstanding(Step& step, std::uint32_t message);
/// Sends it again if it is due; false when the peer has had all its chances.
bool retransmit(Step& step, Outstanding& outstanding);
/// The answer to a request once more, if it is kept.
void repeat_response(Step& step, std::uint32_t message);

/// A fragment that opened: the whole when it was the last one missing. Bounded in number, and in
/// octets for all messages of an SA together.
std::optional<Opened> reassemble(IkeSa& sa, const Header& header, Opened piece);
/// The message has come as a whole: what there is of it in pieces is of no use.
void forget_parts(IkeSa& sa, const Header& header);

}  // namespace nezu::ike
