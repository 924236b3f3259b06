#pragma once
#include <chrono>
#include <cstddef>
#include <deque>
#include <string>

#include "cli/node.h"

/// A link that takes its time: a node of its own between two others, in which a process holds every
/// frame for as long as the link's `delay` says.
namespace nezu::cli {

/// Frames on their way, in the order they came. What is longer than kMostBytes is not taken: a line
/// that is full loses what comes last.
class DelayQueue {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr size_t kMostBytes = 64 << 20;

  explicit DelayQueue(std::chrono::milliseconds delay) : delay_(delay) {}

  bool put(std::string frame, Clock::time_point now);
  bool empty() const { return frames_.empty(); }
  /// When the first is to go on. Not of an empty queue.
  Clock::time_point due() const { return frames_.front().due; }
  bool ready(Clock::time_point now) const { return !empty() && due() <= now; }
  std::string take();

 private:
  struct Frame {
    Clock::time_point due;
    std::string bytes;
  };
  std::chrono::milliseconds delay_;
  std::deque<Frame> frames_;
  size_t bytes_ = 0;
};

/// The devices of such a node, one a neighbour.
constexpr char kLeftDevice[] = "left";
constexpr char kRightDevice[] = "right";

/// Starts the process in `node`, which has both devices; it goes with the node. "" or the reason in
/// words.
std::string start_delay_line(const Node& node, std::chrono::milliseconds delay);

}  // namespace nezu::cli
