#pragma once
#include <QTimer>
#include <functional>
#include <set>
#include <string>

#include "services/routing/vty.h"

/// Static routes in FRR's staticd.
namespace nezu::routing {

/// Keeps staticd's routes as wanted: writes its configuration file, which it reads when it starts,
/// and tells a running one the difference between what it has and what it should have.
class Frr {
 public:
  /// `directory` of the configuration files; `sockets` of the vty sockets.
  Frr(const std::string& directory, const std::string& sockets);

  /// `done` when the daemon has them, or when it refused or did not answer; then it is tried again
  /// until it works.
  void want(std::set<std::string> lines, std::function<void()> done);

  /// Asks the daemon again whether it has them, as it may have been away.
  void verify();
  /// The daemon had everything when it was asked last, and it is not being asked.
  bool settled() const { return settled_; }

  /// Why the daemon does not have what is wanted; "" when it has.
  std::function<void(const std::string&)> on_trouble;

 private:
  bool write_file() const;
  void compare();
  void update(const std::string& running);
  void told(const std::vector<Vty::Answer>& answers);
  void ask_zebra();
  void settle(std::string trouble);

  std::string file_;
  std::string zebra_socket_;
  Vty vty_;
  Vty zebra_;
  QTimer retry_;
  std::set<std::string> wanted_;
  bool written_ = false;  ///< wanted_ is in the file
  bool settled_ = false;
  bool one_by_one_ = false;  ///< the last batch was refused
  bool again_ = false;       ///< wanted_ changed while the daemon was being told
  std::vector<std::function<void()>> waiting_;
};

/// The route lines of a "show running-config".
std::set<std::string> route_lines(const std::string& running);

/// What makes `has` into `wanted`: what is added comes before what is removed, so that a route
/// that changes is not missing meanwhile, unless a discard comes or goes.
std::vector<std::string> difference(const std::set<std::string>& has,
                                    const std::set<std::string>& wanted);

}  // namespace nezu::routing
