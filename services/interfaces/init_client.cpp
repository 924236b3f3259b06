#include "services/interfaces/init_client.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

namespace nezu::interfaces {
using chassis::Descriptor;

bool InitClient::connect() {
  if (socket_) return true;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
  Descriptor fresh(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  const timeval patience{2, 0};
  ::setsockopt(fresh.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fresh.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(fresh.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) < 0)
    return false;
  socket_ = std::move(fresh);
  return true;
}

bool InitClient::send(init::Op op, const std::string& name) {
  init::Request request{};
  request.op = op;
  if (name.size() >= sizeof request.name || !connect()) return false;
  std::memcpy(request.name, name.data(), name.size());
  if (::send(socket_.get(), &request, sizeof request, MSG_NOSIGNAL) == sizeof request) return true;
  socket_ = {};
  return false;
}

bool InitClient::receive(init::Answer& answer, Descriptor& descriptor) {
  iovec part{&answer, sizeof answer};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  if (::recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC) != sizeof answer) {
    socket_ = {};  // an answer that comes too late must not be taken for the next one
    return false;
  }
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header && header->cmsg_type == SCM_RIGHTS) {
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    descriptor = Descriptor(fd);
  }
  return true;
}

Devices::Result InitClient::open(init::Op op, const std::string& name) {
  Result result;
  init::Answer answer{};
  if (!send(op, name) || !receive(answer, result.descriptor))
    result.error = ECONNREFUSED;
  else
    result.error = answer.error;
  if (result.error == 0 && !result.descriptor) result.error = EBADMSG;
  return result;
}

void InitClient::release(const std::string& name) {
  init::Answer answer{};
  Descriptor none;
  if (send(init::Op::kRelease, name)) receive(answer, none);
}

int InitClient::restart(const std::string& name) {
  init::Answer answer{};
  Descriptor none;
  if (!send(init::Op::kRestart, name) || !receive(answer, none)) return ECONNREFUSED;
  return answer.error;
}

int InitClient::reboot() {
  init::Answer answer{};
  Descriptor none;
  if (!send(init::Op::kReboot, "") || !receive(answer, none)) return ECONNREFUSED;
  return answer.error;
}

std::map<std::string, init::Op> InitClient::held() {
  std::map<std::string, init::Op> all;
  if (!send(init::Op::kList, "")) return all;
  init::Answer answer{};
  Descriptor none;
  while (receive(answer, none) && answer.name[0] != '\0') {
    answer.name[sizeof answer.name - 1] = '\0';
    all.emplace(answer.name, answer.op);
    answer = {};
  }
  return all;
}

}  // namespace nezu::interfaces
