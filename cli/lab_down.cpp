#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "cli/lab.h"
#include "cli/node.h"

namespace nezu::cli {
namespace {

constexpr int kGoneMs = 5000;

// The kernel reports a pid 1 as gone only after everything in its namespace is.
bool end_node(const Node& node) {
  const pid_t pid = node.pid();
  if (!pid) return true;
  const int process = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (process < 0) return true;
  syscall(SYS_pidfd_send_signal, process, SIGKILL, nullptr, 0);
  pollfd wait{process, POLLIN, 0};
  const bool gone = poll(&wait, 1, kGoneMs) == 1;
  close(process);
  if (!gone) fmt::print(stderr, "nezu lab: node '{}' (pid {}) does not end\n", node.name, pid);
  return gone;
}

bool remove_tree(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) fmt::print(stderr, "nezu lab: {}: {}\n", path, error.message());
  return !error;
}

}  // namespace

int lab_down(const std::string& lab, bool keep) {
  bool clean = true;
  for (const Node& node : nodes_of(lab)) clean = end_node(node) && clean;
  if (!clean) return 1;
  clean = remove_tree(lab_run(lab));
  if (!keep) clean = remove_tree(lab_data(lab)) && clean;
  if (clean) fmt::print("Lab {} is down.\n", lab);
  return clean ? 0 : 1;
}

}  // namespace nezu::cli
