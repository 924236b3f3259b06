// Every system call that a start, an edit and a commit make, whoever makes it: a tracer has it fail
// or be the last. Nothing is listed that could be forgotten: what the tests of the store's own
// interfaces do not reach, such as `rename`, the sync of a folder and the lock of a file, is here.
#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include "configdb/salvage.h"
#include "numbered.h"
#include "tests/temporary_directory.h"

#ifdef __x86_64__

namespace nezu::configdb {
namespace {

using namespace numbered;
namespace fs = std::filesystem;

constexpr int kDone = 0, kRefused = 41, kDamaged = 42, kThrown = 43;  // how a child ends
constexpr int kMostCalls = 5000;

// What concerns the memory and the threads of the process alone, or ends it: refused elsewhere, by
// `new` and by what SQLite allocates with.
bool is_of_the_process(long number) {
  static const std::set<long> kOwn = {
      SYS_mmap,          SYS_munmap,       SYS_mremap,        SYS_brk,  SYS_mprotect,
      SYS_madvise,       SYS_futex,        SYS_exit_group,    SYS_exit, SYS_getpid,
      SYS_clock_gettime, SYS_rt_sigaction, SYS_rt_sigprocmask};
  return kOwn.contains(number);
}

struct Fault {
  int at = 0;     ///< the nth call; 0: none
  int error = 0;  ///< what it answers; 0: the process is killed instead
  bool stays = false;
};

struct Traced {
  int status = 0;
  bool hit = false;
  std::set<long> calls;  ///< the numbers of those that could be met
};

void answer(pid_t child, user_regs_struct registers, int error) {
  registers.orig_rax = static_cast<unsigned long>(-1);  // no call
  ptrace(PTRACE_SETREGS, child, nullptr, &registers);
  ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
  int status = 0;
  waitpid(child, &status, 0);
  ptrace(PTRACE_GETREGS, child, nullptr, &registers);
  registers.rax = static_cast<unsigned long>(-static_cast<long>(error));
  ptrace(PTRACE_SETREGS, child, nullptr, &registers);
}

// Runs `work` in a child whose calls are counted from there on.
Traced trace(const Fault& fault, const std::function<int()>& work) {
  Traced out;
  const pid_t child = fork();
  if (child == 0) {
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(99);
    raise(SIGSTOP);
    try {
      _exit(work());
    } catch (...) {
      _exit(kThrown);
    }
  }
  waitpid(child, &out.status, 0);
  if (WIFEXITED(out.status)) return out;
  ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  int met = 0, signal = 0;
  bool entering = true;
  while (ptrace(PTRACE_SYSCALL, child, nullptr, signal) == 0) {
    waitpid(child, &out.status, 0);
    if (WIFEXITED(out.status) || WIFSIGNALED(out.status)) break;
    signal = WSTOPSIG(out.status) == (SIGTRAP | 0x80) ? 0 : WSTOPSIG(out.status);
    if (signal) continue;
    user_regs_struct registers;
    ptrace(PTRACE_GETREGS, child, nullptr, &registers);
    const bool enters = std::exchange(entering, !entering);
    const auto number = static_cast<long>(registers.orig_rax);
    if (!enters || is_of_the_process(number)) continue;
    out.calls.insert(number);
    ++met;
    if (!fault.at || (fault.stays ? met < fault.at : met != fault.at)) continue;
    out.hit = true;
    if (!fault.error) {
      kill(child, SIGKILL);
      while (waitpid(child, &out.status, 0) == child && !WIFSIGNALED(out.status)) {
      }
      return out;
    }
    answer(child, registers, fault.error);
    entering = true;
  }
  return out;
}

class TracedCalls : public testing::Test {
 protected:
  void SetUp() override {
    if (WEXITSTATUS(trace({}, [] { return kDone; }).status) == 99)
      GTEST_SKIP() << "processes may not be traced here";
  }
  std::string file() const { return directory_ + "/config.db"; }
  std::string kept() const { return temporary_.path() + "/kept"; }

  // Three revisions, made once.
  void prepare() {
    fs::remove_all(directory_);
    fs::create_directory(directory_);
    if (fs::exists(kept())) {
      fs::copy(kept(), directory_);
      return;
    }
    {
      auto database = Database::open(file(), sample::schema()).database;
      for (int i = 0; i < 3; ++i) ASSERT_TRUE(commit_next(*database).ok);
    }
    fs::copy(directory_, kept());
  }
  // A start, an edit that is saved, a commit that is to be confirmed.
  int live() const {
    auto opened = Database::open(file(), sample::schema());
    if (opened.damaged) return kDamaged;
    if (!opened.database) return kRefused;
    Database& database = *opened.database;
    database.set_candidate(configuration(database.candidate(), database.revision() + 1));
    database.save();
    CommitRequest request;
    request.user = "admin";
    request.confirm_minutes = 10;
    bool done = false;
    database.commit(request, [&](const CommitResult& result) { done = result.ok; });
    return done ? kDone : kRefused;
  }
  void expect_old_or_new(const Traced& traced) const {
    auto opened = Database::open(file(), sample::schema());
    ASSERT_TRUE(opened.database) << opened.error;
    ASSERT_TRUE(is_whole(*opened.database));
    const bool acknowledged = WIFEXITED(traced.status) && WEXITSTATUS(traced.status) == kDone;
    ASSERT_TRUE(opened.database->revision() == 4 ||
                (!acknowledged && opened.database->revision() == 3));
    ASSERT_EQ(opened.database->timed().confirmation().has_value(),
              opened.database->revision() == 4);
    ASSERT_TRUE(commit_next(*opened.database).ok);
  }
  // How many calls were met one by one.
  int each_call(int error, bool stays) {
    for (int at = 1; at < kMostCalls; ++at) {
      prepare();
      sample::schema();  // read before the fork
      const Traced traced = trace({at, error, stays}, [&] { return live(); });
      const std::string what =
          (error ? std::string(strerror(error)) : "killed") + " at call " + std::to_string(at);
      const bool exited = WIFEXITED(traced.status);
      EXPECT_TRUE(exited || !error) << what << ", signal " << WTERMSIG(traced.status);
      EXPECT_FALSE(exited && WEXITSTATUS(traced.status) == kDamaged) << "no damage: " << what;
      EXPECT_FALSE(exited && WEXITSTATUS(traced.status) == kThrown) << "an exception: " << what;
      expect_old_or_new(traced);
      if (HasFatalFailure()) ADD_FAILURE() << what;
      if (HasFailure()) return -1;
      if (!traced.hit) return at - 1;
    }
    return -1;
  }

  TemporaryDirectory temporary_;
  const std::string directory_ = temporary_.path() + "/live";
};

TEST_F(TracedCalls, KillAtEach) {
  EXPECT_GT(each_call(0, false), 30);
}
TEST_F(TracedCalls, InputOrOutputError) {
  EXPECT_GT(each_call(EIO, false), 30);
}
TEST_F(TracedCalls, NoSpace) {
  EXPECT_GT(each_call(ENOSPC, false), 30);
}
TEST_F(TracedCalls, NoDescriptor) {
  EXPECT_GT(each_call(EMFILE, false), 30);
}
TEST_F(TracedCalls, NoSpaceFromThereOn) {
  EXPECT_GT(each_call(ENOSPC, true), 5);
}

// A damaged database gives way to a new one, wherever that is interrupted: what was there is kept
// to the last byte, and its revisions are found.
TEST_F(TracedCalls, OfASalvage) {
  prepare();
  std::string damaged;
  {
    std::ifstream in(file(), std::ios::binary);
    damaged.assign(std::istreambuf_iterator<char>(in), {});
  }
  ASSERT_GT(damaged.size(), 4096u);
  damaged[20] ^= 0x55;  // of the header
  std::set<long> calls;
  for (const int error : {0, EIO, ENOSPC})
    for (int at = 1; at < kMostCalls; at += error == ENOSPC ? 7 : 1) {  // it writes little
      fs::remove_all(directory_);
      fs::create_directory(directory_);
      std::ofstream(file(), std::ios::binary) << damaged;
      sample::schema();
      const Traced traced = trace({at, error, false}, [&] {
        return Database::open_or_salvage(file(), sample::schema()).database ? kDone : kRefused;
      });
      calls.insert(traced.calls.begin(), traced.calls.end());
      const std::string what =
          (error ? std::string(strerror(error)) : "killed") + " at call " + std::to_string(at);
      ASSERT_TRUE(WIFEXITED(traced.status) || !error) << what;
      ASSERT_TRUE(!error || WEXITSTATUS(traced.status) != kThrown) << "an exception: " << what;
      const auto opened = Database::open_or_salvage(file(), sample::schema());
      ASSERT_TRUE(opened.database) << what << ": " << opened.error;
      ASSERT_EQ(opened.database->revision(), 3u) << what;
      ASSERT_TRUE(commit_next(*opened.database).ok) << what;
      size_t kept = 0;
      for (const auto& entry : fs::directory_iterator(directory_)) {
        std::ifstream in(entry.path(), std::ios::binary);
        kept += std::string(std::istreambuf_iterator<char>(in), {}) == damaged;
      }
      ASSERT_GE(kept, 1u) << what;  // two: a copy to read from could not be removed
      if (!traced.hit) break;
    }
  EXPECT_TRUE(calls.contains(SYS_rename));
  EXPECT_TRUE(calls.contains(SYS_fsync) || calls.contains(SYS_fdatasync));
}

// The others would be tests of nothing if a commit wrote otherwise.
TEST_F(TracedCalls, AreThoseOfTheStore) {
  prepare();
  sample::schema();
  const auto calls = trace({}, [&] { return live(); }).calls;
  EXPECT_TRUE(calls.contains(SYS_pwrite64) || calls.contains(SYS_write));
  EXPECT_TRUE(calls.contains(SYS_fdatasync) || calls.contains(SYS_fsync));
  EXPECT_TRUE(calls.contains(SYS_fcntl));
}

}  // namespace
}  // namespace nezu::configdb

#endif
