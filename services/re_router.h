#pragma once
#include <functional>
#include <memory>
#include <string>

/// The Routing Engine as a whole: what nezu-re is made of, wired.
namespace nezu::re {

struct Options {
  std::string run;   ///< sockets of the router
  std::string data;  ///< what outlives it: configuration, interface numbers, MAC addresses
  std::string model = "mx304";
  std::string startup_config;  ///< read when `data` has no revision yet; "" for none
};

class Router {
 public:
  explicit Router(Options options);
  ~Router();

  /// Opens what is needed and begins to apply the configuration; `ready` is called when it is in
  /// force and the management socket answers. Returns what is wrong, "" if nothing: then the event
  /// loop does the rest.
  std::string start(std::function<void()> ready);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace nezu::re
