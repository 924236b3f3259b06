#include "services/ike/daemon/monitor.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "services/ike/daemon/socket_errors.h"

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
  const auto first = round(true, TunnelTraffic{10, 10});
  ASSERT_EQ(first.probes.size(), 1u) << "the first look";
  EXPECT_TRUE(monitor_.answered(first.probes[0]));
  EXPECT_EQ(monitor_.state(kTunnel), State::kUp);
  // In moves by the answer, out by our question: neither is traffic.
  EXPECT_TRUE(round(true, TunnelTraffic{11, 11}).probes.empty());
  EXPECT_TRUE(round(true, TunnelTraffic{11, 11}).probes.empty()) << "idle";
  EXPECT_TRUE(round(true, TunnelTraffic{50, 11}).probes.empty()) << "only the peer speaks";
  EXPECT_TRUE(round(true, TunnelTraffic{90, 40}).probes.empty()) << "both speak";
  EXPECT_EQ(round(true, TunnelTraffic{90, 80}).probes.size(), 1u) << "only we speak";
  EXPECT_EQ(round(true, TunnelTraffic{90, 81}).probes.size(), 1u) << "not answered yet";
  EXPECT_EQ(round(true, TunnelTraffic{90, 82}).down.size(), 1u);
}

// What is down carries nothing, and would never be asked about.
TEST_F(MonitorTest, OptimizedAsksThroughWhatIsDownThoughNobodySends) {
  for (const bool before : {false, true}) {
    monitor_.configure({});
    watch(true, 1);
    if (before) {
      monitor_.was_down(kTunnel);
    } else {
      round(true, TunnelTraffic{10, 10});
      ASSERT_EQ(round(true, TunnelTraffic{10, 11}).down.size(), 1u);
    }
    round(false, TunnelTraffic{10, 11});
    ASSERT_EQ(round(true, TunnelTraffic{10, 11}).probes.size(), 1u) << before;
    EXPECT_EQ(round(true, TunnelTraffic{10, 12}).down.size(), 1u) << before;
    const auto again = round(true, TunnelTraffic{10, 12});
    ASSERT_EQ(again.probes.size(), 1u) << before;
    EXPECT_TRUE(monitor_.answered(again.probes[0])) << before;
    EXPECT_TRUE(round(true, TunnelTraffic{11, 13}).probes.empty()) << before;
  }
}

// What we send is asked about at once, though the answer to the last question has come in since.
TEST_F(MonitorTest, AnAnswerToOurQuestionIsNoTraffic) {
  watch(true, 2);
  const auto first = round(true, TunnelTraffic{10, 10});
  ASSERT_EQ(first.probes.size(), 1u);
  monitor_.answered(first.probes[0]);
  EXPECT_EQ(round(true, TunnelTraffic{11, 50}).probes.size(), 1u);
}

TEST_F(MonitorTest, OptimizedTellsWhenTrafficShowsThatItIsUp) {
  watch(true, 1);
  round(true, TunnelTraffic{10, 10});
  ASSERT_EQ(round(true, TunnelTraffic{10, 20}).down, std::vector{kTunnel});
  round(false);
  EXPECT_EQ(monitor_.state(kTunnel), State::kDown);
  const auto heard = round(true, TunnelTraffic{30, 20});
  EXPECT_EQ(heard.up, std::vector{kTunnel});
  EXPECT_TRUE(heard.probes.empty());
  EXPECT_EQ(monitor_.state(kTunnel), State::kUp);
  EXPECT_TRUE(round(true, TunnelTraffic{40, 20}).up.empty()) << "news once";
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

Address numbered(std::uint32_t number) {
  const std::uint8_t octets[] = {10, std::uint8_t(number >> 16), std::uint8_t(number >> 8),
                                 std::uint8_t(number)};
  return Address::of(octets);
}

// Destinations come and go for as long as the router runs; there is always room for the next.
TEST(SocketErrors, TheOldestWordGivesWay) {
  SocketErrors errors;
  const auto most = std::uint32_t(SocketErrors::kMost);
  for (std::uint32_t i = 0; i < most; ++i) errors.refused(numbered(i), ENETUNREACH);
  errors.refused(numbered(0), ENETUNREACH);  // is young again
  errors.refused(numbered(most), ENETUNREACH);
  EXPECT_EQ(errors.text(numbered(most), {}), "No route to " + to_string(numbered(most)));
  EXPECT_EQ(errors.text(numbered(1), {}), "");
  EXPECT_NE(errors.text(numbered(0), {}), "");
  EXPECT_NE(errors.text(numbered(2), {}), "");
}

TEST(SocketErrors, WhatIsWellAgainTakesNoPlace) {
  SocketErrors errors;
  const auto most = std::uint32_t(SocketErrors::kMost);
  errors.refused(numbered(most), ENETDOWN);
  for (std::uint32_t i = 0; i < 2 * most; ++i) {
    if (i == most) continue;
    errors.refused(numbered(i), ENETUNREACH);
    i % 2 ? errors.sent(numbered(i)) : errors.heard(numbered(i));
  }
  EXPECT_NE(errors.text(numbered(most), {}), "");
  EXPECT_EQ(errors.text(numbered(7), {}), "");
}

}  // namespace
}  // namespace nezu::ike
