// IKE_SA_INIT and IKE_AUTH between two tables.
#include <gtest/gtest.h>

#include "services/ike/events.h"
#include "tests/services/ike/two_peers.h"

namespace nezu::ike::test {
namespace {

TEST(Handshake, TwoRoutersAgreeOnATunnel) {
  TwoPeers net;
  net.a.act(net.a.table->tunnel_wanted(TwoPeers::kTunnel, net.now), net.now);
  // IKE_SA_INIT { SA, KE, Ni } -->
  EXPECT_EQ(net.a.only_sa().phase, Phase::kInitSent);
  ASSERT_TRUE(net.to_b());
  EXPECT_EQ(net.b.only_sa().phase, Phase::kAnswered);
  // <-- IKE_SA_INIT { SA, KE, Nr }
  ASSERT_TRUE(net.to_a());
  EXPECT_EQ(net.a.only_sa().phase, Phase::kAuthSent);
  EXPECT_EQ(net.a.only_sa().keys, net.b.only_sa().keys);
  EXPECT_EQ(net.a.only_sa().keys.ei.size(), 36u);
  // IKE_AUTH { IDi, AUTH, SA, TSi, TSr } -->
  ASSERT_TRUE(net.to_b());
  EXPECT_EQ(net.b.only_sa().phase, Phase::kEstablished);
  // <-- IKE_AUTH { IDr, AUTH, SA, TSi, TSr }
  ASSERT_TRUE(net.to_a());
  EXPECT_EQ(net.a.only_sa().phase, Phase::kEstablished);
  EXPECT_FALSE(net.a.has_mail() || net.b.has_mail());
  EXPECT_TRUE(net.agree());
  EXPECT_TRUE(net.a.has_event(std::string(events::kNegotiated)));
  EXPECT_TRUE(net.b.has_event(std::string(events::kNegotiated)));
  EXPECT_EQ(to_string(net.a.only_sa().remote_identity), "16.1.1.1");
  EXPECT_FALSE(net.a.only_sa().peer_behind_nat || net.a.only_sa().local_behind_nat);
}

}  // namespace
}  // namespace nezu::ike::test
