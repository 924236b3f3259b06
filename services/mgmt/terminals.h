#pragma once
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "services/mgmt/session.h"

namespace nezu::mgmt {

/// The terminals of those who are logged in, for messages to all of them.
class Terminals {
 public:
  void add(const Terminal& terminal) { open_.push_back(&terminal); }
  void remove(const Terminal& terminal) { std::erase(open_, &terminal); }
  /// Who speaks, where and when.
  struct Speaker {
    std::string user, host;
    std::string tty;  ///< "" for none
    int64_t when = 0;
  };
  /// Writes `text` to every terminal under a line that says who speaks, as `wall` does. A terminal
  /// that takes nothing now misses it.
  void broadcast(const Speaker& speaker, const std::string& text) const;
  /// To those that are wanted, as `write` does. How many there were.
  using Wanted = std::function<bool(const Terminal&)>;
  size_t send(const Speaker& speaker, const std::string& text, const Wanted& wanted) const;

 private:
  std::set<std::string> names(const Wanted& wanted) const;

  std::vector<const Terminal*> open_;
};

}  // namespace nezu::mgmt
