#include "services/system/processes.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

namespace nezu::system {
namespace {

using grammar::Element;
using mgmt::Input;
using ReplyPtr = std::shared_ptr<mgmt::Reply>;

constexpr char kProcesses[] = R"(  PID STAT       TIME COMMAND
{#system-process-information}
{#process}
{pid:>5} {state:5}{cpu-time:>10} {command}
{/process}
{/system-process-information}
)";

constexpr char kLicense[] = R"(License usage: none
{#license-summary-information}

Licenses installed: none
{comment}
{/license-summary-information}
)";

/// What the field calls a program, as `restart` takes it and beside it in the list.
struct Daemon {
  const char* word;
  const char* program;
  const char* name;
};
constexpr Daemon kDaemons[] = {
    {"ike-key-management", "nezu-iked", "ike-key-management-daemon"},
    {"routing", "zebra", "routing information base"},
    {nullptr, "nezu-re", "routing engine"},
    {nullptr, "nezu-pfe", "packet forwarding engines"},
    {nullptr, "staticd", "static routes"},
};

struct Process {
  int pid = 0;
  char state = '?';
  long ticks = 0;  ///< of processor time
  std::string program;
};

// /proc/PID/stat: the name, in brackets, may hold anything. A process may be gone meanwhile.
bool read_process(const std::filesystem::path& directory, Process& process) {
  const std::string number = directory.filename();
  if (number.find_first_not_of("0123456789") != std::string::npos) return false;
  std::ifstream in(directory / "stat");
  std::string line;
  std::getline(in, line);
  const size_t open = line.find('('), close = line.rfind(')');
  if (open == line.npos || close == line.npos || close + 2 >= line.size()) return false;
  process.pid = std::stoi(number);
  process.program = line.substr(open + 1, close - open - 1);
  std::istringstream fields(line.substr(close + 2));
  std::string skipped;
  fields >> process.state;
  for (int i = 0; i < 10; ++i) fields >> skipped;
  long user = 0, system = 0;
  fields >> user >> system;
  process.ticks = user + system;
  return static_cast<bool>(fields);
}

std::vector<Process> processes() {
  std::vector<Process> all;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", none))
    if (Process process; read_process(entry.path(), process)) all.push_back(std::move(process));
  std::sort(all.begin(), all.end(),
            [](const Process& a, const Process& b) { return a.pid < b.pid; });
  return all;
}

std::string time_text(long ticks) {
  const long hundredths = ticks * 100 / sysconf(_SC_CLK_TCK);
  return fmt::format("{}:{:02}.{:02}", hundredths / 6000, hundredths / 100 % 60, hundredths % 100);
}

std::string command_text(const std::string& program) {
  for (const Daemon& daemon : kDaemons)
    if (program == daemon.program) return fmt::format("{} ({})", program, daemon.name);
  return program;
}

void show_processes(const ReplyPtr& reply) {
  {
    const Element information(*reply, "system-process-information");
    for (const Process& process : processes()) {
      const Element one(*reply, "process");
      reply->leaf_number("pid", static_cast<uint64_t>(process.pid));
      reply->leaf("state", std::string(1, process.state));
      reply->leaf("cpu-time", time_text(process.ticks));
      reply->leaf("command", command_text(process.program));
    }
  }
  reply->finish();
}

void show_license(const ReplyPtr& reply) {
  {
    const Element summary(*reply, "license-summary-information");
    reply->leaf("comment",
                "This router emulates its features, inline IPsec among them, without any.");
  }
  reply->finish();
}

void restart_daemon(const std::function<int(const std::string&)>& restart, const Input& input,
                    const ReplyPtr& reply) {
  for (const Daemon& daemon : kDaemons) {
    if (!daemon.word || !input.contains(daemon.word)) continue;
    if (const int error = restart(daemon.program))
      return reply->fail(fmt::format("{} cannot be restarted: {}", daemon.name, strerror(error)));
    reply->message(fmt::format("{} is restarted", daemon.name));
    return reply->finish();
  }
  reply->fail("missing argument: process");
}

}  // namespace

void add_process_rpcs(mgmt::Registry& registry, std::function<int(const std::string&)> restart) {
  static const grammar::Layout kList(kProcesses), kLicenses(kLicense);
  registry.add({"get-system-process-information",
                [](const Input&, ReplyPtr reply) { show_processes(reply); },
                [](const Input&) { return &kList; }});
  registry.add({"get-license-summary-information",
                [](const Input&, ReplyPtr reply) { show_license(reply); },
                [](const Input&) { return &kLicenses; }});
  registry.add({"restart-process",
                [restart = std::move(restart)](const Input& input, ReplyPtr reply) {
                  restart_daemon(restart, input, reply);
                },
                nullptr});
}

}  // namespace nezu::system
