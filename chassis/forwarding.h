#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "chassis/descriptor.h"

namespace nezu::pfe::api {
class Bridge;
class Event;
class LocalAddress;
class LogicalInterface;
class Neighbour;
class Pfe;
class Port;
class Request;
class Response;
class Route;
}  // namespace nezu::pfe::api

/// What the RE wants the forwarding plane to hold: one table, written by the RE's services, sent as
/// differences.
namespace nezu::chassis {

/// Where requests go. PfeLink is the real one, tests have their own.
class ForwardingSink {
 public:
  virtual ~ForwardingSink() = default;
  /// `descriptor` belongs to the message, -1 for none; it is not taken over. Nothing happens while
  /// there is no connection.
  virtual void send(const pfe::api::Request& request, int descriptor) = 0;
  /// Calls `done` once the plane has taken what was sent, or is away, or was waited for in vain.
  virtual void settle(std::function<void()> done) { done(); }
  /// Why the plane does not have all of it ("does not answer"); "" if it has.
  virtual std::string behind() const { return {}; }
};

/// Desired forwarding state. A set_…() with what is there already does nothing; otherwise the
/// object is sent, at once if the plane is connected, in any case when it next connects. Whoever
/// sets an object removes it: dependents (routes, addresses, neighbours) before their interface, an
/// interface before its port.
///
/// Keys: port, PFE and bridge by id; interface by index; address by (instance, address); route by
/// (instance, prefix); neighbour by (interface, address).
class Forwarding {
 public:
  Forwarding();
  ~Forwarding();

  void set_pfe(const pfe::api::Pfe& pfe);
  /// `descriptor`: the wire's packet socket; duplicated.
  void set_port(const pfe::api::Port& port, int descriptor);
  /// `descriptor`: the plane's end of the host interface; -1: none, or the one given before;
  /// duplicated.
  void set_interface(const pfe::api::LogicalInterface& interface, int descriptor);
  void set_bridge(const pfe::api::Bridge& bridge);
  void set_local_address(const pfe::api::LocalAddress& address);
  void set_route(const pfe::api::Route& route);
  void set_neighbour(const pfe::api::Neighbour& neighbour);

  // Only the key fields of the argument are read. Removing what is not there does nothing.
  void remove_port(const pfe::api::Port& key);
  void remove_interface(const pfe::api::LogicalInterface& key);
  void remove_bridge(const pfe::api::Bridge& key);
  void remove_local_address(const pfe::api::LocalAddress& key);
  void remove_route(const pfe::api::Route& key);
  void remove_neighbour(const pfe::api::Neighbour& key);

  /// Called by the link with each new connection: Hello, everything, EndOfSync. Also how an FPC
  /// that came online gets its tables again.
  void synchronise();
  void set_sink(ForwardingSink* sink) { sink_ = sink; }

  /// Held back until release(): a service that starts learns its tables piece by piece, and
  /// EndOfSync must not sweep what it has not named yet. Holds count.
  void hold() { ++holds_; }
  void release();
  bool held() const { return holds_ > 0; }

  /// As those of the sink; while the state is held back there is nothing to wait for.
  void settle(std::function<void()> done);
  std::string behind() const { return sink_ && !held() ? sink_->behind() : std::string(); }

  /// Events of the plane (neighbour wanted, …), to every subscriber.
  using EventSink = std::function<void(const pfe::api::Event&)>;
  void subscribe(EventSink subscriber) { subscribers_.push_back(std::move(subscriber)); }
  void deliver(const pfe::api::Event& event) const;

  size_t size() const { return objects_.size(); }

 private:
  // Table order is dependency order: what is sent first is what the later ones name.
  enum class Table : uint8_t {
    kPfe = 1,
    kPort,
    kInterface,
    kBridge,
    kLocalAddress,
    kRoute,
    kNeighbour
  };
  struct Object {
    std::string request;  ///< a serialised Request
    Descriptor descriptor;
  };

  void set(std::string key, const pfe::api::Request& request, int descriptor);
  void remove(const std::string& key, const pfe::api::Request& request);
  void send(const pfe::api::Request& request, int descriptor);
  static std::string key(Table table, std::initializer_list<uint32_t> numbers,
                         const std::string& octets = {});

  std::map<std::string, Object, std::less<>> objects_;
  std::vector<EventSink> subscribers_;
  ForwardingSink* sink_ = nullptr;
  int holds_ = 0;
  bool sync_wanted_ = false;
};

}  // namespace nezu::chassis
