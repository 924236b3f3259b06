#include "services/ike/revocation.h"

#include <algorithm>

#include "services/ike/distinguished_name.h"
#include "services/ike/fetch.h"

namespace nezu::ike {
namespace {
using Method = AuthorityPolicy::Method;
using OnFailure = AuthorityPolicy::OnFailure;

std::string key_of(const Certificate& issuer) {
  return to_hex(issuer.key_hash());
}

struct Loaded {
  std::optional<Crl> crl;
  std::string error;
};

// In a thread of the pool: the first of the places that has a list of the issuer.
Loaded load_from(const std::vector<std::string>& urls, const Certificate& issuer, int seconds) {
  Loaded loaded;
  for (const std::string& url : urls) {
    const Fetched fetched = fetch(url, {}, nullptr, kMaxCrl, seconds);
    loaded.error = fetched.error;
    if (!loaded.error.empty()) continue;
    loaded.crl = Crl::read(fetched.content);
    if (loaded.crl && loaded.crl->is_signed_by(issuer)) return loaded;
    loaded.error = url + ": no list that the authority signed";
    loaded.crl.reset();
  }
  return loaded;
}

OcspAnswer ask(const std::vector<std::string>& urls, const ChainLink& link, OcspNonce nonce,
               int seconds) {
  OcspAnswer answer;
  answer.error = "no OCSP responder is known";
  const Bytes request = ocsp_request(link.certificate, link.issuer, nonce);
  for (const std::string& url : urls) {
    const Fetched fetched =
        fetch(url, request, "application/ocsp-request", kMaxOcspResponse, seconds);
    if (fetched.error.empty())
      answer = read_ocsp(fetched.content, request, link.certificate, link.issuer, nonce);
    else
      answer.error = fetched.error;
    if (answer.status != OcspStatus::kInvalid) return answer;
  }
  return answer;
}

std::string named(const Certificate& certificate) {
  return "certificate " + name_text(certificate.subject()) + " (serial " + certificate.serial() +
         ")";
}
}  // namespace

Revocation::Revocation(Vault& vault, Log log) : vault_(vault), log_(std::move(log)) {
  pool_.setMaxThreadCount(kThreads);
}

Revocation::~Revocation() {
  pool_.clear();
  pool_.waitForDone();
}

void Revocation::check(const ChainVerdict& chain, Done done) {
  if (checks_ >= kMostChecks) return done("too many certificates wait to be checked");
  ++checks_;
  go_on(std::make_shared<Check>(Check{chain.links, chain.profile, std::move(done)}));
}

std::string Revocation::profile_of(const Certificate& authority) const {
  for (const auto& [profile, certificate] : vault_.authorities())
    if (certificate == authority && policies_.contains(profile)) return profile;
  return {};
}

// An authority between that has no profile is asked about as the trusted one's says.
const AuthorityPolicy& Revocation::policy_of(const Check& check) const {
  static const AuthorityPolicy kDefault;
  const std::string own = profile_of(check.links.back().issuer);
  const auto found = policies_.find(own.empty() ? check.profile : own);
  return found == policies_.end() ? kDefault : found->second;
}

// From the trusted authority downwards: whom a revoked one certified need not be asked about.
void Revocation::go_on(const CheckPtr& check) {
  if (check->links.empty()) {
    --checks_;
    return check->done({});
  }
  const AuthorityPolicy& policy = policy_of(*check);
  if (policy.method == Method::kDisable) return passed(check);
  if (policy.method == Method::kOcsp && !check->crl_instead) return ask_responder(check, policy);
  ask_list(check, policy);
}

void Revocation::passed(const CheckPtr& check) {
  check->links.pop_back();
  check->crl_instead = false;
  go_on(check);
}

void Revocation::refuse(const CheckPtr& check, const std::string& why) {
  --checks_;
  ++counters_.refused;
  check->done(why);
}

const Revocation::List* Revocation::list_of(const Certificate& issuer) {
  const std::string key = key_of(issuer);
  if (const auto found = lists_.find(key); found != lists_.end()) return &found->second;
  for (const auto& [profile, certificate] : vault_.authorities()) {
    const auto kept = vault_.lists().find(profile);
    if (!(certificate == issuer) || kept == vault_.lists().end()) continue;
    if (!kept->second.is_signed_by(issuer)) continue;
    return &lists_.insert_or_assign(key, List{kept->second, kept->second.this_update()})
                .first->second;
  }
  return nullptr;
}

bool Revocation::is_fresh(const List& list, const AuthorityPolicy& policy) const {
  const std::time_t now = std::time(nullptr);
  const bool due =
      policy.refresh_hours != 0 && list.loaded + std::time_t(policy.refresh_hours) * 3600 <= now;
  return list.crl.is_current(now) && !due;
}

void Revocation::ask_list(const CheckPtr& check, const AuthorityPolicy& policy) {
  const ChainLink& link = check->links.back();
  const List* list = list_of(link.issuer);
  if (list && is_fresh(*list, policy)) return judge_list(check, policy, {});
  const auto urls = policy.crl_urls.empty() ? crl_urls(link.certificate) : policy.crl_urls;
  // The profile may change while it is loaded: it is looked up again.
  load_list(urls, link.issuer, [this, check](const std::string& error) {
    judge_list(check, policy_of(*check), error);
  });
}

void Revocation::judge_list(const CheckPtr& check, const AuthorityPolicy& policy,
                            const std::string& error) {
  const ChainLink& link = check->links.back();
  const List* list = list_of(link.issuer);
  // Who stands on an old list stands on the new one as well.
  if (list && list->crl.lists(link.certificate))
    return refuse(check, named(link.certificate) + " is revoked");
  if (list && list->crl.is_current(std::time(nullptr))) return passed(check);
  if (policy.accept_without_crl) {
    log_("no current CRL of " + name_text(link.issuer.subject()) + ", done without: " + error);
    return passed(check);
  }
  refuse(check, "no current CRL of " + name_text(link.issuer.subject()) +
                    (error.empty() ? "" : ": " + error));
}

void Revocation::load_list(const std::vector<std::string>& urls, const Certificate& issuer,
                           std::function<void(const std::string&)> then) {
  if (urls.empty()) return then("no URL is known");
  const std::string key = key_of(issuer);
  const auto failed = failed_.find(key);
  if (failed != failed_.end() && failed->second.first + kPause > std::time(nullptr))
    return then(failed->second.second);
  auto& waiting = waiting_[key];
  waiting.push_back(std::move(then));
  if (waiting.size() > 1) return;
  // The pool is waited for before here_ and the rest go.
  pool_.start([this, urls, issuer, key, profile = profile_of(issuer)] {
    Loaded loaded = load_from(urls, issuer, kSeconds);
    QMetaObject::invokeMethod(
        &here_,
        [this, key, profile, loaded] { list_loaded(key, profile, loaded.crl, loaded.error); },
        Qt::QueuedConnection);
  });
}

void Revocation::list_loaded(const std::string& key, const std::string& profile,
                             const std::optional<Crl>& crl, const std::string& error) {
  ++(crl ? counters_.crl_loaded : counters_.crl_failed);
  if (crl) {
    lists_.insert_or_assign(key, List{*crl, std::time(nullptr)});
    failed_.erase(key);
    if (!profile.empty())
      if (const std::string why = vault_.put_list(profile, *crl); !why.empty()) log_(why);
  } else {
    log_("CRL cannot be loaded: " + error);
    failed_[key] = {std::time(nullptr), error};
  }
  for (const auto& then : std::exchange(waiting_[key], {})) then(error);
  if (waiting_[key].empty()) waiting_.erase(key);
}

void Revocation::ask_responder(const CheckPtr& check, const AuthorityPolicy& policy) {
  const ChainLink link = check->links.back();
  const std::string key = key_of(link.issuer) + ' ' + link.certificate.serial();
  const std::time_t now = std::time(nullptr);
  const auto known = answers_.find(key);
  if (known != answers_.end() && known->second.until > now)
    return judge_answer(check, known->second);
  const auto failed = failed_.find(key);
  if (failed != failed_.end() && failed->second.first + kPause > now)
    return judge_answer(check, {OcspStatus::kInvalid, 0, failed->second.second});
  const auto urls = policy.ocsp_urls.empty() ? ocsp_urls(link.certificate) : policy.ocsp_urls;
  pool_.start([this, check, link, key, urls, nonce = policy.nonce] {
    const OcspAnswer answer = ask(urls, link, nonce, kSeconds);
    QMetaObject::invokeMethod(
        &here_,
        [this, check, key, answer] {
          if (answers_.size() >= kMostAnswers) answers_.clear();
          if (failed_.size() >= kMostAnswers) failed_.clear();
          if (answer.status == OcspStatus::kInvalid) {
            log_("OCSP gives no answer: " + answer.error);
            failed_[key] = {std::time(nullptr), answer.error};
          } else {
            answers_[key] = answer;
            failed_.erase(key);
          }
          judge_answer(check, answer);
        },
        Qt::QueuedConnection);
  });
}

void Revocation::judge_answer(const CheckPtr& check, const OcspAnswer& answer) {
  const AuthorityPolicy& policy = policy_of(*check);
  const std::string who = named(check->links.back().certificate);
  switch (answer.status) {
    case OcspStatus::kGood:
      ++counters_.ocsp_good;
      return passed(check);
    case OcspStatus::kRevoked:
      ++counters_.ocsp_revoked;
      return refuse(check, who + " is revoked");
    case OcspStatus::kUnknown:
      ++counters_.ocsp_unknown;
      if (policy.accept_unknown) return passed(check);
      return refuse(check, who + " is unknown to the OCSP responder");
    case OcspStatus::kInvalid:
      break;
  }
  ++counters_.ocsp_failed;
  if (policy.on_failure == OnFailure::kAccept) return passed(check);
  if (policy.on_failure == OnFailure::kRefuse)
    return refuse(check, "no OCSP answer about " + who + ": " + answer.error);
  check->crl_instead = true;
  go_on(check);
}

std::string Revocation::load(const std::string& profile, const Crl& crl) {
  const auto authority = vault_.authorities().find(profile);
  if (authority == vault_.authorities().end())
    return "No CA certificate is loaded for ca-profile " + profile;
  if (!crl.is_signed_by(authority->second))
    return "CRL is not signed by the CA certificate of ca-profile " + profile;
  const std::string error = vault_.put_list(profile, crl);
  if (error.empty())
    lists_.insert_or_assign(key_of(authority->second), List{crl, std::time(nullptr)});
  return error;
}

void Revocation::forget(const std::string& profile) {
  answers_.clear();
  failed_.clear();
  for (const std::string& name : vault_.names(Vault::Shelf::kLists)) {
    if (!profile.empty() && name != profile) continue;
    vault_.remove(Vault::Shelf::kLists, name);
    const auto authority = vault_.authorities().find(name);
    if (authority != vault_.authorities().end()) lists_.erase(key_of(authority->second));
  }
  if (profile.empty()) lists_.clear();
}

}  // namespace nezu::ike
