#include "pfe-model/sa_memory.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pfe-model/descriptor.h"
#include "pfe-model/sa.h"

namespace nezu::pfe {
namespace {

struct Memory {
  Descriptor file{::memfd_create("sa", MFD_CLOEXEC)};
  std::unique_ptr<SaMemory> open() {
    auto memory = std::make_unique<SaMemory>();
    std::string error;
    EXPECT_TRUE(memory->open(file.number(), error)) << error;
    return memory;
  }
};

TEST(SaMemory, ARecordOutlivesTheProcess) {
  Memory memory;
  memory.open()->attach(7, SaDirection::kOutbound, 256)->sent = 1000;
  auto again = memory.open();
  EXPECT_EQ(again->attach(7, SaDirection::kOutbound, 256)->sent, 1000u);
  EXPECT_EQ(again->attach(7, SaDirection::kInbound, 256)->sent, 0u);
  EXPECT_EQ(again->attach(8, SaDirection::kOutbound, 256)->sent, 0u) << "a new generation";
}

TEST(SaMemory, ARemovedSaThatComesBackGoesOn) {
  Memory memory;
  auto first = memory.open();
  SaRecord* record = first->attach(7, SaDirection::kOutbound, 256);
  record->sent = 5;
  first->retire(record);
  EXPECT_EQ(first->attach(7, SaDirection::kOutbound, 256)->sent, 5u);
  first->retire(record);
  EXPECT_EQ(memory.open()->attach(7, SaDirection::kOutbound, 256)->sent, 5u);
}

TEST(SaMemory, OnlyRetiredSlotsAreUsedAgainAndTheOldestFirst) {
  Memory memory;
  auto all = memory.open();
  for (uint32_t i = 0; i < SaMemory::kSlots; ++i) {
    SaRecord* record = all->attach(i, SaDirection::kOutbound, 256);
    ASSERT_NE(record, nullptr);
    record->sent = i + 1;
  }
  EXPECT_EQ(all->attach(99999, SaDirection::kOutbound, 256), nullptr) << "all are in use";
  all->retire(all->attach(50, SaDirection::kOutbound, 256));
  all->retire(all->attach(51, SaDirection::kOutbound, 256));
  SaRecord* fresh = all->attach(99999, SaDirection::kOutbound, 256);
  ASSERT_NE(fresh, nullptr);
  EXPECT_EQ(fresh->sent, 0u);
  EXPECT_EQ(all->attach(51, SaDirection::kOutbound, 256)->sent, 52u);
}

TEST(SaMemory, ManyRekeysTakeNoMoreThanTheirShare) {
  Memory memory;
  auto all = memory.open();
  for (uint32_t i = 0; i < 100000; ++i) {
    SaRecord* record = all->attach(i, SaDirection::kInbound, 300 + i);
    ASSERT_NE(record, nullptr);
    record->replay.top = 1;
    all->retire(record);
  }
}

TEST(SaMemory, ASlotTakenButNotYetUsedAtAKillIsNotLost) {
  Memory memory;
  auto first = memory.open();
  first->attach(1, SaDirection::kOutbound, 256)->state = SaRecord::kFree;
  first->attach(2, SaDirection::kOutbound, 256);
  auto again = memory.open();
  SaRecord* second = again->attach(2, SaDirection::kOutbound, 256);
  EXPECT_EQ(again->attach(3, SaDirection::kOutbound, 256), second - 1);
  EXPECT_EQ(again->attach(4, SaDirection::kOutbound, 256), second + 1);
}

TEST(SaMemory, WhatNobodyAttachesToIsRetired) {
  Memory memory;
  memory.open()->attach(7, SaDirection::kOutbound, 256);
  auto again = memory.open();
  SaRecord* kept = again->attach(8, SaDirection::kOutbound, 257);
  again->retire_unattached();
  EXPECT_EQ(kept->state, SaRecord::kLive);
  EXPECT_EQ(again->attach(7, SaDirection::kOutbound, 256)->state, SaRecord::kLive);
}

TEST(SaMemory, RefusesWhatItDoesNotKnow) {
  Memory memory;
  ASSERT_EQ(::ftruncate(memory.file.number(), 4096), 0);
  ASSERT_EQ(::pwrite(memory.file.number(), "something else", 14, 0), 14);
  SaMemory opened;
  std::string error;
  EXPECT_FALSE(opened.open(memory.file.number(), error));
  EXPECT_NE(error, "");
}

Sa make_sa(SaRecord& record) {
  Sa sa;
  sa.record = &record;
  return sa;
}

TEST(Sa, SequenceStopsAtItsEnd) {
  SaRecord record{};
  Sa sa = make_sa(record);
  EXPECT_EQ(sa.next_sequence(), 1u);
  record.sent = UINT32_MAX - 1;
  EXPECT_EQ(sa.next_sequence(), UINT32_MAX);
  EXPECT_EQ(sa.next_sequence(), 0u);
  EXPECT_EQ(sa.next_sequence(), 0u);
  sa.extended_sequence = true;
  EXPECT_EQ(sa.next_sequence(), uint64_t{1} << 32);
}

TEST(Sa, LimitsAreReportedOnce) {
  SaRecord record{};
  Sa sa = make_sa(record);
  sa.soft_packets = 3;
  sa.hard_bytes = 500;
  for (const uint32_t untold : {0u, 0u, uint32_t{kReportSoft}, 0u, uint32_t{kReportHard}, 0u}) {
    sa.account(100);
    EXPECT_EQ(sa.untold(), untold);
    sa.told |= sa.untold();
  }
  EXPECT_TRUE(sa.stopped());
}

}  // namespace
}  // namespace nezu::pfe
