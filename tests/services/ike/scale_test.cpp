// Two thousand tunnels: what a router does for each must not depend on how many there are.
#include <gtest/gtest.h>
#include <time.h>

#include <deque>
#include <utility>

#include "services/ike/dh.h"
#include "services/ike/table.h"
#include "tests/services/ike/two_peers.h"

namespace nezu::ike::test {
namespace {

double cpu_seconds() {
  timespec at{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
  return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) * 1e-9;
}

Address address(unsigned network, unsigned host) {
  const std::uint8_t octets[] = {10, static_cast<std::uint8_t>(network),
                                 static_cast<std::uint8_t>(host >> 8),
                                 static_cast<std::uint8_t>(host)};
  return Address::of(octets);
}

Config many(bool left, unsigned count) {
  Config config;
  for (unsigned i = 0; i < count; ++i) {
    Gateway gateway = left ? gateway_a() : gateway_b();
    gateway.name = "gateway-" + std::to_string(i);
    gateway.local = address(left ? 1 : 2, i);
    gateway.remote = address(left ? 2 : 1, i);
    gateway.children[0].tunnel = TwoPeers::kTunnel + i;
    if (left) gateway.children[0].establish = EstablishTunnels::kImmediately;
    config.gateways.push_back(std::move(gateway));
  }
  return config;
}

struct Crowd {
  explicit Crowd(unsigned size) : count(size) {
    act(true, a.configure(many(true, count), now));
    act(false, b.configure(many(false, count), now));
    run();
  }

  void act(bool of_a, Output out) {
    SaTable& table = of_a ? a : b;
    for (std::uint32_t index : out.changed) written += table.snapshot(index).size();
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

  std::size_t pairs(const SaTable& table) const {
    std::size_t found = 0;
    for (const auto& [index, sa] : table.sas()) found += sa.children.size();
    return found;
  }

  unsigned count;
  Time now = 1000 * kSecond;
  SaTable a{seeded(1)}, b{seeded(2)};
  std::deque<std::pair<bool, Datagram>> wire;
  std::optional<Time> due;
  std::size_t written = 0;
  double elsewhere = 0;  // seconds of Diffie-Hellman
};

// Seconds of the protocol alone to bring `count` tunnels up, rekey them all and take them down.
double cost_of(unsigned count) {
  const double start = cpu_seconds();
  Crowd crowd(count);
  EXPECT_EQ(crowd.pairs(crowd.a), count);
  EXPECT_EQ(crowd.pairs(crowd.b), count);
  for (unsigned i = 0; i < count; ++i)
    crowd.act(true, crowd.a.rekey_tunnel(TwoPeers::kTunnel + i, crowd.now));
  crowd.run();
  EXPECT_EQ(crowd.pairs(crowd.a), count);
  for (unsigned i = 0; i < count; ++i)
    crowd.act(true, crowd.a.delete_tunnel(TwoPeers::kTunnel + i, crowd.now));
  for (unsigned i = 0; i < count; ++i)
    crowd.act(true, crowd.a.tunnel_wanted(TwoPeers::kTunnel + i, crowd.now));
  crowd.run();
  EXPECT_EQ(crowd.pairs(crowd.b), count);
  crowd.act(true, crowd.a.configure(Config{}, crowd.now));
  crowd.run();
  EXPECT_TRUE(crowd.a.sas().empty());
  EXPECT_TRUE(crowd.b.sas().empty());
  return cpu_seconds() - start - crowd.elsewhere;
}

TEST(Scale, TwoThousandTunnelsCostFourTimesWhatFiveHundredDo) {
  const double few = cost_of(500), many = cost_of(2000);
  RecordProperty("milliseconds", static_cast<int>(many * 1000));
  EXPECT_LT(many, 8 * few) << few << " s against " << many << " s";
}

}  // namespace
}  // namespace nezu::ike::test
