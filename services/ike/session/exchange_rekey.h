// Rekeying the IKE SA by CREATE_CHILD_SA, RFC 7296 sections 1.3.2, 2.8.2 and 2.18.
//
//   initiator                         responder
//   HDR, SK {SA, Ni, KEi}        -->
//                                <--  HDR, SK {SA, Nr, KEr}
//   (the children are handed over to the new IKE SA)
//   HDR, SK {D}                  -->
//                                <--  HDR, SK {}
#pragma once

#include "services/ike/session/step.h"
#include "services/ike/session/window.h"

namespace nezu::ike::rekey {

void start(Step& step, const Task& task);
void send(Step& step, ChildExchange ours);
void on_response(Step& step, ChildExchange ours, const Payloads& payloads);
void derived(Step& step, const ChildExchange& ours, bool ok, ByteView shared_secret);

void on_request(Step& step, const Payloads& payloads);
void answer(Step& step, const ChildExchange& theirs, bool ok, ByteView shared_secret);

/// Both sides rekeyed, and before our own exchange is over the peer uses the SA of its own for the
/// children: it has seen both, so its SA has won.
void concede(Step& step);
/// Our exchange led to nothing: what the peer made in the meantime takes the children.
void abandon(Step& step);

}  // namespace nezu::ike::rekey
