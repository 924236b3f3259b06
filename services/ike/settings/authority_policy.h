// [edit security pki]: what is asked of the certificates of an authority.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "configdb/tree.h"
#include "services/ike/certificates/ocsp.h"

namespace nezu::ike {

/// One ca-profile.
struct AuthorityPolicy {
  enum class Method : std::uint8_t { kCrl, kOcsp, kDisable };
  /// When the OCSP responder gives no valid answer.
  enum class OnFailure : std::uint8_t { kRefuse, kAccept, kFallBackToCrl };

  std::string name;
  std::string identity;
  Method method = Method::kCrl;
  std::vector<std::string> crl_urls;   // empty: those in the certificates
  bool accept_without_crl = false;     // disable on-download-failure
  std::uint32_t refresh_hours = 0;     // 0: when the list says
  std::vector<std::string> ocsp_urls;  // empty: those in the certificates
  bool accept_unknown = false;
  OcspNonce nonce = OcspNonce::kSent;
  OnFailure on_failure = OnFailure::kRefuse;

  bool operator==(const AuthorityPolicy&) const = default;
};

using AuthorityPolicies = std::map<std::string, AuthorityPolicy>;
AuthorityPolicies authority_policies(const configdb::View& root);

/// The profiles that a policy's trusted-ca names: one, those of a group, or all.
std::vector<std::string> trusted_by(const configdb::View& root, const configdb::View& ike_policy);

}  // namespace nezu::ike
