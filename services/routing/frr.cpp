#include "services/routing/frr.h"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace nezu::routing {
namespace {

using namespace std::chrono_literals;

constexpr auto kRetry = 250ms;

bool stops_traffic(const std::string& line) {
  return line.find(" blackhole") != line.npos || line.find(" reject") != line.npos;
}

/// "ip route 1.0.0.0/8"
std::string prefix_of(const std::string& line) {
  return line.substr(0, line.find(' ', line.find(" route ") + 7));
}

// A commit of staticd's own costs as much as it has lines: 10 ms at 2,000 of them. So many lines
// are one commit.
std::vector<std::string> conversation(std::vector<std::string> lines, bool one_by_one) {
  lines.insert(lines.begin(), {"enable", "configure terminal"});
  if (one_by_one) return lines;
  lines.insert(lines.begin() + 2, "XFRR_start_configuration");
  lines.push_back("XFRR_end_configuration");
  return lines;
}

}  // namespace

std::set<std::string> route_lines(const std::string& running) {
  std::set<std::string> lines;
  std::istringstream in(running);
  for (std::string line; std::getline(in, line);) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (line.starts_with("ip route ") || line.starts_with("ipv6 route ")) lines.insert(line);
  }
  return lines;
}

std::vector<std::string> difference(const std::set<std::string>& has,
                                    const std::set<std::string>& wanted) {
  std::vector<std::string> add, remove, commands;
  std::set_difference(wanted.begin(), wanted.end(), has.begin(), has.end(),
                      std::back_inserter(add));
  std::set_difference(has.begin(), has.end(), wanted.begin(), wanted.end(),
                      std::back_inserter(remove));
  // A discard and a next hop cannot stand side by side: what goes must go first then.
  std::set<std::string> stopped;
  for (const std::string& line : add)
    if (stops_traffic(line)) stopped.insert(prefix_of(line));
  const auto is_first = [&](const std::string& line) {
    return stops_traffic(line) || stopped.contains(prefix_of(line));
  };
  for (const std::string& line : remove)
    if (is_first(line)) commands.push_back("no " + line);
  commands.insert(commands.end(), add.begin(), add.end());
  for (const std::string& line : remove)
    if (!is_first(line)) commands.push_back("no " + line);
  return commands;
}

Frr::Frr(const std::string& directory, const std::string& sockets)
    : file_(directory + "/staticd.conf"),
      zebra_socket_(sockets + "/zebra.vty"),
      vty_(sockets + "/staticd.vty"),
      zebra_(zebra_socket_) {
  retry_.setSingleShot(true);
  QObject::connect(&retry_, &QTimer::timeout, [this] { compare(); });
}

void Frr::want(std::set<std::string> lines, std::function<void()> done) {
  wanted_ = std::move(lines);
  waiting_.push_back(std::move(done));
  written_ = false;
  compare();
}

void Frr::verify() {
  settled_ = false;
  if (!retry_.isActive()) compare();
}

bool Frr::write_file() const {
  const std::string next = file_ + ".new";
  {
    std::ofstream out(next);
    for (const std::string& line : wanted_) out << line << "\n";
    if (!out.flush()) return false;
  }
  // The daemon is another user.
  return chmod(next.c_str(), 0644) == 0 && std::rename(next.c_str(), file_.c_str()) == 0;
}

void Frr::compare() {
  again_ = vty_.busy() || zebra_.busy();
  if (again_) return;
  retry_.stop();
  settled_ = false;
  if (!written_) written_ = write_file();
  vty_.run({"enable", "show running-config"}, [this](std::vector<Vty::Answer> answers) {
    if (answers.size() < 2) return settle("staticd does not answer");
    update(answers[1].text);
  });
}

void Frr::update(const std::string& running) {
  std::vector<std::string> commands = difference(route_lines(running), wanted_);
  if (commands.empty()) return ask_zebra();
  vty_.run(conversation(std::move(commands), one_by_one_),
           [this](const std::vector<Vty::Answer>& answers) { told(answers); });
}

// A line that staticd refuses takes all of its batch with it: the next time each is for itself.
void Frr::told(const std::vector<Vty::Answer>& answers) {
  const bool batch = !std::exchange(one_by_one_, false);
  if (answers.size() < vty_.asked()) return settle("staticd does not answer");
  for (const Vty::Answer& answer : answers) {
    if (answer.status == 0) continue;
    one_by_one_ = batch;
    return settle("staticd refuses: " + answer.text);
  }
  ask_zebra();
}

// staticd has what it was told, whether zebra, which alone tells the kernel, takes it or not.
void Frr::ask_zebra() {
  if (!std::filesystem::exists(zebra_socket_)) return settle("");
  zebra_.run({"enable"}, [this](const std::vector<Vty::Answer>& answers) {
    settle(answers.empty() ? "zebra does not answer" : "");
  });
}

void Frr::settle(std::string trouble) {
  if (again_) return compare();
  // A daemon that was told may be told again after its next start: by the file.
  if (trouble.empty() && !written_) trouble = "cannot write " + file_;
  settled_ = trouble.empty();
  if (on_trouble) on_trouble(trouble);
  if (!trouble.empty()) retry_.start(kRetry);
  for (const auto& done : std::exchange(waiting_, {}))
    if (done) done();
}

}  // namespace nezu::routing
