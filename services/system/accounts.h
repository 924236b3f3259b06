#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "configdb/tree.h"

/// The accounts that a router's configuration makes: who may come in, and what he proves himself
/// with. They are in files of the router's own /etc (services/init), which no other program of the
/// machine sees.
namespace nezu::system {

struct Account {
  std::string name;
  uint32_t uid = 0;
  std::string full_name;
  std::string hash;               ///< of crypt(3); "" for none, "!" for one that nothing fits
  std::vector<std::string> keys;  ///< lines of authorized_keys
};

/// Numbers of users, which nobody else gets as long as the router runs: a session may still be
/// there when its user is gone.
class Uids {
 public:
  /// The user's own: `wanted` if that is not 0 and was nobody else's, otherwise one that cannot be
  /// configured.
  uint32_t of(const std::string& name, uint32_t wanted);

  /// Whose a number is, or was; "": nobody's.
  std::string owner(uint32_t uid) const;

  /// "alice 2000\n" for each, and back.
  std::string text() const;
  static Uids from(const std::string& text);

 private:
  std::map<uint32_t, std::string> configured_;
  std::map<std::string, uint32_t> own_;  ///< from the first that cannot be configured, in turn
};

/// The lowest number of a user: those below are of the machine's own accounts.
constexpr uint32_t kLowestUid = 1000;

/// Whether it can be the name of an account: letters, digits, "_", "-", "." and no more than 32.
bool is_account_name(const std::string& name);

/// Names of users that are accounts already: root, and those of `machine` below kLowestUid.
std::set<std::string> names_of_accounts(const std::string& machine);

/// Root, and the users of [edit system login] whose names can be accounts' names and are not those
/// of `machine`, the passwd of the machine. `system`: [edit system].
std::vector<Account> accounts_of(const configdb::View& system, const std::string& machine,
                                 Uids& uids);

/// /etc/passwd: these, whose shell is the program `shell`, and the machine's own accounts below
/// kLowestUid without a way in.
std::string passwd_text(const std::string& machine, const std::vector<Account>& accounts,
                        const std::string& shell);
/// /etc/shadow: these alone.
std::string shadow_text(const std::vector<Account>& accounts);

/// Name and number of the users in an /etc/passwd.
std::map<std::string, uint32_t> users_in(const std::string& passwd);

/// Puts `text` in the place of a file that others may be reading: they see the old one or the new
/// one. False: it cannot be written.
bool rewrite(const std::string& path, const std::string& text, unsigned mode);

}  // namespace nezu::system
