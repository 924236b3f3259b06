// Signatures in the AUTH payload: RFC 7427, and what was there before it (RFC 7296 section 2.15,
// RFC 4754).
#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "services/ike/key_kind.h"
#include "services/ike/message/payload_id.h"

namespace nezu::ike {

/// kNone for what we do not use, and for RSA keys below 1024 or above 8192 bits, with an even
/// modulus or an exponent that is none.
KeyKind kind_of(EVP_PKEY* key);

struct SignatureScheme {
  AuthMethod method = AuthMethod::kDigitalSignature;
  HashAlgorithm hash = HashAlgorithm::kSha256;
  bool pss = false;  // of RSA

  bool operator==(const SignatureScheme&) const = default;
};

/// How a key signs for a peer that announced `theirs` (RFC 7427), or nothing (empty: the methods
/// of before, if `old_methods`). `preferred` in its order first; a curve goes with its own hash if
/// the peer has it. Nothing: there is no way.
std::optional<SignatureScheme> choose_scheme(KeyKind key, const std::set<HashAlgorithm>& theirs,
                                             const std::vector<HashAlgorithm>& preferred, bool pss,
                                             bool old_methods);

/// The AUTH payload's data; nothing if the key cannot.
std::optional<Bytes> sign(EVP_PKEY* key, const SignatureScheme& scheme, ByteView octets);

/// `accepted`: the hashes that were announced. A method of before is taken whatever was announced,
/// unless `old_methods` is false. The algorithm's encoding has to be the one of its RFC to the
/// octet: there is no parser here to be led astray.
bool verify(EVP_PKEY* key, const Auth& auth, ByteView octets,
            const std::set<HashAlgorithm>& accepted, bool old_methods);

}  // namespace nezu::ike
