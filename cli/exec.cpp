#include "cli/exec.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "cli/node.h"

namespace nezu::cli {
namespace {

constexpr char kUsage[] =
    "usage: nezu exec [--wires] NODE|LAB/NODE [--] COMMAND [ARGUMENT...]\n"
    "Runs a program inside a node, with its network, processes and mounts, in this directory.\n"
    "LAB/NODE: where several labs have a node of that name.\n"
    "  --wires     on the other side of a router's ports, where the wires are (for captures)\n"
    "  --          the end of our own words\n"
    "  -h, --help  this text\n"
    "Status: that of the program; 125 no such node, 126 it cannot be started, 127 not found.\n";

pid_t running_child = 0;

void pass_on(int signal) {
  if (running_child > 0) kill(running_child, signal);
}

// The terminal sends its signals to the whole foreground group, so the child has them already.
void mind_signals() {
  for (const int signal : {SIGINT, SIGQUIT}) ::signal(signal, SIG_IGN);
  for (const int signal : {SIGTERM, SIGHUP}) ::signal(signal, pass_on);
}

[[noreturn]] void become(const std::vector<std::string>& words) {
  prctl(PR_SET_PDEATHSIG, SIGHUP);
  std::vector<char*> command;
  for (const std::string& word : words) command.push_back(const_cast<char*>(word.c_str()));
  command.push_back(nullptr);
  execvp(command[0], command.data());
  fprintf(stderr, "nezu exec: %s: %s\n", command[0], strerror(errno));
  _exit(errno == ENOENT ? 127 : 126);
}

int run(const std::vector<std::string>& words) {
  running_child = fork();
  if (running_child == 0) become(words);
  if (running_child < 0) return 126;
  mind_signals();
  int status = 0;
  while (waitpid(running_child, &status, 0) < 0 && errno == EINTR) continue;
  return exit_status(status);
}

}  // namespace

int exec(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = arguments;
  if (!words.empty() && (words[0] == "-h" || words[0] == "--help")) return fputs(kUsage, stdout), 0;
  const bool wires = !words.empty() && words[0] == "--wires";
  if (wires) words.erase(words.begin());
  if (words.size() > 1 && words[1] == "--") words.erase(words.begin() + 1);
  if (words.size() < 2 || words[0].starts_with("-")) {
    fputs(kUsage, stderr);
    return 2;
  }
  Node node;
  std::string error;
  std::error_code none;
  const auto here = std::filesystem::current_path(none);
  if (!find_node(words[0], node, error) ||
      !enter(node, wires ? Network::kWires : Network::kNode, error)) {
    fprintf(stderr, "nezu exec: %s\n", error.c_str());
    return 125;
  }
  // Entering leaves us at the node's root; most of its files are those of the machine.
  if (!here.empty()) std::filesystem::current_path(here, none);
  return run({words.begin() + 1, words.end()});
}

}  // namespace nezu::cli
