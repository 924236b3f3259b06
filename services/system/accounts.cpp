#include "services/system/accounts.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fstream>
#include <set>
#include <sstream>

#include "services/system/hash_cost.h"

namespace nezu::system {
namespace {
using configdb::View;

constexpr uint32_t kFirstUid = 70'000;  // above all that can be configured
constexpr uint32_t kNobody = 65534;
constexpr size_t kLongestName = 32;
constexpr char kLocked[] = "!";  // no password fits
constexpr const char* kKeyLists[] = {"ssh-rsa", "ssh-dsa", "ssh-ecdsa", "ssh-ed25519"};

bool is_plain(const std::string& text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return iscntrl(static_cast<unsigned char>(c)) || c == ':'; });
}

// A field of a passwd file.
std::string field(std::string text) {
  std::erase_if(text, [](char c) { return iscntrl(static_cast<unsigned char>(c)) || c == ':'; });
  return text;
}

std::vector<std::string> keys_of(const View& authentication) {
  std::vector<std::string> lines;
  for (const char* list : kKeyLists) {
    if (!authentication.statement()->child(list)) continue;
    for (const View& key : authentication.entries(list)) {
      const std::string text(key.key());
      const bool one_line = std::none_of(
          text.begin(), text.end(), [](char c) { return iscntrl(static_cast<unsigned char>(c)); });
      // A key with options that nobody keeps would open more than was said.
      if (key.statement()->child("key-options") && key["key-options"]) continue;
      const std::string from = key.statement()->child("from") ? key["from"].value() : "";
      if (one_line) lines.push_back((from.empty() ? "" : "from=\"" + from + "\" ") + text);
    }
  }
  return lines;
}

void take_proofs(const View& authentication, Account& account) {
  if (!authentication) return;
  account.hash = authentication["encrypted-password"].value();
  const bool fits = is_plain(account.hash) && account.hash != "*" && !is_costly(account.hash);
  if (!account.hash.empty() && !fits) account.hash = kLocked;
  if (!authentication["no-public-keys"]) account.keys = keys_of(authentication);
}

struct Line {
  std::string name, text;
  uint32_t uid = 0;
};

// Of /etc/passwd: "name:x:uid:gid:gecos:home:shell".
std::vector<Line> lines_of(const std::string& passwd) {
  std::vector<Line> lines;
  std::istringstream in(passwd);
  for (std::string text; std::getline(in, text);) {
    std::vector<std::string> fields;
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, ':');) fields.push_back(part);
    Line line;
    if (fields.size() < 6) continue;
    const std::string& uid = fields[2];
    if (std::from_chars(uid.data(), uid.data() + uid.size(), line.uid).ec != std::errc()) continue;
    line.name = fields[0];
    line.text = fields[0] + ":*:" + uid + ":" + fields[3] + ":" + fields[4] + ":" + fields[5] +
                ":/usr/sbin/nologin\n";
    lines.push_back(std::move(line));
  }
  return lines;
}

bool stays(const Line& line) {
  return line.uid != 0 && (line.uid < kLowestUid || line.uid == kNobody);
}
}  // namespace

uint32_t Uids::of(const std::string& name, uint32_t wanted) {
  if (wanted != 0 && configured_.try_emplace(wanted, name).first->second == name) return wanted;
  const auto next = static_cast<uint32_t>(kFirstUid + own_.size());
  return own_.try_emplace(name, next).first->second;
}

std::string Uids::owner(uint32_t uid) const {
  const auto at = configured_.find(uid);
  return at == configured_.end() ? "" : at->second;
}

std::string Uids::text() const {
  std::string text;
  for (const auto& [uid, name] : configured_) text += name + " " + std::to_string(uid) + "\n";
  for (const auto& [name, uid] : own_) text += name + " " + std::to_string(uid) + "\n";
  return text;
}

Uids Uids::from(const std::string& text) {
  Uids uids;
  std::istringstream in(text);
  std::string name;
  for (uint32_t uid = 0; in >> name >> uid;)
    if (uid < kFirstUid)
      uids.configured_[uid] = name;
    else
      uids.own_[name] = uid;
  return uids;
}

bool is_account_name(const std::string& name) {
  if (name.empty() || name.size() > kLongestName) return false;
  if (!isalpha(static_cast<unsigned char>(name[0])) && name[0] != '_') return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.';
  });
}

std::set<std::string> names_of_accounts(const std::string& machine) {
  std::set<std::string> names = {"root"};
  for (const Line& line : lines_of(machine))
    if (stays(line)) names.insert(line.name);
  return names;
}

std::vector<Account> accounts_of(const View& system, const std::string& machine, Uids& uids) {
  std::vector<Account> accounts(1);
  accounts[0].name = "root";
  if (!system) return accounts;
  take_proofs(system["root-authentication"], accounts[0]);
  auto taken = names_of_accounts(machine);
  const View login = system["login"];
  if (!login) return accounts;
  for (const View& user : login.entries("user")) {
    Account account;
    account.name = user.key();
    if (!is_account_name(account.name) || !taken.insert(account.name).second) continue;
    account.uid = uids.of(account.name, static_cast<uint32_t>(user["uid"].number()));
    account.full_name = field(user["full-name"].value());
    take_proofs(user["authentication"], account);
    accounts.push_back(std::move(account));
  }
  return accounts;
}

std::string passwd_text(const std::string& machine, const std::vector<Account>& accounts,
                        const std::string& shell) {
  std::string text;
  for (const Account& account : accounts)
    text += fmt::format("{0}:x:{1}:{1}:{2}:/:{3}\n", account.name, account.uid, account.full_name,
                        shell);
  for (const Line& line : lines_of(machine))
    if (stays(line)) text += line.text;
  return text;
}

std::string shadow_text(const std::vector<Account>& accounts) {
  std::string text;
  for (const Account& account : accounts)
    text += account.name + ":" + (account.hash.empty() ? "*" : account.hash) + ":::::::\n";
  return text;
}

std::map<std::string, uint32_t> users_in(const std::string& passwd) {
  std::map<std::string, uint32_t> users;
  for (const Line& line : lines_of(passwd))
    if (line.uid != 0 && !stays(line)) users[line.name] = line.uid;
  return users;
}

bool rewrite(const std::string& path, const std::string& text, unsigned mode) {
  const std::string fresh = path + ".new";
  const int file =
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return false;
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fchmod(file, mode) == 0;
  ::close(file);
  return written && ::rename(fresh.c_str(), path.c_str()) == 0;
}

}  // namespace nezu::system
