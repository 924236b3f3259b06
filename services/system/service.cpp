#include "services/system/service.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <set>

#include "grammar/path.h"
#include "services/mgmt/authorization.h"
#include "services/system/hash_cost.h"

namespace nezu::system {
namespace {

constexpr char kUnnamed[] = "localhost";
constexpr size_t kLongestName = 64;  // the kernel's, too

// Whose hash it is, is said; what it is, is not.
void check_password(const configdb::View& authentication, std::vector<std::string> path,
                    configdb::Problems& problems) {
  if (!authentication || !is_costly(authentication["encrypted-password"].value())) return;
  problems.push_back(
      {std::move(path), "encrypted-password", "A try at this password would take too long", false});
}

void check_name(const std::string& who, const std::set<std::string>& accounts,
                configdb::Problems& problems) {
  const auto warn = [&](const char* why) {
    problems.push_back({{"system", "login"}, "user " + grammar::quote(who), why, true});
  };
  if (!is_account_name(who))
    warn(
        "Must begin with a letter or '_' and consist of at most 32 letters, digits, "
        "'_', '-' and '.' to log in by ssh");
  else if (accounts.contains(who))
    warn("The router has an account of this name itself: this user cannot log in");
}

// A class may be named before it is configured, never afterwards.
void check_user(const configdb::View& login, const configdb::View& user,
                configdb::Problems& problems) {
  check_password(user["authentication"],
                 {"system", "login", "user", std::string(user.key()), "authentication"}, problems);
  const std::string name = user["class"].value();
  if (name.empty() || mgmt::Permissions::of_class(name) || login.entry("class", name)) return;
  problems.push_back({{"system", "login", "user", std::string(user.key())},
                      "class " + name,
                      "Login class is not defined",
                      false});
}

// Below kLowestUid are the accounts that the router's own programs run as.
void check_numbers(const configdb::View& login, configdb::Problems& problems) {
  std::set<uint64_t> taken;
  for (const auto& user : login.entries("user")) {
    const configdb::View uid = user["uid"];
    if (!uid) continue;
    const bool low = uid.number() < kLowestUid;
    if (!low && taken.insert(uid.number()).second) continue;
    problems.push_back({{"system", "login", "user", std::string(user.key())},
                        "uid " + uid.value(),
                        low ? fmt::format("Must be {} or more", kLowestUid)
                            : std::string("Another user has this number"),
                        false});
  }
}

// A program of the one who had it may still run.
void check_owner(const configdb::View& user, const Uids& uids, configdb::Problems& problems) {
  const configdb::View uid = user["uid"];
  const std::string owner = uid ? uids.owner(static_cast<uint32_t>(uid.number())) : "";
  if (owner.empty() || owner == user.key()) return;
  problems.push_back({{"system", "login", "user", std::string(user.key())},
                      "uid " + uid.value(),
                      "Was user " + owner + "'s; another number is used until the router reboots",
                      true});
}

// An expression that is none would deny everything, or allow nothing.
void check_class(const configdb::View& login_class, configdb::Problems& problems) {
  const std::vector<std::string> path = {"system", "login", "class",
                                         std::string(login_class.key())};
  for (const char* name :
       {"allow-commands", "deny-commands", "allow-configuration", "deny-configuration"}) {
    auto texts = login_class.values(std::string(name) + "-regexps");
    const std::string one = login_class[name].value();
    if (!one.empty()) texts.push_back(one);
    for (const auto& text : texts)
      if (!mgmt::Expressions::valid(text))
        problems.push_back(
            {path, fmt::format("{} \"{}\"", name, text), "Must be a regular expression", false});
  }
}

void check_login(const configdb::View& login, const Logins* logins, configdb::Problems& problems) {
  if (!login) return;
  const auto accounts = names_of_accounts(logins ? logins->machine() : "");
  for (const auto& user : login.entries("user")) {
    check_name(std::string(user.key()), accounts, problems);
    check_user(login, user, problems);
    if (logins) check_owner(user, logins->uids(), problems);
  }
  check_numbers(login, problems);
  for (const auto& login_class : login.entries("class")) {
    if (mgmt::Permissions::of_class(login_class.key()))
      problems.push_back({{"system", "login"},
                          fmt::format("class {}", login_class.key()),
                          "Login class is predefined",
                          false});
    check_class(login_class, problems);
  }
}

}  // namespace

void SystemService::check(const configdb::Delta& delta,
                          std::function<void(configdb::Problems)> done) {
  configdb::Problems problems;
  const std::string name = delta.after()["system"]["host-name"].value();
  if (name.size() > kLongestName)
    problems.push_back({{"system"},
                        "host-name " + name,
                        fmt::format("host name is longer than {} characters", kLongestName),
                        false});
  check_login(delta.after()["system"]["login"], logins_.get(), problems);
  check_password(delta.after()["system"]["root-authentication"], {"system", "root-authentication"},
                 problems);
  const bool serves = static_cast<bool>(delta.after()["system"]["services"]["ssh"]);
  if (own_namespace_ && serves && ::access(LoginPlaces().server.c_str(), X_OK) != 0)
    problems.push_back({{"system", "services"},
                        "ssh",
                        "nobody can log in: the machine has no openssh-server",
                        true});
  done(std::move(problems));
}

void SystemService::apply(const configdb::Delta& delta, std::function<void()> done) {
  host_name_ = delta.after()["system"]["host-name"].value();
  const std::string name = host_name_.empty() ? kUnnamed : host_name_;
  if (own_namespace_ && ::sethostname(name.data(), name.size()) < 0) ::perror("sethostname");
  if (logins_) logins_->apply(delta.after()["system"]);
  done();
}

}  // namespace nezu::system
