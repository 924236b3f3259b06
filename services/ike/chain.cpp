#include "services/ike/chain.h"
#include "services/ike/der.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

namespace nezu::ike {
namespace {
using Store = std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)>;
using Context = std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)>;

void drop(STACK_OF(X509) * stack) {
  sk_X509_free(stack);  // the certificates are the callers'
}
using Stack = std::unique_ptr<STACK_OF(X509), decltype(&drop)>;

ChainVerdict refused(std::string why) {
  ChainVerdict verdict;
  verdict.error = std::move(why);
  return verdict;
}

Stack stack_of(const std::vector<Certificate>& first, const std::vector<Certificate>& second) {
  Stack stack(sk_X509_new_null(), drop);
  for (const auto* list : {&first, &second})
    for (const Certificate& each : *list)
      if (stack) sk_X509_push(stack.get(), each.get());
  return stack;
}

// Eighty bits of strength: no MD5, no SHA-1, no RSA below 1024 bits anywhere in the path.
void set_limits(X509_STORE_CTX* context, std::time_t now) {
  X509_VERIFY_PARAM* limits = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_depth(limits, kMaxChain);
  X509_VERIFY_PARAM_set_auth_level(limits, 1);
  X509_VERIFY_PARAM_set_time(limits, now);
  // An authority is trusted when it is loaded, be it itself signed by another or not.
  X509_VERIFY_PARAM_set_flags(limits, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
}

std::string reason_of(X509_STORE_CTX* context) {
  const int depth = X509_STORE_CTX_get_error_depth(context);
  const std::string words = X509_verify_cert_error_string(X509_STORE_CTX_get_error(context));
  const char* whose = depth == 0 ? "certificate" : "certificate of an authority";
  return std::string(whose) + ": " + words;
}

// RFC 4945 section 5.1.3.2: a key whose use is named must be named for signatures.
bool may_sign(const Certificate& certificate) {
  const std::uint32_t usage = X509_get_key_usage(certificate.get());
  return usage == UINT32_MAX || (usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0;
}

Certificate shared(X509* certificate) {
  return Certificate::of_der(encoded(certificate, i2d_X509)).value_or(Certificate());
}

void describe(X509_STORE_CTX* context, const std::vector<Authority>& trusted,
              ChainVerdict& verdict) {
  const STACK_OF(X509)* path = X509_STORE_CTX_get0_chain(context);
  const int length = sk_X509_num(path);
  for (int i = 0; i + 1 < length; ++i)
    verdict.links.push_back({shared(sk_X509_value(path, i)), shared(sk_X509_value(path, i + 1))});
  const X509* last = sk_X509_value(path, length - 1);
  for (const Authority& each : trusted)
    if (X509_cmp(each.certificate.get(), last) == 0) verdict.profile = each.profile;
}

std::optional<std::vector<Certificate>> decoded(const std::vector<Bytes>& all) {
  std::vector<Certificate> certificates;
  for (const Bytes& der : all) {
    auto one = Certificate::of_der(der);
    if (!one) return std::nullopt;
    certificates.push_back(std::move(*one));
  }
  return certificates;
}
}  // namespace

ChainVerdict verify_chain(const std::vector<Certificate>& certificates,
                          const std::vector<Authority>& trusted,
                          const std::vector<Certificate>& known, std::time_t now) {
  if (certificates.empty()) return refused("there is no certificate");
  if (trusted.empty()) return refused("no CA certificate is loaded for the trusted CA profiles");
  const Store store(X509_STORE_new(), X509_STORE_free);
  for (const Authority& each : trusted) X509_STORE_add_cert(store.get(), each.certificate.get());
  const Stack between = stack_of(certificates, known);
  const Context context(X509_STORE_CTX_new(), X509_STORE_CTX_free);
  if (!context || X509_STORE_CTX_init(context.get(), store.get(), certificates.front().get(),
                                      between.get()) != 1)
    return refused("the certificates cannot be checked");
  set_limits(context.get(), now);
  ChainVerdict verdict;
  if (X509_verify_cert(context.get()) != 1) return refused(reason_of(context.get()));
  describe(context.get(), trusted, verdict);
  return verdict;
}

ChainVerdict verify_peer(const PeerProof& proof, const std::vector<Authority>& trusted,
                         const std::vector<Certificate>& known, std::time_t now) {
  if (proof.certificates.empty()) return refused("the peer sent no certificate");
  const auto certificates = decoded(proof.certificates);
  if (!certificates) return refused("a certificate of the peer cannot be read");
  const Certificate& own = certificates->front();
  const KeyKind kind = own.kind();
  if (std::find(proof.keys.begin(), proof.keys.end(), kind) == proof.keys.end())
    return refused("a key of this kind is not accepted: " + std::string(name_of(kind)));
  if (!may_sign(own)) return refused("the peer's certificate is not for signatures");
  if (!stands_for(own, proof.identity))
    return refused("identity " + to_string(proof.identity) + " is not in the peer's certificate");
  if (!verify(own.key(), proof.auth, proof.octets, proof.hashes, proof.old_methods))
    return refused("the peer's signature is wrong");
  return verify_chain(*certificates, trusted, known, now);
}

}  // namespace nezu::ike
