// IKE_AUTH with pre-shared keys or certificates and the first child SA, RFC 7296 sections 1.2 and
// 2.15.
//
//   initiator                                           responder
//   HDR, SK {IDi, [CERT, …] [N(INITIAL_CONTACT)],
//            [CERTREQ,] [IDr,]
//            AUTH, SAi2, TSi, TSr}                  -->
//                                                   <-- HDR, SK {IDr, [CERT, …] AUTH, SAr2, TSi,
//                                                                TSr}
//
// With certificates our AUTH is made, and the peer's checked, on worker threads: send() and
// on_request() then end with a job, and complete() goes on.
#pragma once

#include "services/ike/session/step.h"
#include "services/ike/session/window.h"

namespace nezu::ike::auth {

void send(Step& step);
void on_response(Step& step, const Payloads& payloads);
void on_request(Step& step, const Payloads& payloads);
/// A signature was made or checked; results that nobody waits for are ignored.
void complete(Step& step, const ProofResult& result);
/// Asks again for what was lost with the last process.
void resume(Step& step);

/// AUTH_LIFETIME, RFC 4478: the peer wants the initiator to prove itself anew in time.
void take_lifetime(Step& step, const Payloads& payloads);

}  // namespace nezu::ike::auth
