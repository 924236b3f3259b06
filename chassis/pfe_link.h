#pragma once
#include <QSocketNotifier>
#include <QTimer>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "chassis/forwarding.h"

namespace nezu::pfe::api {
class GetStatistics;
class Reply;
class Response;
class Statistics;
}  // namespace nezu::pfe::api

namespace nezu::chassis {

/// The RE's connection to nezu-pfe: connects, and connects again; each new connection is given the
/// whole forwarding state. Lives in the thread of its event loop.
class PfeLink final : public ForwardingSink {
 public:
  /// `path` of the plane's socket. Becomes `forwarding`'s sink.
  PfeLink(std::string path, Forwarding& forwarding);
  ~PfeLink() override;

  void start();
  bool connected() const { return static_cast<bool>(socket_); }
  /// The connection came (true) or went (false).
  std::function<void(bool)> on_change;
  /// What the plane refused, for the log.
  std::function<void(const std::string&)> on_error;

  void send(const pfe::api::Request& request, int descriptor) override;
  /// Waits for at most two seconds, and not at all for a plane that left the last one waiting.
  void settle(std::function<void()> done) override;
  std::string behind() const override;

  /// Null when the plane is away or does not answer within two seconds; a refusal is a response.
  using ResponseSink = std::function<void(const pfe::api::Response*)>;
  void call(pfe::api::Request request, ResponseSink done);

  /// Null also when the plane refuses.
  using StatisticsSink = std::function<void(const pfe::api::Statistics*)>;
  void statistics(const pfe::api::GetStatistics& wanted, StatisticsSink done);

 private:
  struct Outgoing {
    std::string bytes;  ///< length and message
    Descriptor descriptor;
  };

  void enqueue(const pfe::api::Request& request, int descriptor);
  void try_connect();
  void disconnect();
  void read();
  void write();
  bool write_first();
  bool take_messages();
  void take(const pfe::api::Reply& reply);
  bool answer(uint64_t sequence, const pfe::api::Response* response);

  std::string path_;
  Forwarding& forwarding_;
  Descriptor socket_;
  std::unique_ptr<QSocketNotifier> readable_;
  std::unique_ptr<QSocketNotifier> writable_;
  QTimer retry_;
  std::deque<Outgoing> outgoing_;
  size_t written_ = 0;  ///< octets of the first
  size_t queued_ = 0;   ///< octets of all
  std::string incoming_;
  std::map<uint64_t, ResponseSink> waiting_;
  uint64_t sequence_ = 0;
  bool unasked_ = false;   ///< something was sent since the plane was last asked whether it has it
  uint64_t asked_ = 0;     ///< by this request
  uint64_t answered_ = 0;  ///< the last request that was; what was sent before it is taken
  bool silent_ = false;    ///< one was not answered in time, and none has been since
};

}  // namespace nezu::chassis
