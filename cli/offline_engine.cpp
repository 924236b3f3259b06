#include "cli/offline_engine.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace nezu::cli {
namespace fs = std::filesystem;
namespace {
constexpr int kGrace = 5000;  // milliseconds to end by itself

std::string log_in(const std::string& directory) {
  return directory + "/log";
}

[[noreturn]] void become(const std::string& directory, const std::string& model, int socket) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setpgid(0, 0);  // ^C is ours
  const int log = open(log_in(directory).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  dup2(socket, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  std::error_code error;
  const std::string program = fs::read_symlink("/proc/self/exe", error).parent_path() / "nezu-re";
  execl(program.c_str(), "nezu-re", "--offline", "--data", directory.c_str(), "--model",
        model.c_str(), nullptr);
  fprintf(stderr, "%s: %s\n", program.c_str(), strerror(errno));
  _exit(127);
}

bool ends_within(pid_t pid, int milliseconds) {
  const int process = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (process < 0) return true;
  pollfd wait{process, POLLIN, 0};
  const bool ended = poll(&wait, 1, milliseconds) == 1;
  close(process);
  return ended;
}
}  // namespace

std::string OfflineEngine::start(const std::string& model) {
  std::error_code error;
  std::string name = fs::temp_directory_path(error) / "nezu-replay-XXXXXX";
  if (error || !mkdtemp(name.data())) return "no directory for the scratch database: " + name;
  directory_ = name;
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return strerror(errno);
  pid_ = fork();
  if (pid_ == 0) become(directory_, model, ends[1]);
  close(ends[1]);
  socket_ = ends[0];
  return pid_ > 0 ? "" : strerror(errno);
}

OfflineEngine::~OfflineEngine() {
  if (pid_ > 0) {
    if (!ends_within(pid_, kGrace)) kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  std::error_code error;
  if (!directory_.empty()) fs::remove_all(directory_, error);
}

std::string OfflineEngine::last_words() const {
  std::ifstream in(log_in(directory_));
  std::string last;
  for (std::string line; std::getline(in, line);) last = line;
  return last;
}

}  // namespace nezu::cli
