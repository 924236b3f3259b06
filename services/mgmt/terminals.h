#pragma once
#include <ctime>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "services/mgmt/session.h"

namespace nezu::mgmt {

/// The terminals of those who are logged in, for messages to all of them.
class Terminals {
 public:
  void add(const Terminal& terminal);
  void remove(const Terminal& terminal) { open_.erase(&terminal); }
  /// Its user has done something.
  void touch(const Terminal& terminal);

  /// One of them, and for how long; seconds of the monotonic clock.
  struct Open {
    const Terminal* terminal = nullptr;
    time_t since = 0, last = 0;
  };
  std::vector<Open> all() const;  ///< in order of their coming
  static time_t now();            ///< of that clock

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

  /// Whether a client's word for its terminal is one that is written to.
  static bool is_terminal_name(std::string_view name);
  /// Text alone, without who says it, to one terminal.
  static void put(const std::string& name, std::string_view text);

 private:
  std::set<std::string> names(const Wanted& wanted) const;

  std::map<const Terminal*, Open> open_;
};

}  // namespace nezu::mgmt
