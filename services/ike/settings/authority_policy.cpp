#include "services/ike/settings/authority_policy.h"

namespace nezu::ike {
namespace {
using configdb::View;

OcspNonce nonce_of(const View& ocsp) {
  const std::string word = ocsp["nonce-payload"].value();
  if (word == "enable") return OcspNonce::kRequired;
  return word == "disable" ? OcspNonce::kOff : OcspNonce::kSent;
}

AuthorityPolicy policy_of(const View& profile) {
  const View check = profile["revocation-check"];
  const View crl = check["crl"], ocsp = check["ocsp"], failure = ocsp["connection-failure"];
  AuthorityPolicy policy;
  policy.name = profile.key();
  policy.identity = profile["ca-identity"].value();
  if (check["use-ocsp"]) policy.method = AuthorityPolicy::Method::kOcsp;
  if (check["disable"]) policy.method = AuthorityPolicy::Method::kDisable;
  for (const View& url : crl.entries("url")) policy.crl_urls.emplace_back(url.key());
  policy.accept_without_crl = bool(crl["disable"]["on-download-failure"]);
  policy.refresh_hours = std::uint32_t(crl["refresh-interval"].number());
  policy.ocsp_urls = ocsp.values("url");
  policy.accept_unknown = bool(ocsp["accept-unknown-status"]);
  policy.nonce = nonce_of(ocsp);
  if (failure["disable"]) policy.on_failure = AuthorityPolicy::OnFailure::kAccept;
  if (failure["fallback-crl"]) policy.on_failure = AuthorityPolicy::OnFailure::kFallBackToCrl;
  return policy;
}
}  // namespace

AuthorityPolicies authority_policies(const View& root) {
  AuthorityPolicies policies;
  for (const View& profile : root["security"]["pki"].entries("ca-profile"))
    policies[std::string(profile.key())] = policy_of(profile);
  return policies;
}

std::vector<std::string> trusted_by(const View& root, const View& ike_policy) {
  const View trusted = ike_policy["certificate"]["trusted-ca"], pki = root["security"]["pki"];
  if (const View profile = trusted["ca-profile"]) return {profile.value()};
  if (const View group = trusted["trusted-ca-group"])
    return pki.entry("trusted-ca-group", group.value()).values("ca-profiles");
  std::vector<std::string> all;
  for (const View& profile : pki.entries("ca-profile")) all.emplace_back(profile.key());
  return all;
}

}  // namespace nezu::ike
