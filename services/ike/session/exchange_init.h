// IKE_SA_INIT, RFC 7296 section 1.2.
//
//   initiator                                  responder
//   HDR, [N(COOKIE)], SAi1, KEi, Ni, N(…)  -->
//                                          <-- HDR, SAr1, KEr, Nr, N(…)
#pragma once

#include "services/ike/session/step.h"
#include "services/ike/session/window.h"

namespace nezu::ike::init {

/// Initiator: draws SPI, nonce and private key.
void start(Step& step);
/// Initiator: our public value is there, the request goes out.
void send(Step& step);
/// Initiator: the (unauthenticated) answer. Only a good one ends the exchange: a forged refusal
/// does not.
void on_response(Step& step, const Header& header, const Payloads& payloads);
/// Initiator: both have what they need; goes on with IKE_AUTH.
void derived(Step& step, ByteView shared_secret);

/// Responder: takes the request into a fresh SA (index, gateway and path are set) and asks for the
/// secret. Otherwise the clear-text refusal to send, and no state.
std::optional<Notify> on_request(Step& step, const Header& header, const Payloads& payloads,
                                 ByteView datagram);
/// Responder: sends the answer.
void answer(Step& step, ByteView shared_secret);

/// A clear-text answer of one notify, from no state.
Bytes refusal(const Header& request, const Notify& notify);

}  // namespace nezu::ike::init
