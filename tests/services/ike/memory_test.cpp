#include "services/ike/daemon/memory.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <random>
#include <thread>

#include "services/ike/daemon/event_log.h"

namespace nezu::ike {
namespace {

class MemoryTest : public testing::Test {
 protected:
  MemoryTest() : file_(memfd_create("test", MFD_CLOEXEC)) {}
  ~MemoryTest() override { close(file_); }
  int file_;
};

Bytes record(std::uint64_t key, std::size_t size, std::uint8_t fill) {
  Bytes bytes(size, fill);
  for (int i = 0; i < 8; ++i) bytes[std::size_t(i)] = std::uint8_t(key >> (8 * i));
  return bytes;
}

TEST_F(MemoryTest, RecordsAreThereAfterwards) {
  {
    Memory memory(file_);
    EXPECT_TRUE(memory.shared());
    EXPECT_TRUE(memory.write({RecordKind::kIkeSa, 1}, record(1, 3000, 7)));
    EXPECT_TRUE(memory.write({RecordKind::kIkeSa, 2}, record(2, 10, 8)));
    EXPECT_TRUE(memory.write({RecordKind::kTunnelIds, 0}, record(9, 100, 9)));
    EXPECT_TRUE(memory.write({RecordKind::kIkeSa, 1}, record(1, 70'000, 10)));
    EXPECT_TRUE(memory.write({RecordKind::kIkeSa, 2}, {}));
  }
  const Memory memory(file_);
  EXPECT_EQ(memory.all(RecordKind::kIkeSa),
            (std::map<std::uint64_t, Bytes>{{1, record(1, 70'000, 10)}}));
  EXPECT_EQ(memory.read({RecordKind::kTunnelIds, 0}), record(9, 100, 9));
  EXPECT_FALSE(memory.read({RecordKind::kIkeSa, 2}));
}

TEST_F(MemoryTest, KeysDoNotStayBehind) {
  Memory memory(file_);
  memory.write({RecordKind::kIkeSa, 1}, Bytes(500, 0x5a));
  memory.write({RecordKind::kIkeSa, 1}, Bytes(500, 0x11));
  memory.write({RecordKind::kIkeSa, 1}, {});
  Bytes file(memory.file_size());
  ASSERT_EQ(pread(file_, file.data(), file.size(), 0), ssize_t(file.size()));
  for (const std::uint8_t fill : {0x5a, 0x11}) {
    const Bytes secret(16, fill);
    EXPECT_EQ(std::search(file.begin(), file.end(), secret.begin(), secret.end()), file.end());
  }
}

TEST_F(MemoryTest, RoomIsUsedAgain) {
  Memory memory(file_);
  for (int round = 0; round < 2000; ++round)
    for (std::uint64_t key = 1; key <= 20; ++key)
      ASSERT_TRUE(memory.write({RecordKind::kIkeSa, key}, record(key, 2000, 1)));
  EXPECT_EQ(memory.records(), 20u);
  EXPECT_LE(memory.file_size(), 1u << 20);
}

TEST_F(MemoryTest, TooLongARecordLeavesTheOldOne) {
  Memory memory(file_);
  memory.write({RecordKind::kIkeSa, 1}, record(1, 100, 1));
  EXPECT_FALSE(memory.write({RecordKind::kIkeSa, 1}, Bytes(Memory::kMaxRecord + 1)));
  EXPECT_EQ(memory.read({RecordKind::kIkeSa, 1}), record(1, 100, 1));
}

TEST_F(MemoryTest, WithoutAMemfdRecordsEndWithUs) {
  Memory memory(STDIN_FILENO);
  EXPECT_FALSE(memory.shared());
  EXPECT_TRUE(memory.write({RecordKind::kIkeSa, 1}, record(1, 100, 1)));
  EXPECT_TRUE(memory.read({RecordKind::kIkeSa, 1}));
}

// Whatever a byte was changed to: what is read was once written, or is not there.
TEST_F(MemoryTest, DamagedFileIsNeverBelieved) {
  std::map<std::uint64_t, Bytes> written;
  {
    Memory memory(file_);
    for (std::uint64_t key = 1; key <= 5; ++key)
      memory.write({RecordKind::kIkeSa, key}, written[key] = record(key, 300 * key, 3));
  }
  std::mt19937 random(3);
  Bytes good(16 << 10);
  ASSERT_EQ(pread(file_, good.data(), good.size(), 0), ssize_t(good.size()));
  for (int i = 0; i < 3000; ++i) {
    Bytes bad = good;
    for (int j = 0; j < 3; ++j) bad[random() % bad.size()] = std::uint8_t(random());
    ASSERT_EQ(pwrite(file_, bad.data(), bad.size(), 0), ssize_t(bad.size()));
    const Memory memory(file_);
    for (const auto& [key, bytes] : memory.all(RecordKind::kIkeSa))
      if (written.contains(key)) {
        EXPECT_EQ(bytes, written[key]);
      }
  }
}

// A writer is killed at any instant, again and again: each record is one of those it wrote.
TEST_F(MemoryTest, KilledWriterLeavesTheOldOrTheNew) {
  std::mt19937 random(11);
  for (int round = 0; round < 150; ++round) {
    const pid_t child = fork();
    if (child == 0) {
      Memory memory(file_);
      std::mt19937 mine(unsigned(round) + 1);
      for (;;) {
        const std::uint64_t key = 1 + mine() % 8;
        memory.write({RecordKind::kIkeSa, key},
                     record(key, 16 + mine() % 6000, std::uint8_t(mine())));
      }
    }
    std::this_thread::sleep_for(std::chrono::microseconds(300 + random() % 4000));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    const Memory memory(file_);
    for (const auto& [key, bytes] : memory.all(RecordKind::kIkeSa)) {
      ASSERT_GE(bytes.size(), 16u);
      EXPECT_EQ(bytes, record(key, bytes.size(), bytes.back())) << "round " << round;
    }
    if (round > 10) {
      EXPECT_EQ(memory.records(), 8u) << "a record was lost in round " << round;
    }
  }
}

TEST_F(MemoryTest, CostDoesNotGrowWithTheNumberOfRecords) {
  Memory memory(file_);
  const auto time = [&](std::uint64_t records) {
    for (std::uint64_t key = 1; key <= records; ++key)
      memory.write({RecordKind::kIkeSa, key}, record(key, 2500, 1));
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 1000; ++i) memory.write({RecordKind::kIkeSa, 1}, record(1, 2500, 2));
    return std::chrono::steady_clock::now() - start;
  };
  const auto few = time(10), many = time(2000);
  EXPECT_LT(many, few * 10 + std::chrono::milliseconds(20));
}

std::vector<std::string> text_of(const EventLog& log) {
  std::vector<std::string> lines;
  for (const auto& line : log.lines())
    lines.push_back(line.text + '/' + std::to_string(line.times) +
                    (line.mark == EventLog::Mark::kSequenceStart ? "S"
                     : line.mark == EventLog::Mark::kSequenceEnd ? "E"
                                                                 : ""));
  return lines;
}

TEST(EventLogTest, RepeatedLineIsCounted) {
  EventLog log;
  for (const char* text : {"a", "b", "b", "b"}) log.add(1, text);
  EXPECT_EQ(text_of(log), (std::vector<std::string>{"b/3", "a/1"}));
}

// As in the reference output: five rekeys, each followed by the peer's deletion.
TEST(EventLogTest, RepeatedSequenceIsCounted) {
  EventLog log;
  log.add(1, "negotiated");
  for (int i = 0; i < 5; ++i) {
    log.add(10 + i, "rekeyed");
    log.add(20 + i, "deleted");
  }
  EXPECT_EQ(text_of(log), (std::vector<std::string>{"deleted/5E", "rekeyed/5S", "negotiated/1"}));
  EXPECT_EQ(log.lines().front().at, 24);
}

TEST(EventLogTest, SurvivesSerialisationAndIsBounded) {
  EventLog log;
  for (int i = 0; i < 100; ++i) log.add(i, "event " + std::to_string(i));
  EXPECT_EQ(log.lines().size(), EventLog::kKept);
  EXPECT_EQ(EventLog::parse(log.serialise()).lines(), log.lines());
  EXPECT_TRUE(EventLog::parse(view_of("garbage\n9 9\n1 2 77 x")).lines().empty());
}

}  // namespace
}  // namespace nezu::ike
