#include "pfe-model/api.h"

#include "pfe-model/clock.h"
#include "pfe-model/statistics.h"
#include "pfe-model/story.h"

namespace nezu::pfe {

namespace {

/// Who may write the table that a message or the object of a removal belongs to.
api::Owner owner_of(const api::Request& request) {
  switch (request.body_case()) {
    case api::Request::kSa:
    case api::Request::kTunnel:
      return api::OWNER_IKED;
    case api::Request::kRemove:
      return request.remove().has_sa() || request.remove().has_tunnel() ? api::OWNER_IKED
                                                                        : api::OWNER_RE;
    default:
      return api::OWNER_RE;
  }
}

api::Event::SaEvent::What what_of(uint32_t limit) {
  if (limit & kReportExhausted) return api::Event::SaEvent::SEQUENCE_EXHAUSTED;
  return limit & kReportHard ? api::Event::SaEvent::HARD_LIMIT : api::Event::SaEvent::SOFT_LIMIT;
}

}  // namespace

void Api::run(std::vector<Call>& calls) {
  for (Call& call : calls) prepare(call);
  plane_.change([&] {
    for (Call& call : calls) {
      const Error error = call.fault.empty() ? execute(call) : call.fault;
      call.response.set_sequence(call.request.sequence());
      call.response.set_error(error);
      call.answer = !error.empty() || call.request.sequence() != 0;
    }
  });
  old_wires_.clear();
}

Api::Error Api::execute(Call& call) {
  switch (call.request.body_case()) {
    case api::Request::kHello:
      return hello(call);
    case api::Request::kEndOfSync:
      return end_of_sync(call);
    case api::Request::kGetStatistics:
      plane_.link();
      read_statistics(plane_, call.request.get_statistics(), monotonic_now(),
                      *call.response.mutable_statistics());
      return {};
    case api::Request::kGetTrace:
      read_trace(plane_, call.request.get_trace().first(), monotonic_now(),
                 *call.response.mutable_trace());
      return {};
    case api::Request::kClearStatistics:
      plane_.link();
      return clear_statistics(plane_, call.request.clear_statistics().tunnel())
                 ? Error()
                 : Error("no such tunnel");
    case api::Request::BODY_NOT_SET:
      return "empty or unknown request";
    default:
      return change(call);
  }
}

Api::Error Api::change(Call& call) {
  if (Error error = writer(call, owner_of(call.request)); !error.empty()) return error;
  const api::Request& request = call.request;
  switch (request.body_case()) {
    case api::Request::kPfe:
      return set(request.pfe());
    case api::Request::kPort:
      return set(request.port(), call);
    case api::Request::kInterface:
      return set(request.interface(), call);
    case api::Request::kLocalAddress:
      return set(request.local_address());
    case api::Request::kRoute:
      return set(request.route());
    case api::Request::kNeighbour:
      return set(request.neighbour());
    case api::Request::kSa:
      return set(request.sa());
    case api::Request::kTunnel:
      return set(request.tunnel());
    case api::Request::kBridge:
      return set(request.bridge());
    case api::Request::kClearBridge:
      return clear(request.clear_bridge());
    case api::Request::kStartTrace:
      return start(request.start_trace(), call.client);
    case api::Request::kStopTrace:
      return plane_.stop_trace(), Error();
    case api::Request::kRemove:
      return remove(call);
    default:
      return "unknown request";
  }
}

Api::Error Api::hello(Call& call) {
  const api::Owner owner = call.request.hello().owner();
  call.response.set_workers(plane_.workers());
  if (owner == api::OWNER_NONE) return {};
  if (!api::Owner_IsValid(owner)) return "unknown owner";
  holders_[owner] = call.client;
  ++rounds_[owner];
  return {};
}

Api::Error Api::writer(const Call& call, api::Owner needed) const {
  if (holders_[needed] == call.client) return {};
  return needed == api::OWNER_RE ? "only the RE writes this table" : "only iked writes this table";
}

Api::Error Api::end_of_sync(Call& call) {
  const bool re = holders_[api::OWNER_RE] == call.client;
  const bool iked = holders_[api::OWNER_IKED] == call.client;
  if (!re && !iked) return "end of sync without a hello";
  if (re) sweep_re();
  if (iked) sweep_iked();
  return {};
}

void Api::leave(uint64_t client) {
  for (uint64_t& holder : holders_)
    if (holder == client) holder = 0;
  if (plane_.trace() != nullptr && plane_.trace()->order().client == client)
    plane_.change([this] { plane_.forget_trace(); });
}

void Api::sweep_re() {
  const uint64_t current = round(api::OWNER_RE);
  Tables& tables = plane_.tables;
  for (auto it = tables.bridges.begin(); it != tables.bridges.end();) {
    const auto& [key, bridge] = *it++;
    if (bridge->sync != current) drop_bridge(uint32_t{key});
  }
  for (auto it = tables.interfaces.begin(); it != tables.interfaces.end();) {
    const auto& [key, interface] = *it++;
    if (interface->sync != current) drop_interface(uint32_t{key});
  }
  for (auto it = tables.ports.begin(); it != tables.ports.end();) {
    const auto& [key, port] = *it++;
    if (port->sync != current) drop_port(uint32_t{key});
  }
  for (auto it = plane_.pfes.begin(); it != plane_.pfes.end();) {
    const Pfe& pfe = *(it++)->second;
    if (pfe.sync != current) plane_.remove_pfe(pfe.id());
  }
  for (auto& fib : tables.fibs)
    if (fib) fib->sweep(current);
  std::vector<NeighbourKey> gone;
  tables.neighbours.each([&](const NeighbourKey& key, const Neighbour& neighbour) {
    if (neighbour.sync != current) gone.push_back(key);
  });
  for (const NeighbourKey& key : gone) tables.neighbours.erase(key);
}

void Api::sweep_iked() {
  const uint64_t current = round(api::OWNER_IKED);
  Tables& tables = plane_.tables;
  for (auto it = tables.tunnels.begin(); it != tables.tunnels.end();) {
    const auto& [key, tunnel] = *it++;
    if (tunnel->sync != current) drop_tunnel(uint32_t{key});
  }
  for (auto it = tables.sas.begin(); it != tables.sas.end();) {
    const auto& [key, sa] = *it++;
    if (sa->sync != current) drop_sa(SaKey{key});
  }
  plane_.memory.retire_unattached();
}

/// What refers to an object that goes is cut off here, for link() runs only later.
void Api::drop_interface(uint32_t index) {
  const auto found = plane_.tables.interfaces.find(index);
  if (found == plane_.tables.interfaces.end()) return;
  Interface& interface = *found->second;
  if (interface.host) plane_.forget(interface.host.number());
  for (auto& [id, tunnel] : plane_.tables.tunnels)
    if (tunnel->interface == &interface) tunnel->interface = nullptr;
  plane_.tables.interfaces.erase(found);
  plane_.touch();
}

void Api::drop_bridge(uint32_t id) {
  plane_.tables.bridges.erase(id);
  plane_.touch();
}

void Api::drop_port(uint32_t id) {
  const auto found = plane_.tables.ports.find(id);
  if (found == plane_.tables.ports.end()) return;
  if (found->second->wire) {
    plane_.forget(found->second->wire->descriptor());
    old_wires_.push_back(std::move(found->second->wire));
  }
  plane_.tables.ports.erase(found);
  plane_.touch();
}

void Api::drop_tunnel(uint32_t id) {
  const auto found = plane_.tables.tunnels.find(id);
  if (found == plane_.tables.tunnels.end()) return;
  fold_traffic(*found->second);
  if (!plane_.dirty()) plane_.tables.unlink(*found->second);
  plane_.tables.tunnels.erase(found);
}

void Api::drop_sa(const SaKey& key) {
  const auto found = plane_.tables.sas.find(key);
  if (found == plane_.tables.sas.end()) return;
  plane_.memory.retire(found->second->record);
  plane_.tables.unlink(*found->second);
  plane_.tables.sas.erase(found);
}

uint64_t Api::translate(const Event& event, api::Event& out) const {
  switch (event.what) {
    case Event::What::kNeighbourWanted:
      out.mutable_neighbour_wanted()->set_interface(event.interface);
      out.mutable_neighbour_wanted()->set_address(std::string(event.address.bytes()));
      return holders_[api::OWNER_RE];
    case Event::What::kTunnelWanted:
      out.mutable_tunnel_wanted()->set_id(event.tunnel);
      return holders_[api::OWNER_IKED];
    case Event::What::kPeerMoved:
      out.mutable_peer_moved()->set_tunnel(event.tunnel);
      out.mutable_peer_moved()->set_spi(event.spi);
      out.mutable_peer_moved()->set_generation(event.generation);
      out.mutable_peer_moved()->set_address(std::string(event.address.bytes()));
      out.mutable_peer_moved()->set_port(event.port);
      return holders_[api::OWNER_IKED];
    case Event::What::kSa:
      break;
  }
  api::Event::SaEvent& sa = *out.mutable_sa();
  sa.set_what(what_of(event.limit));
  sa.set_direction(event.direction == SaDirection::kInbound ? api::SecurityAssociation::INBOUND
                                                            : api::SecurityAssociation::OUTBOUND);
  sa.set_spi(event.spi);
  sa.set_generation(event.generation);
  return holders_[api::OWNER_IKED];
}

}  // namespace nezu::pfe
