// The parts of IKE_AUTH that certificates bring: CERT, CERTREQ, signatures made and checked
// elsewhere. RFC 7296 sections 2.15, 3.6 and 3.7, RFC 7427.
#pragma once

#include "services/ike/session/step.h"

namespace nezu::ike::proof {

/// Whether the gateway's ends prove themselves by certificates.
inline bool is_used(const Gateway& gateway) {
  return !gateway.certificates.local.empty();
}

/// RFC 7296 section 2.15, of either kind of proof. What the initiator signs is its request and the
/// responder's nonce, and the reverse.
Bytes signed_octets(const IkeSa& sa, bool of_initiator, ByteView id_body);

/// IKE_SA_INIT: the hashes we can check. Nothing for a gateway with a pre-shared key.
void add_hashes(const Step& step, PayloadChain& chain);
/// What the peer announced, kept in the SA. False: malformed.
bool take_hashes(Step& step, const Payloads& payloads);

/// Our certificates, and the request for the peer's.
void add_certificates(const Step& step, PayloadChain& chain);
void add_request(const Step& step, PayloadChain& chain);

/// Asks for our signature over what is signed with the body of our ID payload. False: no
/// certificate is loaded or the peer takes none of our signatures; the reason is in the log.
bool ask_signature(Step& step, ByteView id_body);
/// The method of the AUTH payload that belongs to that signature.
AuthMethod method_of(const Step& step);
/// Asks whether the peer is who the payloads say.
void ask_verdict(Step& step, const Payloads& payloads);

/// Whether a job was lost with the process that had it.
bool is_lost(const IkeSa& sa);

}  // namespace nezu::ike::proof
