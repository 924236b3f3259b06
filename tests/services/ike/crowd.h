// As many tunnels as one asks for, both ends of each in this process: tables without sockets, a
// wire that loses nothing, a clock that jumps to whatever is due.
#pragma once

#include <time.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "services/ike/crypto/dh.h"
#include "services/ike/session/table.h"

namespace nezu::ike::test {

/// Of this process, all threads.
inline double cpu_seconds() {
  timespec at{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
  return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) * 1e-9;
}

struct Crowd {
  static constexpr std::uint32_t kTunnel = 500001;  ///< the first one

  /// `make`: the gateway of the left or of the right end, to be given a name, addresses and the
  /// number of its tunnel. The left end brings all up.
  Crowd(unsigned size, const std::function<Gateway(bool left)>& make, Random left, Random right)
      : count(size), a(std::move(left)), b(std::move(right)) {
    act(true, a.configure(many(true, make), now));
    act(false, b.configure(many(false, make), now));
    run();
  }

  static Address address(unsigned network, unsigned host) {
    const std::uint8_t octets[] = {10, static_cast<std::uint8_t>(network),
                                   static_cast<std::uint8_t>(host >> 8),
                                   static_cast<std::uint8_t>(host)};
    return Address::of(octets);
  }

  Config many(bool left, const std::function<Gateway(bool left)>& make) const {
    Config config;
    for (unsigned i = 0; i < count; ++i) {
      Gateway gateway = make(left);
      gateway.name = "gateway-" + std::to_string(i);
      gateway.local = address(left ? 1 : 2, i);
      gateway.remote = address(left ? 2 : 1, i);
      gateway.children[0].tunnel = kTunnel + i;
      if (left) gateway.children[0].establish = EstablishTunnels::kImmediately;
      config.gateways.push_back(std::move(gateway));
    }
    return config;
  }

  void act(bool of_a, Output out) {
    SaTable& table = of_a ? a : b;
    for (std::uint32_t index : out.changed) records[{of_a, index}] = table.snapshot(index).size();
    for (Datagram& message : out.messages) wire.emplace_back(of_a, std::move(message));
    for (const Action& action : out.actions)
      if (const auto* job = std::get_if<DhJob>(&action)) {
        const double before = cpu_seconds();
        const DhResult result = nezu::ike::run(*job);
        elsewhere += cpu_seconds() - before;
        act(of_a, table.complete(result, now));
      }
    if (of_a) due = out.next_timeout;
  }

  void run() {
    for (int i = 0; i < 1000; ++i) {
      while (!wire.empty()) {
        const auto [from_a, message] = std::move(wire.front());
        wire.pop_front();
        const Path path{0, message.path.remote, message.path.local};
        act(!from_a, (from_a ? b : a).handle(message.bytes, path, now));
      }
      if (!due || *due > now + 10 * kSecond) return;
      now = std::max(now + 1, *due);
      act(true, a.timeout(now));
    }
  }

  void rekey_all() {
    for (unsigned i = 0; i < count; ++i) act(true, a.rekey_tunnel(kTunnel + i, now));
    run();
  }

  static std::size_t pairs(const SaTable& table) {
    std::size_t found = 0;
    for (const auto& [index, sa] : table.sas()) found += sa.children.size();
    return found;
  }

  /// Of the left end's records.
  std::size_t octets() const {
    std::size_t sum = 0;
    for (const auto& [key, size] : records) sum += key.first ? size : 0;
    return sum;
  }

  unsigned count;
  Time now = 1000 * kSecond;
  SaTable a, b;
  std::deque<std::pair<bool, Datagram>> wire;
  std::map<std::pair<bool, std::uint32_t>, std::size_t> records;
  std::optional<Time> due;
  double elsewhere = 0;  ///< seconds of Diffie-Hellman
};

}  // namespace nezu::ike::test
