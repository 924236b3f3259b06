// Certificate and Certificate Request payloads, RFC 7296 sections 3.6 and 3.7, and the notify that
// announces hash algorithms, RFC 7427 section 4.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "services/ike/bytes.h"
#include "services/ike/key_kind.h"

namespace nezu::ike {

/// X.509 Certificate - Signature, the only encoding we send or read.
constexpr std::uint8_t kX509Signature = 4;

// What a peer may send: more is refused before anything is decoded.
constexpr std::size_t kMaxCertificate = 16384;  // octets of one
constexpr std::size_t kMaxCertificates = 9;     // its own and eight above it
constexpr std::size_t kMaxCertificateOctets = 32768;
constexpr std::size_t kMaxAuthorities = 256;  // hashes in a Certificate Request

struct CertPayload {
  std::uint8_t encoding = 0;
  Bytes data;

  bool operator==(const CertPayload&) const = default;
};

/// Not empty and not larger than kMaxCertificate.
bool validate_cert(ByteView body);
std::optional<CertPayload> parse_cert(ByteView body);
/// The payload of a DER certificate.
Bytes encode_cert(ByteView der);

/// `authorities`: SHA-1 hashes of the public keys of those we trust, one behind the other.
Bytes encode_cert_request(ByteView authorities);
/// A whole number of hashes when it asks for X.509 certificates; other encodings are not looked at.
bool validate_cert_request(ByteView body);

Bytes encode_hashes(const std::set<HashAlgorithm>& hashes);
/// Those that we know. Nothing when the length is odd.
std::optional<std::set<HashAlgorithm>> parse_hashes(ByteView data);

}  // namespace nezu::ike
