#include "services/system/show.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "chassis/time_text.h"
#include "services/system/probe.h"

namespace nezu::system {
namespace {

using Clock = std::chrono::system_clock;
using grammar::Element;
using mgmt::Input;
using ReplyPtr = std::shared_ptr<mgmt::Reply>;

// Our own version in the vendor's form, and the release whose language we speak.
constexpr char kRelease[] = NEZU_VERSION;
constexpr char kEmulated[] = "24.4R1";

constexpr char kVersionText[] = R"({#software-information}
Hostname: {host-name}
Model: {product-model}
Junos: {junos-version}
{#package-information}
{comment}
{/package-information}
{/software-information}
)";

constexpr char kUptimeText[] = R"({#system-uptime-information}
{#current-time}
Current time: {date-time}
{/current-time}
{#system-booted-time}
System booted: {date-time} ({time-length} ago)
{/system-booted-time}
{#protocols-started-time}
Protocols started: {date-time} ({time-length} ago)
{/protocols-started-time}
{#last-configured-time}
Last configured: {date-time} ({time-length} ago) by {user}
{/last-configured-time}
{#uptime-information}
{date-time}  up {up-time}, load averages: {load-average-1}, {load-average-5}, {load-average-15}
{/uptime-information}
{/system-uptime-information}
)";

// "0.1.0" → "0.1R0"
std::string release() {
  std::string text = kRelease;
  const size_t last = text.rfind('.');
  if (last != std::string::npos) text[last] = 'R';
  return text;
}

std::string host_name(const SystemService& service) {
  return service.host_name().empty() ? "localhost" : service.host_name();
}

void show_version(const Facts& facts, const ReplyPtr& reply) {
  {
    const Element information(*reply, "software-information");
    reply->leaf("host-name", host_name(facts.service));
    reply->leaf("product-model", facts.model);
    reply->leaf("product-name", facts.model);
    reply->leaf("junos-version", fmt::format("{}-nezu", release()));
    reply->leaf("emulated-version", kEmulated);
    const Element package(*reply, "package-information");
    reply->leaf("name", "nezu");
    reply->leaf("comment", fmt::format("Nezu router emulator [{}], emulates Junos [{}]", release(),
                                       kEmulated));
  }
  reply->finish();
}

}  // namespace

// From its age in clock ticks.
Clock::time_point started(const std::string& process) {
  std::ifstream stat("/proc/" + process + "/stat");
  std::string line;
  std::getline(stat, line);
  // The name, in brackets, may hold anything.
  std::istringstream fields(line.substr(std::min(line.size(), line.rfind(')') + 2)));
  constexpr int kStartTime = 20;  // fields after the name
  std::string field;
  for (int i = 0; i < kStartTime && fields >> field;) ++i;
  std::ifstream uptime("/proc/uptime");
  double up = 0;
  uptime >> up;
  const double at = std::strtod(field.c_str(), nullptr) / static_cast<double>(sysconf(_SC_CLK_TCK));
  return Clock::now() - std::chrono::seconds(static_cast<int64_t>(up - at));
}

namespace {

std::chrono::seconds age(Clock::time_point when) {
  return std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - when);
}

void write_moment(mgmt::Reply& reply, const char* name, Clock::time_point when,
                  const std::string& user = {}) {
  const Element element(reply, name);
  reply.leaf("date-time", chassis::utc_text(when));
  reply.leaf("time-length", chassis::short_duration(age(when)));
  if (!user.empty()) reply.leaf("user", user);
}

void write_load(mgmt::Reply& reply, Clock::time_point booted) {
  const Element element(reply, "uptime-information");
  const std::string now = chassis::utc_text(Clock::now());
  reply.leaf("date-time", now.substr(11, 8));
  reply.leaf("up-time", chassis::short_duration(age(booted)));
  double loads[3] = {};
  ::getloadavg(loads, 3);
  reply.leaf("load-average-1", fmt::format("{:.2f}", loads[0]));
  reply.leaf("load-average-5", fmt::format("{:.2f}", loads[1]));
  reply.leaf("load-average-15", fmt::format("{:.2f}", loads[2]));
}

void show_uptime(const Facts& facts, const ReplyPtr& reply) {
  {
    const Element information(*reply, "system-uptime-information");
    {
      const Element now(*reply, "current-time");
      reply->leaf("date-time", chassis::utc_text(Clock::now()));
    }
    write_moment(*reply, "system-booted-time", facts.booted);
    write_moment(*reply, "protocols-started-time", started("self"));
    const Configured last = facts.configured();
    if (!last.user.empty()) write_moment(*reply, "last-configured-time", last.when, last.user);
    write_load(*reply, facts.booted);
  }
  reply->finish();
}

}  // namespace

void add_rpcs(mgmt::Registry& registry, const Facts& facts) {
  static const grammar::Layout kVersion(kVersionText);
  static const grammar::Layout kUptime(kUptimeText);
  registry.add({"get-software-information",
                [facts](const Input&, ReplyPtr reply) { show_version(facts, reply); },
                [](const Input&) { return &kVersion; }});
  registry.add({"get-system-uptime-information",
                [facts](const Input&, ReplyPtr reply) { show_uptime(facts, reply); },
                [](const Input&) { return &kUptime; }});
  add_probes(registry);
}

}  // namespace nezu::system
