#include "pfe-model/server.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace nezu::pfe {

namespace {
constexpr uint64_t kListener = 1;
constexpr uint64_t kStopper = 2;
constexpr uint64_t kEvents = 3;

std::string text(const char* what) {
  return std::string(what) + ": " + std::strerror(errno);
}
}  // namespace

std::string Server::listen(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return path + ": name too long";
  std::memcpy(address.sun_path, path.c_str(), path.size());
  epoll_ = Descriptor(::epoll_create1(EPOLL_CLOEXEC));
  stopper_ = Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  listener_ = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  ::unlink(path.c_str());
  const mode_t before = ::umask(0177);  // keys go over it: for its owner, from the first moment on
  const int bound =
      ::bind(listener_.number(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  ::umask(before);
  if (bound != 0 || ::listen(listener_.number(), 16) != 0) return text(path.c_str());
  watch(listener_.number(), kListener, EPOLLIN, true);
  watch(stopper_.number(), kStopper, EPOLLIN, true);
  watch(plane_.event_descriptor(), kEvents, EPOLLIN, true);
  return {};
}

void Server::stop() {
  const uint64_t one = 1;
  (void)!::write(stopper_.number(), &one, sizeof one);
}

void Server::run() {
  while (true) {
    epoll_event events[16];
    const int count = ::epoll_wait(epoll_.number(), events, 16, -1);
    for (int i = 0; i < count; ++i) {
      const uint64_t tag = events[i].data.u64;
      if (tag == kStopper) return;
      if (tag == kListener)
        accept();
      else if (tag == kEvents)
        plane_.take_events([this](const Event& event) { publish(event); });
      else
        serve(tag, events[i].events);
    }
  }
}

void Server::accept() {
  Descriptor socket(::accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket || clients_.size() >= kClients) return;
  const uint64_t id = next_client_++;
  watch(socket.number(), id, EPOLLIN, true);
  clients_[id].socket = std::move(socket);
}

void Server::serve(uint64_t id, uint32_t events) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  Client& client = found->second;
  bool stay = true;
  if (events & EPOLLOUT) stay = flush(client);
  if (stay && (events & (EPOLLIN | EPOLLHUP | EPOLLERR))) stay = read(id, client);
  if (!stay) return close(id);
  const bool wants_room = !client.unsent.empty();
  if (wants_room == client.wants_room) return;
  client.wants_room = wants_room;
  watch(client.socket.number(), id, wants_room ? EPOLLIN | EPOLLOUT : EPOLLIN, false);
}

bool Server::read(uint64_t id, Client& client) {
  std::vector<Api::Call> calls;
  const bool open = collect(id, client, calls);
  if (calls.empty()) return open;
  api_.run(calls);
  const bool answered = answer(client, calls);
  for (const Event& event : api_.take_events()) publish(event);
  return open && answered;
}

/// Reads what is there, at most a batch. False: the client has closed, or broken the framing.
bool Server::collect(uint64_t id, Client& client, std::vector<Api::Call>& calls) {
  while (calls.size() < kBatch) {
    Message message;
    switch (client.reader.read(client.socket.number(), message)) {
      case MessageReader::State::kClosed:
        return false;
      case MessageReader::State::kNothing:
        return true;
      case MessageReader::State::kMessage:
        break;
    }
    Api::Call& call = calls.emplace_back();
    call.client = id;
    call.attached = std::move(message.attached);
    if (!call.request.ParseFromString(message.bytes)) call.fault = "malformed message";
    if (message.too_many) call.fault = "more than one descriptor";
  }
  return true;
}

bool Server::answer(Client& client, std::vector<Api::Call>& calls) {
  for (Api::Call& call : calls) {
    if (!call.answer) continue;
    api::Reply reply;
    reply.mutable_response()->Swap(&call.response);
    if (!send(client, reply)) return false;
  }
  return flush(client);
}

/// Queues a reply. False: the client does not read and has had its share of memory.
bool Server::send(Client& client, const api::Reply& reply) {
  if (client.unsent.size() > kMaxUnsent) return false;
  client.unsent += frame(reply.SerializeAsString());
  return true;
}

bool Server::flush(Client& client) {
  size_t sent = 0;
  while (sent < client.unsent.size()) {
    const ssize_t n = ::send(client.socket.number(), client.unsent.data() + sent,
                             client.unsent.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;
    if (n < 0) return false;
    sent += static_cast<size_t>(n);
  }
  client.unsent.erase(0, sent);
  return true;
}

void Server::publish(const Event& event) {
  api::Reply reply;
  const uint64_t id = api_.translate(event, *reply.mutable_event());
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  if (!send(found->second, reply) || !flush(found->second)) {
    // An event lost is never told again on this connection: let the client come back and be told.
    // serve() finds it closed.
    ::shutdown(found->second.socket.number(), SHUT_RDWR);
    return;
  }
  if (found->second.unsent.empty() || found->second.wants_room) return;
  found->second.wants_room = true;
  watch(found->second.socket.number(), id, EPOLLIN | EPOLLOUT, false);
}

void Server::close(uint64_t id) {
  api_.leave(id);
  clients_.erase(id);
}

void Server::watch(int descriptor, uint64_t tag, uint32_t events, bool add) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag;
  ::epoll_ctl(epoll_.number(), add ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event);
}

}  // namespace nezu::pfe
