#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pfe-model/api.pb.h"
#include "pfe-model/descriptor.h"
#include "pfe-model/plane.h"

namespace nezu::pfe {

/// What the clients' messages do to the plane. One thread uses it.
///
/// Each owner has one writer at a time: the client that said Hello last. Objects remember the round
/// in which they were named; EndOfSync removes the owner's objects of older rounds.
class Api {
 public:
  explicit Api(Plane& plane) : plane_(plane) {}

  /// One message of a client and the answer to it.
  struct Call {
    uint64_t client = 0;  ///< never used again for another client
    api::Request request;
    Descriptor attached;
    std::string fault;  ///< set: the message was not understood, and this is why
    api::Response response;
    bool answer = false;
    std::unique_ptr<Wire> wire;  ///< opened from `attached` before the workers are stopped
  };

  /// Carries a batch out while the workers wait once.
  void run(std::vector<Call>& calls);

  /// The client is gone; what it owns stays.
  void leave(uint64_t client);

  /// The event as a message, and the client that is to have it; 0: nobody.
  uint64_t translate(const Event& event, api::Event& out) const;

  /// Events that arise from messages, not from packets.
  std::vector<Event> take_events() { return std::move(events_); }

 private:
  using Error = std::string;  ///< empty: done

  void prepare(Call& call);
  Error execute(Call& call);
  Error change(Call& call);
  Error hello(Call& call);
  Error end_of_sync(Call& call);
  Error writer(const Call& call, api::Owner needed) const;
  uint64_t round(api::Owner owner) const { return rounds_[owner]; }

  Error set(const api::Pfe& pfe);
  Error set(const api::Port& port, Call& call);
  Error set(const api::LogicalInterface& interface, Call& call);
  Error set(const api::LocalAddress& address);
  Error set(const api::Route& route);
  Error set(const api::Neighbour& neighbour);
  Error set(const api::SecurityAssociation& sa);
  Error set(const api::Tunnel& tunnel);
  Error set(const api::Bridge& bridge);
  Error clear(const api::ClearBridge& which);
  // api_trace.cpp
  Error start(const api::StartTrace& wanted, uint64_t client);

  Error remove(const Call& call);
  Error remove_table(const api::Remove& remove);
  Error remove_route(const api::Route& route);

  void drop_port(uint32_t id);
  void drop_interface(uint32_t index);
  void drop_tunnel(uint32_t id);
  void drop_bridge(uint32_t id);
  void drop_sa(const SaKey& key);
  void sweep_re();
  void sweep_iked();
  void report_again(Sa& sa);
  Error foreign_sa(const api::SecurityAssociation& in, const SaKey& key) const;
  Error reopen(Port* old, const api::Port& in, Call& call);

  Plane& plane_;
  std::array<uint64_t, 3> rounds_{};
  std::array<uint64_t, 3> holders_{};             ///< client by owner; 0: none
  std::vector<std::unique_ptr<Wire>> old_wires_;  ///< unmapping is slow: done after the change
  std::vector<Event> events_;
};

}  // namespace nezu::pfe
