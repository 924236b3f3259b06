#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "configdb/deadline.h"

/// Commits that something is still to come of. Kept in the store as text, so that they survive.
namespace nezu::configdb {

/// The names of the items.
inline constexpr char kConfirmation[] = "confirmation";
inline constexpr char kScheduled[] = "scheduled";

/// A commit that is taken back unless it is confirmed in time.
struct Confirmation {
  uint64_t revert_to = 0;  ///< the revision before the first commit of the window
  Deadline deadline;

  std::string text() const;
  /// nullopt: it is not one.
  static std::optional<Confirmation> parse(std::string_view text);
};

/// A commit that is to be made later. Its tree is an item of its own.
struct Scheduled {
  int64_t at = 0;         ///< seconds since 1970, UTC; 0: at the next boot
  std::string boot;       ///< the boot it was asked for in
  std::string user, via;  ///< who asked
  std::string comment;

  bool due(const Now& now) const { return at ? now.wall >= at : now.boot != boot; }
  std::string text() const;
  static std::optional<Scheduled> parse(std::string_view text);
};

/// The seconds of "hh:mm" or "hh:mm:ss"; nullopt: it is neither.
std::optional<int64_t> seconds_of_day(const std::string& text);
/// Of "yyyy-mm-dd", in seconds since 1970, UTC; nullopt: it is no day since then.
std::optional<int64_t> first_second_of(const std::string& day);

/// Reads "hh:mm[:ss]" (of the day that `now` is in), "yyyy-mm-dd hh:mm[:ss]" or "reboot" (0).
/// nullopt: it is none of them, or not in the future.
std::optional<int64_t> parse_commit_time(std::string_view text, int64_t now);

}  // namespace nezu::configdb
