#pragma once
#include <QLocalServer>
#include <QTemporaryDir>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "pfe-model/api.pb.h"
#include "services/mgmt/rpc.h"
#include "services/state/server.h"

/// A nezu-iked process in a network namespace, with an RE and a forwarding plane around it that
/// only this test knows.
namespace nezu::ike {

/// Two network namespaces joined by a wire, gone with the object:
///
///   left 16.1.1.2/24 1611::2/64 ──── 16.1.1.1/24 1611::1/64 right
class Wire {
 public:
  Wire();
  ~Wire();
  bool usable() const { return usable_; }
  const std::string& left() const { return left_; }
  const std::string& right() const { return right_; }

 private:
  std::string left_;
  std::string right_;
  bool usable_ = false;
};

/// Runs a shell command; true if it went well.
bool run(const std::string& command);

/// Records what iked puts into the plane.
class FakePlane {
 public:
  void listen(const std::string& path);
  void restart();  ///< as after a kill: the connection and all tables are gone

  std::map<std::pair<int, uint32_t>, pfe::api::SecurityAssociation> sas;  // direction, SPI
  std::map<uint32_t, pfe::api::Tunnel> tunnels;
  int syncs = 0;     // EndOfSync seen
  int sas_sent = 0;  // messages with an SA
  int cleared = 0;
  int slow = 0;                 ///< ms until it says that it has an SA
  std::set<uint32_t> answered;  ///< SPIs of which it has said so
  bool sends = false;           ///< says that its outbound SAs have just sent
  std::string refusal;          ///< not empty: the error that tunnels are answered with
  void send(const pfe::api::Event& event);

  const pfe::api::SecurityAssociation* inbound() const;   ///< the youngest, if any
  const pfe::api::SecurityAssociation* outbound() const;  ///< that a tunnel sends on

 private:
  void accept();
  void received(const pfe::api::Request& request);
  void answer(const pfe::api::Request& request);

  QLocalServer server_;
  std::unique_ptr<state::FramedSocket> socket_;
};

class Rig {
 public:
  /// `lines`: the configuration in set form.
  Rig(const std::string& name_space, const std::vector<std::string>& lines);
  ~Rig();

  /// `ahead`: seconds that its clock is ahead of the machine's, as if it had been away for so long.
  void start(int ahead = 0);
  bool ready();                                        ///< waits until it answers commands
  void kill();                                         ///< SIGKILL, as a crash
  void commit(const std::vector<std::string>& lines);  ///< as a router's: it has been applied then
  void restart_re();                                   ///< the RE forgets its tables and comes back

  /// What the user sees; "error: …" if it fails.
  std::string show(const std::string& rpc, const mgmt::Input& input = {});
  std::string key_directory() const;
  std::string directory() const { return directory_.path().toStdString(); }
  bool up() const;  ///< table "tunnel" says that st0.1 is
  bool connected() const { return service_->connected(); }
  int downs() const { return downs_; }  ///< times that table "tunnel" said that st0.1 is not up
  bool has_row(const std::string& interface) const;
  std::set<std::string> routes() const;  ///< keys of table "selector-route"
  /// What the memfd holds besides: `iked` must not be running.
  int memory() const { return memory_; }

  FakePlane plane;

 private:
  void start_re();

  std::string namespace_;
  QTemporaryDir directory_;
  int memory_;
  pid_t process_ = -1;
  std::unique_ptr<state::Server> server_;
  state::DaemonService* service_ = nullptr;
  configdb::View tree_;
  uint64_t revision_ = 0;
  int downs_ = 0;
};

/// The lab's configuration for one side, with `extra` lines behind it.
std::vector<std::string> lab_lines(bool left, const std::vector<std::string>& extra = {});

}  // namespace nezu::ike
