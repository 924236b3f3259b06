#include "configdb/group_time.h"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <string>

#include "configdb/group_condition.h"
#include "configdb/pending.h"

namespace nezu::configdb {
namespace {

constexpr int64_t kDay = 24 * 60 * 60;
constexpr int64_t kForEver = std::numeric_limits<int64_t>::max();

struct Moment {
  int64_t seconds = 0;
  bool dated = false;
};

// "10", "10:30" or "2026-11-22.10:30".
std::optional<Moment> moment_of(const std::string& text) {
  const size_t dot = text.find('.');
  const std::string clock = dot == text.npos ? text : text.substr(dot + 1);
  const auto seconds = seconds_of_day(clock.size() <= 2 ? clock + ":00" : clock);
  if (!seconds || *seconds % 60 != 0 || clock.size() > 5) return std::nullopt;
  if (dot == text.npos) return Moment{*seconds, false};
  const auto day = first_second_of(text.substr(0, dot));
  if (!day) return std::nullopt;
  return Moment{*day + *seconds, true};
}

std::string text_at(const Node& node, std::string_view name) {
  const NodePtr child = active_child(node, name);
  return child ? child->text : std::string();
}

}  // namespace

std::optional<GroupTime> GroupTime::of(const Node& time) {
  const auto begin = moment_of(text_at(time, "start-time"));
  if (!begin) return std::nullopt;
  const NodePtr range = active_child(time, "to");
  if (!range) return GroupTime{begin->seconds, begin->dated ? kForEver : kDay, begin->dated};
  const auto end = moment_of(text_at(*range, "end-time"));
  if (!end || end->dated != begin->dated || end->seconds == begin->seconds) return std::nullopt;
  if (begin->dated && end->seconds < begin->seconds) return std::nullopt;
  return GroupTime{begin->seconds, end->seconds, begin->dated};
}

bool GroupTime::holds(int64_t now) const {
  const int64_t at = dated ? now : now % kDay;
  if (begin < end) return at >= begin && at < end;
  return at >= begin || at < end;  // over midnight
}

std::optional<int64_t> GroupTime::next_change(int64_t now) const {
  std::optional<int64_t> next;
  if (!dated && begin % kDay == end % kDay) return next;  // the whole day
  for (int64_t at : {begin, end}) {
    if (!dated) at += now - now % kDay;
    if (!dated && at <= now) at += kDay;
    if (at > now && at != kForEver) next = std::min(next.value_or(at), at);
  }
  return next;
}

std::optional<int64_t> next_group_change(const NodePtr& raw, int64_t now) {
  std::optional<int64_t> next;
  each_condition(raw, [&](const Node&, const Node& when) {
    const NodePtr asked = active_child(when, "time");
    const auto time = asked ? GroupTime::of(*asked) : std::nullopt;
    const auto change = time ? time->next_change(now) : std::nullopt;
    if (change) next = std::min(next.value_or(*change), *change);
  });
  return next;
}

}  // namespace nezu::configdb
