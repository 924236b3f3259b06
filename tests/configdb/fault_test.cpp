// Commits that are killed, disks that are full or broken, files that are damaged: the old or the
// new configuration, whole, and the next commit works.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "configdb/database.h"
#include "faulty_vfs.h"
#include "numbered.h"
#include "sample.h"
#include "tests/temporary_directory.h"

namespace nezu::configdb {
namespace {

using namespace sample;
using namespace numbered;
namespace fs = std::filesystem;

class Fault : public testing::Test {
 protected:
  Fault() { faulty::install(); }
  ~Fault() override { faulty::disarm(); }

  std::string file() const { return directory_ + "/config.db"; }

  std::unique_ptr<Database> open() {
    auto opened = Database::open(file(), schema(), faulty::kName);
    EXPECT_TRUE(opened.database) << opened.error;
    return std::move(opened.database);
  }

  // A child that commits and is killed at its nth change of a file; whether it was.
  bool killed_at(int operation, bool& acknowledged) {
    int pipe_ends[2];
    if (pipe(pipe_ends)) throw std::runtime_error("pipe");
    const pid_t child = fork();
    if (child == 0) {
      faulty::arm([operation](const faulty::Operation& now) {
        if (now.number == operation) kill(getpid(), SIGKILL);
        return 0;
      });
      auto database = Database::open(file(), schema(), faulty::kName).database;
      database->set_candidate(configuration(database->candidate(), database->revision() + 1));
      database->save();
      const bool ok = commit(*database).ok && write(pipe_ends[1], "x", 1) == 1;
      database.reset();
      _exit(ok ? 0 : 1);
    }
    close(pipe_ends[1]);
    char byte;
    acknowledged = read(pipe_ends[0], &byte, 1) == 1;
    close(pipe_ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) return true;
    EXPECT_EQ(WEXITSTATUS(status), 0);
    return false;
  }

  TemporaryDirectory temporary_;
  const std::string directory_ = temporary_.path();
};

TEST_F(Fault, KilledAtAnyPointOfACommit) {
  bool killed = true;
  int operation = 0;
  int before = 0, after = 0;
  // With and without revisions, patches and checkpoints already there.
  for (const int prepared : {0, 1, 7}) {
    killed = true;
    for (operation = 1; killed; ++operation) {
      fs::remove_all(directory_);
      fs::create_directory(directory_);
      if (prepared) {
        auto database = open();
        for (int i = 0; i < prepared; ++i) ASSERT_TRUE(commit_next(*database).ok);
      }
      bool acknowledged = false;
      killed = killed_at(operation, acknowledged);
      auto database = open();
      ASSERT_TRUE(database);
      const uint64_t old = prepared;
      ASSERT_TRUE(database->revision() == old || database->revision() == old + 1);
      ASSERT_TRUE(!acknowledged || database->revision() == old + 1);
      (database->revision() == old ? before : after)++;
      ASSERT_TRUE(is_whole(*database)) << "killed at " << operation;
      ASSERT_TRUE(commit_next(*database).ok);
      ASSERT_TRUE(is_whole(*database));
    }
  }
  EXPECT_GT(before, 3);
  EXPECT_GT(after, 3);
}

TEST_F(Fault, FullAndBrokenDisksLeaveEverythingAsItWas) {
  for (const int code : {SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC}) {
    bool failed = true;
    for (int operation = 1; failed; ++operation) {
      fs::remove_all(directory_);
      fs::create_directory(directory_);
      auto database = open();
      for (int i = 0; i < 3; ++i) ASSERT_TRUE(commit_next(*database).ok);
      const NodePtr active = database->active();
      const NodePtr candidate = configuration(active, 4);
      database->set_candidate(candidate);
      failed = false;
      faulty::arm([&](const faulty::Operation& now) {
        failed = failed || now.number >= operation;
        return now.number >= operation ? code : 0;  // and stays so
      });
      const CommitResult result = commit(*database);
      faulty::disarm();
      if (!failed) {
        ASSERT_TRUE(result.ok);
        break;
      }
      // What fails after the commit point (a checkpoint) does not undo the commit.
      if (!result.ok) {
        ASSERT_TRUE(result.text.starts_with("error: commit failed: cannot write ")) << result.text;
        ASSERT_EQ(database->active(), active);
        ASSERT_EQ(database->candidate(), candidate);
        ASSERT_EQ(database->revision(), 3u);
        ASSERT_TRUE(is_whole(*database));
        ASSERT_TRUE(commit(*database).ok);
      }
      ASSERT_EQ(database->revision(), 4u);
      ASSERT_TRUE(is_whole(*database));
      database.reset();
      database = open();
      ASSERT_EQ(database->revision(), 4u);
      ASSERT_TRUE(is_whole(*database));
    }
  }
}

// The log has the whole commit and the disk does not say that it has it.
class Doubt : public Fault {
 protected:
  // What a start finds after this process was killed, without it having closed anything.
  uint64_t found_after_a_kill() {
    const std::string copy = directory_ + "/copy";
    fs::remove_all(copy);
    fs::create_directory(copy);
    for (const char* part : {"config.db", "config.db-wal"})
      if (fs::exists(directory_ + "/" + part))
        fs::copy_file(directory_ + "/" + part, copy + "/" + part);
    auto opened = Database::open(copy + "/config.db", schema());
    EXPECT_TRUE(opened.database) << opened.error;
    EXPECT_TRUE(is_whole(*opened.database));
    return opened.database->revision();
  }
  // Syncs fail from the nth of the next commit on, `times` of them.
  static void fail_syncs(int times) {
    faulty::arm([times, seen = 0](const faulty::Operation& now) mutable {
      return now.kind == faulty::Kind::kSync && seen++ < times ? SQLITE_IOERR_FSYNC : 0;
    });
  }
};

TEST_F(Doubt, AFailedCommitDoesNotComeBack) {
  auto database = open();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(commit_next(*database).ok);
  fail_syncs(1);
  const CommitResult failed = commit_next(*database);
  EXPECT_EQ(failed.text, "error: commit failed: cannot write " + file() + ": disk I/O error\n");
  EXPECT_EQ(found_after_a_kill(), 3u);
  faulty::disarm();
  EXPECT_TRUE(commit(*database).ok);
  EXPECT_EQ(found_after_a_kill(), 4u);
}

TEST_F(Doubt, WhatCannotBeSettledIsSaidAndStopsCommitsUntilItCan) {
  auto database = open();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(commit_next(*database).ok);
  fail_syncs(1000);
  const CommitResult failed = commit_next(*database);
  EXPECT_FALSE(failed.ok);
  EXPECT_TRUE(
      failed.text.ends_with("disk I/O error; the configuration before stays active, but a restart "
                            "may find the new one\n"))
      << failed.text;
  EXPECT_EQ(database->revision(), 3u);
  EXPECT_FALSE(commit(*database).ok);
  EXPECT_TRUE(database->save().has_value());
  const uint64_t found = found_after_a_kill();
  EXPECT_TRUE(found == 3 || found == 4);
  faulty::disarm();
  EXPECT_EQ(database->save(), std::nullopt);  // settles it first
  EXPECT_EQ(found_after_a_kill(), 3u);
  EXPECT_TRUE(commit(*database).ok);
  EXPECT_EQ(found_after_a_kill(), 4u);
}

std::string bytes_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_bytes(const std::string& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

class Damage : public Fault {
 protected:
  Damage() {
    auto database = open();
    for (int i = 0; i < 5; ++i) commit_next(*database);
    database.reset();
    good_ = bytes_of(file());
  }

  // Refused in words and untouched, or exactly what was stored.
  void expect_refused_or_same(const std::string& bytes, const std::string& what) {
    for (const auto& entry : fs::directory_iterator(directory_)) fs::remove(entry);
    write_bytes(file(), bytes);
    auto opened = Database::open(file(), schema());
    if (opened.database) {
      ++same_;
      ASSERT_EQ(opened.database->revision(), 5u) << what;
      ASSERT_TRUE(is_whole(*opened.database)) << what;
    } else {
      ++refused_;
      ASSERT_NE(opened.error.find("left as it is"), std::string::npos) << opened.error;
      ASSERT_EQ(bytes_of(file()), bytes) << what;
    }
  }

  std::string good_;
  int same_ = 0, refused_ = 0;
};

class Salvaged : public Damage {
 protected:
  // What a router has after it started on these bytes: some of the revisions, whole and in order,
  // or the factory default; the bytes are where the notice says.
  void expect_salvaged(const std::string& bytes, const std::string& what) {
    for (const auto& entry : fs::directory_iterator(directory_)) fs::remove(entry);
    write_bytes(file(), bytes);
    auto opened = Database::open_or_salvage(file(), schema());
    ASSERT_TRUE(opened.database) << what << ": " << opened.error;
    const Database& database = *opened.database;
    if (opened.warning.empty()) {  // the damage was where nothing is
      ASSERT_EQ(database.revision(), 5u) << what;
      ASSERT_TRUE(equal(database.active(), whole(5))) << what;
      return;
    }
    ASSERT_NE(opened.warning.find("configuration database was damaged"), std::string::npos);
    ASSERT_EQ(bytes_of(file() + ".damaged-1"), bytes) << what;
    for (size_t n = 0; n < database.log().size(); ++n)
      ASSERT_TRUE(equal(database.rollback(n).root, whole(database.log()[n].number))) << what;
    ++by_revision_[database.revision()];
    ASSERT_TRUE(commit_next(*opened.database).ok) << what;
    opened.database.reset();
    opened = Database::open(file(), schema());
    ASSERT_EQ(opened.warning, "") << "until the next commit";
  }
  std::map<uint64_t, int> by_revision_;
};

TEST_F(Salvaged, ARouterComesUpWithTheLastGoodRevision) {
  for (size_t at = 0; at < good_.size(); at += at < 100 ? 7 : 397) {
    std::string bytes = good_;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << (at % 8)));
    expect_salvaged(bytes, "bit in byte " + std::to_string(at));
    if (HasFatalFailure()) return;
  }
  for (size_t size = 1; size < good_.size(); size += 1511) {
    expect_salvaged(good_.substr(0, size), "cut to " + std::to_string(size));
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(by_revision_[5], 5) << "damage elsewhere";
  EXPECT_GT(by_revision_[0], 1) << "nothing left";
  for (const std::string& bytes :
       {std::string("set system host-name x\n"), std::string(), std::string(good_.size(), '\0')}) {
    expect_salvaged(bytes, "no database of " + std::to_string(bytes.size()));
    ASSERT_FALSE(HasFatalFailure());
  }
}

TEST_F(Salvaged, TheRescueConfigurationIsTheLastResort) {
  auto database = open();
  ASSERT_EQ(database->save_rescue("admin", "cli"), std::nullopt);
  database.reset();
  sqlite3* db = nullptr;
  sqlite3_open(file().c_str(), &db);
  sqlite3_exec(db, "UPDATE revision SET checksum = 1", nullptr, nullptr, nullptr);
  sqlite3_close(db);
  auto opened = Database::open_or_salvage(file(), schema());
  ASSERT_TRUE(opened.database) << opened.error;
  EXPECT_NE(opened.warning.find("the rescue configuration is active"), std::string::npos)
      << opened.warning;
  EXPECT_TRUE(equal(opened.database->active(), whole(5)));
  EXPECT_TRUE(opened.database->rescue());
}

TEST_F(Salvaged, ItMayBeInterrupted) {
  const std::string bytes = good_.substr(0, good_.size() / 2);
  // Only the rename at the end is missing: the damaged one has been put aside, or half of it.
  expect_salvaged(bytes, "half");
  const uint64_t revision = open()->revision();
  fs::rename(file(), file() + ".salvaged");
  write_bytes(file() + "-wal", "of the damaged one");
  auto opened = Database::open(file(), schema());
  ASSERT_TRUE(opened.database) << opened.error;
  EXPECT_EQ(bytes_of(file() + ".damaged-2-wal"), "of the damaged one");
  EXPECT_EQ(opened.database->revision(), revision);
  EXPECT_TRUE(equal(opened.database->active(), opened.database->rollback(0).root));
}

TEST_F(Salvaged, ADamagedLogTakesNoRevisionWithIt) {
  auto database = open();
  ASSERT_TRUE(commit_next(*database).ok);
  const std::string copy = directory_ + "/copy";
  fs::create_directory(copy);
  fs::copy_file(file(), copy + "/config.db");
  write_bytes(copy + "/config.db-wal", std::string(5000, 'x'));
  auto opened = Database::open(copy + "/config.db", schema());
  ASSERT_TRUE(opened.database) << opened.error;
  EXPECT_EQ(opened.database->revision(), 6u);
}

TEST_F(Salvaged, WhatCannotBeCopiedIsNotTakenForEmpty) {
  const std::string bytes = good_.substr(0, good_.size() - 4096);
  write_bytes(file(), bytes);
  fs::create_directories(file() + ".copy/in the way");
  const auto opened = Database::open_or_salvage(file(), schema());
  EXPECT_FALSE(opened.database);
  EXPECT_NE(opened.error.find("cannot be salvaged: cannot copy"), std::string::npos)
      << opened.error;
  EXPECT_EQ(bytes_of(file()), bytes);
  fs::remove_all(file() + ".copy");
  EXPECT_TRUE(Database::open_or_salvage(file(), schema()).database);
}

// No room for the copy, for the new database or for a part of it: what is damaged stays where it is
// until the new one is whole.
TEST_F(Salvaged, AFullDiskLosesNothing) {
  constexpr int kFailed = 40;  // not what a sanitizer ends with
  const std::string bytes = good_.substr(0, good_.size() - 4096);
  int failed = 0;
  for (rlim_t room = 0; room < 2 * good_.size() && !HasFatalFailure(); room += 1511) {
    for (const auto& entry : fs::directory_iterator(directory_)) fs::remove(entry);
    write_bytes(file(), bytes);
    const pid_t child = fork();
    if (child == 0) {
      signal(SIGXFSZ, SIG_IGN);
      const rlimit limit{room, room};
      if (setrlimit(RLIMIT_FSIZE, &limit)) _exit(2);
      _exit(Database::open_or_salvage(file(), schema()).database ? 0 : kFailed);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == kFailed));
    if (WEXITSTATUS(status) == kFailed) {
      ++failed;
      ASSERT_EQ(bytes_of(file()), bytes) << "with room for " << room;
    }
    auto opened = Database::open_or_salvage(file(), schema());
    ASSERT_TRUE(opened.database) << opened.error;
    ASSERT_EQ(bytes_of(file() + ".damaged-1"), bytes) << "with room for " << room;
    ASSERT_TRUE(commit_next(*opened.database).ok);
  }
  EXPECT_GT(failed, 3);
}

// A commit that waits to be confirmed still does, and one that waits for its time is called off.
TEST_F(Salvaged, WhatIsToComeIsNotForgotten) {
  auto database = open();
  CommitRequest request;
  request.user = "admin";
  request.confirm_minutes = 10;
  database->set_candidate(configuration(database->candidate(), 6));
  database->commit(request, [](const CommitResult& result) { ASSERT_TRUE(result.ok); });
  database->set_candidate(configuration(database->candidate(), 7));
  database->timed().schedule(CommitRequest(), 0, [](const CommitResult& result) {
    EXPECT_TRUE(result.ok) << result.text;
  });
  ASSERT_TRUE(database->timed().scheduled());
  database.reset();
  sqlite3* db = nullptr;
  sqlite3_open(file().c_str(), &db);
  sqlite3_exec(db, "UPDATE revision SET checksum = 1 WHERE number = 0", nullptr, nullptr, nullptr);
  sqlite3_close(db);
  auto opened = Database::open_or_salvage(file(), schema());
  ASSERT_TRUE(opened.database) << opened.error;
  EXPECT_TRUE(opened.warning.ends_with(" is active; the commit that was to come is cancelled"))
      << opened.warning;
  EXPECT_FALSE(opened.database->timed().scheduled());
  ASSERT_TRUE(opened.database->timed().confirmation());
  EXPECT_EQ(opened.database->timed().confirmation()->revert_to, 5u);
}

class SalvagedConfirmation : public Salvaged {
 protected:
  // Commits, a rescue configuration, and `waiting` commits that are to be confirmed; then the rows
  // that `damaged` says are damaged.
  void wait_and_damage(int before, int waiting, const std::string& damaged) {
    fs::remove(file());
    auto database = open();
    for (int i = 0; i < before; ++i) commit_next(*database);
    ASSERT_EQ(database->save_rescue("admin", "cli"), std::nullopt);
    for (int i = 0; i < waiting; ++i) {
      CommitRequest request;
      request.confirm_minutes = 10;
      database->set_candidate(
          with(database->candidate(), "system host-name w" + std::to_string(i)));
      database->commit(request, [](const CommitResult& result) { ASSERT_TRUE(result.ok); });
    }
    database.reset();
    sqlite3* db = nullptr;
    sqlite3_open(file().c_str(), &db);
    sqlite3_exec(db, ("UPDATE revision SET checksum = 1 " + damaged).c_str(), nullptr, nullptr,
                 nullptr);
    sqlite3_close(db);
  }
};

TEST_F(SalvagedConfirmation, IsNotOfRevisionsThatWereMadeUp) {
  wait_and_damage(0, 1, "");  // goes back to revision 0, and so does what is made up
  auto opened = Database::open_or_salvage(file(), schema());
  ASSERT_TRUE(opened.database) << opened.error;
  ASSERT_NE(opened.warning.find("the rescue configuration is active"), std::string::npos);
  EXPECT_FALSE(opened.database->timed().confirmation()) << "would undo the rescue";
}

TEST_F(SalvagedConfirmation, KeepsWhatItGoesBackTo) {
  wait_and_damage(2, 160, "WHERE number = 162");
  auto opened = Database::open_or_salvage(file(), schema());
  ASSERT_TRUE(opened.database) << opened.error;
  const auto& waits = opened.database->timed().confirmation();
  ASSERT_TRUE(waits);
  EXPECT_EQ(waits->revert_to, 2u);
  opened.database.reset();
  // The deadline passes, whatever else was forgotten.
  opened = Database::open(file(), schema(), nullptr, [] {
    Now now = machine_clock();
    now.uptime += 3'600'000;
    return now;
  });
  ASSERT_TRUE(opened.database) << opened.error;
  EXPECT_TRUE(equal(opened.database->active(), whole(2))) << opened.warning;
}

TEST_F(Salvaged, ADatabaseOfALaterFormatIsLeftAsItIs) {
  sqlite3* db = nullptr;
  sqlite3_open(file().c_str(), &db);
  // Ours says its format too: a later program that only raises it is told from a flipped bit.
  const std::string later =
      "PRAGMA user_version=3; UPDATE item SET content = CAST('3' AS BLOB), checksum = " +
      std::to_string(checksum("format", "3")) + " WHERE name = 'format'";
  ASSERT_EQ(sqlite3_exec(db, later.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(db);
  const std::string bytes = bytes_of(file());
  const auto opened = Database::open_or_salvage(file(), schema());
  EXPECT_FALSE(opened.database);
  EXPECT_FALSE(opened.damaged);
  EXPECT_NE(opened.error.find("it has format 3, not 2"), std::string::npos) << opened.error;
  EXPECT_EQ(bytes_of(file()), bytes);
}

TEST_F(Salvaged, ADatabaseInUseIsNotSalvaged) {
  auto database = open();
  const auto second = Database::open_or_salvage(file(), schema());
  EXPECT_FALSE(second.database);
  EXPECT_FALSE(second.damaged);
  EXPECT_TRUE(commit_next(*database).ok);
}

TEST_F(Damage, FlippedBits) {
  for (size_t at = 0; at < good_.size(); at += at < 200 ? 1 : 23) {
    std::string bytes = good_;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << (at % 8)));
    expect_refused_or_same(bytes, "bit in byte " + std::to_string(at));
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(refused_, 50);
}

TEST_F(Damage, TruncatedZeroedAndForeignFiles) {
  for (size_t size = 0; size < good_.size(); size += size < 120 ? 1 : 211) {
    expect_refused_or_same(good_.substr(0, size), "cut to " + std::to_string(size));
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(same_, 0);
  expect_refused_or_same(std::string(good_.size(), '\0'), "zeros");
  expect_refused_or_same("set system host-name x\n", "text");
  EXPECT_EQ(same_, 0);
}

TEST_F(Damage, OtherThingsInItsPlace) {
  fs::remove(file());
  fs::create_directory(file());
  EXPECT_NE(Database::open(file(), schema()).error.find("it is not a file"), std::string::npos);
  EXPECT_FALSE(Database::open(directory_ + "/no/such/config.db", schema()).database);
}

}  // namespace
}  // namespace nezu::configdb
