#pragma once
#include <cstdint>
#include <functional>
#include <string>

/// Moments that must come even if this process, or the machine, is started anew meanwhile.
namespace nezu::configdb {

/// What time it is, by two clocks: one that people set, one that nobody can.
struct Now {
  int64_t wall = 0;    ///< seconds since 1970, UTC
  int64_t uptime = 0;  ///< milliseconds; never goes back or stands still within one boot
  std::string boot;    ///< names the boot of the router, so that uptimes can be compared
};
using Clock = std::function<Now()>;

/// The clocks of the machine. A boot is one life of the kernel and of process 1, and has the name
/// that it was given besides.
Now machine_clock();
/// Where process 1 outlives a boot: another name is another boot. Before anybody asks what time it
/// is.
void name_boot(const std::string& name);

/// A time to wait, from a moment on. Within the boot it was begun in, the uptime counts: setting
/// the wall clock moves nothing. After another boot the wall clock counts, but what is left never
/// exceeds the whole: a clock that went back delays it by at most that.
struct Deadline {
  Now from;
  int64_t milliseconds = 0;

  int64_t left(const Now& now) const;  ///< milliseconds; 0 when it has passed
};

/// "2026-09-20 23:25:28 UTC"
std::string utc(int64_t seconds);

}  // namespace nezu::configdb
