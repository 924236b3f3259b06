#pragma once
#include <deque>
#include <string>
#include <vector>

#include "pfe-model/api.h"
#include "pfe-model/plane.h"

namespace nezu::pfe::test {

/// A wire in memory: what is put in is received, what is sent can be looked at.
class MemoryWire final : public Wire {
 public:
  struct Frame {
    std::string bytes;
    Offload offload;
    uint16_t vlan = 0;  ///< received with this tag
  };
  std::deque<Frame> in;
  std::vector<Frame> out;
  bool full = false;  ///< takes nothing

  int descriptor() const override { return -1; }
  size_t receive(Pool& pool, Queue& frames, size_t budget, Counters&) override {
    size_t taken = 0;
    for (; taken < budget && !in.empty(); ++taken) {
      Packet* packet = pool.take();
      if (packet == nullptr) break;
      packet->length = static_cast<uint32_t>(in.front().bytes.size());
      in.front().bytes.copy(reinterpret_cast<char*>(packet->data), packet->length);
      packet->offload = in.front().offload;
      packet->vlan = in.front().vlan;
      frames.push(packet);
      in.pop_front();
    }
    return taken;
  }
  size_t transmit(Packet* const* frames, size_t count) override {
    size_t sent = 0;
    for (size_t i = 0; i < count; ++i) {
      frames[i]->sent = !full;
      if (full) continue;
      out.push_back({std::string(reinterpret_cast<char*>(frames[i]->data), frames[i]->length),
                     frames[i]->offload});
      ++sent;
    }
    return sent;
  }
  size_t capacity() const override { return 256; }
  uint64_t overruns() override { return 0; }
};

inline std::string octets(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values) text += static_cast<char>(value);
  return text;
}

/// The octets of hexadecimal digits.
inline std::string unhex(const std::string& text) {
  std::string bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2)
    bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  return bytes;
}

/// Of interfaces 1 and 2, and of whoever is behind them; ends of a flow.
inline const std::string kMac1 = octets({2, 0, 0, 0, 0, 1}), kMac2 = octets({2, 0, 0, 0, 0, 2});
inline const std::string kNext = octets({2, 7, 7, 7, 7, 7});
inline const std::string kFrom = octets({10, 0, 1, 2}), kTo = octets({10, 0, 2, 2});

/// A plane without threads, told what to do by messages, its wires in memory.
class MemoryRouter {
 public:
  MemoryRouter() {
    std::string error;
    plane.memory.open(-1, error);
    for (const auto& [client, owner] :
         {std::pair{1, api::OWNER_RE}, std::pair{2, api::OWNER_IKED}}) {
      api::Request hello;
      hello.mutable_hello()->set_owner(owner);
      call(static_cast<uint64_t>(client), hello);
    }
  }

  /// The error of one message; empty: done. Client 1 is the RE, 2 is iked.
  std::string call(uint64_t client, const api::Request& request,
                   api::Response* response = nullptr) {
    std::vector<Api::Call> calls(1);
    calls[0].client = client;
    calls[0].request = request;
    api.run(calls);
    if (response != nullptr) *response = calls[0].response;
    return calls[0].response.error();
  }

  /// PFE, port, and logical interface with MAC 02:00:00:00:00:ID, all of number `id`.
  MemoryWire& add_port(uint32_t id, uint32_t pfe, uint32_t mtu = 1500) {
    api::Request request;
    request.mutable_pfe()->set_id(pfe);
    request.mutable_pfe()->set_online(true);
    call(1, request);
    request.mutable_port()->set_id(id);
    request.mutable_port()->set_pfe(pfe);
    request.mutable_port()->set_enabled(true);
    call(1, request);
    auto wire = std::make_unique<MemoryWire>();
    MemoryWire& made = *wire;
    plane.tables.ports.at(id)->wire = std::move(wire);
    auto* interface = request.mutable_interface();
    interface->set_index(id);
    interface->set_up(true);
    interface->set_mtu(mtu);
    interface->set_inet(true);
    interface->set_inet6(true);
    interface->mutable_ethernet()->set_port(id);
    interface->mutable_ethernet()->set_mac(octets({2, 0, 0, 0, 0, static_cast<int>(id)}));
    call(1, request);
    return made;
  }
  void add_route(const std::string& address, uint32_t length, uint32_t interface,
                 const std::string& gateway = "") {
    api::Request request;
    auto* route = request.mutable_route();
    route->mutable_prefix()->set_address(address);
    route->mutable_prefix()->set_length(length);
    route->add_next_hop()->set_interface(interface);
    route->mutable_next_hop(0)->set_gateway(gateway);
    call(1, request);
  }
  void add_local(const std::string& address, uint32_t interface) {
    api::Request request;
    request.mutable_local_address()->set_address(address);
    request.mutable_local_address()->set_interface(interface);
    call(1, request);
  }
  void add_neighbour(uint32_t interface, const std::string& address, const std::string& mac) {
    api::Request request;
    request.mutable_neighbour()->set_interface(interface);
    request.mutable_neighbour()->set_address(address);
    request.mutable_neighbour()->set_mac(mac);
    call(1, request);
  }

  /// Lets all PFEs work until nothing moves.
  void run(uint64_t now = 1'000'000'000) {
    for (int round = 0; round < 4; ++round) {
      for (auto& [id, pfe] : plane.pfes) pfe->begin(now);
      for (auto& [id, port] : plane.tables.ports) plane.pfes.at(port->pfe)->receive(*port);
      for (auto& [id, pfe] : plane.pfes) pfe->finish();
      // As a worker does: who was sent nothing is not asked.
      for (auto& [id, pfe] : plane.pfes) {
        if (!pfe->fabric_waiting()) continue;
        pfe->receive_fabric();
        pfe->finish();
      }
    }
  }
  uint64_t total(Drop why) const {
    uint64_t sum = 0;
    for (const auto& [id, pfe] : plane.pfes) sum += pfe->counters.of(why);
    return sum;
  }
  uint64_t total(Count what) const {
    uint64_t sum = 0;
    for (const auto& [id, pfe] : plane.pfes) sum += pfe->counters.of(what);
    return sum;
  }
  uint64_t dropped() const {
    uint64_t sum = 0;
    for (const auto& [id, pfe] : plane.pfes)
      for (const uint64_t drop : pfe->counters.drops) sum += drop;
    return sum;
  }

  Plane plane{0};
  Api api{plane};
};

/// An Ethernet frame with an IPv4 packet of `protocol`, checksum right.
std::string ipv4_frame(const std::string& to_mac, const std::string& source,
                       const std::string& destination, uint8_t protocol, const std::string& payload,
                       uint8_t ttl = 64);

/// A tunnel over interface 100 anchored on `pfe` with both SAs: what is sealed with SPI `out` at
/// one end opens with SPI `in` at the other.
void add_tunnel(MemoryRouter& router, uint32_t pfe, const std::string& local,
                const std::string& remote, uint32_t in, uint32_t out, uint32_t window = 64);
api::Request sa_message(bool inbound, const std::string& local, const std::string& remote,
                        uint32_t spi, uint64_t generation = 1);

}  // namespace nezu::pfe::test
