// Whose job is next, when many peers bring some and one thread does them.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace nezu::ike {

/// Each peer has its turn, one job a turn: who brings many waits for himself. When there are too
/// many, the peer who has the most loses the one it brought last.
class Turns {
 public:
  struct Job {
    std::function<void()> run, refuse;
  };

  /// Keeps `most` jobs; what is too many is refused from within, and may be this one.
  void add(const std::string& peer, Job job, std::size_t most);
  std::optional<Job> next();
  std::size_t size() const { return size_; }

 private:
  using Queues = std::map<std::string, std::deque<Job>>;
  Job take(Queues::iterator queue, bool last);

  Queues queues_;                  // none is empty
  std::deque<std::string> order_;  // of the queues, the next one first
  std::size_t size_ = 0;
};

}  // namespace nezu::ike
