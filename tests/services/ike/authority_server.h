// The web server of an authority: lists by GET, answers of OCSP by POST, on a port of 127.0.0.1.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "services/ike/bytes.h"

namespace nezu::ike::test {

class AuthorityServer {
 public:
  /// What it says to a request: the body of POST, empty of GET. No octets: 404.
  using Answer = std::function<Bytes(const std::string& path, const Bytes& body)>;

  explicit AuthorityServer(Answer answer);
  ~AuthorityServer();

  std::string url(const std::string& path) const;
  int requests() const { return requests_; }
  void set(Answer answer);

 private:
  void serve();
  void answer(int client);

  std::mutex mutex_;
  Answer answer_;
  std::atomic<int> requests_ = 0;
  int socket_ = -1;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace nezu::ike::test
