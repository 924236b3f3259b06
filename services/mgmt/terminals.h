#pragma once
#include <string>
#include <vector>

#include "services/mgmt/session.h"

namespace nezu::mgmt {

/// The terminals of those who are logged in, for messages to all of them.
class Terminals {
 public:
  void add(const Terminal& terminal) { open_.push_back(&terminal); }
  void remove(const Terminal& terminal) { std::erase(open_, &terminal); }
  /// Writes `text` to every terminal under a line that says who speaks, as `wall` does. A terminal
  /// that takes nothing now misses it.
  void broadcast(const std::string& host, int64_t when, const std::string& text) const;

 private:
  std::vector<const Terminal*> open_;
};

}  // namespace nezu::mgmt
