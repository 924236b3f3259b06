// Whether a peer is who it says: the path of its certificates to an authority we trust, its
// identity in them, its signature. RFC 5280 section 6, RFC 4945, RFC 7296 section 3.6.
#pragma once

#include <ctime>
#include <set>
#include <string>
#include <vector>

#include "services/ike/certificate.h"

namespace nezu::ike {

/// Above the peer's own certificate at most as many.
constexpr int kMaxChain = 8;

/// What a peer shows in IKE_AUTH, and what we ask of it.
struct PeerProof {
  std::vector<Bytes> certificates;  // DER as received, its own first
  Auth auth;
  Bytes octets;  // that AUTH signs
  Identity identity;
  std::vector<KeyKind> keys;  // that may have signed
  std::set<HashAlgorithm> hashes;
  bool old_methods = true;
};

/// An authority that is trusted: what is loaded for a ca-profile.
struct Authority {
  std::string profile;
  Certificate certificate;
};

/// A certificate of a path that holds, and who signed it.
struct ChainLink {
  Certificate certificate;
  Certificate issuer;
};

struct ChainVerdict {
  std::string error;             // why it does not hold; empty: it does
  std::vector<ChainLink> links;  // from the peer's up; what is trusted itself has none
  std::string profile;           // of the authority at the end
};

/// The path of certificates.front() to one of `trusted`, with what lies between from
/// `certificates` and `known`. Bounded: the sizes of payload_cert.h, kMaxChain signatures. Pure;
/// for any thread.
ChainVerdict verify_chain(const std::vector<Certificate>& certificates,
                          const std::vector<Authority>& trusted,
                          const std::vector<Certificate>& known, std::time_t now);

/// That, and the peer's identity and signature.
ChainVerdict verify_peer(const PeerProof& proof, const std::vector<Authority>& trusted,
                         const std::vector<Certificate>& known, std::time_t now);

}  // namespace nezu::ike
