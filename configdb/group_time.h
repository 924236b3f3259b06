#pragma once
#include <cstdint>
#include <optional>

#include "configdb/node.h"

namespace nezu::configdb {

/// When a group with `when time` applies, UTC. "10:00 to 12:00" is every day, also over midnight
/// ("22 to 6"); a start alone lasts until midnight. With dates ("2026-11-22.10:00") it is once, and
/// a start alone lasts for ever.
struct GroupTime {
  int64_t begin = 0;  ///< seconds of a day, or since 1970 if it is `dated`
  int64_t end = 0;    ///< the first second when it is over
  bool dated = false;

  /// Of the `time` container; nullopt: it is none, or never is.
  static std::optional<GroupTime> of(const Node& time);

  bool holds(int64_t now) const;  ///< seconds since 1970
  /// The first second after `now` when holds() is otherwise; nullopt: never.
  std::optional<int64_t> next_change(int64_t now) const;
};

/// The first second after `now` when a group of this RAW tree begins or ceases to apply.
std::optional<int64_t> next_group_change(const NodePtr& raw, int64_t now);

}  // namespace nezu::configdb
