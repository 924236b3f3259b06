#include "services/ike/verifier.h"

#include <algorithm>

#include "services/ike/certificate_maker.h"

namespace nezu::ike {

Verifier::Verifier(Vault& vault, Revocation& revocation,
                   std::function<void(const ProofResult&)> done)
    : vault_(vault), revocation_(revocation), done_(std::move(done)) {
  pool_.setMaxThreadCount(1);
  slow_.setMaxThreadCount(1);
}

Verifier::~Verifier() {
  for (QThreadPool* pool : {&pool_, &slow_}) {
    pool->clear();
    pool->waitForDone();
  }
}

std::vector<Authority> Verifier::trusted(const std::vector<std::string>& profiles) const {
  std::vector<Authority> found;
  for (const auto& [profile, certificate] : vault_.authorities())
    if (std::find(profiles.begin(), profiles.end(), profile) != profiles.end())
      found.push_back({profile, certificate});
  return found;
}

// Authorities that are loaded but not trusted here may still stand between.
std::vector<Authority> Verifier::between() const {
  std::vector<Authority> found;
  for (const auto& [profile, certificate] : vault_.authorities())
    found.push_back({profile, certificate});
  return found;
}

void Verifier::run(SignJob job) {
  ProofResult result;
  result.sa = job.sa;
  result.job = job.job;
  const auto found = vault_.keys().find(job.certificate);
  const PrivateKey key = found == vault_.keys().end() ? nullptr : found->second;
  pool_.start([this, key, result, job = std::move(job)]() mutable {
    const auto signature = key ? sign(key.get(), job.scheme, job.octets) : std::nullopt;
    result.ok = signature.has_value();
    if (result.ok) result.signature = *signature;
    if (!result.ok) result.error = key ? "its key does not fit" : "its key is not there";
    QMetaObject::invokeMethod(
        &here_, [this, result] { done_(result); }, Qt::QueuedConnection);
  });
}

void Verifier::run(VerifyJob job) {
  const auto judge = [proof = std::move(job.proof), authorities = trusted(job.authorities),
                      known = between()] {
    return verify_peer(proof, authorities, known, std::time(nullptr));
  };
  start(judge, [this, sa = job.sa, number = job.job](const std::string& error) {
    ProofResult result;
    result.sa = sa;
    result.job = number;
    result.ok = error.empty();
    result.error = error;
    done_(result);
  });
}

void Verifier::verify(const std::vector<Certificate>& chain,
                      const std::vector<std::string>& profiles,
                      std::function<void(const std::string&)> then) {
  start([chain, authorities = trusted(profiles),
         known = between()] { return verify_chain(chain, authorities, known, std::time(nullptr)); },
        std::move(then));
}

void Verifier::generate(KeyKind kind, unsigned bits, std::function<void(PrivateKey)> then) {
  if (generating_ >= kMostGenerating) return then(nullptr);
  ++generating_;
  slow_.start([this, kind, bits, then = std::move(then)] {
    QMetaObject::invokeMethod(
        &here_,
        [this, key = generate_key(kind, bits), then] {
          --generating_;
          then(key);
        },
        Qt::QueuedConnection);
  });
}

// The answer comes from the event loop, never from within.
void Verifier::start(Judge judge, std::function<void(const std::string&)> then) {
  if (waiting_ >= kMostWaiting) {
    QMetaObject::invokeMethod(
        &here_, [then] { then("too many peers wait to be checked"); }, Qt::QueuedConnection);
    return;
  }
  ++waiting_;
  pool_.start([this, judge = std::move(judge), then = std::move(then)] {
    QMetaObject::invokeMethod(
        &here_,
        [this, verdict = judge(), then] {
          --waiting_;
          if (!verdict.error.empty()) return then(verdict.error);
          revocation_.check(verdict, then);
        },
        Qt::QueuedConnection);
  });
}

}  // namespace nezu::ike
