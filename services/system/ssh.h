#pragma once
#include <QElapsedTimer>
#include <QProcess>
#include <QTimer>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "configdb/tree.h"
#include "services/system/accounts.h"

/// `system services ssh`: OpenSSH's sshd in the router's own namespaces. Whoever it lets in gets
/// the command line as himself, and nothing else.
namespace nezu::system {

/// Where things are, as the router sees them.
struct LoginPlaces {
  std::string accounts = "/run/accounts";  ///< passwd, shadow, keys/NAME; /etc's are these files
  std::string machine = "/run/accounts/machine";  ///< the machine's own passwd
  std::string host_keys;                          ///< a directory that outlives a restart
  std::string command_line;                       ///< the program `nezu`
  std::string server = "/usr/sbin/sshd";
};

/// sshd_config(5) of [edit system], which has `services ssh`, for users who may come in.
std::string sshd_configuration(const configdb::View& system, const std::vector<Account>& accounts,
                               const LoginPlaces& places);

/// Keeps accounts and server as they are configured.
class Logins {
 public:
  /// `log` is told lines of the server, and what is wrong.
  Logins(LoginPlaces places, std::function<void(const std::string& text)> log);
  ~Logins();

  /// `system`: [edit system]; may be nothing.
  void apply(const configdb::View& system);

  const std::string& machine() const { return machine_; }  ///< passwd of the machine
  const Uids& uids() const { return uids_; }

 private:
  void write_accounts(const std::vector<Account>& accounts);
  void end_sessions(const std::map<std::string, uint32_t>& before,
                    const std::vector<Account>& accounts);
  void write_keys(const std::vector<Account>& accounts);
  void serve(const std::string& configuration);
  bool make_host_keys();
  void start();
  void stop();
  void ended();
  void read_lines();

  LoginPlaces places_;
  std::function<void(const std::string&)> log_;
  Uids uids_;
  std::string machine_;
  std::string configuration_;  ///< "" for no server
  std::unique_ptr<QProcess> server_;
  QTimer again_;
  QElapsedTimer lives_;
  int wait_ = 0;  ///< until the next start, in milliseconds
  std::string lines_;
};

}  // namespace nezu::system
