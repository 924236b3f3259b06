#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/lab.h"
#include "cli/node.h"
#include "services/init/protocol.h"

namespace nezu::cli {
namespace {

constexpr int kLookMs = 1000;
constexpr int kSayMs = 3000;
constexpr int kStillMs = 20'000;  // without any progress

/// A node's pid 1 that is told to end.
struct Ending {
  Node node;
  pid_t pid = 0;
  int process = -1;  ///< pidfd; readable when it and everything in its namespace is gone
};

std::string file_text(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

// What changes while the kernel takes a node apart: devices go one by one (a thousand TUNs take it
// the better part of a minute), and processor time is spent.
std::string progress(pid_t pid) {
  const std::string process = "/proc/" + std::to_string(pid);
  return file_text(process + "/net/dev") + file_text(process + "/stat");
}

bool gone_within(const Ending& ending, int milliseconds) {
  pollfd wait{ending.process, POLLIN, 0};
  return poll(&wait, 1, milliseconds) == 1;
}

// For as long as something of it still goes.
bool wait_gone(const Ending& ending) {
  std::string before;
  for (int still = 0, waited = 0; still < kStillMs; still += kLookMs, waited += kLookMs) {
    if (gone_within(ending, kLookMs)) return true;
    std::string now = progress(ending.pid);
    if (now != before) still = 0;
    before = std::move(now);
    if (waited == kSayMs) fmt::print("  waiting for {} to be taken apart\n", ending.node.name);
    fflush(stdout);
  }
  fmt::print(stderr, "nezu lab: node '{}' (pid {}) does not end\n", ending.node.name, ending.pid);
  return false;
}

// Before its processes, whose ends would close the devices one after the other.
void remove_devices(const Node& node) {
  run_in(node, fmt::format("ip link delete group {} 2>/dev/null", init::kDeviceGroup));
}

// All are told at once, so that they end beside each other.
std::vector<Ending> end_nodes(const std::string& lab) {
  std::vector<Ending> endings;
  for (const Node& node : nodes_of(lab)) {
    Ending ending{node, node.pid(), -1};
    if (!ending.pid) continue;
    ending.process = static_cast<int>(syscall(SYS_pidfd_open, ending.pid, 0));
    if (ending.process < 0) continue;
    remove_devices(node);
    syscall(SYS_pidfd_send_signal, ending.process, SIGKILL, nullptr, 0);
    endings.push_back(std::move(ending));
  }
  return endings;
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
  for (const Ending& ending : end_nodes(lab)) {
    clean = wait_gone(ending) && clean;
    close(ending.process);
  }
  if (!clean) return 1;
  clean = remove_tree(lab_run(lab));
  if (!keep) clean = remove_tree(lab_data(lab)) && clean;
  if (clean) fmt::print("Lab {} is down.\n", lab);
  return clean ? 0 : 1;
}

}  // namespace nezu::cli
