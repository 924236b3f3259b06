#include "pfe-model/replay.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace nezu::pfe {
namespace {

bool accept(ReplayWindow& replay, uint32_t window, uint64_t sequence) {
  if (!is_new(replay, window, sequence)) return false;
  mark_seen(replay, sequence);
  return true;
}

TEST(Replay, TableOf64) {
  ReplayWindow replay;
  const struct {
    uint64_t sequence;
    bool fresh;
  } steps[] = {{0, false},
               {1, true},
               {1, false},
               {9, true},
               {8, true},
               {7, true},
               {7, false},
               {64, true},
               {65, true},
               {65, false},
               {2, true},
               {1, false},
               {66, true},
               {2, false},
               {200, true},
               {136, false},
               {137, true},
               {137, false},
               {67, false},
               {1 << 20, true},
               {200, false},
               {(1 << 20) - 63, true},
               {(1 << 20) - 64, false}};
  for (const auto& step : steps)
    EXPECT_EQ(accept(replay, 64, step.sequence), step.fresh) << step.sequence;
}

TEST(Replay, AgreesWithASetOfAllNumbers) {
  for (const uint32_t window : {1u, 32u, 64u, 100u, 1024u, 4096u}) {
    std::mt19937_64 random(window);
    ReplayWindow replay;
    std::set<uint64_t> seen;
    uint64_t top = 0;
    for (int i = 0; i < 40000; ++i) {
      const uint64_t reach = random() % 50 == 0 ? 20000 : window + 40;
      const uint64_t base = top > window ? top - window : 0;
      const uint64_t sequence = base + random() % (reach + 1);
      const bool fresh =
          sequence != 0 && !seen.contains(sequence) && (sequence > top || top - sequence < window);
      ASSERT_EQ(accept(replay, window, sequence), fresh) << window << " " << sequence;
      if (fresh) {
        seen.insert(sequence);
        top = std::max(top, sequence);
      }
    }
  }
}

TEST(Replay, AskingChangesNothing) {
  ReplayWindow replay;
  mark_seen(replay, 100);
  EXPECT_TRUE(is_new(replay, 64, uint64_t{1} << 31));
  EXPECT_EQ(replay.top, 100u);
  EXPECT_TRUE(is_new(replay, 64, 99));
}

TEST(Replay, HighHalfIsGuessedAcrossTheWrap) {
  ReplayWindow replay;
  mark_seen(replay, 0xfffffff0);
  EXPECT_EQ(extend_sequence(replay, 64, 0xfffffff8), 0xfffffff8u);
  EXPECT_EQ(extend_sequence(replay, 64, 5), 0x100000005u);
  mark_seen(replay, 0x100000005);
  EXPECT_EQ(extend_sequence(replay, 64, 0xfffffff8), 0xfffffff8u) << "late, from before the wrap";
  EXPECT_EQ(extend_sequence(replay, 64, 6), 0x100000006u);
}

TEST(Replay, NothingLiesBeforeTheFirstPacket) {
  ReplayWindow replay;
  EXPECT_EQ(extend_sequence(replay, 64, 1), 1u);
  EXPECT_EQ(extend_sequence(replay, 64, 0xffffffff), 0u);
  EXPECT_FALSE(is_new(replay, 64, 0));
}

// Killed between moving the top and clearing, stale bits remain: late packets may be refused, but
// nothing that was accepted is accepted again.
TEST(Replay, AKilledUpdateNeverForgets) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 500; ++round) {
    ReplayWindow replay;
    std::set<uint64_t> seen;
    for (int i = 0; i < 200; ++i) {
      const uint64_t sequence = replay.top + random() % 300 - std::min<uint64_t>(replay.top, 60);
      if (accept(replay, 4096, sequence)) seen.insert(sequence);
    }
    replay.top += 1 + random() % 5000;
    for (const uint64_t sequence : seen) ASSERT_FALSE(is_new(replay, 4096, sequence)) << sequence;
  }
}

}  // namespace
}  // namespace nezu::pfe
