#include "configdb/pending.h"

#include <array>
#include <cstdio>
#include <ctime>
#include <sstream>

namespace nezu::configdb {
namespace {

constexpr int64_t kDay = 24 * 60 * 60;

// One field a line; what may hold line ends comes last.
std::string line_of(std::istream& in) {
  std::string line;
  std::getline(in, line);
  return line;
}

std::string rest_of(std::istream& in) {
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

std::string Confirmation::text() const {
  std::ostringstream out;
  out << revert_to << '\n'
      << deadline.milliseconds << '\n'
      << deadline.from.wall << '\n'
      << deadline.from.uptime << '\n'
      << deadline.from.boot;
  return out.str();
}

std::optional<Confirmation> Confirmation::parse(std::string_view text) {
  std::istringstream in{std::string(text)};
  Confirmation read;
  Now& from = read.deadline.from;
  if (!(in >> read.revert_to >> read.deadline.milliseconds >> from.wall >> from.uptime))
    return std::nullopt;
  line_of(in);
  from.boot = line_of(in);
  return read;
}

std::string Scheduled::text() const {
  return std::to_string(at) + '\n' + boot + '\n' + user + '\n' + via + '\n' + comment;
}

std::optional<Scheduled> Scheduled::parse(std::string_view text) {
  std::istringstream in{std::string(text)};
  Scheduled read;
  if (!(in >> read.at)) return std::nullopt;
  line_of(in);
  read.boot = line_of(in);
  read.user = line_of(in);
  read.via = line_of(in);
  read.comment = rest_of(in);
  return read;
}

std::optional<int64_t> seconds_of_day(const std::string& text) {
  if (text.find_first_not_of("0123456789:") != text.npos) return std::nullopt;  // no signs
  int hours = 0, minutes = 0, seconds = 0, end = 0;
  const bool whole =
      (std::sscanf(text.c_str(), "%2d:%2d%n", &hours, &minutes, &end) == 2 &&
       end == static_cast<int>(text.size())) ||
      (std::sscanf(text.c_str(), "%2d:%2d:%2d%n", &hours, &minutes, &seconds, &end) == 3 &&
       end == static_cast<int>(text.size()));
  const bool sane =
      hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60 && seconds >= 0 && seconds < 60;
  if (!whole || !sane) return std::nullopt;
  return (hours * 60 + minutes) * 60 + seconds;
}

std::optional<int64_t> first_second_of(const std::string& text) {
  std::tm parts{};
  int end = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2d%n", &parts.tm_year, &parts.tm_mon, &parts.tm_mday,
                  &end) != 3 ||
      end != static_cast<int>(text.size()))
    return std::nullopt;
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  const std::tm wanted = parts;
  const std::time_t day = timegm(&parts);
  const bool same = parts.tm_year == wanted.tm_year && parts.tm_mon == wanted.tm_mon &&
                    parts.tm_mday == wanted.tm_mday;
  return same && day >= 0 ? std::optional<int64_t>(day) : std::nullopt;
}

std::optional<int64_t> parse_commit_time(std::string_view text, int64_t now) {
  if (text == "reboot") return 0;
  const size_t blank = text.find(' ');
  const bool dated = blank != std::string_view::npos;
  const auto day =
      dated ? first_second_of(std::string(text.substr(0, blank))) : std::optional(now - now % kDay);
  const auto seconds = seconds_of_day(std::string(dated ? text.substr(blank + 1) : text));
  if (!day || !seconds || *day + *seconds <= now) return std::nullopt;
  return *day + *seconds;
}

}  // namespace nezu::configdb
