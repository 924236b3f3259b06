// Whether a peer is who it says: the path of its certificates to an authority we trust, its
// identity in them, its signature. RFC 5280 section 6, RFC 4945, RFC 7296 section 3.6.
#pragma once

#include <ctime>
#include <set>
#include <string>
#include <vector>

#include "services/ike/certificates/certificate.h"

namespace nezu::ike {

/// Above the peer's own certificate at most as many.
constexpr int kMaxChain = 8;
/// OpenSSL's level of 80 bits: no MD5, no SHA-1, no RSA below 1024 bits anywhere in a path.
constexpr int kAuthLevel = 1;

/// What a peer shows in IKE_AUTH, and what we ask of it.
struct PeerProof {
  std::vector<Bytes> certificates;  // DER as received, its own first
  Auth auth;
  Bytes octets;  // that AUTH signs
  Identity identity;
  std::vector<KeyKind> keys;  // that may have signed
  std::set<HashAlgorithm> hashes;
  bool old_methods = true;  // of before RFC 7427
  bool sha1 = true;         // among those, RSA's
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
  std::string profile;  // that says how it is asked about: the issuer's, else the trusted one's
};

struct ChainVerdict {
  std::string error;             // why it does not hold; empty: it does
  std::vector<ChainLink> links;  // from the peer's up; what is trusted itself has none
  std::string profile;           // of the authority at the end
  std::time_t until = 0;         // when the first of the certificates ends
};

/// The path of certificates.front() to one of `trusted`, with what lies between from
/// `certificates` and `known`. Bounded: the sizes of payload_cert.h, kMaxChain signatures, and keys
/// that kind_of() knows. Pure; for any thread.
ChainVerdict verify_chain(const std::vector<Certificate>& certificates,
                          const std::vector<Authority>& trusted,
                          const std::vector<Authority>& known, std::time_t now);

/// That, and the peer's identity and signature.
ChainVerdict verify_peer(const PeerProof& proof, const std::vector<Authority>& trusted,
                         const std::vector<Authority>& known, std::time_t now);

}  // namespace nezu::ike
