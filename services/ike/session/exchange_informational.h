// INFORMATIONAL: deletion of child SAs and of the IKE SA, and the empty probe of dead peer
// detection. RFC 7296 sections 1.4 and 1.4.1.
#pragma once

#include "services/ike/session/step.h"
#include "services/ike/session/window.h"

namespace nezu::ike::informational {

/// kDeleteChild: HDR, SK {D(ESP, SPI)} -->  <-- HDR, SK {D(ESP, paired SPI)}
void start_delete_child(Step& step, const Task& task);
/// kDeleteIke: HDR, SK {D(IKE)} -->  <-- HDR, SK {}
void start_delete_ike(Step& step, const Task& task);
/// kProbe: HDR, SK {} -->  <-- HDR, SK {}
void start_probe(Step& step, const Task& task);

void on_response(Step& step, const Task& task);
void on_request(Step& step, const Payloads& payloads);

}  // namespace nezu::ike::informational
