#include "services/ike/pki/credential.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "services/ike/certificates/chain.h"

namespace nezu::ike {
namespace {
const Certificate* issuer_of(const Vault& vault, const Certificate& certificate) {
  for (const auto& [_, authority] : vault.authorities())
    if (X509_check_issued(authority.get(), certificate.get()) == X509_V_OK) return &authority;
  return nullptr;
}
}  // namespace

std::vector<Certificate> chain_of(const Vault& vault, const Certificate& own) {
  std::vector<Certificate> chain = {own};
  while (static_cast<int>(chain.size()) <= kMaxChain && !chain.back().is_self_signed()) {
    const Certificate* above = issuer_of(vault, chain.back());
    if (!above || above->is_self_signed()) break;
    chain.push_back(*above);
  }
  return chain;
}

Credential credential_of(const Vault& vault, const std::string& certificate,
                         const std::vector<std::string>& authorities) {
  Credential credential;
  for (const std::string& name : authorities)
    if (const auto found = vault.authorities().find(name); found != vault.authorities().end())
      append(credential.authorities, found->second.key_hash());
  const auto own = vault.certificates().find(certificate);
  const auto key = vault.keys().find(certificate);
  if (own == vault.certificates().end() || key == vault.keys().end()) return credential;
  if (EVP_PKEY_eq(own->second.key(), key->second.get()) != 1) return credential;
  credential.kind = own->second.kind();
  credential.subject = own->second.subject();
  for (const Certificate& each : chain_of(vault, own->second))
    credential.chain.push_back(each.der());
  return credential;
}

}  // namespace nezu::ike
