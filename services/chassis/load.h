#pragma once
#include <QTimer>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace nezu::chassis_service {

/// How busy the forwarding plane's process is: the emulated card's processor and memory. Sampled
/// every few seconds.
class PlaneLoad {
 public:
  /// `program` is looked for in /proc by its name.
  explicit PlaneLoad(std::string program);

  /// Of one processor's time, in percent, over the last `window` or as long as is known.
  uint32_t processor(std::chrono::seconds window) const;
  uint32_t memory_megabytes() const;
  /// For how long the process has run; nothing if it does not.
  std::optional<std::chrono::seconds> age() const;

 private:
  struct Sample {
    std::chrono::steady_clock::time_point when;
    uint64_t ticks = 0;  ///< of processor time, ever
  };

  void sample();
  bool find();

  std::string program_;
  std::string process_;  ///< its directory in /proc; "" if it is not running
  std::deque<Sample> samples_;
  QTimer timer_;
};

}  // namespace nezu::chassis_service
