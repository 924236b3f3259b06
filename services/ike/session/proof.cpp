#include "services/ike/session/proof.h"

#include <algorithm>

#include "services/ike/crypto/prf.h"
#include "services/ike/session/keys.h"
#include "services/ike/session/notes.h"

namespace nezu::ike::proof {
namespace {
// Long enough for servers of revocation lists that do not answer.
constexpr Time kPatience = 60 * kSecond;

std::set<HashAlgorithm> set_of(const std::vector<HashAlgorithm>& hashes) {
  return {hashes.begin(), hashes.end()};
}

// When both know RFC 7427 there is no need of SHA-1.
bool may_use_sha1(const Step& step) {
  return step.sa.peer_hashes.empty() || step.gateway.certificates.hashes.empty();
}

std::optional<SignatureScheme> scheme_of(const Step& step, KeyKind key) {
  const CertificatePolicy& policy = step.gateway.certificates;
  return choose_scheme(key, set_of(step.sa.peer_hashes), policy.hashes, policy.pss,
                       policy.old_methods && (key != KeyKind::kRsa || may_use_sha1(step)));
}

void wait(Step& step, bool signs) {
  IkeSa& sa = step.sa;
  // What is there already stays: the peer's message outlives its own verdict.
  if (!sa.auth) sa.auth.emplace();
  sa.auth->job = sa.next_job++;
  sa.auth->signs = signs;
  if (!step.inner.empty()) {
    sa.auth->first = step.inner_first;
    sa.auth->message = bytes_of(step.inner);
  }
  if (sa.give_up_at == 0) sa.give_up_at = step.now + kPatience;
}
bool cannot(Step& step, const std::string& why) {
  report_gateway(step, why);
  notes::unproven(step, why, "certificate of the IKE policy, show security pki local-certificate");
  return false;
}
}  // namespace

Bytes signed_octets(const IkeSa& sa, bool of_initiator, ByteView id_body) {
  const Bytes& key = of_initiator ? sa.keys.pi : sa.keys.pr;
  return joined({of_initiator ? sa.init_request : sa.init_response,
                 of_initiator ? sa.nonce_r : sa.nonce_i, prf(sa.suite.prf, key, id_body)});
}

void add_hashes(const Step& step, PayloadChain& chain) {
  if (!is_used(step.gateway)) return;
  add_notify(chain, notify(NotifyType::kSignatureHashAlgorithms,
                           encode_hashes(set_of(step.gateway.certificates.hashes))));
}

bool take_hashes(Step& step, const Payloads& payloads) {
  step.sa.peer_hashes.clear();
  const Notify* announced = find_notify(payloads, NotifyType::kSignatureHashAlgorithms);
  if (!announced || !is_used(step.gateway)) return true;
  const auto hashes = parse_hashes(announced->data);
  if (hashes) step.sa.peer_hashes.assign(hashes->begin(), hashes->end());
  return hashes.has_value();
}

void add_certificates(const Step& step, PayloadChain& chain) {
  if (!is_used(step.gateway) || !step.gateway.credential) return;
  for (const Bytes& der : step.gateway.credential->chain)
    chain.add(PayloadType::kCert, encode_cert(der));
}

void add_request(const Step& step, PayloadChain& chain) {
  if (!is_used(step.gateway)) return;
  const auto& credential = step.gateway.credential;
  chain.add(PayloadType::kCertRequest,
            encode_cert_request(credential ? credential->authorities : Bytes()));
}

bool ask_signature(Step& step, ByteView id_body) {
  IkeSa& sa = step.sa;
  const CertificatePolicy& policy = step.gateway.certificates;
  const auto& credential = step.gateway.credential;
  if (!credential || credential->chain.empty()) {
    return cannot(step, "Local certificate " + policy.local + " is not loaded");
  }
  if (std::ranges::find(policy.keys, credential->kind) == policy.keys.end()) {
    return cannot(step, "Key of local certificate " + policy.local + " is " +
                            std::string(name_of(credential->kind)) +
                            ", which the authentication-method does not have");
  }
  const auto scheme = scheme_of(step, credential->kind);
  if (!scheme) {
    return cannot(
        step, "The peer takes no signature that local certificate " + policy.local + " can make");
  }
  if (scheme->method == AuthMethod::kRsa)
    report_gateway(step, "Signs with SHA-1: RFC 7427 is not used by both ends");
  wait(step, true);
  sa.key = credential->kind;
  step.out.actions.push_back(SignJob{sa.index, sa.auth->job, policy.local, *scheme,
                                     signed_octets(sa, sa.initiator, id_body)});
  return true;
}

AuthMethod method_of(const Step& step) {
  const auto scheme = scheme_of(step, step.sa.key);
  return scheme ? scheme->method : AuthMethod::kNone;
}

void ask_verdict(Step& step, const Payloads& payloads) {
  IkeSa& sa = step.sa;
  const CertificatePolicy& policy = step.gateway.certificates;
  wait(step, false);
  VerifyJob job;
  job.sa = sa.index;
  job.job = sa.auth->job;
  for (const CertPayload& each : payloads.certificates)
    if (each.encoding == kX509Signature) job.proof.certificates.push_back(each.data);
  const bool of_initiator = !sa.initiator;
  job.proof.auth = *payloads.auth;
  job.proof.identity = of_initiator ? *payloads.id_i : *payloads.id_r;
  job.proof.octets =
      signed_octets(sa, of_initiator, of_initiator ? payloads.id_i_body : payloads.id_r_body);
  job.proof.keys = policy.keys;
  job.proof.hashes = set_of(policy.hashes);
  job.proof.old_methods = policy.old_methods;
  job.proof.sha1 = may_use_sha1(step);
  job.authorities = policy.authorities;
  step.out.actions.push_back(std::move(job));
}

bool is_lost(const IkeSa& sa) {
  return sa.auth && sa.auth->job == 0;
}

}  // namespace nezu::ike::proof
