#include "tests/services/ike/authority_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace nezu::ike::test {

AuthorityServer::AuthorityServer(Answer answer) : answer_(std::move(answer)) {
  socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0 && listen(socket_, 64) == 0 &&
      getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0)
    port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

AuthorityServer::~AuthorityServer() {
  shutdown(socket_, SHUT_RDWR);
  thread_.join();
  close(socket_);
}

std::string AuthorityServer::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

void AuthorityServer::set(Answer answer) {
  const std::lock_guard lock(mutex_);
  answer_ = std::move(answer);
}

void AuthorityServer::serve() {
  for (int client; (client = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
    ++requests_;
    answer(client);
    close(client);
  }
}

void AuthorityServer::answer(int client) {
  std::string request;
  std::size_t whole = std::string::npos;
  char buffer[4096];
  while (request.size() < whole) {
    const ssize_t got = recv(client, buffer, sizeof buffer, 0);
    if (got <= 0) return;
    request.append(buffer, static_cast<std::size_t>(got));
    const auto end = request.find("\r\n\r\n");
    if (end == std::string::npos) continue;
    const auto length = request.find("Content-Length: ");
    whole = end + 4 + (length < end ? std::stoul(request.substr(length + 16)) : 0);
  }
  const auto path = request.find(' ') + 1;
  const auto body = request.find("\r\n\r\n") + 4;
  Answer answer;
  {
    const std::lock_guard lock(mutex_);
    answer = answer_;
  }
  const Bytes content = answer(request.substr(path, request.find(' ', path) - path),
                               Bytes(request.begin() + static_cast<long>(body), request.end()));
  std::string head = content.empty() ? "HTTP/1.0 404 Not Found\r\n" : "HTTP/1.0 200 OK\r\n";
  if (body < request.size()) head += "Content-Type: application/ocsp-response\r\n";
  head += "Content-Length: " + std::to_string(content.size()) + "\r\n\r\n";
  head.append(content.begin(), content.end());
  send(client, head.data(), head.size(), MSG_NOSIGNAL);
}

}  // namespace nezu::ike::test
