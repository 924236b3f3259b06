// nezu-iked: the protocol with sockets, a clock, threads and memory around it.
#pragma once

#include <QTimer>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "services/ike/daemon/event_log.h"
#include "services/ike/daemon/memory.h"
#include "services/ike/daemon/monitoring.h"
#include "services/ike/daemon/pfe_client.h"
#include "services/ike/daemon/rekeys.h"
#include "services/ike/daemon/sockets.h"
#include "services/ike/daemon/tunnels.h"
#include "services/ike/daemon/workers.h"
#include "services/ike/pki/standing.h"
#include "services/ike/pki/verifier.h"
#include "services/ike/session/table.h"
#include "services/ike/settings/settings.h"
#include "services/ike/settings/trace.h"
#include "services/state/daemon_client.h"

namespace nezu::ike {

/// Lives in one thread, that of its event loop; only Diffie-Hellman runs elsewhere.
///
/// Start: the memory is read, UDP 500 is taken but not listened to, the RE is asked for tables and
/// configuration. With the configuration the SAs come back to life, the forwarding plane is told
/// everything, and the datagrams that waited are handled.
class Daemon {
 public:
  struct Options {
    std::string directory;  ///< of the router: re.sock, pfe.sock
    std::string data;       ///< keys and certificates are kept in its "pki"
    int memory = 3;         ///< descriptor of the memfd
    std::uint16_t port = 500;
    configdb::View empty;  ///< the empty tree
    state::ReadLines read;
  };

  explicit Daemon(Options options);

  void start();

  // What shows read.
  const SaTable& table() const { return table_; }
  std::vector<const ChildSa*> pairs() const;  ///< of all IKE SAs
  const Tunnels& tunnels() const { return tunnels_; }
  const Settings& settings() const { return settings_; }
  const EventLog& events(std::uint32_t tunnel) const;
  const std::string& directory() const { return options_.directory; }
  const Monitoring& monitoring() const { return monitoring_; }
  Vault& vault() { return vault_; }
  const Vault& vault() const { return vault_; }
  Revocation& revocation() { return revocation_; }
  const Revocation& revocation() const { return revocation_; }
  Verifier& verifier() { return verifier_; }
  PfeClient& plane() { return plane_; }
  const PfeClient& plane() const { return plane_; }
  bool plane_connected() const { return plane_.connected(); }
  const state::Tables& tables() const { return client_.tables(); }
  std::uint64_t unsent() const { return sockets_.unsent(); }
  /// Tunnel events since the start or the last clear, by their words.
  const std::map<std::string, std::uint64_t>& event_counts() const { return event_counts_; }
  const SocketErrors& socket_errors() const { return sockets_.errors(); }
  bool configured() const { return configured_; }

  // What clears do.
  void delete_ike(std::uint32_t index);
  void delete_tunnel(std::uint32_t tunnel);
  void clear_event_counts() { event_counts_.clear(); }

  /// Begins to negotiate a tunnel now; false: it has a pair.
  bool initiate(std::uint32_t tunnel);
  /// Rekeys the tunnel's pair soon; false: it has none.
  bool rekey(std::uint32_t tunnel);

  /// The vault holds something else now: what is begun from now on uses it.
  void certificates_changed();

  /// Milliseconds since boot, sleep included: the protocol's clock.
  static Time now();

 private:
  static constexpr int kLogLines = 50;  ///< for the log in a second; more are dropped
  static constexpr std::size_t kMostWords = 256;
  static constexpr int kPlaneGrace = 5000;  ///< ms to wait for the RE's tables at the start
  static constexpr int kDoom = 1000;        ///< ms before an IKE SA that cannot be kept is deleted
  static constexpr int kTrafficInterval = 2000;  ///< ms between looks at SA traffic, for DPD

  void configure(const configdb::Delta& delta);
  void restore();
  void restore_chains();
  void start_plane();
  void act(const Output& output);
  std::set<std::uint64_t> keep(const std::vector<std::uint32_t>& changed);
  bool is_doomed(const ChildSa& child) const;
  void act(const DhJob& job) { workers_.run(job); }
  void act(const SignJob& job) { verifier_.run(job); }
  void act(const VerifyJob& job);
  void load_credentials();
  void act(const InstallChild& install);
  void act(const RemoveChild& remove);
  void act(const TunnelEvent& event);
  void act(const GatewayEvent& event);
  void arm(const std::optional<Time>& next);
  void plane_event(const api::Event& event);
  void look_at_traffic();
  void traffic(const api::Statistics& statistics);
  void revoked(std::uint32_t index, const std::string& why);
  void monitored_up(std::uint32_t tunnel);
  void restore_monitoring();
  void monitored_down(std::uint32_t tunnel, const std::string& why);
  void log_tunnel(std::uint32_t tunnel, std::string_view text);
  void trim_events();
  void trace();
  void trace_message(const Exchange& exchange, const Said& said);
  void log(std::string_view tag, const std::string& text);
  void log_changes();
  void log_change(std::uint32_t tunnel, std::string_view text);
  std::map<std::string, state::DaemonClient::Call> rpcs();

  Options options_;
  Memory memory_;
  TunnelIds ids_;
  std::map<std::uint32_t, EventLog> events_;
  std::map<std::string, std::uint64_t> event_counts_;  ///< at most kMostWords
  SaTable table_;
  std::set<std::uint32_t> doomed_;  ///< IKE SAs that could not be written down
  Settings settings_;
  bool configured_ = false;
  bool refresh_pending_ = false;
  QTimer timer_;
  QTimer grace_;
  QTimer traffic_;
  Workers workers_;
  Vault vault_;
  Revocation revocation_;
  Verifier verifier_;
  Standing standing_;
  Sockets sockets_;
  PfeClient plane_;
  state::DaemonClient client_;
  Tunnels tunnels_;
  Monitoring monitoring_;
  Rekeys rekeys_{[this](std::uint32_t tunnel) { act(table_.rekey_tunnel(tunnel, now())); }};
  Trace trace_;
  std::map<std::uint32_t, std::string> happened_;  ///< by tunnel: not told to the log yet
  std::map<std::uint32_t, std::pair<bool, std::string>> told_;  ///< by tunnel: up, the reason
  std::int64_t log_second_ = 0;                                 ///< pace of lines for the log
  int log_lines_ = 0;
};

}  // namespace nezu::ike
