#include "services/system/users.h"

#include <fmt/format.h>

#include <cstdlib>
#include <ctime>

#include "chassis/time_text.h"
#include "services/system/show.h"

namespace nezu::system {
namespace {

using Clock = std::chrono::system_clock;
using grammar::Element;
using ReplyPtr = std::shared_ptr<mgmt::Reply>;
using std::chrono::duration_cast;
using std::chrono::seconds;

constexpr char kUsers[] = R"({#system-users-information}
{#uptime-information}
{date-time}  up {up-time}, {active-user-count} users, load averages: {load-average-1}, {load-average-5}, {load-average-15}
USER     TTY      FROM                              LOGIN@  IDLE WHAT
{#user-table}
{#user-entry}
{user:8} {tty:8} {from:30} {login-time:>9} {idle-time:>5} {command}
{/user-entry}
{/user-table}
{/uptime-information}
{/system-users-information}
)";

// "7:30AM" of today, "Fri05PM" of this week, "22Nov26": as who(1) shortens it.
std::string login_text(Clock::time_point when, Clock::time_point now) {
  const std::time_t time = Clock::to_time_t(when);
  std::tm parts{};
  gmtime_r(&time, &parts);
  const auto age = now - when;
  const char* form = age < std::chrono::hours(12)       ? "%l:%M%p"
                     : age < std::chrono::hours(7 * 24) ? "%a%I%p"
                                                        : "%d%b%y";
  char text[32];
  std::string made(text, std::strftime(text, sizeof text, form, &parts));
  return made.substr(std::min(made.size(), made.find_first_not_of(' ')));
}

// "-", "5" (minutes), "1:05", "2days".
std::string idle_text(seconds idle) {
  const auto minutes = idle.count() / 60;
  if (minutes == 0) return "-";
  if (minutes < 60) return fmt::format("{}", minutes);
  if (minutes < 24 * 60) return fmt::format("{}:{:02}", minutes / 60, minutes % 60);
  const auto days = minutes / (24 * 60);
  return fmt::format("{}day{}", days, days == 1 ? "" : "s");
}

void write_user(mgmt::Reply& reply, const LoggedIn& each, Clock::time_point now) {
  const Element entry(reply, "user-entry");
  reply.leaf("user", each.user);
  reply.leaf("tty", each.terminal.empty() ? "-" : each.terminal);
  reply.leaf("from", each.from.empty() ? "-" : each.from);
  reply.leaf("login-time", login_text(each.since, now));
  reply.leaf("idle-time", idle_text(each.idle));
  reply.leaf("command", "cli");
}

void show_users(const std::vector<LoggedIn>& users, const ReplyPtr& reply) {
  {
    const Element information(*reply, "system-users-information");
    const Element uptime(*reply, "uptime-information");
    const auto now = Clock::now();
    reply->leaf("date-time", chassis::utc_text(now).substr(11, 8));
    reply->leaf("up-time", chassis::short_duration(duration_cast<seconds>(now - started("1"))));
    reply->leaf_number("active-user-count", users.size());
    double loads[3] = {};
    ::getloadavg(loads, 3);
    reply->leaf("load-average-1", fmt::format("{:.2f}", loads[0]));
    reply->leaf("load-average-5", fmt::format("{:.2f}", loads[1]));
    reply->leaf("load-average-15", fmt::format("{:.2f}", loads[2]));
    const Element table(*reply, "user-table");
    for (const LoggedIn& each : users) write_user(*reply, each, now);
  }
  reply->finish();
}

}  // namespace

void add_user_rpcs(mgmt::Registry& registry, std::function<std::vector<LoggedIn>()> who) {
  static const grammar::Layout kLayout(kUsers);
  registry.add(
      {"get-system-users-information",
       [who = std::move(who)](const mgmt::Input&, ReplyPtr reply) { show_users(who(), reply); },
       [](const mgmt::Input&) { return &kLayout; }});
}

}  // namespace nezu::system
