#include "cli/lab.h"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>

#include "cli/node.h"
#include "cli/topology.h"

namespace nezu::cli {
namespace {

constexpr char kUsage[] =
    "usage: nezu lab up [--wait SECONDS] DIRECTORY|FILE   bring a topology up\n"
    "       nezu lab down [--keep] LAB|DIRECTORY...       end it; --keep leaves the "
    "configurations\n"
    "       nezu lab down [--keep] --all\n"
    "       nezu lab list\n"
    "       nezu lab check DIRECTORY [VARIANT]            run its checks.yaml, or those of a\n"
    "                                                     variant: checks-VARIANT.yaml\n";

int usage() {
  fmt::print(stderr, "{}", kUsage);
  return 2;
}

bool take_flag(std::vector<std::string>& words, const std::string& flag) {
  const auto it = std::find(words.begin(), words.end(), flag);
  if (it == words.end()) return false;
  words.erase(it);
  return true;
}

bool take_seconds(std::vector<std::string>& words, int& seconds) {
  const auto it = std::find(words.begin(), words.end(), "--wait");
  if (it == words.end()) return true;
  if (it + 1 == words.end() || (it + 1)->empty() || (it + 1)->size() > 5 ||
      (it + 1)->find_first_not_of("0123456789") != std::string::npos)
    return false;
  seconds = std::stoi(*(it + 1));
  words.erase(it, it + 2);
  return true;
}

int up(std::vector<std::string> words) {
  UpOptions options;
  if (!take_seconds(words, options.ready_seconds) || words.size() != 1) return usage();
  return lab_up(words[0], options);
}

// A lab is called by its name, or by the directory or file it came from.
std::string lab_called(const std::string& word) {
  const auto labs = all_labs();
  if (std::find(labs.begin(), labs.end(), word) != labs.end()) return word;
  std::string error;
  const std::string file = topology_file(word, error);
  return file.empty() ? "" : read_topology(file).name;
}

int down(std::vector<std::string> words) {
  const bool keep = take_flag(words, "--keep"), all = take_flag(words, "--all");
  if (words.empty() != all) return usage();
  if (all) words = all_labs();
  int status = 0;
  for (const std::string& word : words) {
    const std::string name = lab_called(word);
    if (name.empty() || !good_name(name)) {
      fmt::print(stderr, "nezu lab: no lab '{}'\n", word);
      status = 1;
    } else {
      status = std::max(status, lab_down(name, keep));
    }
  }
  return status;
}

std::string age_of(const Node& node) {
  struct stat status {};
  if (stat((node.run() + "/kind").c_str(), &status) != 0) return "-";
  const auto seconds = static_cast<long>(time(nullptr) - status.st_mtime);
  return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

}  // namespace

int lab_list() {
  const auto labs = all_labs();
  if (labs.empty()) {
    fmt::print("No lab is up.\n");
    return 0;
  }
  fmt::print("{:<24} {:<16} {:<7} {:<8} {:>8} {:>9}\n", "LAB", "NODE", "KIND", "STATE", "PID",
             "UP");
  for (const std::string& lab : labs) {
    const auto nodes = nodes_of(lab);
    if (nodes.empty()) fmt::print("{:<24} {:<16} (only files are left)\n", lab, "-");
    for (const Node& node : nodes) {
      const pid_t pid = node.pid();
      fmt::print("{:<24} {:<16} {:<7} {:<8} {:>8} {:>9}\n", lab, node.name, node.kind(),
                 pid ? "running" : "dead", pid ? std::to_string(pid) : "-",
                 pid ? age_of(node) : "-");
    }
  }
  return 0;
}

int lab(const std::vector<std::string>& arguments) {
  if (arguments.empty()) return usage();
  const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  const std::string& verb = arguments[0];
  if (verb == "-h" || verb == "--help") return fmt::print("{}", kUsage), 0;
  if (geteuid() != 0 && verb != "list") {
    fmt::print(stderr, "nezu lab: needs root: it makes network namespaces\n");
    return 1;
  }
  if (verb == "up") return up(rest);
  if (verb == "down") return down(rest);
  if (verb == "list" && rest.empty()) return lab_list();
  if (verb == "check" && (rest.size() == 1 || rest.size() == 2))
    return lab_check(rest[0], rest.size() == 2 ? rest[1] : "");
  return usage();
}

}  // namespace nezu::cli
