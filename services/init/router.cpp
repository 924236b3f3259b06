// nezu-init: pid 1 of a node.
//
//   nezu-init router RUN NAME ARGUMENT…   a router; the arguments are handed to nezu-re
//   nezu-init host RUN NAME               a plain host: namespaces and nobody in them
//
// Returns when the node exists; the node lives on as a process of its own. When that goes,
// everything of the node goes: the kernel kills what is left in its pid namespace and frees the
// networks.
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "services/init/held.h"
#include "services/init/namespaces.h"
#include "services/init/programs.h"
#include "services/init/server.h"

namespace nezu::init {
namespace {

constexpr size_t kMostClients = 64;

int64_t now_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

/// Waits for everything a router's init waits for, and does it.
class Router {
 public:
  Router(int signals, const std::vector<std::string>& re_arguments)
      : signals_(signals), listener_(listen_at("/run/nezu/init.sock")), programs_(re_arguments) {}

  [[noreturn]] void run() {
    for (;;) {
      const int sleep = programs_.run(now_ms());
      std::vector<pollfd> waits = waits_now();
      if (poll(waits.data(), waits.size(), sleep) <= 0) continue;
      for (const pollfd& wait : waits)
        if (wait.revents) handle(wait.fd);
    }
  }

 private:
  std::vector<pollfd> waits_now() {
    std::vector<pollfd> waits = {{signals_, POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const int client : clients_) waits.push_back({client, POLLIN, 0});
    for (const Program& program : programs_.all())
      if (program.log_pipe >= 0) waits.push_back({program.log_pipe, POLLIN, 0});
    return waits;
  }

  void handle(int descriptor) {
    if (descriptor == signals_) return handle_signal();
    if (descriptor == listener_) return accept_client();
    const auto client = std::find(clients_.begin(), clients_.end(), descriptor);
    if (client != clients_.end()) return handle_client(client);
    for (Program& program : programs_.all())
      if (program.log_pipe == descriptor) return programs_.drain(program);
  }

  void handle_signal() {
    signalfd_siginfo info;
    while (read(signals_, &info, sizeof info) == sizeof info)
      if (info.ssi_signo != SIGCHLD) _exit(0);
    programs_.reap(now_ms());
  }

  void accept_client() {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client < 0) return;
    if (clients_.size() >= kMostClients) {
      close(client);
      return;
    }
    const int bytes = 8 << 20;  // a kList of thousands must fit: init does not wait for anyone
    setsockopt(client, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes);
    clients_.push_back(client);
  }

  void handle_client(std::vector<int>::iterator client) {
    const auto restart = [this](std::string_view name) {
      return name == kAllPrograms ? programs_.reboot(now_ms()) : programs_.restart(name, now_ms());
    };
    if (serve(*client, held_, restart)) return;
    close(*client);
    clients_.erase(client);
  }

  int signals_;
  int listener_;
  std::vector<int> clients_;
  Held held_;
  Programs programs_;
};

int open_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  sigprocmask(SIG_SETMASK, &set, nullptr);
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

[[noreturn]] void idle(int signals) {
  for (;;) {
    pollfd wait{signals, POLLIN, 0};
    if (poll(&wait, 1, -1) <= 0) continue;
    signalfd_siginfo info;
    while (read(signals, &info, sizeof info) == sizeof info)
      if (info.ssi_signo != SIGCHLD) _exit(0);
    while (waitpid(-1, nullptr, WNOHANG) > 0) continue;
  }
}

// The lock says that the node lives, and whose pid it has (protocol.h).
void take_lock(const std::string& run) {
  const int file = open((run + "/" + kLockFile).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  struct flock lock {};
  lock.l_type = F_WRLCK;
  if (file < 0 || fcntl(file, F_SETLK, &lock) < 0) give_up((run + " is in use").c_str());
}

void detach(const std::string& run) {
  setsid();
  const int nothing = open("/dev/null", O_RDWR);
  const int log = open((run + "/log/init.log").c_str(), O_WRONLY | O_APPEND | O_CREAT, 0600);
  dup2(nothing, STDIN_FILENO);
  dup2(nothing, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  if (nothing > STDERR_FILENO) close(nothing);
  if (log > STDERR_FILENO) close(log);
}

struct Arguments {
  bool router;
  std::string run, name;
  std::vector<std::string> rest;
};

[[noreturn]] void live(const Arguments& arguments, int ready) {
  take_lock(arguments.run);
  arguments.router ? make_router_networks() : make_host_network();
  mount_node(arguments.run.c_str());
  if (arguments.router) mount_accounts();
  if (sethostname(arguments.name.data(), arguments.name.size()) < 0) give_up("host name");
  if (chdir("/") < 0) give_up("/");
  const rlimit files{1 << 18, 1 << 18};
  setrlimit(RLIMIT_NOFILE, &files);
  const int signals = open_signals();
  detach("/run/nezu");
  const auto tell = [ready] {
    if (write(ready, "", 1) == 1) close(ready);
  };
  if (!arguments.router) {
    tell();
    idle(signals);
  }
  Router router(signals, arguments.rest);
  tell();
  router.run();
}

// The child is pid 1 of the new pid namespace; the parent stays outside and says how it went.
int launch(const Arguments& arguments) {
  mkdir((arguments.run + "/log").c_str(), 0700);
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) < 0) give_up("pipe");
  enter_new_world();
  const pid_t child = fork();
  if (child < 0) give_up("fork");
  if (child == 0) {
    close(ready[0]);
    live(arguments, ready[1]);
  }
  close(ready[1]);
  char byte;
  return read(ready[0], &byte, 1) == 1 ? 0 : 1;
}

}  // namespace
}  // namespace nezu::init

int main(int count, char** values) {
  const std::vector<std::string> words(values + 1, values + count);
  if (words.size() < 3 || (words[0] != "router" && words[0] != "host")) {
    fprintf(stderr, "usage: nezu-init router|host RUN-DIRECTORY NAME [ARGUMENTS OF nezu-re]\n");
    return 2;
  }
  close_range(3, ~0u, 0);
  return nezu::init::launch(
      {words[0] == "router", words[1], words[2], {words.begin() + 3, words.end()}});
}
