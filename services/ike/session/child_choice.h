// Which of our tunnels a peer's offer of a child SA is for, and with what.
#pragma once

#include "services/ike/session/proposal.h"
#include "services/ike/session/step.h"

namespace nezu::ike::child {

/// Fills in tunnel, selectors, suite, SPIs and group of the peer's exchange. `auth`: beside
/// IKE_AUTH, where no Diffie-Hellman of its own takes place. `old`: the pair being rekeyed, whose
/// tunnel it has to be; nullptr: a new one. Otherwise the refusal.
std::optional<Notify> choose_child(Step& step, const Payloads& payloads, bool auth,
                                   const ChildSa* old, ChildExchange& theirs);

/// The pair that a REKEY_SA notify means; otherwise the refusal (RFC 7296 section 2.25.1).
std::optional<Notify> find_rekeyed(Step& step, const Notify& rekey, ChildSa*& old);

void take_choice(ChildExchange& exchange, const EspChoice& choice);

}  // namespace nezu::ike::child
