#pragma once
#include <sys/types.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "pfe-model/api.pb.h"
#include "pfe-model/channel.h"
#include "pfe-model/descriptor.h"

namespace nezu::pfe::test {

/// Runs a shell command; its exit status.
int sh(const std::string& command);
/// Its output.
std::string output_of(const std::string& command);

/// Runs `work` in a network namespace of `ip netns`, on this thread.
void in_namespace(const std::string& name, const std::function<void()>& work);

/// Octets of a textual address or MAC.
std::string address(const std::string& text);
std::string mac(const std::string& text);

/// A client of pfe.sock.
class ApiClient {
 public:
  /// Waits up to three seconds for the server.
  explicit ApiClient(const std::string& path, api::Owner owner);
  /// Sends and waits for the response; events on the way are kept.
  api::Response call(api::Request request, int attached = -1);
  /// As call, fails the test on an error.
  void must(const api::Request& request, int attached = -1);
  /// Sends without waiting.
  void post(const api::Request& request, int attached = -1);
  bool wait_event(const std::function<bool(const api::Event&)>& wanted, int milliseconds);
  api::Statistics statistics();
  std::vector<api::Event> events;

 private:
  bool receive(api::Reply& reply, int milliseconds);
  Descriptor socket_;
  MessageReader reader_;
  uint64_t sequence_ = 0;
};

/// A router under test: a nezu-pfe, the namespace of its ports, the namespace of its host path, and
/// what init would hold for it.
class Router {
 public:
  explicit Router(const std::string& name);
  ~Router();

  void start();
  void kill();      ///< SIGKILL, as a crash
  void send_all();  ///< everything to a fresh nezu-pfe, as RE and iked

  /// One end of a veth in the ports' namespace becomes a port with a logical interface on it.
  void add_port(uint32_t id, const std::string& device, const std::string& own_mac,
                uint32_t pfe = 0, uint32_t mtu = 1500);
  void add_address(uint32_t interface, const std::string& address, int length);
  void add_route(const std::string& prefix, int length, uint32_t interface,
                 const std::string& gateway = "");
  void add_neighbour(uint32_t interface, const std::string& address, const std::string& mac);
  void add_pfe(uint32_t id);
  void add_tunnel_interface(uint32_t index, uint32_t pfe);
  void add(const api::Request& request) { re_objects_.push_back({request, -1}); }
  void add_iked(const api::Request& request) { iked_objects_.push_back(request); }

  std::string ports() const { return name_ + "p"; }
  std::string host() const { return name_ + "h"; }
  ApiClient re() const { return ApiClient(run_ + "/pfe.sock", api::OWNER_NONE); }
  uint64_t drops(const std::string& reason) const;
  uint64_t count(const std::string& counter) const;
  std::string report() const;
  api::Port::Receive receive = api::Port::RECEIVE_SMALL;
  pid_t pid() const { return pid_; }

 private:
  struct Object {
    api::Request request;
    int descriptor;
  };
  std::string tap_name(uint32_t interface) const { return "if" + std::to_string(interface); }

  std::string name_;
  std::string run_;
  Descriptor memory_;
  std::vector<Descriptor> held_;
  std::vector<Object> re_objects_;
  std::vector<api::Request> iked_objects_;
  pid_t pid_ = -1;
};

}  // namespace nezu::pfe::test
