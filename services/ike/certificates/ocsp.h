// The Online Certificate Status Protocol, RFC 6960: what is asked and what an answer is worth.
// Nothing here sends anything.
#pragma once

#include <ctime>

#include "services/ike/certificates/certificate.h"

namespace nezu::ike {

constexpr std::size_t kMaxOcspResponse = 65536;  // octets

enum class OcspNonce : std::uint8_t {
  kOff,
  kSent,      // an answer without it is taken: many responders sign in advance
  kRequired,  // the answer must have it
};

/// DER of a request about one certificate.
Bytes ocsp_request(const Certificate& certificate, const Certificate& issuer, OcspNonce nonce);

enum class OcspStatus : std::uint8_t { kGood, kRevoked, kUnknown, kInvalid };

struct OcspAnswer {
  OcspStatus status = OcspStatus::kInvalid;
  std::time_t until = 0;  // when there is a newer one; 0: ask each time
  std::string error;      // of kInvalid
};

/// The answer must be signed by the issuer, or by one whom the issuer certified for that, with a
/// hash that is_strong(); be about that certificate; be neither of tomorrow nor out of date (one
/// that does not say when there is a newer one is out of date after ten minutes: RFC 6960 section
/// 4.2.2.1 has a newer one ready at all times); and have the request's nonce.
OcspAnswer read_ocsp(ByteView response, ByteView request, const Certificate& certificate,
                     const Certificate& issuer, OcspNonce nonce);

}  // namespace nezu::ike
