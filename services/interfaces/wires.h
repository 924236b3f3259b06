#pragma once
#include <QSocketNotifier>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "chassis/netlink.h"
#include "services/interfaces/init_client.h"

namespace nezu::interfaces {

/// The wires of the ports' namespace: which are there, and whether they have a carrier.
class Wires {
 public:
  struct Wire {
    int index = 0;
    bool up = false;                 ///< administratively
    bool carrier = false;            ///< the far end is there and up
    chassis::Descriptor descriptor;  ///< its packet socket
    int error = 0;                   ///< why it has none
  };

  /// `wanted` says which Linux names are ports.
  Wires(Devices& devices, std::function<bool(const std::string&)> wanted)
      : devices_(devices), wanted_(std::move(wanted)) {}

  /// Reads what is there and listens for changes. 0 or an errno; to be called again after one, and
  /// whenever: it does nothing while all is well.
  int start();
  /// Tries again to open the wires that are there and could not be; those that still cannot, with
  /// an errno.
  std::map<std::string, int> open_missing();
  /// Called when a wire came, went, or its carrier changed.
  std::function<void()> on_change;
  /// Called at once when the wire of that Linux name is gone, before another can take its place.
  std::function<void(const std::string&)> on_remove;

  const Wire* find(const std::string& name) const;
  /// Switches the transmitter: down, and the far end loses its carrier. Nothing if it is so
  /// already.
  void set_up(const std::string& name, bool up);

 private:
  int open_sockets();
  int read_all();
  int dump();
  void read_changes();
  bool take(const nlmsghdr& message);
  bool add(const std::string& name, Wire& wire);
  void remove(const std::string& name);

  Devices& devices_;
  std::function<bool(const std::string&)> wanted_;
  std::map<std::string, Wire> wires_;
  bool complete_ = false;  ///< every wire that is there is known
  std::unique_ptr<chassis::Netlink> requests_;
  std::unique_ptr<chassis::Netlink> monitor_;
  std::unique_ptr<QSocketNotifier> notifier_;
};

}  // namespace nezu::interfaces
