// Child SAs: the first one beside IKE_AUTH, more of them and their rekeying by CREATE_CHILD_SA.
// RFC 7296 sections 1.3.1, 1.3.3, 2.8 and 2.17.
//
//   initiator                                               responder
//   HDR, SK {[N(REKEY_SA)], SA, Ni, [KEi,] TSi, TSr}   -->
//                                                      <--  HDR, SK {SA, Nr, [KEr,] TSi, TSr}
//                                                           (the inbound SA is in by then)
//   (both SAs are in)
//   HDR, SK {D(old)}                                   -->
//                                                           (outbound switches at the latest here)
#pragma once

#include "services/ike/session/step.h"
#include "services/ike/session/window.h"

namespace nezu::ike::child {

/// Initiator of IKE_AUTH: the payloads of the tunnel that is wanted. False: the configuration has
/// it no more, nothing was added.
bool add_first_offer(Step& step, PayloadChain& chain);
/// Initiator of IKE_AUTH: a refusal leaves the IKE SA without child.
void on_first_answer(Step& step, const Payloads& payloads);
/// Responder of IKE_AUTH: installs and adds the answer, or the notify of its refusal.
void answer_first_offer(Step& step, const Payloads& payloads, PayloadChain& chain);

/// Begins a task of kind kCreateChild or kRekeyChild, unless it has become pointless.
void start(Step& step, const Task& task);
/// With PFS: our public value is there. The exchange goes on in `sa.ours`; what is handed back
/// below was taken out of it, or of `sa.theirs`.
void send(Step& step, ChildExchange ours);
void on_response(Step& step, ChildExchange ours, const Payloads& payloads);
/// With PFS: the secret of our exchange; `ok` false: the peer's value was none.
void derived(Step& step, const ChildExchange& ours, bool ok, ByteView shared_secret);

void on_request(Step& step, const Payloads& payloads);
/// With PFS: the secret of the peer's exchange.
void answer(Step& step, const ChildExchange& theirs, bool ok, ByteView shared_secret);

}  // namespace nezu::ike::child
