// Whether certificates of a chain are revoked, as their authorities' profiles want it asked.
#pragma once

#include <QObject>
#include <QThreadPool>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "services/ike/certificates/chain.h"
#include "services/ike/pki/authority_servers.h"
#include "services/ike/pki/vault.h"
#include "services/ike/settings/authority_policy.h"

namespace nezu::ike {

/// Lives in the thread of its event loop; servers are asked by a few threads of its own, each for a
/// bounded time and size. A server is asked once for all who wait for the same, and once more when
/// the first of them that is no check_again() comes: such do not wait behind those. One that
/// failed, and one whose answer is of no use, is left alone for a while.
class Revocation {
 public:
  /// Why a chain is refused, or empty.
  using Done = std::function<void(const std::string& error)>;
  using Log = std::function<void(const std::string& line)>;

  Revocation(Vault& vault, Log log);
  ~Revocation();

  void configure(AuthorityPolicies policies) { policies_ = std::move(policies); }
  /// What a chain that holds needs besides: `done` is called now or later, once.
  void check(const ChainVerdict& chain, Done done);
  /// The same of a chain that held already, after all others and without words or counts of what
  /// becomes of it. `is_revoked`: that is why.
  using Verdict = std::function<void(const std::string& error, bool is_revoked)>;
  void check_again(const ChainVerdict& chain, Verdict done);
  /// Called when the list of an authority has become another, or is forgotten.
  void on_list(std::function<void()> then) { on_list_ = std::move(then); }
  /// Takes a list that was loaded by hand. Why not, or empty: the authority of the profile did not
  /// sign it, it is older than the one that is there, or of tomorrow.
  std::string load(const std::string& profile, const Crl& crl);
  /// Authorities came or went: what is known of theirs is read from the vault again.
  void authorities_changed();
  /// Forgets what servers said, and the list of the profile's authority, whichever other profiles
  /// have that as well; all when it is empty.
  void forget(const std::string& profile);

  struct Counters {
    std::uint64_t crl_loaded = 0, crl_failed = 0;
    std::uint64_t ocsp_good = 0, ocsp_revoked = 0, ocsp_unknown = 0, ocsp_failed = 0;
    std::uint64_t refused = 0;  // chains
  };
  const Counters& counters() const { return counters_; }
  void reset_counters() { counters_ = {}; }

 private:
  static constexpr int kThreads = 4;
  static constexpr std::time_t kPause = 20;          // before what was of no use is asked for again
  static constexpr std::size_t kMostAnswers = 4096;  // of OCSP that are remembered
  static constexpr std::size_t kMostChecks = 512;    // at once

  struct Check {
    std::vector<ChainLink> links;  // the last one first to be asked about
    Verdict done;
    bool is_first = true;      // of its peer: who waits for it has no tunnel yet
    bool crl_instead = false;  // of OCSP, for the link at the end
  };
  using CheckPtr = std::shared_ptr<Check>;
  struct List {
    Crl crl;
    std::time_t loaded = 0;
  };

  template <class Each>
  struct Waiting {
    std::vector<Each> all;
    bool first = false;  // for one of them it is asked before others
  };
  using Then = std::function<void(const std::string& error)>;

  void begin(const ChainVerdict& chain, Verdict done, bool is_first);
  void go_on(const CheckPtr& check);
  void passed(const CheckPtr& check);
  void refuse(const CheckPtr& check, const std::string& why, bool is_revoked = false);
  const AuthorityPolicy& policy_of(const Check& check) const;
  void ask_list(const CheckPtr& check, const AuthorityPolicy& policy);
  void judge_list(const CheckPtr& check, const AuthorityPolicy& policy, const std::string& error);
  void load_list(const std::vector<std::string>& urls, const ChainLink& link, bool is_first,
                 Then then);
  void list_loaded(const std::string& key, const Certificate& issuer, const std::optional<Crl>& crl,
                   std::string error);
  std::string take_list(const Certificate& issuer, const Crl& crl);
  void write_list(const std::string& profile, const Crl& crl);
  void ask_responder(const CheckPtr& check, const AuthorityPolicy& policy);
  void answered(const std::string& key, const OcspAnswer& answer);
  void judge_answer(const CheckPtr& check, const OcspAnswer& answer);
  bool failed_lately(const std::string& key) const;
  void fails(const std::string& key, const std::string& error, const std::string& words);
  void keep(const Certificate& issuer, const Crl& crl);
  const List* list_of(const Certificate& issuer);
  bool is_fresh(const List& list, const AuthorityPolicy& policy) const;

  Vault& vault_;
  Log log_;
  std::function<void()> on_list_ = [] {};
  AuthorityPolicies policies_;
  std::map<std::string, List> lists_;  // by the issuer's name and key
  // By profile, issuer and where it is loaded from.
  std::map<std::string, Waiting<Then>> waiting_;
  // By profile, issuer, serial and where it is asked.
  std::map<std::string, OcspAnswer> answers_;
  std::map<std::string, Waiting<CheckPtr>> asked_;
  // By the keys of waiting_ and of answers_.
  std::map<std::string, std::pair<std::time_t, std::string>> failed_;
  Counters counters_;
  std::size_t checks_ = 0;
  AuthorityServers servers_;
  QObject here_;  // results are posted to its thread
  QThreadPool pool_;
};

}  // namespace nezu::ike
