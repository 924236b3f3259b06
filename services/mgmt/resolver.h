#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace nezu::mgmt {

/// Names of addresses, asked of the machine's resolver (/etc/hosts, then name servers) by threads
/// of its own, so that nobody waits for a name server that does not answer. One for all who ask: it
/// remembers what it was told. Goes without waiting for its threads.
class Resolver {
 public:
  static constexpr size_t kThreads = 4;       ///< that ask at a time
  static constexpr size_t kMostAsked = 1000;  ///< addresses that wait; others are not asked for
  static constexpr size_t kMostKnown = 5000;  ///< that are remembered; the oldest go first
  /// How long an address waits for its turn: whoever asked for it does not wait longer.
  static constexpr std::chrono::seconds kPatience{5};
  static constexpr std::chrono::seconds kNamesLast{300};    ///< as long a name is remembered,
  static constexpr std::chrono::seconds kNothingLasts{30};  ///< and that there is none

  /// Blocks; "" if the address has no name. Is called by several threads at a time.
  using Ask = std::function<std::string(const std::string& address)>;
  explicit Resolver(Ask ask = nullptr);  ///< null: getnameinfo(3)
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// "" if it has no name; nullopt: it is not known yet, but asked for from now on.
  std::optional<std::string> name_of(const std::string& address);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace nezu::mgmt
