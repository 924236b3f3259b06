#include "cli/node.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

#include "services/init/protocol.h"

namespace nezu::cli {
namespace fs = std::filesystem;
namespace {

std::vector<std::string> directories_in(const std::string& path) {
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(path, none))
    if (entry.is_directory(none)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

[[noreturn]] void exec_words(const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  fprintf(stderr, "%s: %s\n", arguments[0], strerror(errno));
  _exit(errno == ENOENT ? 127 : 126);
}

// setns() moves the whole caller, so it is done in a child; the pid namespace then is that of the
// child's child.
int run_and_wait(const std::vector<std::string>& words) {
  const pid_t pid = fork();
  if (pid == 0) exec_words(words);
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) < 0) return 126;
  return exit_status(status);
}

Outcome collect(const std::function<int()>& work) {
  int pipe[2];
  if (pipe2(pipe, O_CLOEXEC) < 0) return {126, strerror(errno)};
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(pipe[1], STDOUT_FILENO);
    dup2(pipe[1], STDERR_FILENO);
    _exit(work());
  }
  close(pipe[1]);
  Outcome outcome;
  char text[4096];
  for (ssize_t length; (length = read(pipe[0], text, sizeof text)) > 0;)
    outcome.output.append(text, static_cast<size_t>(length));
  close(pipe[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  outcome.status = exit_status(status);
  return outcome;
}

}  // namespace

std::string lab_run(std::string_view lab) {
  return "/run/nezu/labs/" + std::string(lab);
}
std::string lab_data(std::string_view lab) {
  return "/var/lib/nezu/labs/" + std::string(lab);
}

std::string Node::run() const {
  return lab_run(lab) + "/" + name;
}
std::string Node::data() const {
  return lab_data(lab) + "/" + name;
}

std::string Node::kind() const {
  std::string kind;
  std::ifstream(run() + "/kind") >> kind;
  return kind;
}
bool Node::router() const {
  return kind() == "nezu";
}

pid_t Node::pid() const {
  const int file = open((run() + "/" + init::kLockFile).c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return 0;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  const bool known = fcntl(file, F_GETLK, &lock) == 0;
  close(file);
  return known && lock.l_type != F_UNLCK ? lock.l_pid : 0;
}

std::vector<std::string> all_labs() {
  // Data without a run directory is what a crash of the machine leaves.
  std::vector<std::string> labs = directories_in(lab_run("")), kept = directories_in(lab_data(""));
  labs.insert(labs.end(), kept.begin(), kept.end());
  std::sort(labs.begin(), labs.end());
  labs.erase(std::unique(labs.begin(), labs.end()), labs.end());
  return labs;
}

std::vector<Node> nodes_of(const std::string& lab) {
  std::vector<Node> nodes;
  for (const std::string& name : directories_in(lab_run(lab))) nodes.push_back({lab, name});
  return nodes;
}

bool find_node(std::string_view name, Node& node, std::string& error) {
  std::vector<Node> found;
  std::string known;
  for (const std::string& lab : all_labs())
    for (const Node& candidate : nodes_of(lab)) {
      if (candidate.name == name || lab + "/" + candidate.name == name) found.push_back(candidate);
      known += " " + lab + "/" + candidate.name;
    }
  if (found.size() == 1) {
    node = found.front();
    return true;
  }
  error = "no node '" + std::string(name) + "'";
  if (found.size() > 1) {
    error = "node '" + std::string(name) + "' is in several labs; say which:";
    for (const Node& each : found) error += " " + each.lab + "/" + each.name;
  } else {
    error += known.empty() ? " (no lab is up)" : "; there are:" + known;
  }
  return false;
}

bool enter(const Node& node, Network network, std::string& error) {
  const pid_t pid = node.pid();
  if (!pid) {
    error = "node '" + node.name + "' of lab '" + node.lab + "' is not running";
    return false;
  }
  const std::string wires =
      "/proc/" + std::to_string(pid) + "/fd/" + std::to_string(init::kPortsNamespaceDescriptor);
  const int process = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  const int ports = network == Network::kWires ? open(wires.c_str(), O_RDONLY | O_CLOEXEC) : -1;
  bool entered =
      process >= 0 && setns(process, CLONE_NEWUTS | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET) == 0;
  if (entered && network == Network::kWires) entered = setns(ports, CLONE_NEWNET) == 0;
  if (!entered) error = "cannot enter node '" + node.name + "': " + strerror(errno);
  for (const int descriptor : {process, ports})
    if (descriptor >= 0) close(descriptor);
  return entered;
}

Outcome run_in(const Node& node, const std::string& command, Network network) {
  return collect([&] {
    std::string error;
    if (enter(node, network, error)) return run_and_wait({"/bin/sh", "-c", command});
    fprintf(stderr, "%s\n", error.c_str());
    return 126;
  });
}

Outcome run_here(const std::vector<std::string>& command) {
  return collect([&] { return run_and_wait(command); });
}

int exit_status(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

}  // namespace nezu::cli
