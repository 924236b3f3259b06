#include "services/init/server.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "services/init/namespaces.h"

namespace nezu::init {
namespace {

Answer answer_with(int error, Op op, const std::string& name) {
  Answer answer{};
  answer.error = error;
  answer.op = op;
  strncpy(answer.name, name.c_str(), sizeof answer.name - 1);
  return answer;
}

bool send_answer(int client, const Answer& answer, int descriptor = -1) {
  iovec part{const_cast<Answer*>(&answer), sizeof answer};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (descriptor >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  }
  return sendmsg(client, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == sizeof answer;
}

bool list(int client, const Held& held) {
  for (const auto& [name, device] : held.devices())
    if (!send_answer(client, answer_with(0, device.op, name))) return false;
  return send_answer(client, answer_with(0, Op::kList, ""));
}

bool hand_out(int client, Op op, const std::string& name, int descriptor) {
  return send_answer(client, answer_with(descriptor < 0 ? -descriptor : 0, op, name), descriptor);
}

bool hand_out_netlink(int client) {
  const int socket = open_ports_netlink();
  const bool sent = hand_out(client, Op::kPortsNetlink, "", socket);
  if (socket >= 0) close(socket);
  return sent;
}

}  // namespace

int listen_at(const char* path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  const int socket = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  unlink(path);
  const mode_t before = umask(0177);
  if (socket < 0 || bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0 ||
      listen(socket, 8) < 0)
    give_up(path);
  umask(before);
  return socket;
}

bool serve(int client, Held& held, const Restart& restart) {
  Request request{};
  const ssize_t length = recv(client, &request, sizeof request, MSG_DONTWAIT | MSG_TRUNC);
  if (length < 0) return errno == EAGAIN || errno == EINTR;
  if (length != sizeof request) return false;
  const std::string name(request.name, strnlen(request.name, sizeof request.name));
  switch (request.op) {
    case Op::kWire:
    case Op::kTap:
    case Op::kTun:
      return hand_out(client, request.op, name, held.open(request.op, name));
    case Op::kRelease:
      return send_answer(client, answer_with(held.release(name), request.op, name));
    case Op::kList:
      return list(client, held);
    case Op::kPortsNetlink:
      return hand_out_netlink(client);
    case Op::kRestart:
      return send_answer(client, answer_with(restart(name), request.op, name));
    case Op::kReboot:
      return send_answer(client, answer_with(restart(kAllPrograms), request.op, name));
  }
  return send_answer(client, answer_with(EINVAL, request.op, name));
}

}  // namespace nezu::init
