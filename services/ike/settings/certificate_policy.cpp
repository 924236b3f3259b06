#include "services/ike/settings/certificate_policy.h"

#include <algorithm>
#include <set>

#include "services/ike/settings/authority_policy.h"

namespace nezu::ike {
namespace {
using configdb::View;

const std::vector<AuthenticationMethod>& methods() {
  static const std::vector<AuthenticationMethod> kMethods = {
      {"pre-shared-keys", false, {}},
      {"rsa-signatures", true, {KeyKind::kRsa}},
      {"ecdsa-signatures-256", true, {KeyKind::kEcdsa256}},
      {"ecdsa-signatures-384", true, {KeyKind::kEcdsa384}},
      {"ecdsa-signatures-521", true, {KeyKind::kEcdsa521}},
      {"certificates",
       true,
       {KeyKind::kRsa, KeyKind::kEcdsa256, KeyKind::kEcdsa384, KeyKind::kEcdsa521}},
      {"digital-signature",
       true,
       {KeyKind::kRsa, KeyKind::kEcdsa256, KeyKind::kEcdsa384, KeyKind::kEcdsa521}},
  };
  return kMethods;
}

void take_method(const AuthenticationMethod& method, CertificatePolicy& policy) {
  for (const KeyKind key : method.keys)
    if (std::find(policy.keys.begin(), policy.keys.end(), key) == policy.keys.end())
      policy.keys.push_back(key);
  if (method.name == "digital-signature") {
    policy.pss = true;
    policy.old_methods = false;
  }
}

void take_hashes(const View& proposal, CertificatePolicy& policy) {
  for (const auto& word : proposal.values("signature-hash-algorithm"))
    if (const auto hash = hash_named(word);
        hash && std::find(policy.hashes.begin(), policy.hashes.end(), *hash) == policy.hashes.end())
      policy.hashes.push_back(*hash);
}
}  // namespace

const AuthenticationMethod* authentication_method(std::string_view name) {
  for (const AuthenticationMethod& each : methods())
    if (each.name == name) return &each;
  return nullptr;
}

std::string_view method_of_set(std::string_view set) {
  if (set == "suiteb-gcm-128" || set == "prime-128") return "ecdsa-signatures-256";
  if (set == "suiteb-gcm-256" || set == "prime-256") return "ecdsa-signatures-384";
  return "pre-shared-keys";
}

CertificatePolicy certificate_policy(const View& root, const View& ike_policy) {
  CertificatePolicy policy;
  policy.local = ike_policy["certificate"]["local-certificate"].value();
  if (policy.local.empty()) return policy;
  policy.authorities = trusted_by(root, ike_policy);
  if (const View set = ike_policy["proposal-set"])
    take_method(*authentication_method(method_of_set(set.value())), policy);
  for (const auto& name : ike_policy.values("proposals")) {
    const View proposal = root["security"]["ike"].entry("proposal", name);
    if (const auto* method = authentication_method(proposal["authentication-method"].value()))
      take_method(*method, policy);
    take_hashes(proposal, policy);
  }
  if (policy.hashes.empty())
    policy.hashes = {HashAlgorithm::kSha256, HashAlgorithm::kSha384, HashAlgorithm::kSha512};
  return policy;
}

}  // namespace nezu::ike
