#include "services/init/programs.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "services/init/namespaces.h"
#include "services/init/protocol.h"

namespace nezu::init {
namespace {

constexpr int64_t kLongLifeMs = 10'000;  // whoever lived that long is restarted at once
constexpr int64_t kFirstDelayMs = 50;
constexpr int64_t kLastDelayMs = 5'000;
constexpr int64_t kGraceMs = 2'000;
constexpr int64_t kFarewellMs = 300;  // from the answer to a reboot until it begins
constexpr int64_t kAwaitMs = 10;      // how often an awaited file is looked for
constexpr int kMostWaits = 300;
constexpr off_t kLogBytes = 1 << 20;
constexpr char kRun[] = "/run/nezu";
constexpr char kBootFiles[] = "/run/nezu/boot";
constexpr char kZebraSocket[] =
    "/run/frr/zserv.api";  // there when zebra has read the kernel's state

std::string beside_us(const char* name) {
  char path[4096];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  if (length < 0) give_up("/proc/self/exe");
  const std::string self(path, static_cast<size_t>(length));
  return self.substr(0, self.rfind('/') + 1) + name;
}

Program ours(const char* name) {
  Program program{name, {beside_us(name), "--run", kRun}};
  return program;
}

// -r, -K: the kernel keeps the routes while zebra is away, and what static routes are not named
// again within the time goes.
std::vector<Program> router_programs(const std::vector<std::string>& re_arguments) {
  Program re = ours("nezu-re"), pfe = ours("nezu-pfe"), iked = ours("nezu-iked");
  pfe.command = {pfe.command[0], kRun};
  re.command.insert(re.command.end(), re_arguments.begin(), re_arguments.end());
  // Keys and certificates live where the configuration does.
  const auto data = std::find(re_arguments.begin(), re_arguments.end(), "--data");
  if (re_arguments.end() - data > 1) iked.command.insert(iked.command.end(), data, data + 2);
  pfe.memory = iked.memory = true;
  pfe.capabilities = 0;
  iked.capabilities = 1ull << CAP_NET_BIND_SERVICE;
  // Port 0: they are spoken to by their sockets, and listen to nobody in the network.
  Program zebra{"zebra", {"/usr/lib/frr/zebra", "-r", "-K", "10", "-P", "0", "--log", "stdout"}};
  Program staticd{"staticd", {"/usr/lib/frr/staticd", "-P", "0", "--log", "stdout"}};
  // A zebra that starts while devices are being made can miss their addresses for good.
  re.awaits = kZebraSocket;
  re.boot_files = kBootFiles;
  // staticd would try a missing zebra again only after ten seconds.
  staticd.follows = "zebra";
  staticd.awaits = kZebraSocket;
  return {pfe, re, iked, zebra, staticd};
}

std::string log_path(const Program& program) {
  return std::string(kRun) + "/log/" + program.name + ".log";
}

void append_log(const Program& program, const char* text, size_t length) {
  const std::string path = log_path(program);
  const int file = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  struct stat status {};
  if (fstat(file, &status) == 0 && status.st_size > kLogBytes)
    rename(path.c_str(), (path + ".1").c_str());
  if (write(file, text, length) < 0)
    fprintf(stderr, "nezu-init: %s: %s\n", path.c_str(), strerror(errno));
  close(file);
}

void note(const Program& program, const std::string& words) {
  const std::string line = "nezu-init: " + std::string(program.name) + " " + words + "\n";
  append_log(program, line.data(), line.size());
}

// Root gains at exec what the bounding set leaves it, and nothing after that.
void limit_capabilities(uint64_t keep) {
  if (keep == ~0ull) return;
  for (unsigned long capability = 0; capability <= CAP_LAST_CAP; ++capability)
    if (!(keep >> capability & 1)) prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

[[noreturn]] void become(const Program& program, int output) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  if (program.memory) dup2(program.memory_descriptor, kMemoryDescriptor);
  if (program.memory) fcntl(kMemoryDescriptor, F_SETFD, 0);  // dup2 onto itself keeps the flag
  // The memory of those two holds keys, and a core file would keep them.
  constexpr rlimit kNoCore{0, 0};
  if (program.memory) setrlimit(RLIMIT_CORE, &kNoCore);
  limit_capabilities(program.capabilities);
  std::vector<char*> arguments;
  for (const std::string& argument : program.command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  give_up(arguments[0]);
}

void empty_directory(const char* path) {
  DIR* directory = opendir(path);
  if (!directory) return;
  while (const dirent* entry = readdir(directory)) unlinkat(dirfd(directory), entry->d_name, 0);
  closedir(directory);
}

std::string words_of(int status) {
  if (WIFSIGNALED(status)) return "ended by signal " + std::to_string(WTERMSIG(status));
  return "ended with status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Programs::Programs(const std::vector<std::string>& re_arguments)
    : programs_(router_programs(re_arguments)) {
  for (Program& program : programs_)
    if (program.memory) {
      program.memory_descriptor = memfd_create(program.name, MFD_CLOEXEC);
      if (program.memory_descriptor < 0) give_up("memory");
    }
}

Program* Programs::find(std::string_view name) {
  for (Program& program : programs_)
    if (program.name == name) return &program;
  return nullptr;
}

bool Programs::may_start(Program& program, int64_t now_ms) {
  if (!program.awaits) return true;
  const bool led = !program.follows || find(program.follows)->pid;
  const bool ready = led && access(program.awaits, F_OK) == 0;
  if (ready || (!program.follows && ++program.waits > kMostWaits)) return true;
  program.start_at_ms = now_ms + kAwaitMs;
  return false;
}

void Programs::start(Program& program, int64_t now_ms) {
  renew_memory(program);
  int pipe[2];
  program.start_at_ms = now_ms + kLastDelayMs;  // if it fails below
  if (pipe2(pipe, O_CLOEXEC) < 0) return note(program, "cannot have a log pipe");
  // A leader's file is there once the new leader has made it.
  for (const Program& follower : programs_)
    if (follower.follows && follower.follows == std::string_view(program.name))
      unlink(follower.awaits);
  const pid_t pid = fork();
  if (pid == 0) become(program, pipe[1]);
  close(pipe[1]);
  if (pid < 0) {
    close(pipe[0]);
    return note(program, "cannot be started");
  }
  if (program.log_pipe >= 0) close(program.log_pipe);
  fcntl(pipe[0], F_SETFL, O_NONBLOCK);
  program.log_pipe = pipe[0];
  program.pid = pid;
  program.started_ms = now_ms;
}

int Programs::run(int64_t now_ms) {
  if (reboot_at_ms_ && reboot_at_ms_ <= now_ms) reboot_all(now_ms);
  int64_t next = reboot_at_ms_ ? reboot_at_ms_ : -1;
  const auto consider = [&](int64_t at) { next = next < 0 ? at : std::min(next, at); };
  for (Program& program : programs_) {
    if (!program.pid && program.start_at_ms <= now_ms && may_start(program, now_ms))
      start(program, now_ms);
    if (program.pid && program.kill_at_ms && program.kill_at_ms <= now_ms) {
      kill(program.pid, SIGKILL);
      program.kill_at_ms = 0;
    }
    if (!program.pid) consider(program.start_at_ms);
    if (program.pid && program.kill_at_ms) consider(program.kill_at_ms);
  }
  return next < 0 ? -1 : static_cast<int>(std::max<int64_t>(next - now_ms, 0));
}

void Programs::ended(Program& program, int status, int64_t now_ms) {
  drain(program);
  note(program, words_of(status));
  kill(-program.pid, SIGKILL);  // its own children, if it had any
  program.pid = 0;
  program.kill_at_ms = 0;
  program.failures = now_ms - program.started_ms >= kLongLifeMs ? 0 : program.failures + 1;
  const int64_t delay = program.failures ? kFirstDelayMs << std::min(program.failures - 1, 7) : 0;
  program.start_at_ms = now_ms + std::min(delay, kLastDelayMs);
  for (Program& follower : programs_)
    if (follower.pid && follower.follows && follower.follows == std::string_view(program.name))
      kill(follower.pid, SIGKILL);
}

void Programs::reap(int64_t now_ms) {
  int status = 0;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
    for (Program& program : programs_)
      if (program.pid == pid) ended(program, status, now_ms);
}

int Programs::restart(std::string_view name, int64_t now_ms) {
  Program* program = find(name);
  if (!program) return ENOENT;
  program->failures = 0;
  program->start_at_ms = now_ms;
  if (!program->pid) return 0;
  program->started_ms = now_ms - kLongLifeMs;  // wanted, so no back-off
  program->kill_at_ms = now_ms + kGraceMs;
  kill(program->pid, SIGTERM);
  return 0;
}

int Programs::reboot(int64_t now_ms) {
  if (!reboot_at_ms_) reboot_at_ms_ = now_ms + kFarewellMs;
  return 0;
}

// What is awaited is that of the next life.
void Programs::reboot_all(int64_t now_ms) {
  reboot_at_ms_ = 0;
  for (Program& program : programs_) {
    program.forgets = program.memory || program.boot_files;
    program.waits = 0;
    if (program.awaits) unlink(program.awaits);
    restart(program.name, now_ms);
  }
}

// The old memory lives as long as whoever has it mapped.
void Programs::renew_memory(Program& program) {
  if (!program.forgets) return;
  if (program.boot_files) empty_directory(program.boot_files);
  if (!program.memory) {
    program.forgets = false;
    return;
  }
  const int fresh = memfd_create(program.name, MFD_CLOEXEC);
  if (fresh < 0) return note(program, "cannot have new memory");
  close(program.memory_descriptor);
  program.memory_descriptor = fresh;
  program.forgets = false;
}

void Programs::drain(Program& program) {
  char text[8192];
  // Bounded: a program that never stops writing must not keep init from its other work.
  for (int round = 0; round < 16 && program.log_pipe >= 0; ++round) {
    const ssize_t length = read(program.log_pipe, text, sizeof text);
    if (length > 0) append_log(program, text, static_cast<size_t>(length));
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (length > 0) continue;
    close(program.log_pipe);
    program.log_pipe = -1;
  }
}

}  // namespace nezu::init
