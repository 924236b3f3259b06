// iked's own table in the forwarding plane: security associations and tunnels.
#pragma once

#include <QTimer>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "pfe-model/api.pb.h"
#include "services/state/link.h"

namespace nezu::ike {

namespace api = pfe::api;

/// Holds what shall be in the plane, and keeps the plane so: every change is sent, and after a
/// reconnect everything, closed by EndOfSync. Nothing is sent before start(), so that a restarted
/// iked cannot sweep what it has not read back yet.
class PfeClient {
 public:
  struct Events {
    std::function<void(const api::Event&)> happened;
    std::function<void()> up;  ///< connected, everything is sent
    /// The plane did not take a tunnel or an SA of it.
    std::function<void(std::uint32_t tunnel, const std::string& error)> refused;
  };
  using StatisticsSink = std::function<void(const api::Statistics*)>;

  PfeClient(const std::string& path, Events events);

  void start();
  bool connected() const { return link_.is_up(); }
  /// The plane's threads; 0: it has not said yet.
  unsigned workers() const { return workers_; }
  void flush() { link_.flush(); }  ///< writes out what is queued
  /// When the plane has said of all SAs and tunnels sent so far that it has them: before a message
  /// leaves that lets the peer use a new SA. A plane that is away or slow is not waited for.
  void when_answered(std::function<void()> then);

  void add(const api::SecurityAssociation& sa);  ///< nothing is sent if it is there already
  void remove(const api::SecurityAssociation& sa);
  /// For an inbound SA with a successor, once what is under way has come. The plane of a peer may
  /// still seal with it after the peer's IKE has answered our DELETE.
  void remove_later(const api::SecurityAssociation& sa);
  void set(const api::Tunnel& tunnel);  ///< nothing is sent if it is so already
  void remove_tunnel(std::uint32_t id);
  std::optional<api::Tunnel> tunnel(std::uint32_t id) const;

  /// Null if the plane is away or does not answer within two seconds.
  void statistics(const api::GetStatistics& wanted, StatisticsSink done);
  /// 0: of all tunnels.
  void clear_statistics(std::uint32_t tunnel);

 private:
  using SaKey = std::tuple<int, std::uint32_t, std::string, std::uint32_t>;
  struct Query {
    StatisticsSink done;
    std::unique_ptr<QTimer> deadline;
  };
  struct Waiting {
    std::uint64_t sequence = 0;  // the last one that has to be answered
    std::chrono::steady_clock::time_point until;
    std::function<void()> then;
  };
  struct Leaving {
    std::chrono::steady_clock::time_point due;
    api::SecurityAssociation sa;
  };
  static constexpr int kQueryTimeout = 2000;  ///< ms
  static constexpr std::chrono::milliseconds kLinger{1000};
  static constexpr std::chrono::milliseconds kPatience{500};

  static SaKey key_of(const api::SecurityAssociation& sa);
  void connected_to_plane();
  void received(std::string_view frame);
  void send_sa(std::uint32_t tunnel, const std::string& serialised);
  void send_tunnel(std::uint32_t id, const std::string& serialised);
  void send_for(std::uint32_t tunnel, api::Request& request);
  void answered(const api::Response& response);
  void finish(std::uint64_t sequence, const api::Statistics* statistics);
  void fail_all();
  void remove_left();
  void run_waiting();

  Events events_;
  // Serialised, which takes a fifth of the room.
  std::map<SaKey, std::string> sas_;
  std::map<std::uint32_t, std::string> tunnels_;
  std::deque<Leaving> leaving_;  // in the order in which they go
  QTimer leave_;
  std::deque<Waiting> waiting_;  // in the order in which they came
  QTimer wait_;
  std::map<std::uint64_t, Query> queries_;
  std::map<std::uint64_t, std::uint32_t> unanswered_;  // sequence → tunnel, of this connection
  std::uint64_t next_sequence_ = 1;
  unsigned workers_ = 0;
  bool started_ = false;
  state::Link link_;
};

}  // namespace nezu::ike
