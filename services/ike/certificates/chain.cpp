#include "services/ike/certificates/chain.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <map>
#include <memory>

#include "services/ike/certificates/anchors.h"
#include "services/ike/certificates/certificate_stack.h"

namespace nezu::ike {
namespace {
using Store = std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)>;
using Context = std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)>;

ChainVerdict refused(std::string why) {
  ChainVerdict verdict;
  verdict.error = std::move(why);
  return verdict;
}

// What may stand between. A key that we do not use signs nothing here: there are moduli and
// exponents that cost seconds.
std::vector<Certificate> all_between(const std::vector<Certificate>& shown,
                                     const std::vector<Authority>& known) {
  std::vector<Certificate> all = shown;
  for (const Authority& each : known) all.push_back(each.certificate);
  std::erase_if(all, [](const Certificate& each) { return each.kind() == KeyKind::kNone; });
  return all;
}

bool is_issuer_by_name(X509* issuer, X509* subject) {
  const int problem = X509_check_issued(issuer, subject);
  return problem == X509_V_OK || problem == X509_V_ERR_KEYUSAGE_NO_CERTSIGN;
}

// OpenSSL takes the first issuer that fits by name and goes no way back. Where several fit, an
// authority that changed its key for one, those count whose key made the signature.
class Issuers {
 public:
  explicit Issuers(std::vector<Certificate> all) : all_(std::move(all)) {}

  bool has_issued(X509* issuer, X509* subject) {
    if (!is_issuer_by_name(issuer, subject)) return false;
    if (issuer == subject) return true;
    const auto known = signers_.try_emplace(subject);
    if (known.second) known.first->second = signers_of(subject);
    const auto& signers = known.first->second;
    return signers.empty() || std::ranges::any_of(signers, [&](const Certificate& each) {
             return X509_cmp(each.get(), issuer) == 0;
           });
  }

 private:
  // None: there is no choice, or none of them did; then it is refused for its signature.
  std::vector<Certificate> signers_of(X509* subject) {
    std::vector<Certificate> found;
    for (const Certificate& each : all_)
      if (is_issuer_by_name(each.get(), subject) && std::ranges::find(found, each) == found.end())
        found.push_back(each);
    if (found.size() < 2) return {};
    const Certificate signed_one = Certificate::shared(subject);
    std::erase_if(found, [&](const Certificate& each) {
      return ++tries_ > kMostSigners || !has_signed(each, signed_one);
    });
    return found;
  }

  std::vector<Certificate> all_;
  std::map<X509*, std::vector<Certificate>> signers_;
  int tries_ = 0;
};

int check_issued(X509_STORE_CTX* context, X509* subject, X509* issuer) {
  auto* issuers = static_cast<Issuers*>(X509_STORE_CTX_get_app_data(context));
  return issuers->has_issued(issuer, subject) ? 1 : 0;
}

Store store_of(const std::vector<Authority>& trusted) {
  Store store(X509_STORE_new(), X509_STORE_free);
  if (!store) return store;
  X509_STORE_set_check_issued(store.get(), check_issued);
  for (const Authority& each : trusted) X509_STORE_add_cert(store.get(), each.certificate.get());
  return store;
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
  std::vector<Certificate> all = all_between(certificates, known);
  CertificateStack between;
  for (const Certificate& each : all) between.push(each);
  const Store store = store_of(trusted);
  const Context context(X509_STORE_CTX_new(), X509_STORE_CTX_free);
  if (!context || !store ||
      X509_STORE_CTX_init(context.get(), store.get(), certificates.front().get(), between.get()) !=
          1)
    return refused("the certificates cannot be checked");
  set_limits(context.get(), now);
  for (const Authority& each : trusted) all.push_back(each.certificate);
  Issuers issuers(std::move(all));
  X509_STORE_CTX_set_app_data(context.get(), &issuers);
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
