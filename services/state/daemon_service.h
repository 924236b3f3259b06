#pragma once
#include <QTimer>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "configdb/service.h"
#include "services/mgmt/rpc.h"
#include "services/state/channel.pb.h"
#include "services/state/frame.h"

namespace nezu::state {

/// A service that is a process of its own, as the RE sees it: takes part in commits like any other
/// service and answers operational commands.
///
/// While the daemon is connected it checks and applies. While it is away a commit does not wait
/// for it: the same check, which is a pure function, runs in the RE, the commit warns, and the
/// daemon is sent its whole configuration when it is back. A daemon that is connected and does not
/// answer a check, or acknowledge an apply, in time is named in the commit, cut off and restarted:
/// for this commit it is one that is away. A commit that changes nothing of the claims waits for
/// nobody.
class DaemonService final : public configdb::Service {
 public:
  struct Declaration {
    std::string name;                                                 ///< "iked"
    std::vector<std::string> claims;                                  ///< known without the daemon
    std::function<configdb::Problems(const configdb::Delta&)> check;  ///< the daemon's own, linked
    std::chrono::milliseconds check_timeout{10'000};
    std::chrono::milliseconds apply_timeout{10'000};
    std::chrono::milliseconds rpc_timeout{15'000};  ///< between two pieces of an answer
  };

  explicit DaemonService(Declaration declaration);
  ~DaemonService() override;

  std::string_view name() const override { return declared_.name; }
  std::vector<std::string> claims() const override { return declared_.claims; }
  void check(const configdb::Delta& delta, std::function<void(configdb::Problems)> done) override;
  void apply(const configdb::Delta& delta, std::function<void()> done) override;

  std::string behind() const override;

  bool connected() const { return socket_ != nullptr; }
  /// The function to register for one of the daemon's RPCs.
  std::function<void(const mgmt::Input&, std::shared_ptr<mgmt::Reply>)> forward(std::string rpc);

  /// The daemon said Hello on this socket; an older connection of it is dropped.
  void attach(FramedSocket* socket);
  void detach();
  /// A message of the daemon other than Hello and Table.
  void handle(const channel::Message& message);
  /// Told to cut the connection off.
  void on_reset(std::function<void()> reset) { reset_ = std::move(reset); }
  /// Told to have the daemon's process restarted.
  void on_restart(std::function<void()> restart) { restart_ = std::move(restart); }

 private:
  struct PendingCheck {
    configdb::Delta delta;
    std::function<void(configdb::Problems)> done;
    std::unique_ptr<QTimer> timer;
  };
  struct PendingApply {
    uint64_t revision;
    std::function<void()> done;
    std::unique_ptr<QTimer> timer;
  };
  struct Call {
    std::shared_ptr<mgmt::Reply> reply;
    int depth = 0;
    std::unique_ptr<QTimer> timer;
  };
  static constexpr size_t kMaxCalls = 256;

  std::unique_ptr<QTimer> timer(std::chrono::milliseconds after, std::function<void()> then);
  channel::Configuration change_to(const configdb::Delta& delta) const;
  void check_here(const configdb::Delta& delta,
                  const std::function<void(configdb::Problems)>& done);
  void check_timed_out(uint64_t ticket);
  void checked(const channel::CheckReply& reply);
  void applied(uint64_t revision);
  void rejected(const channel::Rejected& message);
  void finish_applies(uint64_t revision);
  configdb::Problems standing_problems() const;
  void call(const std::string& rpc, const mgmt::Input& input, std::shared_ptr<mgmt::Reply> reply);
  void output(const channel::RpcOutput& output);
  void write(Call& call, const channel::OutputEvent& event);
  void end_call(uint64_t id, const std::string& error);
  void cut_off();
  void reset();

  Declaration declared_;
  FramedSocket* socket_ = nullptr;
  std::function<void()> reset_, restart_;
  configdb::View current_;  ///< what is committed: what a connected daemon has or is being sent
  uint64_t revision_ = 0;
  std::string
      rejected_;  ///< why the daemon does not take current_; empty: it does, or is not asked
  bool in_step_ = false;           ///< the daemon was sent current_ on this connection
  std::optional<uint64_t> taken_;  ///< the revision it has acknowledged on this connection
  uint64_t next_id_ = 1;
  std::map<uint64_t, PendingCheck> checks_;
  std::vector<PendingApply> applies_;
  std::map<uint64_t, Call> calls_;
};

}  // namespace nezu::state
