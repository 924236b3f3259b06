// X.509 certificates: bounded when they come in, shared and unchanged from then on.
#pragma once

#include <openssl/types.h>

#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/ike/config.h"
#include "services/ike/crypto/signature.h"

namespace nezu::ike {

/// Seconds since 1970 of an ASN.1 time; 0 for what is none.
std::time_t time_of(const ASN1_TIME* time);

class Certificate {
 public:
  /// Nothing when it is none, has octets behind it or is larger than kMaxCertificate.
  static std::optional<Certificate> of_der(ByteView der);
  /// One that OpenSSL holds; it is held from here as well.
  static Certificate shared(X509* x509);

  X509* get() const { return x509_.get(); }
  EVP_PKEY* key() const;  // the certificate's; null when it cannot be read
  KeyKind kind() const;   // of its key
  Bytes der() const;
  Bytes subject() const;  // DER of the name
  Bytes issuer() const;
  Bytes key_hash() const;      // SHA-1 of the SubjectPublicKeyInfo, as CERTREQ has it
  std::string serial() const;  // hexadecimal, lower case
  std::time_t not_before() const;
  std::time_t not_after() const;  // 0: none that can be read, of both
  bool is_self_signed() const;
  bool is_authority() const;  // may sign certificates

  bool operator==(const Certificate& other) const;

 private:
  std::shared_ptr<X509> x509_;
};

/// PEM (whatever stands around it) or DER; of PEM every certificate in its order, at most
/// kMaxCertificates. Empty: there is none, or one of them is broken.
std::vector<Certificate> read_certificates(ByteView file);

/// Whether a certificate stands for an identity: as its subject, or in its subjectAltName. A key-id
/// stands in none.
bool stands_for(const Certificate& certificate, const Identity& identity);

/// What the subjectAltName names, as identities; of kinds that IKE knows.
std::vector<Identity> alternate_names(const Certificate& certificate);

/// Why a certificate may not prove an end of IKE, "not for …"; empty: it may. RFC 4945 sections
/// 5.1.3.2 and 5.1.3.12: a keyUsage must name signatures, an extendedKeyUsage IKE or any use. The
/// names of IPsec that were given before ipsecIKE are taken as well.
std::string use_problem(const Certificate& certificate);

/// URLs (http and https only) of CRLs, and of OCSP responders, that the certificate names; at most
/// four of each, none longer than 500 octets.
std::vector<std::string> crl_urls(const Certificate& certificate);
std::vector<std::string> ocsp_urls(const Certificate& certificate);

}  // namespace nezu::ike
