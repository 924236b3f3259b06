#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "pfe-model/api.h"
#include "pfe-model/channel.h"

namespace nezu::pfe {

/// Serves api.proto on a Unix socket: one thread, all clients.
class Server {
 public:
  explicit Server(Plane& plane) : plane_(plane), api_(plane) {}

  /// Listens on `path`, replacing what a predecessor left there. Empty: done, else the reason.
  std::string listen(const std::string& path);

  /// Serves until stop(); `stop` may be called by a signal handler.
  void run();
  void stop();

 private:
  struct Client {
    Descriptor socket;
    MessageReader reader;
    std::string unsent;
    bool wants_room = false;
  };

  static constexpr size_t kClients = 64;
  static constexpr size_t kBatch = 64;
  static constexpr size_t kMaxUnsent = 16 << 20;

  void accept();
  void serve(uint64_t id, uint32_t events);
  /// False: the client is to go.
  bool read(uint64_t id, Client& client);
  bool collect(uint64_t id, Client& client, std::vector<Api::Call>& calls);
  bool answer(Client& client, std::vector<Api::Call>& calls);
  bool send(Client& client, const api::Reply& reply);
  bool flush(Client& client);
  void publish(const Event& event);
  void close(uint64_t id);
  void watch(int descriptor, uint64_t tag, uint32_t events, bool add);

  Plane& plane_;
  Api api_;
  Descriptor epoll_;
  Descriptor listener_;
  Descriptor stopper_;
  std::map<uint64_t, Client> clients_;
  uint64_t next_client_ = 16;  ///< below: tags of our own descriptors
};

}  // namespace nezu::pfe
