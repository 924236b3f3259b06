// Every system call that a start and a commit make fails once, or from then on, or is the last one
// of the process: the old or the new configuration, and the next commit works.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <new>

#include "numbered.h"
#include "tests/temporary_directory.h"

namespace {
// Of the requests for memory of this process, by `new`: the one that is refused; 0: none.
long refused_request = 0, requests = 0;
}  // namespace

void* operator new(size_t size) {
  if (refused_request && ++requests == refused_request) throw std::bad_alloc();
  if (void* memory = std::malloc(size ? size : 1)) return memory;
  throw std::bad_alloc();
}
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size ? size : 1);
}
// Not inlined: GCC 12 would see a `free` of what came from `new`.
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}

namespace nezu::configdb {
namespace {

using namespace numbered;
namespace fs = std::filesystem;

// Counts the calls of all kinds together, and has one of them fail.
struct Fault {
  int at = 0;  ///< 0: none
  int error = 0;
  bool stays = false;
  bool kills = false;
  int slot = -1;        ///< of this kind of calls alone; -1: of all
  int until = INT_MAX;  ///< if it stays: before this call
  int calls = 0;
  bool hit = false;
} fault;

constexpr int kMemory = 100;

bool fails(int slot) {
  if (fault.slot >= 0 && fault.slot != slot) return false;
  ++fault.calls;
  if (!fault.at || (fault.stays ? fault.calls < fault.at : fault.calls != fault.at)) return false;
  if (fault.calls >= fault.until) return false;
  if (fault.kills) kill(getpid(), SIGKILL);
  fault.hit = true;
  errno = fault.error;
  return true;
}

// One stands before each of SQLite's calls of the system.
template <int kSlot, class Result, class... Arguments>
struct Before {
  static inline Result (*original)(Arguments...) = nullptr;
  static Result call(Arguments... arguments) {
    return fails(kSlot) ? static_cast<Result>(-1) : original(arguments...);
  }
  static void install(sqlite3_vfs* vfs, const char* name) {
    original = reinterpret_cast<Result (*)(Arguments...)>(vfs->xGetSystemCall(vfs, name));
    if (original) vfs->xSetSystemCall(vfs, name, reinterpret_cast<sqlite3_syscall_ptr>(call));
  }
};

constexpr int kRead = 5;

void install() {
  static bool done = false;
  if (std::exchange(done, true)) return;
  sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
  Before<0, int, const char*, int, int>::install(vfs, "open");
  Before<1, int, const char*, int>::install(vfs, "access");
  Before<2, int, const char*, void*>::install(vfs, "stat");
  Before<3, int, int, void*>::install(vfs, "fstat");
  Before<4, int, int, off_t>::install(vfs, "ftruncate");
  Before<kRead, ssize_t, int, void*, size_t, off64_t>::install(vfs, "pread64");
  Before<6, ssize_t, int, const void*, size_t, off64_t>::install(vfs, "pwrite64");
  Before<7, int, const char*>::install(vfs, "unlink");
  Before<8, int, const char*, int*>::install(vfs, "openDirectory");
  Before<9, int, int, mode_t>::install(vfs, "fchmod");
}

class SystemCalls : public testing::Test {
 protected:
  SystemCalls() { install(); }
  ~SystemCalls() override { fault = {}; }
  std::string file() const { return directory_ + "/config.db"; }

  void prepare() {
    fault = {};
    fs::remove_all(directory_);
    fs::create_directory(directory_);
    auto database = Database::open(file(), sample::schema()).database;
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(commit_next(*database).ok);
  }
  // A start, an edit that is saved, a commit that is to be confirmed, an end.
  void live(bool& acknowledged, std::string& damage) {
    auto opened = Database::open(file(), sample::schema());
    if (opened.damaged) damage = opened.why;
    if (!opened.database) return;
    Database& database = *opened.database;
    database.set_candidate(configuration(database.candidate(), database.revision() + 1));
    database.save();
    CommitRequest request;
    request.user = "admin";
    request.confirm_minutes = 10;
    database.commit(request, [&](const CommitResult& result) { acknowledged = result.ok; });
  }
  void expect_old_or_new(bool acknowledged) {
    fault = {};
    auto opened = Database::open(file(), sample::schema());
    ASSERT_TRUE(opened.database) << opened.error;
    ASSERT_TRUE(is_whole(*opened.database));
    ASSERT_TRUE(opened.database->revision() == 4 ||
                (!acknowledged && opened.database->revision() == 3));
    // A commit that is to be confirmed waits for that, wherever it was interrupted.
    ASSERT_EQ(opened.database->timed().confirmation().has_value(),
              opened.database->revision() == 4);
    ASSERT_TRUE(commit_next(*opened.database).ok);
  }

  TemporaryDirectory temporary_;
  const std::string directory_ = temporary_.path();
};

TEST_F(SystemCalls, MayFailOneByOne) {
  int failed = 0;
  for (const int error : {EIO, ENOSPC, EDQUOT, EMFILE})
    for (const bool stays : {false, true})
      for (int at = 1; at < 2000; ++at) {
        prepare();
        fault = {.at = at, .error = error, .stays = stays};
        bool acknowledged = false;
        std::string damage;
        live(acknowledged, damage);
        const bool hit = fault.hit;
        failed += !acknowledged;
        const std::string what = std::string(strerror(error)) + (stays ? " from" : " at") +
                                 " call " + std::to_string(at);
        ASSERT_EQ(damage, "") << "a fault of the machine is no damage: " << what;
        expect_old_or_new(acknowledged);
        ASSERT_FALSE(HasFatalFailure()) << what;
        if (!hit) break;
      }
  EXPECT_GT(failed, 20);
}

// SQLite asks for memory through these; one request is refused.
sqlite3_mem_methods memory;

void* refused_or_allocated(int size) {
  return fails(kMemory) ? nullptr : memory.xMalloc(size);
}
void* refused_or_moved(void* old, int size) {
  return fails(kMemory) ? nullptr : memory.xRealloc(old, size);
}

bool replace_memory() {
  if (sqlite3_shutdown() || sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory)) return false;
  sqlite3_mem_methods faulty = memory;
  faulty.xMalloc = refused_or_allocated;
  faulty.xRealloc = refused_or_moved;
  return sqlite3_config(SQLITE_CONFIG_MALLOC, &faulty) == SQLITE_OK &&
         sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) == SQLITE_OK &&
         sqlite3_initialize() == SQLITE_OK;
}

// Commits one revision after the other, the nth with the nth request refused; how many failed. -1:
// something was not as it should be.
int commit_without_memory(const std::string& file) {
  if (!replace_memory()) return -1;
  auto database = Database::open(file, sample::schema()).database;
  int failed = 0;
  bool hit = true;
  for (int at = 1; hit && at < 5000; ++at) {
    const uint64_t old = database->revision();
    const NodePtr active = database->active(), candidate = configuration(active, old + 1);
    database->set_candidate(candidate);
    fault = {.at = at, .error = ENOMEM};
    const CommitResult result = commit(*database);
    hit = fault.hit;
    fault = {};
    if (result.ok != (database->revision() == old + 1)) return -1;
    if (result.ok) continue;
    ++failed;
    if (database->active() != active || database->candidate() != candidate) return -1;
    if (!commit(*database).ok) return -1;
  }
  database.reset();
  database = Database::open(file, sample::schema()).database;
  return database && is_whole(*database) ? failed : -1;
}

// Starts a router whose commit was not confirmed in time, the nth time with the nth request refused
// from there on; how many did not roll back. -1: an edit of the candidate was lost.
int roll_back_without_memory(const std::string& file) {
  if (!replace_memory()) return -1;
  {
    auto database = Database::open(file, sample::schema()).database;
    CommitRequest request;
    request.confirm_minutes = 1;
    database->set_candidate(configuration(database->candidate(), 4));
    database->commit(request, [](const CommitResult&) {});
    database->set_candidate(configuration(database->candidate(), 9));
    if (database->save()) return -1;
  }
  const std::string stored = file + ".stored";
  fs::copy_file(file, stored);
  int failed = 0;
  for (int at = 1; at < 5000; ++at) {
    fs::copy_file(stored, file, fs::copy_options::overwrite_existing);
    const Clock later = [at] {
      Now now = machine_clock();
      now.uptime += 3'600'000;
      if (!fault.at) fault = {.at = at, .error = ENOMEM};
      return now;
    };
    const bool rolled_back =
        Database::open(file, sample::schema(), nullptr, later).warning.find("complete") !=
        std::string::npos;
    const bool hit = fault.hit;
    fault = {};
    const auto found = Database::open(file, sample::schema()).database;
    if (!found || !equal(found->candidate(), whole(9))) return -1;
    failed += !rolled_back;
    if (!hit) return failed;
  }
  return -1;
}

// What `work` says in a process of its own: what SQLite allocates with cannot be changed while it
// is in use.
int in_a_child(int (*work)(const std::string&), const std::string& file) {
  int ends[2];
  if (pipe(ends)) return -1;
  const pid_t child = fork();
  if (child == 0) {
    const int failed = work(file);
    _exit(write(ends[1], &failed, sizeof failed) == sizeof failed ? 0 : 1);
  }
  close(ends[1]);
  int failed = 0;
  EXPECT_EQ(read(ends[0], &failed, sizeof failed), static_cast<ssize_t>(sizeof failed));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  return failed;
}

// A disk that cannot be read for a moment has no fewer revisions for that.
TEST_F(SystemCalls, WhatASalvageCannotReadIsNotTakenForAbsent) {
  prepare();
  std::ifstream in(file(), std::ios::binary);
  std::string damaged(std::istreambuf_iterator<char>(in), {});
  damaged.at(20) ^= 0x55;  // of the header
  int refused = 0;
  bool hit = true;
  for (int at = 1; hit && at < 1000; at += 3) {
    fs::remove_all(directory_);
    fs::create_directory(directory_);
    std::ofstream(file(), std::ios::binary) << damaged;
    fault = {.at = at, .error = EIO, .stays = true, .slot = kRead, .until = at + 4};
    refused += !Database::open_or_salvage(file(), sample::schema()).database;
    hit = fault.hit;
    fault = {};
    const auto opened = Database::open_or_salvage(file(), sample::schema());
    ASSERT_TRUE(opened.database) << "from read " << at << ": " << opened.error;
    ASSERT_EQ(opened.database->revision(), 3u) << "from read " << at;
  }
  EXPECT_FALSE(hit);
  EXPECT_GT(refused, 3);
}

TEST_F(SystemCalls, MemoryMayBeRefusedOnceByOnce) {
  prepare();
  EXPECT_GT(in_a_child(commit_without_memory, file()), 20);
}

TEST_F(SystemCalls, MemoryMayBeRefusedToARollbackAtTheStart) {
  prepare();
  EXPECT_GT(in_a_child(roll_back_without_memory, file()), 20);
}

// What `new` refuses ends the process, nobody goes on without it: the old or the new configuration,
// and the next commit works. Requests further and further apart, since there are many thousands.
TEST_F(SystemCalls, MemoryMayBeRefusedByNew) {
  enum End { kDone, kCaught = 40, kWrong };  // not what a sanitizer ends with
  int caught = 0;
  bool all = false;
  for (long at = 1; !all && at < 10'000'000; at += 1 + at / 16) {
    prepare();
    const pid_t child = fork();
    if (child == 0) {
      auto database = Database::open(file(), sample::schema()).database;
      const NodePtr wanted = configuration(database->active(), 4);
      database->set_candidate(wanted);
      bool thrown = false;
      requests = 0;
      refused_request = at;
      try {
        commit(*database);
      } catch (const std::bad_alloc&) {
        thrown = true;
      }
      refused_request = 0;
      const bool sane = thrown || (database->revision() == 4 && database->active() == wanted);
      database.reset();
      _exit(!sane ? kWrong : thrown ? kCaught : kDone);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status) || WTERMSIG(status) == SIGABRT) << "request " << at;
    const int end = WIFEXITED(status) ? WEXITSTATUS(status) : static_cast<int>(kCaught);
    ASSERT_TRUE(end == kDone || end == kCaught) << "request " << at << " ended with " << end;
    caught += end == kCaught;
    all = end == kDone;
    auto opened = Database::open(file(), sample::schema());
    ASSERT_TRUE(opened.database) << opened.error;
    ASSERT_TRUE(is_whole(*opened.database)) << "request " << at;
    ASSERT_TRUE(commit_next(*opened.database).ok);
  }
  EXPECT_TRUE(all);
  EXPECT_GT(caught, 50);
}

TEST_F(SystemCalls, MayBeTheLast) {
  int killed = 0;
  for (int at = 1; at < 2000; ++at) {
    prepare();
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      fault = {.at = at, .kills = true};
      bool acknowledged = false;
      std::string damage;
      live(acknowledged, damage);
      _exit(acknowledged && write(ends[1], "x", 1) == 1 ? 0 : 1);
    }
    close(ends[1]);
    char byte;
    const bool acknowledged = read(ends[0], &byte, 1) == 1;
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    expect_old_or_new(acknowledged);
    ASSERT_FALSE(HasFatalFailure()) << "killed at call " << at;
    if (!WIFSIGNALED(status)) break;
    ++killed;
  }
  EXPECT_GT(killed, 20);
}

}  // namespace
}  // namespace nezu::configdb
