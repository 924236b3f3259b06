#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace nezu::mgmt {

/// Names of addresses, asked of the machine's resolver (/etc/hosts, then name servers) by threads
/// of its own, so that nobody waits for a name server that does not answer. Goes without waiting
/// for them.
class Resolver {
 public:
  static constexpr size_t kThreads = 4;  ///< that ask at a time
  static constexpr size_t kMost = 1000;  ///< addresses; later ones are not asked for

  /// Blocks; "" if the address has no name. Is called by several threads at a time.
  using Ask = std::function<std::string(const std::string& address)>;
  explicit Resolver(Ask ask = nullptr);  ///< null: getnameinfo(3)
  ~Resolver();
  Resolver(Resolver&&) noexcept = default;
  Resolver& operator=(Resolver&&) noexcept = default;

  /// "" if it has no name; nullopt: it is not known yet, but asked for from now on.
  std::optional<std::string> name_of(const std::string& address);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace nezu::mgmt
