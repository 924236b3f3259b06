#include "services/ike/chain.h"

#include <openssl/x509_vfy.h>

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

// What may stand between. A key that we do not use signs nothing here: there are moduli and
// exponents that cost seconds.
Stack stack_of(const std::vector<Certificate>& shown, const std::vector<Authority>& known) {
  Stack stack(sk_X509_new_null(), drop);
  const auto add = [&](const Certificate& each) {
    if (stack && each.kind() != KeyKind::kNone) sk_X509_push(stack.get(), each.get());
  };
  for (const Certificate& each : shown) add(each);
  for (const Authority& each : known) add(each.certificate);
  return stack;
}

void set_limits(X509_STORE_CTX* context, std::time_t now) {
  X509_VERIFY_PARAM* limits = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_depth(limits, kMaxChain);
  X509_VERIFY_PARAM_set_auth_level(limits, kAuthLevel);
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

// The first profile that has a certificate; empty: none.
std::string profile_of(const std::vector<Authority>& authorities, const Certificate& certificate) {
  for (const Authority& each : authorities)
    if (each.certificate == certificate) return each.profile;
  return {};
}

// Whose policy counts for what an authority signed: a profile that is trusted goes before one that
// merely has the same certificate.
std::string policy_for(const Certificate& issuer, const std::vector<Authority>& trusted,
                       const std::vector<Authority>& known, const std::string& last) {
  if (auto profile = profile_of(trusted, issuer); !profile.empty()) return profile;
  auto profile = profile_of(known, issuer);
  return profile.empty() ? last : profile;
}

void describe(X509_STORE_CTX* context, const std::vector<Authority>& trusted,
              const std::vector<Authority>& known, ChainVerdict& verdict) {
  const STACK_OF(X509)* path = X509_STORE_CTX_get0_chain(context);
  const int length = sk_X509_num(path);
  const auto at = [&](int i) { return Certificate::shared(sk_X509_value(path, i)); };
  verdict.profile = profile_of(trusted, at(length - 1));
  for (int i = 0; i < length; ++i) {
    const std::time_t end = at(i).not_after();
    if (i == 0 || end < verdict.until) verdict.until = end;
  }
  for (int i = 0; i + 1 < length; ++i)
    verdict.links.push_back(
        {at(i), at(i + 1), policy_for(at(i + 1), trusted, known, verdict.profile)});
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
                          const std::vector<Authority>& known, std::time_t now) {
  if (certificates.empty()) return refused("there is no certificate");
  if (certificates.front().kind() == KeyKind::kNone)
    return refused("certificate: its key is not supported");
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
  describe(context.get(), trusted, known, verdict);
  return verdict;
}

ChainVerdict verify_peer(const PeerProof& proof, const std::vector<Authority>& trusted,
                         const std::vector<Authority>& known, std::time_t now) {
  if (proof.certificates.empty()) return refused("the peer sent no certificate");
  const auto certificates = decoded(proof.certificates);
  if (!certificates) return refused("a certificate of the peer cannot be read");
  const Certificate& own = certificates->front();
  const KeyKind kind = own.kind();
  if (std::find(proof.keys.begin(), proof.keys.end(), kind) == proof.keys.end())
    return refused("a key of this kind is not accepted: " + std::string(name_of(kind)));
  if (const std::string why = use_problem(own); !why.empty())
    return refused("the peer's certificate is " + why);
  if (!stands_for(own, proof.identity))
    return refused("identity " + to_string(proof.identity) + " is not in the peer's certificate");
  const bool old_methods = proof.old_methods && (kind != KeyKind::kRsa || proof.sha1);
  if (!verify(own.key(), proof.auth, proof.octets, proof.hashes, old_methods))
    return refused("the peer's signature is wrong");
  return verify_chain(*certificates, trusted, known, now);
}

}  // namespace nezu::ike
