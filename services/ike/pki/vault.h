// Keys, certificates and revocation lists of a router, in files of its state directory:
//
//   key-pair/ID.pem  local-certificate/ID.pem  certificate-request/ID.pem
//   ca-certificate/PROFILE.pem  crl/PROFILE.der
//
// The directories are 0700, the files 0600; each is replaced as a whole or not at all.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "services/ike/certificates/crl.h"

namespace nezu::ike {

using PrivateKey = std::shared_ptr<EVP_PKEY>;

/// PEM (with its passphrase, if it has one) or DER; nothing when it is none.
PrivateKey read_private_key(ByteView file, const std::string& passphrase);

/// PKCS 8 encrypted with the passphrase, PEM or DER; empty: it cannot be.
Bytes sealed_key(EVP_PKEY* key, const std::string& passphrase, bool der);

class Vault {
 public:
  enum class Shelf : std::uint8_t { kKeys, kCertificates, kRequests, kAuthorities, kLists };

  /// Reads what is there. Files that are broken are left out and named in `problems`.
  explicit Vault(std::string directory);

  const std::map<std::string, PrivateKey>& keys() const { return keys_; }
  const std::map<std::string, Certificate>& certificates() const { return certificates_; }
  const std::map<std::string, Bytes>& requests() const { return requests_; }  // DER
  const std::map<std::string, Certificate>& authorities() const { return authorities_; }
  const std::map<std::string, Crl>& lists() const { return lists_; }
  const std::vector<std::string>& problems() const { return problems_; }

  // Each keeps and writes, replacing what was there. The error, or empty: then both is done.
  std::string put_key(const std::string& name, PrivateKey key);
  std::string put_certificate(const std::string& name, const Certificate& certificate);
  std::string put_request(const std::string& name, const Bytes& der);
  // The list of an authority goes when another takes its place, unless that signed it as well.
  std::string put_authority(const std::string& name, const Certificate& certificate);
  std::string put_list(const std::string& name, const Crl& crl);

  /// False: there was none. An authority goes with its list.
  bool remove(Shelf shelf, const std::string& name);
  std::vector<std::string> names(Shelf shelf) const;

  /// As the commands take them: 1 to 32 octets without / % . blanks and control characters.
  static bool is_name(std::string_view name);
  static constexpr std::size_t kMost = 1024;  // on one shelf

 private:
  void read(Shelf shelf);
  bool take(Shelf shelf, const std::string& name, const Bytes& content);
  std::string write(Shelf shelf, const std::string& name, ByteView content);
  std::string path(Shelf shelf, const std::string& name = {}) const;

  std::string directory_;
  std::map<std::string, PrivateKey> keys_;
  std::map<std::string, Certificate> certificates_, authorities_;
  std::map<std::string, Bytes> requests_;
  std::map<std::string, Crl> lists_;
  std::vector<std::string> problems_;
};

/// BEGIN TYPE … END TYPE around base64.
std::string pem_text(const char* type, ByteView der);

}  // namespace nezu::ike
