// IKE_AUTH with pre-shared keys and the first child SA, RFC 7296 sections 1.2 and 2.15.
//
//   initiator                                           responder
//   HDR, SK {IDi, [N(INITIAL_CONTACT)], [IDr,]
//            AUTH, SAi2, TSi, TSr}                  -->
//                                                   <-- HDR, SK {IDr, AUTH, SAr2, TSi, TSr}
#pragma once

#include "services/ike/step.h"
#include "services/ike/window.h"

namespace nezu::ike::auth {

void send(Step& step);
void on_response(Step& step, const Payloads& payloads);
void on_request(Step& step, const Payloads& payloads);

}  // namespace nezu::ike::auth
