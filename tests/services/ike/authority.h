// A certification authority for tests: keys, certificates, lists of revoked ones and answers of an
// OCSP responder, as a CA of the world would make them.
#pragma once

#include <openssl/types.h>

#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/ike/bytes.h"
#include "services/ike/key_kind.h"

namespace nezu::ike::test {

using Key = std::shared_ptr<EVP_PKEY>;
/// RSA keys have 2048 bits. Each kind is made once a process and `number`: RSA is slow.
Key key_of(KeyKind kind, int number = 0);
std::string pem_of(const Key& key);

struct Wish {
  std::string subject = {};    // "CN=peer1,O=Nezu"
  std::string alternate = {};  // "IP:16.1.1.2,DNS:peer1.nezu.example"; openssl's words
  KeyKind kind = KeyKind::kRsa;
  int key = 0;
  bool authority = false;
  std::string constraints = {};  // of an authority: "permitted;DNS:.nezu.example"
  std::string usage = {};        // keyUsage, openssl's words
  std::string crl_url = {};
  std::string ocsp_url = {};
  std::string extended = {};  // extendedKeyUsage
  int from_hours = -1;        // validity, from now
  int to_hours = 24 * 30;
  const char* digest = "sha256";
};

struct Made {
  Key key;
  std::shared_ptr<X509> certificate;
  Bytes der() const;
  std::string pem() const;
};

class Authority {
 public:
  /// Self-signed.
  explicit Authority(Wish wish);
  /// Signed by another.
  Authority(Wish wish, Authority& above);

  Made issue(const Wish& wish);
  Made issue(const Wish& wish, const Key& key);
  const Made& own() const { return own_; }
  Bytes der() const { return own_.der(); }

  void revoke(const Made& certificate) { revoked_.push_back(certificate.certificate); }
  /// DER; `hours`: when the next one comes, may be in the past.
  Bytes crl(int hours = 24) const;
  /// The answer to an OCSP request; signed by the authority itself. DER both; `hours` as above.
  Bytes ocsp(const Bytes& request, int hours = 24, bool nonce = true) const;

 private:
  Made own_;
  long serial_;
  std::vector<std::shared_ptr<X509>> revoked_;
};

}  // namespace nezu::ike::test
