// The servers of authorities: those that answered nothing are left alone for a while.
#pragma once

#include <ctime>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "services/ike/pki/fetch.h"

namespace nezu::ike {

/// For any thread. A server that does not answer costs one wait, not one for each certificate it
/// would be asked about.
class AuthorityServers {
 public:
  using Clock = std::function<std::time_t()>;
  explicit AuthorityServers(Clock clock = [] { return std::time(nullptr); })
      : clock_(std::move(clock)) {}

  /// fetch(); for kPause after a failure its error, at once.
  Fetched ask(const std::string& url, const Bytes& body, const char* body_type, std::size_t most);
  void forget();

  static constexpr std::time_t kPause = 20;  // seconds

 private:
  static constexpr int kSeconds = 5;  // for one request
  static constexpr std::size_t kMost = 256;

  Clock clock_;
  std::mutex mutex_;
  std::map<std::string, std::pair<std::time_t, std::string>> failed_;  // by URL
};

}  // namespace nezu::ike
