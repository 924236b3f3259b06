#include "services/system/ssh.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QStringList>
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace nezu::system {
namespace {
namespace fs = std::filesystem;
using configdb::View;

constexpr int kFirstWait = 1000, kLongestWait = 60'000;  // milliseconds
constexpr int kKeyTime = 20'000;
constexpr size_t kLongestLine = 2000;
constexpr const char* kHostKeys[] = {"ed25519", "ecdsa"};

// The names of key exchanges that sshd has otherwise than the configuration.
std::string exchange(const std::string& name) {
  if (name == "group-exchange-sha2") return "diffie-hellman-group-exchange-sha256";
  if (name == "group-exchange-sha1") return "diffie-hellman-group-exchange-sha1";
  if (name == "dh-group14-sha1") return "diffie-hellman-group14-sha1";
  if (name == "dh-group1-sha1") return "diffie-hellman-group1-sha1";
  return name;
}

void add_list(std::string& text, const char* keyword, std::vector<std::string> words) {
  if (words.empty()) return;
  for (auto& word : words) word = exchange(word);
  text += fmt::format("{} {}\n", keyword, fmt::join(words, ","));
}

std::string root_login(const View& ssh) {
  const std::string said = ssh["root-login"].value();
  if (said == "allow") return "yes";
  return said == "deny" ? "no" : "prohibit-password";
}

const char* yes(bool whether) {
  return whether ? "yes" : "no";
}

std::string content(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// All of one user, in the router's own pid namespace.
void end_processes(uint32_t uid) {
  std::error_code none;
  for (const auto& entry : fs::directory_iterator("/proc", none)) {
    const std::string name = entry.path().filename();
    struct stat info;
    if (name.find_first_not_of("0123456789") != name.npos) continue;
    if (::stat(entry.path().c_str(), &info) == 0 && info.st_uid == uid)
      ::kill(std::stoi(name), SIGKILL);
  }
}

// What nobody needs to whom a command line is given.
constexpr char kNothingElse[] =
    "UsePAM no\n"
    "KbdInteractiveAuthentication no\n"
    "PermitEmptyPasswords no\n"
    "X11Forwarding no\n"
    "AllowAgentForwarding no\n"
    "AllowStreamLocalForwarding no\n"
    "PermitTunnel no\n"
    "GatewayPorts no\n"
    "PermitUserEnvironment no\n"
    "PermitUserRC no\n"
    "PrintMotd no\n"
    "PrintLastLog no\n"
    "UseDNS no\n"
    "PidFile none\n"
    "LogLevel INFO\n";
}  // namespace

std::string sshd_configuration(const View& system, const std::vector<Account>& accounts,
                               const LoginPlaces& places) {
  const View ssh = system["services"]["ssh"];
  std::string text = kNothingElse;
  for (const char* kind : kHostKeys)
    text += fmt::format("HostKey {}/ssh_host_{}_key\n", places.host_keys, kind);
  const bool passwords = !ssh["no-passwords"] && !ssh["no-password-authentication"];
  text += fmt::format(
      "Port {}\nPermitRootLogin {}\nPasswordAuthentication {}\nPubkeyAuthentication {}\n"
      "AllowTcpForwarding {}\nMaxStartups {}\nClientAliveInterval {}\nClientAliveCountMax {}\n"
      "AuthorizedKeysFile {}/keys/%u\nForceCommand {} cli --login\n",
      ssh["port"].number(), root_login(ssh), yes(passwords), yes(!ssh["no-public-keys"]),
      yes(static_cast<bool>(ssh["allow-tcp-forwarding"])), ssh["connection-limit"].number(),
      ssh["client-alive-interval"].number(), ssh["client-alive-count-max"].number(),
      places.accounts, places.command_line);
  if (const View most = ssh["max-sessions-per-connection"])
    text += fmt::format("MaxSessions {}\n", most.number());
  add_list(text, "Ciphers", ssh.values("ciphers"));
  add_list(text, "MACs", ssh.values("macs"));
  add_list(text, "KexAlgorithms", ssh.values("key-exchange"));
  const View login = system["login"];
  if (login && login["message"]) text += "Banner " + places.accounts + "/message\n";
  if (login)
    text += fmt::format("MaxAuthTries {}\n",
                        login["retry-options"]["tries-before-disconnect"].number());
  text += "AllowUsers";
  for (const Account& account : accounts) text += " " + account.name;
  return text + "\n";
}

Logins::Logins(LoginPlaces places, std::function<void(const std::string&)> log)
    : places_(std::move(places)),
      log_(std::move(log)),
      uids_(Uids::from(content(places_.accounts + "/uids"))),
      machine_(content(places_.machine)) {
  again_.setSingleShot(true);
  again_.callOnTimeout([this] { start(); });
}

Logins::~Logins() {
  stop();
}

void Logins::apply(const View& system) {
  const auto accounts = accounts_of(system, machine_, uids_);
  const auto before = users_in(content(places_.accounts + "/passwd"));
  write_accounts(accounts);
  end_sessions(before, accounts);
  const View login = system ? system["login"] : View();
  const View retry = login ? login["retry-options"] : View();
  rewrite(places_.accounts + "/message", login ? login["message"].value() + "\n" : "", 0644);
  if (retry)
    rewrite(places_.accounts + "/retry",
            fmt::format("{} {} {}\n", retry["tries-before-disconnect"].number(),
                        retry["backoff-threshold"].number(), retry["backoff-factor"].number()),
            0644);
  else
    ::unlink((places_.accounts + "/retry").c_str());
  const bool wanted = system && system["services"] && system["services"]["ssh"];
  serve(wanted ? sshd_configuration(system, accounts, places_) : "");
}

void Logins::write_accounts(const std::vector<Account>& accounts) {
  const bool written = rewrite(places_.accounts + "/uids", uids_.text(), 0600) &&
                       rewrite(places_.accounts + "/shadow", shadow_text(accounts), 0600) &&
                       rewrite(places_.accounts + "/passwd",
                               passwd_text(machine_, accounts, places_.command_line), 0644);
  if (!written) log_("accounts cannot be written: " + places_.accounts);
  write_keys(accounts);
}

// Whoever is gone, or has another number now: the old one may be somebody else's.
void Logins::end_sessions(const std::map<std::string, uint32_t>& before,
                          const std::vector<Account>& accounts) {
  for (const auto& user : before) {
    const bool stays = std::any_of(accounts.begin(), accounts.end(), [&](const Account& account) {
      return account.name == user.first && account.uid == user.second;
    });
    if (!stays) end_processes(user.second);
  }
}

// Nobody's keys outlive him.
void Logins::write_keys(const std::vector<Account>& accounts) {
  const fs::path keys = fs::path(places_.accounts) / "keys";
  std::error_code none;
  fs::create_directory(keys, none);
  ::chmod(keys.c_str(), 0755);
  std::set<std::string> kept;
  for (const Account& account : accounts) {
    if (account.keys.empty()) continue;
    kept.insert(account.name);
    rewrite(keys / account.name, fmt::format("{}\n", fmt::join(account.keys, "\n")), 0644);
  }
  for (const auto& entry : fs::directory_iterator(keys, none))
    if (!kept.contains(entry.path().filename())) fs::remove(entry.path(), none);
}

// Who is logged in stays so: his server is a process of its own.
void Logins::serve(const std::string& configuration) {
  if (configuration == configuration_ && (server_ || again_.isActive() || configuration.empty()))
    return;
  configuration_ = configuration;
  wait_ = 0;
  stop();
  if (!configuration_.empty()) start();
}

bool Logins::make_host_keys() {
  ::mkdir(places_.host_keys.c_str(), 0700);
  for (const char* kind : kHostKeys) {
    const std::string file = fmt::format("{}/ssh_host_{}_key", places_.host_keys, kind);
    std::error_code none;
    if (const auto size = fs::file_size(file, none); !none && size > 0) continue;
    fs::remove(file, none);  // begun, and the disk was full
    QProcess maker;
    maker.start("ssh-keygen",
                {"-q", "-t", kind, "-N", "", "-C", "", "-f", QString::fromStdString(file)});
    if (!maker.waitForFinished(kKeyTime) || maker.exitCode() != 0) return false;
  }
  return true;
}

void Logins::start() {
  if (::access(places_.server.c_str(), X_OK) != 0)
    return log_("nobody can log in by ssh: " + places_.server + " is not there (openssh-server)");
  const std::string file = places_.accounts + "/sshd_config";
  ::mkdir("/run/sshd", 0755);
  ::chmod("/run/sshd", 0755);
  if (!make_host_keys() || !rewrite(file, configuration_, 0600))
    return log_("nobody can log in by ssh: no host keys or no configuration");
  server_ = std::make_unique<QProcess>();
  server_->setProcessChannelMode(QProcess::MergedChannels);
  server_->setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGTERM); });
  QObject::connect(server_.get(), &QProcess::readyRead, server_.get(), [this] { read_lines(); });
  QObject::connect(server_.get(), &QProcess::finished, &again_, [this] { ended(); });
  // Then it does not finish.
  QObject::connect(server_.get(), &QProcess::errorOccurred, &again_, [this](auto error) {
    if (error == QProcess::FailedToStart) ended();
  });
  lives_.start();
  server_->start(QString::fromStdString(places_.server),
                 {"-D", "-e", "-f", QString::fromStdString(file)});
}

void Logins::stop() {
  again_.stop();
  if (!server_) return;
  server_->disconnect();
  server_->terminate();
  if (!server_->waitForFinished(kFirstWait)) server_->kill();
  server_->waitForFinished(kFirstWait);
  server_.reset();
}

// By itself: it is tried again, later each time unless it was well for long.
void Logins::ended() {
  if (lives_.elapsed() > kLongestWait) wait_ = 0;
  wait_ = std::clamp(wait_ * 2, kFirstWait, kLongestWait);
  read_lines();
  log_("sshd has ended and is started again");
  server_->disconnect();
  server_.release()->deleteLater();
  again_.start(wait_);
}

void Logins::read_lines() {
  lines_ += server_->readAll().toStdString();
  for (size_t end; (end = lines_.find('\n')) != lines_.npos; lines_.erase(0, end + 1)) {
    std::string line = lines_.substr(0, std::min(end, kLongestLine));
    while (line.ends_with('\r')) line.pop_back();
    log_(line);
  }
  if (lines_.size() > kLongestLine) lines_.clear();
}

}  // namespace nezu::system
