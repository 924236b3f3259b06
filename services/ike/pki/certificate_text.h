// Certificates in words, as shows print them.
#pragma once

#include <openssl/x509v3.h>

#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include "services/ike/bytes.h"

namespace nezu::ike {

/// "11-22-2026 05:09 UTC"; empty for 0.
std::string time_text(std::time_t time);

/// "Organization: Nezu", one a field.
std::vector<std::string> name_lines(const X509_NAME* name);

/// "rsaEncryption(2048 bits)", "ecdsaPublicKey(256 bits)".
std::string key_text(EVP_PKEY* key);
/// The public key in hexadecimal, twenty octets a line.
std::vector<std::string> key_lines(EVP_PKEY* key);

/// "aa:bb" and the name of the hash, by SHA-1, MD5 and SHA-256.
std::vector<std::pair<std::string, std::string>> fingerprints(ByteView der);
/// The same with a heading, for messages.
std::string fingerprint_lines(ByteView der);

/// "\"a@nezu.example\", peer1.nezu.example, 16.1.1.2", of a subjectAltName.
std::string alternate_text(const STACK_OF(GENERAL_NAME) * names);

/// "Digital signature, Certificate signing"; empty: for everything.
std::string usage_text(std::uint32_t usage);

}  // namespace nezu::ike
