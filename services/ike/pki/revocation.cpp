#include "services/ike/pki/revocation.h"

#include <algorithm>

#include "services/ike/distinguished_name.h"
#include "services/ike/pki/fetch.h"

namespace nezu::ike {
namespace {
using Method = AuthorityPolicy::Method;
using OnFailure = AuthorityPolicy::OnFailure;

// Two authorities may share a key, or a name.
std::string key_of(const Certificate& issuer) {
  return to_hex(issuer.subject()) + ' ' + to_hex(issuer.key_hash());
}

// What is asked and where: who corrects a URL waits for no failure of the old one.
std::string key_of(const ChainLink& link, const std::vector<std::string>& urls, OcspNonce nonce) {
  std::string key = link.profile + ' ' + key_of(link.issuer) + ' ' + link.certificate.serial();
  key += ' ' + std::to_string(static_cast<int>(nonce));
  for (const std::string& url : urls) key += ' ' + url;
  return key;
}

struct Loaded {
  std::optional<Crl> crl;
  std::string error;
};

// In a thread of the pool: a list of the issuer, current if one of the places has one that is,
// otherwise the youngest.
Loaded load_from(AuthorityServers& servers, const std::vector<std::string>& urls,
                 const Certificate& issuer) {
  Loaded loaded;
  for (const std::string& url : urls) {
    const Fetched fetched = servers.ask(url, {}, nullptr, kMaxCrl);
    auto crl = fetched.error.empty() ? Crl::read(fetched.content) : std::nullopt;
    if (crl && !crl->is_signed_by(issuer)) crl.reset();
    if (!crl) {
      loaded.error =
          fetched.error.empty() ? url + ": no list that the authority signed" : fetched.error;
      continue;
    }
    if (!loaded.crl || loaded.crl->is_older_than(*crl)) loaded.crl = crl;
    if (loaded.crl->is_current(std::time(nullptr))) break;
  }
  if (loaded.crl) loaded.error.clear();
  return loaded;
}

OcspAnswer ask(AuthorityServers& servers, const std::vector<std::string>& urls,
               const ChainLink& link, OcspNonce nonce) {
  OcspAnswer answer;
  answer.error = "no OCSP responder is known";
  const Bytes request = ocsp_request(link.certificate, link.issuer, nonce);
  for (const std::string& url : urls) {
    const Fetched fetched = servers.ask(url, request, "application/ocsp-request", kMaxOcspResponse);
    if (fetched.error.empty())
      answer = read_ocsp(fetched.content, request, link.certificate, link.issuer, nonce);
    else
      answer.error = fetched.error;
    if (answer.status != OcspStatus::kInvalid) return answer;
  }
  return answer;
}

// Whether a server is to be asked now that this one waits as well.
template <class Each>
bool is_to_ask(auto& waiting, Each each, bool is_first) {
  waiting.all.push_back(std::move(each));
  const bool asked = waiting.all.size() > 1 && (waiting.first || !is_first);
  waiting.first = waiting.first || is_first;
  return !asked;
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
  begin(
      chain, [done = std::move(done)](const std::string& error, bool) { done(error); }, true);
}

void Revocation::check_again(const ChainVerdict& chain, Verdict done) {
  begin(chain, std::move(done), false);
}

void Revocation::begin(const ChainVerdict& chain, Verdict done, bool is_first) {
  if (checks_ >= kMostChecks) return done("too many certificates wait to be checked", false);
  ++checks_;
  go_on(std::make_shared<Check>(Check{chain.links, std::move(done), is_first}));
}

// One that has been deleted meanwhile asks for the list.
const AuthorityPolicy& Revocation::policy_of(const Check& check) const {
  static const AuthorityPolicy kDefault;
  const auto found = policies_.find(check.links.back().profile);
  return found == policies_.end() ? kDefault : found->second;
}

bool Revocation::failed_lately(const std::string& key) const {
  const auto failed = failed_.find(key);
  return failed != failed_.end() && failed->second.first + kPause > std::time(nullptr);
}

// A server that fails again and again in the same way is told of once.
void Revocation::fails(const std::string& key, const std::string& error, const std::string& words) {
  const auto before = failed_.find(key);
  if (before == failed_.end() || before->second.second != error) log_(words + error);
  if (failed_.size() >= kMostAnswers) failed_.clear();
  failed_[key] = {std::time(nullptr), error};
}

// From the trusted authority downwards: whom a revoked one certified need not be asked about.
void Revocation::go_on(const CheckPtr& check) {
  if (check->links.empty()) {
    --checks_;
    return check->done({}, false);
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

void Revocation::refuse(const CheckPtr& check, const std::string& why, bool is_revoked) {
  --checks_;
  if (check->is_first) ++counters_.refused;
  check->done(why, is_revoked);
}

const Revocation::List* Revocation::list_of(const Certificate& issuer) {
  const std::string key = key_of(issuer);
  if (const auto found = lists_.find(key); found != lists_.end()) return &found->second;
  // Several profiles may have that authority: the youngest list of theirs.
  const Crl* youngest = nullptr;
  for (const auto& [profile, certificate] : vault_.authorities()) {
    const auto kept = vault_.lists().find(profile);
    if (!(certificate == issuer) || kept == vault_.lists().end()) continue;
    if (!kept->second.is_signed_by(issuer)) continue;
    if (!youngest || youngest->is_older_than(kept->second)) youngest = &kept->second;
  }
  if (!youngest) return nullptr;
  return &lists_.emplace(key, List{*youngest, youngest->this_update()}).first->second;
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
  load_list(urls, link, check->is_first, [this, check](const std::string& error) {
    judge_list(check, policy_of(*check), error);
  });
}

void Revocation::judge_list(const CheckPtr& check, const AuthorityPolicy& policy,
                            const std::string& error) {
  const ChainLink& link = check->links.back();
  const List* list = list_of(link.issuer);
  // Who stands on an old list stands on the new one as well.
  if (list && list->crl.lists(link.certificate))
    return refuse(check, named(link.certificate) + " is revoked", true);
  if (list && list->crl.is_current(std::time(nullptr))) return passed(check);
  if (policy.accept_without_crl) {
    if (check->is_first)
      log_("no current CRL of " + name_text(link.issuer.subject()) + ", done without: " + error);
    return passed(check);
  }
  refuse(check, "no current CRL of " + name_text(link.issuer.subject()) +
                    (error.empty() ? "" : ": " + error));
}

void Revocation::load_list(const std::vector<std::string>& urls, const ChainLink& link,
                           bool is_first, Then then) {
  if (urls.empty()) return then("no URL is known");
  std::string key = link.profile + ' ' + key_of(link.issuer);
  for (const std::string& url : urls) key += ' ' + url;
  if (failed_lately(key)) return then(failed_.at(key).second);
  if (!is_to_ask(waiting_[key], std::move(then), is_first)) return;
  // The pool is waited for before here_ and the rest go.
  const auto load = [this, urls, key, issuer = link.issuer] {
    Loaded loaded = load_from(servers_, urls, issuer);
    QMetaObject::invokeMethod(
        &here_, [this, key, issuer, loaded] { list_loaded(key, issuer, loaded.crl, loaded.error); },
        Qt::QueuedConnection);
  };
  pool_.start(load, is_first);
}

// Why a list that the authority signed is of no use; empty: it is the one that counts from now on.
// One that is out of date is kept, for who stands on it is revoked, and asked for again later.
std::string Revocation::take_list(const Certificate& issuer, const Crl& crl) {
  const std::time_t now = std::time(nullptr);
  if (crl.is_of_future(now)) return "the CRL is not valid yet";
  const List* there = list_of(issuer);
  if (there && crl.is_older_than(there->crl)) return "the CRL is older than the one that is here";
  keep(issuer, crl);
  for (const auto& [profile, certificate] : vault_.authorities())
    if (certificate == issuer) write_list(profile, crl);
  return crl.is_current(now) ? "" : "the CRL is out of date";
}

void Revocation::keep(const Certificate& issuer, const Crl& crl) {
  const List* there = list_of(issuer);
  const bool is_new = !there || !(there->crl == crl);
  lists_.insert_or_assign(key_of(issuer), List{crl, std::time(nullptr)});
  if (is_new) on_list_();
}

// A server that has nothing newer gives the same again and again.
void Revocation::write_list(const std::string& profile, const Crl& crl) {
  const auto there = vault_.lists().find(profile);
  if (there != vault_.lists().end() && there->second == crl) return;
  if (const std::string why = vault_.put_list(profile, crl); !why.empty()) log_(why);
}

void Revocation::list_loaded(const std::string& key, const Certificate& issuer,
                             const std::optional<Crl>& crl, std::string error) {
  if (crl) error = take_list(issuer, *crl);
  ++(error.empty() ? counters_.crl_loaded : counters_.crl_failed);
  if (error.empty()) {
    failed_.erase(key);
  } else {
    fails(key, error, "CRL of " + name_text(issuer.subject()) + " cannot be loaded: ");
  }
  const auto waiting = waiting_.extract(key);
  if (waiting.empty()) return;
  for (const Then& then : waiting.mapped().all) then(error);
}

void Revocation::ask_responder(const CheckPtr& check, const AuthorityPolicy& policy) {
  const ChainLink link = check->links.back();
  const auto urls = policy.ocsp_urls.empty() ? ocsp_urls(link.certificate) : policy.ocsp_urls;
  const std::string key = key_of(link, urls, policy.nonce);
  const auto known = answers_.find(key);
  if (known != answers_.end() && known->second.until > std::time(nullptr))
    return judge_answer(check, known->second);
  if (failed_lately(key))
    return judge_answer(check, {OcspStatus::kInvalid, 0, failed_.at(key).second});
  if (!is_to_ask(asked_[key], CheckPtr(check), check->is_first)) return;
  const auto asks = [this, link, key, urls, nonce = policy.nonce] {
    const OcspAnswer answer = ask(servers_, urls, link, nonce);
    QMetaObject::invokeMethod(
        &here_, [this, key, answer] { answered(key, answer); }, Qt::QueuedConnection);
  };
  pool_.start(asks, check->is_first);
}

void Revocation::answered(const std::string& key, const OcspAnswer& answer) {
  if (answer.status == OcspStatus::kInvalid) {
    fails(key, answer.error, "OCSP gives no answer: ");
  } else {
    if (answers_.size() >= kMostAnswers) answers_.clear();
    answers_[key] = answer;
    failed_.erase(key);
  }
  const auto waiting = asked_.extract(key);
  if (waiting.empty()) return;
  for (const CheckPtr& check : waiting.mapped().all) judge_answer(check, answer);
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
      return refuse(check, who + " is revoked", true);
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
  const Certificate& issuer = authority->second;
  const List* there = list_of(issuer);
  if (there && crl.is_older_than(there->crl))
    return "CRL is older than the one that is loaded: clear security pki crl ca-profile " + profile;
  if (crl.is_of_future(std::time(nullptr))) return "CRL is not valid yet";
  std::string error = vault_.put_list(profile, crl);
  if (!error.empty()) return error;
  keep(issuer, crl);
  return {};
}

void Revocation::authorities_changed() {
  lists_.clear();
  answers_.clear();
  failed_.clear();
}

void Revocation::forget(const std::string& profile) {
  authorities_changed();
  servers_.forget();
  const auto& authorities = vault_.authorities();
  const auto named = authorities.find(profile);
  // The list is the authority's: it is written for each profile that has it, and goes with all.
  const auto is_its = [&](const std::string& name) {
    if (profile.empty() || name == profile) return true;
    const auto other = authorities.find(name);
    return named != authorities.end() && other != authorities.end() &&
           other->second == named->second;
  };
  for (const std::string& name : vault_.names(Vault::Shelf::kLists))
    if (is_its(name)) vault_.remove(Vault::Shelf::kLists, name);
  on_list_();
}

}  // namespace nezu::ike
