#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

#include "cli/delay_line.h"
#include "cli/lab.h"
#include "cli/node.h"
#include "cli/topology.h"
#include "cli/wires.h"
#include "services/init/protocol.h"

namespace nezu::cli {
namespace fs = std::filesystem;
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kWireMtu =
    9600;  // the router's own MTUs are its interfaces'; a wire carries them all
constexpr int kHostMtu = 1500;
// A node between two others must not say anything itself.
constexpr char kSilence[] =
    "for conf in all default; do echo 1 > /proc/sys/net/ipv6/conf/$conf/disable_ipv6; done";
constexpr int kMostDeaths = 3;  // of a routing engine before its router was ready

volatile sig_atomic_t interrupted = 0;
void interrupt(int) {
  interrupted = 1;
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

bool fail(const std::string& words) {
  fmt::print(stderr, "nezu lab: {}\n", words);
  return false;
}

// Machine-wide limits that many routers share. Never lowered.
void raise_limits() {
  const std::pair<const char*, int> limits[] = {
      {"gc_thresh1", 1 << 16}, {"gc_thresh2", 1 << 17}, {"gc_thresh3", 1 << 18}};
  for (const char* family : {"ipv4", "ipv6"})
    for (const auto& [name, value] : limits) {
      const std::string path = fmt::format("/proc/sys/net/{}/neigh/default/{}", family, name);
      int now = 0;
      std::ifstream(path) >> now;
      if (now < value) std::ofstream(path) << value;
    }
}

std::string init_program() {
  return fs::read_symlink("/proc/self/exe").parent_path() / "nezu-init";
}

std::string re_log(const Node& router) {
  return router.run() + "/log/nezu-re.log";
}

/// How often a program has died, by its log: nezu-init writes a line behind its last.
struct Deaths {
  int count = 0;
  std::string last_words;  ///< what it wrote before the last one
  std::string last_end;    ///< "nezu-re ended with status 1"
};

Deaths read_deaths(const std::string& log) {
  constexpr std::string_view kNote = "nezu-init: ";
  Deaths deaths;
  std::ifstream in(log);
  for (std::string line, words; std::getline(in, line);) {
    if (!line.starts_with(kNote)) {
      words = line;
    } else if (line.find(" ended ") != line.npos) {
      ++deaths.count;
      deaths.last_words = words;
      deaths.last_end = line.substr(kNote.size());
    }
  }
  return deaths;
}

/// One lab while it comes up.
class Up {
 public:
  Up(const Topology& topology, const UpOptions& options) : topology_(topology), options_(options) {}

  int run() {
    fmt::print("Lab {}: {} nodes, {} links\n", topology_.name, topology_.nodes.size(),
               topology_.links.size());
    if (!claim()) return 1;
    raise_limits();
    if (!make_nodes() || !make_links() || !run_commands(false)) {
      lab_down(topology_.name, false);
      return 1;
    }
    const bool ready = options_.ready_seconds == 0 || wait_for_routers();
    if (interrupted) {
      lab_down(topology_.name, false);
      return 130;
    }
    if (!ready || !run_commands(true)) {
      fmt::print(stderr, "The lab is left for you to look at; 'nezu lab down {}' ends it.\n",
                 topology_.name);
      return 1;
    }
    return 0;
  }

 private:
  Node node(const std::string& name) const { return {topology_.name, name}; }

  // Making the lab's directory is what claims its name: two at once cannot both succeed.
  bool claim() {
    const std::string run = lab_run(topology_.name);
    std::error_code error;
    fs::create_directories(fs::path(run).parent_path(), error);
    if (mkdir(run.c_str(), 0700) == 0) return true;
    if (errno != EEXIST) return fail(run + ": " + strerror(errno));
    for (const Node& each : nodes_of(topology_.name))
      if (each.pid())
        return fail(
            fmt::format("lab '{0}' is already up; 'nezu lab down {0}' ends it", topology_.name));
    fmt::print("Removing what is left of a lab of that name that ended badly.\n");
    return lab_down(topology_.name, true) == 0 && mkdir(run.c_str(), 0700) == 0;
  }

  bool make_nodes() {
    for (const auto& [name, wanted] : topology_.nodes) {
      const Node made = node(name);
      if (!make_node(made, wanted.kind)) return false;
      if (!(wanted.kind == "nezu" ? start_router(made, wanted) : start_host(made))) return false;
    }
    return true;
  }

  bool make_node(const Node& made, const std::string& kind) {
    if (mkdir(made.run().c_str(), 0700) < 0) return fail(made.run() + ": " + strerror(errno));
    std::ofstream(made.run() + "/kind") << kind << "\n";
    return true;
  }

  bool start(const std::vector<std::string>& command, const Node& made) {
    const Outcome outcome = run_here(command);
    if (outcome.status == 0) return true;
    return fail(fmt::format("node '{}' does not start: {}", made.name, outcome.output));
  }

  bool start_host(const Node& made) {
    return start({init_program(), "host", made.run(), made.name}, made);
  }

  bool start_router(const Node& made, const TopologyNode& wanted) {
    std::error_code error;
    fs::create_directories(made.data(), error);
    chmod(made.data().c_str(), 0700);
    std::vector<std::string> command = {init_program(), "router",    made.run(), made.name,
                                        "--data",       made.data(), "--model",  wanted.model};
    if (!wanted.startup_config.empty()) {
      // A copy: inside, the node's own /run and /tmp may hide the original; and it holds secrets.
      const std::string copy = made.run() + "/startup-config";
      fs::copy_file(wanted.startup_config, copy, error);
      if (error) return fail(wanted.startup_config + ": " + error.message());
      chmod(copy.c_str(), 0600);
      command.insert(command.end(), {"--startup-config", "/run/nezu/startup-config"});
    }
    return start(command, made);
  }

  int open_network(const Endpoint& end) {
    const Node owner = node(end.node);
    const std::string process = "/proc/" + std::to_string(owner.pid());
    const std::string path =
        owner.router() ? process + "/fd/" + std::to_string(init::kPortsNamespaceDescriptor)
                       : process + "/ns/net";
    return open(path.c_str(), O_RDONLY | O_CLOEXEC);
  }

  // A host's is what it is used to; the devices in between and of routers take all there is.
  WireEnd wire_end(const Endpoint& end) {
    return {open_network(end), end.device, node(end.node).kind() == "linux" ? kHostMtu : kWireMtu};
  }

  std::string join(const Endpoint& one, const Endpoint& other) {
    const WireEnd left = wire_end(one), right = wire_end(other);
    std::string error = make_wire(left, right);
    close(left.network);
    close(right.network);
    return error;
  }

  bool make_links() {
    for (const Link& link : topology_.links) {
      const std::string error =
          link.delay.count() ? join_slowly(link) : join(link.ends[0], link.ends[1]);
      if (!error.empty())
        return fail(fmt::format("link {}:{} {}:{}: {}", link.ends[0].node, link.ends[0].interface,
                                link.ends[1].node, link.ends[1].interface, error));
    }
    return true;
  }

  // By way of a node that holds every frame for a while.
  std::string join_slowly(const Link& link) {
    const Node line = node(delay_name());
    if (!make_node(line, "delay") || !start_host(line)) return "no node for its delay";
    const Outcome silent = run_in(line, kSilence);
    if (silent.status != 0) return silent.output;
    for (const auto& [end, device] :
         {std::pair{&link.ends[0], kLeftDevice}, std::pair{&link.ends[1], kRightDevice}})
      if (std::string error = join(*end, {line.name, device, device}); !error.empty()) return error;
    return start_delay_line(line, link.delay);
  }

  std::string delay_name() {
    std::string name;
    do name = fmt::format("delay-{}", ++delays_);
    while (topology_.nodes.contains(name));
    return name;
  }

  bool run_commands(bool of_routers) {
    for (const auto& [name, wanted] : topology_.nodes) {
      if ((wanted.kind == "nezu") != of_routers) continue;
      for (const std::string& command : wanted.exec) {
        const Outcome outcome = run_in(node(name), command);
        if (outcome.status != 0)
          return fail(fmt::format("node '{}': '{}' ended with status {}: {}", name, command,
                                  outcome.status, outcome.output));
      }
    }
    return true;
  }

  // A management server greets whoever connects.
  static bool answers(const Node& router) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = router.run() + "/mgmt.sock";
    if (path.size() >= sizeof address.sun_path) return false;
    strcpy(address.sun_path, path.c_str());
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool greeted = connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    pollfd wait{socket, POLLIN, 0};
    char byte;
    greeted = greeted && poll(&wait, 1, 1000) == 1 && read(socket, &byte, 1) == 1;
    close(socket);
    return greeted;
  }

  void show_waiting(const std::vector<std::string>& waiting, double seconds) {
    if (!isatty(STDOUT_FILENO)) return;
    std::string names;
    for (size_t i = 0; i < waiting.size() && i < 5; ++i) names += " " + waiting[i];
    if (waiting.size() > 5) names += fmt::format(" and {} more", waiting.size() - 5);
    fmt::print("\r\033[K  waiting for{} ({:.0f} s)", names, seconds);
    fflush(stdout);
  }

  bool wait_for_routers() {
    std::vector<std::string> waiting;
    for (const auto& [name, wanted] : topology_.nodes)
      if (wanted.kind == "nezu") waiting.push_back(name);
    const auto start = Clock::now();
    while (!waiting.empty() && !interrupted && seconds_since(start) < options_.ready_seconds) {
      std::erase_if(waiting, [&](const std::string& name) {
        if (!answers(node(name))) return false;
        fmt::print("{}  {} ready after {:.1f} s\n", isatty(STDOUT_FILENO) ? "\r\033[K" : "", name,
                   seconds_since(start));
        fflush(stdout);
        return true;
      });
      if (waiting.empty() || dies_again(waiting)) break;
      show_waiting(waiting, seconds_since(start));
      usleep(50'000);
    }
    if (!waiting.empty() && isatty(STDOUT_FILENO)) fmt::print("\n");
    const double waited = seconds_since(start);
    for (const std::string& name : waiting) explain(node(name), waited);
    return waiting.empty();
  }

  // A routing engine that died that often since the start will not become ready.
  bool dies_again(const std::vector<std::string>& waiting) {
    return std::any_of(waiting.begin(), waiting.end(), [&](const std::string& name) {
      return read_deaths(re_log(node(name))).count >= kMostDeaths;
    });
  }

  void explain(const Node& router, double waited) {
    const std::string log = re_log(router);
    const Deaths deaths = read_deaths(log);
    if (deaths.count >= kMostDeaths) {
      fail(fmt::format("router '{}': nezu-re dies again and again: {}", router.name,
                       deaths.last_words));
      fmt::print(stderr, "  ({}; the rest is in {})\n", deaths.last_end, log);
      return;
    }
    fail(fmt::format("router '{}' is not ready after {:.0f} s; the end of {}:", router.name, waited,
                     log));
    fmt::print(stderr, "{}", run_here({"tail", "-n", "5", log}).output);
  }

  const Topology& topology_;
  const UpOptions& options_;
  int delays_ = 0;
};

}  // namespace

int lab_up(const std::string& path, const UpOptions& options) {
  std::string error;
  const std::string file = topology_file(path, error);
  if (file.empty()) return fail(error), 1;
  const Topology topology = read_topology(file);
  for (const std::string& line : topology.warnings) fmt::print(stderr, "{}\n", line);
  for (const std::string& line : topology.errors) fmt::print(stderr, "{}\n", line);
  if (!topology.errors.empty()) return 1;
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction action {};
    action.sa_handler = interrupt;
    sigaction(signal, &action, nullptr);
  }
  return Up(topology, options).run();
}

}  // namespace nezu::cli
