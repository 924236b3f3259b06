// Two thousand tunnels: what a router does for each must not depend on how many there are.
#include <gtest/gtest.h>

#include "tests/services/ike/crowd.h"
#include "tests/services/ike/two_peers.h"

namespace nezu::ike::test {
namespace {

// Seconds of the protocol alone to bring `count` tunnels up, rekey them all and take them down.
double cost_of(unsigned count) {
  const double start = cpu_seconds();
  Crowd crowd(
      count, [](bool left) { return left ? gateway_a() : gateway_b(); }, seeded(1), seeded(2));
  EXPECT_EQ(crowd.pairs(crowd.a), count);
  EXPECT_EQ(crowd.pairs(crowd.b), count);
  crowd.rekey_all();
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
