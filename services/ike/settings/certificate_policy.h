// What the proposals of an IKE policy say of how both ends prove themselves.
#pragma once

#include <string>
#include <vector>

#include "configdb/tree.h"
#include "services/ike/config.h"

namespace nezu::ike {

/// authentication-method of a proposal, as it is understood here.
struct AuthenticationMethod {
  std::string_view name;
  bool certificates;
  std::vector<KeyKind> keys;
};
/// Null for a method that is not supported.
const AuthenticationMethod* authentication_method(std::string_view name);

/// The method of a proposal-set's proposals, by its name.
std::string_view method_of_set(std::string_view set);

CertificatePolicy certificate_policy(const configdb::View& root, const configdb::View& ike_policy);

}  // namespace nezu::ike
