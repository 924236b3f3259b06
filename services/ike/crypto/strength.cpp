#include "services/ike/crypto/strength.h"

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <memory>

namespace nezu::ike {
namespace {
constexpr int kLeastOctets = 28;

// Left out it is SHA-1, RFC 4055 section 3.1.
int hash_of_pss(const X509_ALGOR* algorithm) {
  const std::unique_ptr<RSA_PSS_PARAMS, decltype(&RSA_PSS_PARAMS_free)> parameters(
      static_cast<RSA_PSS_PARAMS*>(
          ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(RSA_PSS_PARAMS), algorithm->parameter)),
      RSA_PSS_PARAMS_free);
  if (!parameters || !parameters->hashAlgorithm) return NID_undef;
  return OBJ_obj2nid(parameters->hashAlgorithm->algorithm);
}

int hash_of(const X509_ALGOR* algorithm) {
  const int signature = OBJ_obj2nid(algorithm->algorithm);
  if (signature == NID_rsassaPss) return hash_of_pss(algorithm);
  int hash = NID_undef;
  return OBJ_find_sigid_algs(signature, &hash, nullptr) == 1 ? hash : NID_undef;
}
}  // namespace

bool is_strong(const X509_ALGOR* algorithm) {
  const EVP_MD* hash = algorithm ? EVP_get_digestbynid(hash_of(algorithm)) : nullptr;
  return hash && EVP_MD_get_size(hash) >= kLeastOctets;
}

}  // namespace nezu::ike
