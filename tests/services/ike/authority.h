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
/// RSA keys have 2048 bits, or `number` of them from 1024 on. Each kind is made once a process and
/// `number`: RSA is slow.
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
  bool identifiers = true;  // of the keys: its own, and its issuer's
};

struct Made {
  Key key;
  std::shared_ptr<X509> certificate;
  Bytes der() const;
  std::string pem() const;
};

/// What a list of revoked certificates says of itself; hours from now.
struct ListWish {
  int from_hours = -2;
  std::optional<int> to_hours = 24;  // nothing: it does not say when the next comes
  long number = 0;                   // 0: none
  const char* digest = "sha256";
  std::string critical = {};  // an extension that nobody knows: its OID
};

/// The same of an answer of an OCSP responder.
struct AnswerWish {
  int from_hours = -2;
  std::optional<int> to_hours = 24;
  bool nonce = true;
  const char* digest = "sha256";
  const Made* signer = nullptr;  // in place of the authority
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
  Bytes crl(const ListWish& wish = {}) const;                           // DER
  Bytes ocsp(const Bytes& request, const AnswerWish& wish = {}) const;  // the answer; DER both

 private:
  Made own_;
  long serial_;
  std::vector<std::shared_ptr<X509>> revoked_;
};

}  // namespace nezu::ike::test
