#include "chassis/forwarding.h"

#include <fcntl.h>

#include "pfe-model/api.pb.h"

namespace nezu::chassis {
namespace api = pfe::api;

Forwarding::Forwarding() = default;
Forwarding::~Forwarding() = default;

namespace {

void append(std::string& key, uint32_t number) {
  // Big endian, so that the map's order is the numbers' order.
  for (int shift = 24; shift >= 0; shift -= 8) key += static_cast<char>(number >> shift);
}

// The lengths of both addresses count: 0.0.0.0/0 and ::/0 are different routes.
std::string octets(const api::Prefix& prefix) {
  return std::string(1, static_cast<char>(prefix.length())) + prefix.address();
}

Descriptor duplicate(int fd) {
  return Descriptor(fd < 0 ? -1 : ::fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

}  // namespace

std::string Forwarding::key(Table table, std::initializer_list<uint32_t> numbers,
                            const std::string& octets) {
  std::string key(1, static_cast<char>(table));
  for (uint32_t number : numbers) append(key, number);
  return key + octets;
}

void Forwarding::set_pfe(const api::Pfe& pfe) {
  api::Request request;
  *request.mutable_pfe() = pfe;
  set(key(Table::kPfe, {pfe.id()}), request, -1);
}

void Forwarding::set_port(const api::Port& port, int descriptor) {
  api::Request request;
  *request.mutable_port() = port;
  set(key(Table::kPort, {port.id()}), request, descriptor);
}

void Forwarding::set_interface(const api::LogicalInterface& interface, int descriptor) {
  api::Request request;
  *request.mutable_interface() = interface;
  set(key(Table::kInterface, {interface.index()}), request, descriptor);
}

void Forwarding::set_bridge(const api::Bridge& bridge) {
  api::Request request;
  *request.mutable_bridge() = bridge;
  set(key(Table::kBridge, {bridge.id()}), request, -1);
}

void Forwarding::set_local_address(const api::LocalAddress& address) {
  api::Request request;
  *request.mutable_local_address() = address;
  set(key(Table::kLocalAddress, {address.instance()}, address.address()), request, -1);
}

void Forwarding::set_route(const api::Route& route) {
  api::Request request;
  *request.mutable_route() = route;
  set(key(Table::kRoute, {route.instance()}, octets(route.prefix())), request, -1);
}

void Forwarding::set_neighbour(const api::Neighbour& neighbour) {
  api::Request request;
  *request.mutable_neighbour() = neighbour;
  set(key(Table::kNeighbour, {neighbour.interface()}, neighbour.address()), request, -1);
}

void Forwarding::remove_port(const api::Port& port) {
  api::Request request;
  request.mutable_remove()->mutable_port()->set_id(port.id());
  remove(key(Table::kPort, {port.id()}), request);
}

void Forwarding::remove_interface(const api::LogicalInterface& interface) {
  api::Request request;
  request.mutable_remove()->mutable_interface()->set_index(interface.index());
  remove(key(Table::kInterface, {interface.index()}), request);
}

void Forwarding::remove_bridge(const api::Bridge& bridge) {
  api::Request request;
  request.mutable_remove()->mutable_bridge()->set_id(bridge.id());
  remove(key(Table::kBridge, {bridge.id()}), request);
}

void Forwarding::remove_local_address(const api::LocalAddress& address) {
  api::Request request;
  *request.mutable_remove()->mutable_local_address() = address;
  remove(key(Table::kLocalAddress, {address.instance()}, address.address()), request);
}

void Forwarding::remove_route(const api::Route& route) {
  api::Request request;
  auto& removed = *request.mutable_remove()->mutable_route();
  removed.set_instance(route.instance());
  *removed.mutable_prefix() = route.prefix();
  remove(key(Table::kRoute, {route.instance()}, octets(route.prefix())), request);
}

void Forwarding::remove_neighbour(const api::Neighbour& neighbour) {
  api::Request request;
  auto& removed = *request.mutable_remove()->mutable_neighbour();
  removed.set_interface(neighbour.interface());
  removed.set_address(neighbour.address());
  remove(key(Table::kNeighbour, {neighbour.interface()}, neighbour.address()), request);
}

void Forwarding::set(std::string key, const api::Request& request, int descriptor) {
  std::string bytes = request.SerializeAsString();
  const auto found = objects_.find(key);
  if (found != objects_.end()) {
    const bool described = static_cast<bool>(found->second.descriptor);
    if (found->second.request == bytes && (descriptor < 0 || described)) return;
    if (descriptor < 0) descriptor = found->second.descriptor.get();
  }
  Object& object = objects_[std::move(key)];
  object.request = std::move(bytes);
  if (descriptor != object.descriptor.get()) object.descriptor = duplicate(descriptor);
  send(request, object.descriptor.get());
}

void Forwarding::remove(const std::string& key, const api::Request& request) {
  if (objects_.erase(key) > 0) send(request, -1);
}

void Forwarding::send(const api::Request& request, int descriptor) {
  // While a sync is due everything goes out with it, in order.
  if (sink_ && !sync_wanted_) sink_->send(request, descriptor);
}

void Forwarding::synchronise() {
  sync_wanted_ = held();
  if (sync_wanted_) return;
  api::Request request;
  request.mutable_hello()->set_owner(api::OWNER_RE);
  request.mutable_hello()->set_client("nezu-re");
  send(request, -1);
  for (const auto& [key, object] : objects_) {
    request.ParseFromString(object.request);
    send(request, object.descriptor.get());
  }
  request.mutable_end_of_sync();
  send(request, -1);
  settle([] {});
}

void Forwarding::settle(std::function<void()> done) {
  if (!sink_ || held()) return done();
  sink_->settle(std::move(done));
}

void Forwarding::release() {
  if (--holds_ == 0 && sync_wanted_) synchronise();
}

void Forwarding::deliver(const api::Event& event) const {
  for (const auto& subscriber : subscribers_) subscriber(event);
}

}  // namespace nezu::chassis
