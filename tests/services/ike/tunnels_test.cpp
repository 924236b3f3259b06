#include "services/ike/daemon/tunnels.h"

#include <gtest/gtest.h>

#include "services/ike/selectors.h"

namespace nezu::ike {
namespace {

constexpr std::uint32_t kTunnel = 500001;

class TunnelsTest : public testing::Test {
 protected:
  TunnelsTest() {
    channel::Table interfaces;
    interfaces.set_name("interface");
    interfaces.set_whole(true);
    channel::Row& unit = *interfaces.add_row();
    unit.set_key("st0.1");
    unit.mutable_interface()->set_index(7);
    tables_.publish("interfaces", interfaces);
    channel::Table anchors;
    anchors.set_name("anchor");
    anchors.set_whole(true);
    channel::Row& anchor = *anchors.add_row();
    anchor.set_key("si-0/0/0");
    anchor.mutable_anchor()->set_online(true);
    tables_.publish("interfaces", anchors);
    tunnels_.configure(configured(), {});
  }

  static std::map<std::uint32_t, Tunnel> configured() {
    Tunnel tunnel;
    tunnel.id = kTunnel;
    tunnel.interface = "st0.1";
    tunnel.anchor = "si-0/0/0";
    return {{kTunnel, tunnel}};
  }

  static ChildSa pair(std::uint64_t generation, const std::vector<TrafficSelector>& selectors) {
    ChildSa child;
    child.tunnel = kTunnel;
    child.generation = generation;
    child.spi_in = std::uint32_t(1000 + generation);
    child.spi_out = std::uint32_t(2000 + generation);
    child.local_selectors = child.remote_selectors = selectors;
    return child;
  }
  void install(const ChildSa& child) { tunnels_.install(child, true, true); }
  void remove(const ChildSa& child) {
    tunnels_.remove(kTunnel, 0, {}, {}, child.spi_in, child.spi_out, child.generation);
  }
  // The pair the plane sends on, by generation; 0: none.
  std::uint32_t sends_on() const {
    const auto row = plane_.tunnel(kTunnel);
    return row && row->outbound_spi() ? row->outbound_spi() - 2000 : 0;
  }

  const std::vector<TrafficSelector> all_ = any_selector();
  const std::vector<TrafficSelector> some_ = {*selector_of("10.0.0.0/8")};
  state::Tables tables_;
  PfeClient plane_{"/nowhere", {}};
  std::vector<channel::Table> published_;
  Tunnels tunnels_{tables_, plane_,
                   [this](const channel::Table& change) { published_.push_back(change); }};
};

TEST_F(TunnelsTest, TheLatestPairSends) {
  install(pair(1, all_));
  EXPECT_EQ(sends_on(), 1u);
  install(pair(2, all_));
  EXPECT_EQ(sends_on(), 2u);
  remove(pair(1, all_));
  EXPECT_EQ(sends_on(), 2u);
  remove(pair(2, all_));
  EXPECT_EQ(sends_on(), 0u);
}

// What a peer made of our offer before it had all of its configuration, and rekeys for ever.
TEST_F(TunnelsTest, ANarrowerPairWaitsForTheWiderOne) {
  install(pair(1, some_));
  EXPECT_EQ(sends_on(), 1u) << "better than none";
  install(pair(2, all_));
  EXPECT_EQ(sends_on(), 2u);
  install(pair(3, some_));
  remove(pair(1, some_));
  EXPECT_EQ(sends_on(), 2u);
  install(pair(4, all_));
  remove(pair(2, all_));
  EXPECT_EQ(sends_on(), 4u);
  remove(pair(4, all_));
  EXPECT_EQ(sends_on(), 3u) << "it is what is left";
  remove(pair(3, some_));
  EXPECT_EQ(sends_on(), 0u);
}

TEST_F(TunnelsTest, ANarrowerPairThatIsGoneDoesNotComeBack) {
  install(pair(1, all_));
  install(pair(2, some_));
  remove(pair(2, some_));
  remove(pair(1, all_));
  EXPECT_EQ(sends_on(), 0u);
}

TEST_F(TunnelsTest, FollowsItsInterfaceAndItsAnchor) {
  install(pair(1, all_));
  ASSERT_TRUE(tunnels_.is_up(kTunnel));
  channel::Table change;
  change.set_name("anchor");
  const auto told = [&](const std::string& key, bool online) {
    change.clear_row();
    channel::Row& row = *change.add_row();
    row.set_key(key);
    row.mutable_anchor()->set_online(online);
    tables_.publish("interfaces", change);
    tunnels_.changed(change);
    published_.clear();
    tunnels_.refresh();
    return published_.size();
  };
  EXPECT_EQ(told("si-0/1/0", false), 0u) << "another one";
  EXPECT_TRUE(tunnels_.is_up(kTunnel));
  EXPECT_EQ(told("si-0/0/0", false), 1u);
  EXPECT_FALSE(tunnels_.is_up(kTunnel));
  EXPECT_EQ(told("si-0/0/0", true), 1u);
  EXPECT_TRUE(tunnels_.is_up(kTunnel));
}

// Its pair is there to be asked through, and nothing else: whoever is to bring it up by traffic
// takes the traffic.
TEST_F(TunnelsTest, WhoseFarEndIsSilentIsUpWhenItAnswers) {
  auto tunnels = configured();
  Tunnel& tunnel = tunnels[kTunnel];
  tunnel.establish = EstablishTunnels::kImmediately;
  tunnel.monitor = VpnMonitor{};
  tunnels_.configure(tunnels, {});
  install(pair(1, all_));
  ASSERT_TRUE(tunnels_.is_up(kTunnel));
  tunnels_.monitored(kTunnel, false);
  remove(pair(1, all_));
  EXPECT_FALSE(published_.back().row(0).tunnel().monitored()) << "there is nothing to ask through";
  install(pair(2, all_));
  EXPECT_FALSE(tunnels_.is_up(kTunnel));
  EXPECT_EQ(sends_on(), 2u);
  EXPECT_FALSE(published_.back().row(0).tunnel().up());
  EXPECT_TRUE(published_.back().row(0).tunnel().monitored());
  tunnels_.monitored(kTunnel, true);
  EXPECT_TRUE(tunnels_.is_up(kTunnel));
  EXPECT_TRUE(published_.back().row(0).tunnel().up());
  EXPECT_FALSE(published_.back().row(0).tunnel().monitored());
  tunnels_.monitored(kTunnel, false);
  EXPECT_FALSE(tunnels_.is_up(kTunnel));
  tunnel.monitor->destination = *Address::parse("2001:db8::1");
  ChildSa there = pair(2, all_);
  there.outbound_at = 1;
  tunnels_.configure(tunnels, {&there});
  EXPECT_TRUE(tunnels_.is_up(kTunnel)) << "to ask it takes a route";
  tunnel.establish = EstablishTunnels::kOnTraffic;
  tunnels_.configure(tunnels, {});
  EXPECT_TRUE(tunnels_.is_up(kTunnel)) << "waits for traffic";
  tunnel.establish = EstablishTunnels::kImmediately;
  tunnel.monitor.reset();
  tunnels_.configure(tunnels, {&there});
  EXPECT_TRUE(tunnels_.is_up(kTunnel)) << "nobody asks any more";
}

// The next process finds pairs and nothing else; a commit finds them in place.
TEST_F(TunnelsTest, ANarrowerPairWaitsAfterARestartToo) {
  ChildSa wide = pair(1, all_), narrow = pair(2, some_);
  wide.outbound_at = 1000;
  narrow.outbound_at = 2000;
  for (const auto& pairs : {std::vector<const ChildSa*>{&wide, &narrow}, {&narrow, &wide}}) {
    tunnels_.configure(configured(), pairs);
    EXPECT_EQ(sends_on(), 1u);
  }
  remove(wide);
  EXPECT_EQ(sends_on(), 2u) << "it was kept for that";
}

TEST_F(TunnelsTest, ARefusalOutlivesACommitAndEndsWithANewPair) {
  ChildSa first = pair(1, all_), second = pair(2, all_);
  first.outbound_at = 1000;
  second.outbound_at = 2000;
  tunnels_.configure(configured(), {&first, &second});
  tunnels_.refused(kTunnel);
  tunnels_.configure(configured(), {&first, &second});
  EXPECT_TRUE(tunnels_.is_refused(kTunnel));
  ChildSa third = pair(3, all_);
  third.outbound_at = 3000;
  tunnels_.configure(configured(), {&first, &second, &third});
  EXPECT_FALSE(tunnels_.is_refused(kTunnel));
}

}  // namespace
}  // namespace nezu::ike
