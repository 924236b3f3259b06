#pragma once
#include <map>
#include <string>
#include <vector>

#include "chassis/descriptor.h"
#include "services/init/protocol.h"

namespace nezu::interfaces {

/// Where devices come from. The real one is InitClient.
class Devices {
 public:
  struct Result {
    int error = 0;  ///< 0 or an errno
    chassis::Descriptor descriptor;
  };
  virtual ~Devices() = default;
  /// Opens what is named, or hands it out again; `op` is kWire, kTap, kTun or kPortsNetlink.
  virtual Result open(init::Op op, const std::string& name) = 0;
  virtual void release(const std::string& name) = 0;
  /// Names of what is held, by name.
  virtual std::map<std::string, init::Op> held() = 0;
};

/// Asks nezu-init. Each call blocks for its answer, at most two seconds; connects by itself.
class InitClient final : public Devices {
 public:
  explicit InitClient(std::string path) : path_(std::move(path)) {}
  Result open(init::Op op, const std::string& name) override;
  void release(const std::string& name) override;
  /// Restarts every program, this one too, with their memory gone. 0 or an errno.
  int reboot();
  std::map<std::string, init::Op> held() override;
  /// Has the program `name` ("nezu-iked") ended and started again; 0 or an errno.
  int restart(const std::string& name);

 private:
  bool connect();
  bool send(init::Op op, const std::string& name);
  bool receive(init::Answer& answer, chassis::Descriptor& descriptor);

  std::string path_;
  chassis::Descriptor socket_;
};

}  // namespace nezu::interfaces
