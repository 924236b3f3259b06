#include "services/ike/pki/verifier.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <thread>

#include "services/ike/pki/certificate_maker.h"

namespace nezu::ike {
namespace {
std::chrono::nanoseconds computed() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}
}  // namespace

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

// Authorities that are loaded but not trusted here may still stand between; those that are come
// first, for their profiles.
std::vector<Authority> Verifier::between(const std::vector<std::string>& profiles) const {
  std::vector<Authority> found;
  for (const bool trusts : {true, false})
    for (const auto& [profile, certificate] : vault_.authorities())
      if (trusts == (std::find(profiles.begin(), profiles.end(), profile) != profiles.end()))
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

void Verifier::run(VerifyJob job, const std::string& peer) {
  const auto judge = [this, proof = std::move(job.proof), authorities = trusted(job.authorities),
                      known = between(job.authorities)] {
    const std::time_t now = std::time(nullptr);
    return verify_peer(proof, anchors_.of(authorities, now), known, now);
  };
  start(peer, judge,
        [this, sa = job.sa, number = job.job](const std::string& error, const ChainVerdict& chain) {
          ProofResult result;
          result.holds_for = std::max<Time>(0, chain.until - std::time(nullptr)) * kSecond;
          result.sa = sa;
          result.job = number;
          result.ok = error.empty();
          result.error = error;
          if (result.ok) on_proven_(sa, chain);
          done_(result);
        });
}

void Verifier::verify(const std::vector<Certificate>& chain,
                      const std::vector<std::string>& profiles,
                      std::function<void(const std::string&)> then) {
  start(
      {},
      [this, chain, authorities = trusted(profiles), known = between(profiles)] {
        const std::time_t now = std::time(nullptr);
        return verify_chain(chain, anchors_.of(authorities, now), known, now);
      },
      [then = std::move(then)](const std::string& error, const ChainVerdict&) { then(error); });
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
void Verifier::start(const std::string& peer, Judge judge, Judged then) {
  const auto refuse = [this, then] {
    QMetaObject::invokeMethod(
        &here_, [then] { then("too many peers wait to be checked", {}); }, Qt::QueuedConnection);
  };
  turns_.add(peer, {[this, judge = std::move(judge), then] { this->judge(judge, then); }, refuse},
             kMostWaiting - (judging_ ? 1 : 0));
  go_on();
}

void Verifier::go_on() {
  if (judging_) return;
  const auto next = turns_.next();
  if (!next) return;
  judging_ = true;
  next->run();
}

void Verifier::judge(const Judge& judge, const Judged& then) {
  pool_.start([this, judge, then] {
    const auto before = computed();
    const ChainVerdict verdict = judge();
    const auto took = computed() - before;
    QMetaObject::invokeMethod(
        &here_,
        [this, verdict, then] {
          if (!verdict.error.empty()) return then(verdict.error, verdict);
          revocation_.check(verdict,
                            [then, verdict](const std::string& error) { then(error, verdict); });
        },
        Qt::QueuedConnection);
    if (!verdict.error.empty()) std::this_thread::sleep_for(took);
    QMetaObject::invokeMethod(
        &here_,
        [this] {
          judging_ = false;
          go_on();
        },
        Qt::QueuedConnection);
  });
}

}  // namespace nezu::ike
