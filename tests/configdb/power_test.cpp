// Power loss: every write, sync and truncation of a few commits is recorded; then what had not been
// synced at some moment is lost, torn or done in another order. What a start finds must be a
// revision as it was committed, and none that was acknowledged may be missing.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "faulty_vfs.h"
#include "numbered.h"
#include "tests/temporary_directory.h"

namespace nezu::configdb {
namespace {

using namespace numbered;
namespace fs = std::filesystem;
using faulty::Change;
using faulty::Kind;

constexpr size_t kSector = 512;

class Disk {
 public:
  void load(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    if (in) content_[file] = {std::istreambuf_iterator<char>(in), {}};
  }
  void take(const Change& change) {
    if (change.kind == Kind::kSync) return flush(change.file);
    pending_.push_back(change);
  }
  /// The power goes: of what was not synced some happens, in any order, some by half.
  void lose(std::mt19937& random) {
    std::shuffle(pending_.begin(), pending_.end(), random);
    for (Change& change : pending_) {
      const auto fate = random() % 4;
      if (fate == 0) continue;
      if (fate == 1 && change.kind == Kind::kWrite)
        change.bytes.resize(change.bytes.size() / 2 / kSector * kSector);
      apply(change);
    }
    pending_.clear();
  }
  void store(const std::string& from, const std::string& to) const {
    for (const auto& [file, bytes] : content_)
      std::ofstream(to + file.substr(from.size()), std::ios::binary) << bytes;
  }

 private:
  void flush(const std::string& file) {
    for (const Change& change : pending_)
      if (change.file == file) apply(change);
    std::erase_if(pending_, [&](const Change& change) { return change.file == file; });
  }
  void apply(const Change& change) {
    if (change.kind == Kind::kDelete) {
      content_.erase(change.file);
      return;
    }
    std::string& bytes = content_[change.file];
    const auto at = static_cast<size_t>(change.at);
    if (change.kind == Kind::kTruncate) return bytes.resize(at);
    if (bytes.size() < at + change.bytes.size()) bytes.resize(at + change.bytes.size());
    bytes.replace(at, change.bytes.size(), change.bytes);
  }

  std::map<std::string, std::string> content_;
  std::vector<Change> pending_;
};

class Power : public testing::Test {
 protected:
  Power() {
    faulty::install();
    fs::create_directory(directory_ + "/crash");
  }
  ~Power() override { faulty::record(nullptr); }
  std::string file() const { return directory_ + "/config.db"; }

  // Some commits with edits between them, and enough of them that the log is folded in.
  void run() {
    auto database = Database::open(file(), sample::schema(), faulty::kName).database;
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(commit_next(*database).ok);
    before_ = database->revision();
    database.reset();
    disk_.load(file());
    faulty::record(&log_);
    database = Database::open(file(), sample::schema(), faulty::kName).database;
    for (int i = 0; i < 30; ++i) {
      database->set_candidate(configuration(database->candidate(), database->revision() + 1));
      database->save();
      ASSERT_TRUE(commit(*database).ok);
      acknowledged_.push_back(log_.size());
    }
    ASSERT_EQ(database->save_rescue("admin", "cli"), std::nullopt);
    database.reset();
    faulty::record(nullptr);
  }

  void crash(size_t at, std::mt19937& random) {
    Disk disk = disk_;
    for (size_t i = 0; i < at; ++i) disk.take(log_[i]);
    disk.lose(random);
    const std::string place = directory_ + "/crash";
    fs::remove_all(place);
    fs::create_directory(place);
    disk.store(directory_, place);
    auto opened = Database::open(place + "/config.db", sample::schema());
    ASSERT_TRUE(opened.database) << opened.error;
    ASSERT_TRUE(is_whole(*opened.database));
    const auto done = static_cast<uint64_t>(std::count_if(
        acknowledged_.begin(), acknowledged_.end(), [at](size_t end) { return end <= at; }));
    ASSERT_GE(opened.database->revision(), before_ + done);
    ASSERT_LE(opened.database->revision(), before_ + done + 1);
    // The candidate is of an earlier moment at worst, and never half of one.
    ASSERT_EQ(opened.warning, "");
    const uint64_t revision = opened.database->revision();
    ASSERT_TRUE(equal(opened.database->candidate(), whole(revision)) ||
                equal(opened.database->candidate(), whole(revision + 1)));
    ASSERT_TRUE(commit_next(*opened.database).ok);
  }

  TemporaryDirectory temporary_;
  const std::string directory_ = temporary_.path();
  Disk disk_;
  std::vector<Change> log_;
  std::vector<size_t> acknowledged_;  ///< length of the log when a commit was acknowledged
  uint64_t before_ = 0;
};

TEST_F(Power, MayGoAtAnyMoment) {
  run();
  if (HasFatalFailure()) return;
  ASSERT_GT(log_.size(), 100u);
  const auto is_sync = [](const Change& change) { return change.kind == Kind::kSync; };
  ASSERT_GT(std::count_if(log_.begin(), log_.end(), is_sync), 30);
  std::mt19937 random(20261122);
  for (int trial = 0; trial < 60; ++trial) {
    const size_t at = random() % (log_.size() + 1);
    crash(at, random);
    if (HasFatalFailure()) FAIL() << "after operation " << at << " in trial " << trial;
  }
  // Just before and just after each acknowledgement is where it matters.
  for (const size_t end : acknowledged_) {
    crash(end, random);
    if (HasFatalFailure()) FAIL() << "after the commit that ends at operation " << end;
  }
}

}  // namespace
}  // namespace nezu::configdb
