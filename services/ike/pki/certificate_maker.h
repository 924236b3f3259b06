// Keys, requests for certificates and certificates that sign themselves.
#pragma once

#include <string>

#include "services/ike/pki/vault.h"

namespace nezu::ike {

/// RSA of 1024, 2048 or 4096 bits, or a curve of 256, 384 or 521. Null: there is no such key. Takes
/// seconds for large RSA keys.
PrivateKey generate_key(KeyKind kind, unsigned bits);

/// What is asked for, as the commands take it; empty: not given.
struct Applicant {
  std::string subject;  // "CN=peer1,O=Nezu"
  std::string domain_name, email, ip_address, ipv6_address;
  std::string digest;  // "sha-256"
  bool authority = false;
};

struct MadeDer {
  Bytes der;
  std::string error;  // empty: it is there
};

/// PKCS 10, RFC 2986.
MadeDer make_request(const Applicant& applicant, EVP_PKEY* key);
/// Valid from now for five years.
MadeDer make_self_signed(const Applicant& applicant, EVP_PKEY* key);

}  // namespace nezu::ike
