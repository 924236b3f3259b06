#include "chassis/time_text.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

namespace nezu::chassis {
namespace {

struct Parts {
  explicit Parts(std::chrono::seconds duration) {
    const int64_t all = std::max<int64_t>(duration.count(), 0);
    seconds = all % 60;
    minutes = all / 60 % 60;
    hours = all / 3600 % 24;
    days = all / 86400;
  }
  int64_t seconds, minutes, hours, days;
};

void append(std::string& text, int64_t number, const char* unit) {
  if (number == 0) return;
  if (!text.empty()) text += ", ";
  text += std::to_string(number) + " " + unit + (number == 1 ? "" : "s");
}

std::string two(int64_t number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

}  // namespace

std::string utc_text(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts);
  return text;
}

std::string long_duration(std::chrono::seconds duration) {
  const Parts parts(duration);
  std::string text;
  append(text, parts.days, "day");
  append(text, parts.hours, "hour");
  append(text, parts.minutes, "minute");
  append(text, parts.seconds, "second");
  return text.empty() ? "0 seconds" : text;
}

std::string short_duration(std::chrono::seconds duration) {
  const Parts parts(duration);
  const std::string clock = two(parts.hours) + ":" + two(parts.minutes);
  if (parts.days == 0) return clock + ":" + two(parts.seconds);
  if (parts.days < 7) return std::to_string(parts.days) + "d " + clock;
  return std::to_string(parts.days / 7) + "w" + std::to_string(parts.days % 7) + "d " + clock;
}

}  // namespace nezu::chassis
