#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "configdb/service.h"
#include "services/mgmt/rpc.h"
#include "services/state/channel.pb.h"
#include "services/state/link.h"
#include "services/state/tables.h"

namespace nezu::state {

/// What reads lines of configuration into a tree: false if a line does not fit, `problem` then says
/// which without telling secrets.
using ReadLines = std::function<configdb::View(
    const configdb::View& base, const google::protobuf::RepeatedPtrField<std::string>&,
    std::string& problem)>;

/// The daemon's end of the channel. Connects by itself, keeps a replica of the claimed
/// configuration and copies of the subscribed tables, and publishes the daemon's own rows again
/// whenever the RE is back.
class DaemonClient {
 public:
  using Call = std::function<void(const mgmt::Input&, std::shared_ptr<mgmt::Reply>)>;

  struct Handlers {
    /// Pure; see configdb::Service.
    std::function<configdb::Problems(const configdb::Delta&)> check;
    std::function<void(const configdb::Delta&)> apply;
    /// A subscribed table changed; tables() already says so.
    std::function<void(const channel::Table&)> table;
    std::map<std::string, Call> rpcs;
  };

  /// `empty`: a View of the empty tree, for the schema. `hello` without its rpcs.
  DaemonClient(const std::string& path, channel::Hello hello, configdb::View empty, ReadLines read,
               Handlers handlers);

  void start() { link_.open(); }
  bool connected() const { return link_.is_up(); }
  /// Whether the first configuration has come.
  bool configured() const { return configured_; }
  const configdb::View& configuration() const { return replica_; }
  const Tables& tables() const { return tables_; }

  /// Sets and removes rows of a table that this daemon writes.
  void publish(const channel::Table& change);
  /// A line for the router's log; lost while the RE is away.
  void log(std::string_view tag, std::string_view text);

 private:
  class ChannelReply;

  void connected_to_re();
  void received(std::string_view frame);
  void check(const channel::Check& check);
  void apply(const channel::Configuration& configuration);
  void table(const channel::Table& change);
  void call(const channel::RpcRequest& request);
  bool builds_on_ours(const channel::Configuration& configuration) const;
  configdb::View read(const channel::Configuration& configuration, std::string& problem) const;
  void reject(const channel::Configuration& configuration, const std::string& problem);

  channel::Hello hello_;
  configdb::View empty_;
  ReadLines read_;
  Handlers handlers_;
  configdb::View replica_;  ///< false until configured
  uint64_t revision_ = 0;
  bool configured_ = false;
  Tables tables_;  ///< subscribed
  using Rows = std::map<std::string, channel::Row>;
  std::map<std::string, Rows> own_;  ///< the tables that we write
  uint64_t connection_ = 0;          ///< counts connections: an old call answers no new one
  std::shared_ptr<DaemonClient*> self_ = std::make_shared<DaemonClient*>(this);
  Link link_;  // last: its callbacks use the others
};

}  // namespace nezu::state
