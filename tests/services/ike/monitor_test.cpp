#include "services/ike/monitor.h"

#include <gtest/gtest.h>

namespace nezu::ike {
namespace {

using State = Monitor::State;

constexpr std::uint32_t kTunnel = 500001;

class MonitorTest : public testing::Test {
 protected:
  void watch(bool optimized, std::uint32_t threshold) {
    Tunnel tunnel;
    tunnel.monitor = VpnMonitor{{}, {}, optimized, threshold};
    monitor_.configure({{kTunnel, tunnel}});
  }
  // One round of the one tunnel.
  Monitor::Round round(bool pair = true, std::optional<TunnelTraffic> traffic = {}) {
    return monitor_.round({{kTunnel, {pair, traffic}}});
  }

  std::uint8_t next_ = 0;
  Monitor monitor_{[this](std::span<std::uint8_t> bytes) {
    for (auto& each : bytes) each = ++next_;
  }};
};

TEST_F(MonitorTest, AThresholdOfQuestionsWithoutAnAnswerIsDown) {
  watch(false, 3);
  ASSERT_EQ(round().probes.size(), 1u);
  for (int missed = 1; missed < 3; ++missed) {
    const auto next = round();
    EXPECT_EQ(next.probes.size(), 1u) << missed;
    EXPECT_TRUE(next.down.empty()) << missed;
  }
  const auto last = round();
  EXPECT_EQ(last.down, std::vector{kTunnel});
  EXPECT_TRUE(last.probes.empty());
  EXPECT_EQ(monitor_.state(kTunnel), State::kDown);
}

TEST_F(MonitorTest, AnAnswerBeginsTheCountAgain) {
  watch(false, 2);
  for (int i = 0; i < 10; ++i) {
    const auto first = round();
    ASSERT_EQ(first.probes.size(), 1u);
    const auto second = round();
    ASSERT_EQ(second.probes.size(), 1u);
    ASSERT_TRUE(second.down.empty());
    EXPECT_EQ(monitor_.answered(second.probes[0]), i == 0) << "news only the first time";
  }
  EXPECT_EQ(monitor_.state(kTunnel), State::kUp);
}

TEST_F(MonitorTest, OldForgedAndRepeatedAnswersAreNone) {
  watch(false, 3);
  const auto old = round().probes[0];
  const auto current = round().probes[0];
  EXPECT_NE(old.nonce, current.nonce);
  EXPECT_FALSE(monitor_.answered(old));
  EXPECT_FALSE(monitor_.answered({kTunnel, 0}));
  EXPECT_FALSE(monitor_.answered({kTunnel, current.nonce + 1}));
  EXPECT_FALSE(monitor_.answered({kTunnel + 1, current.nonce}));
  EXPECT_TRUE(monitor_.answered(current));
  EXPECT_FALSE(monitor_.answered(current));
}

TEST_F(MonitorTest, WithoutAPairNothingIsAskedAndNothingMissed) {
  watch(false, 2);
  round();
  for (int i = 0; i < 5; ++i) {
    const auto none = round(false);
    EXPECT_TRUE(none.probes.empty() && none.down.empty());
  }
  EXPECT_EQ(round().probes.size(), 1u);
  EXPECT_TRUE(round().down.empty()) << "the new pair has its whole threshold";
}

TEST_F(MonitorTest, AfterItWasDownTheNewPairIsAskedAgain) {
  watch(false, 1);
  round();
  ASSERT_EQ(round().down.size(), 1u);
  round(false);
  const auto next = round();
  ASSERT_EQ(next.probes.size(), 1u);
  EXPECT_EQ(monitor_.state(kTunnel), State::kDown) << "until it answers";
  EXPECT_TRUE(monitor_.answered(next.probes[0]));
  EXPECT_EQ(monitor_.state(kTunnel), State::kUp);
}

TEST_F(MonitorTest, OptimizedAsksOnlyWhileWeSendAndHearNothing) {
  watch(true, 2);
  EXPECT_EQ(round(true, TunnelTraffic{10, 10}).probes.size(), 1u) << "the first look";
  monitor_.answered({kTunnel, 0});
  // It was answered: in moves by one, out by our question.
  EXPECT_TRUE(round(true, TunnelTraffic{11, 11}).probes.empty());
  EXPECT_EQ(monitor_.state(kTunnel), State::kUp);
  EXPECT_TRUE(round(true, TunnelTraffic{11, 11}).probes.empty()) << "idle";
  EXPECT_TRUE(round(true, TunnelTraffic{50, 11}).probes.empty()) << "only the peer speaks";
  EXPECT_TRUE(round(true, TunnelTraffic{90, 40}).probes.empty()) << "both speak";
  EXPECT_EQ(round(true, TunnelTraffic{90, 80}).probes.size(), 1u) << "only we speak";
  EXPECT_EQ(round(true, TunnelTraffic{90, 81}).probes.size(), 1u) << "not answered yet";
  EXPECT_EQ(round(true, TunnelTraffic{90, 82}).down.size(), 1u);
}

TEST_F(MonitorTest, ACommitThatLeavesItAloneForgetsNothing) {
  watch(false, 2);
  round();
  ASSERT_TRUE(round().down.empty());
  watch(false, 2);
  EXPECT_EQ(round().down.size(), 1u);
  watch(false, 5);
  EXPECT_EQ(monitor_.state(kTunnel), State::kWaiting) << "another monitor";
  monitor_.configure({});
  EXPECT_TRUE(monitor_.empty());
  EXPECT_EQ(monitor_.state(kTunnel), State::kNone);
}

}  // namespace
}  // namespace nezu::ike
