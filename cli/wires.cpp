#include "cli/wires.h"

#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace nezu::cli {
namespace {

/// One rtnetlink request that is being written.
class Request {
 public:
  Request(uint16_t type, uint16_t flags) {
    nlmsghdr header{};
    header.nlmsg_type = type;
    header.nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
    put(&header, sizeof header);
  }

  template <class Struct>
  void put_struct(const Struct& value) {
    put(&value, sizeof value);
  }
  void put_attribute(uint16_t type, const void* data, size_t length) {
    const size_t start = open(type);
    bytes_.append(static_cast<const char*>(data), length);
    close(start);
  }
  void put_text(uint16_t type, const std::string& text) {
    put_attribute(type, text.c_str(), text.size() + 1);
  }
  void put_number(uint16_t type, uint32_t number) { put_attribute(type, &number, sizeof number); }

  size_t open(uint16_t type) {
    const size_t start = bytes_.size();
    const rtattr attribute{0, type};
    put(&attribute, sizeof attribute);
    return start;
  }
  void close(size_t start) {
    const auto length = static_cast<uint16_t>(bytes_.size() - start);
    memcpy(&bytes_[start], &length, sizeof length);
    bytes_.resize(NLMSG_ALIGN(bytes_.size()));
  }

  const std::string& finish() {
    const auto length = static_cast<uint32_t>(bytes_.size());
    memcpy(bytes_.data(), &length, sizeof length);
    return bytes_;
  }

 private:
  void put(const void* data, size_t length) {
    bytes_.append(static_cast<const char*>(data), length);
    bytes_.resize(NLMSG_ALIGN(bytes_.size()));
  }
  std::string bytes_;
};

void put_end(Request& request, const WireEnd& end) {
  request.put_struct(ifinfomsg{});
  request.put_text(IFLA_IFNAME, end.device);
  request.put_number(IFLA_MTU, static_cast<uint32_t>(end.mtu));
  request.put_number(IFLA_NET_NS_FD, static_cast<uint32_t>(end.network));
}

std::string pair_request(const WireEnd& left, const WireEnd& right) {
  Request request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  put_end(request, left);
  const size_t info = request.open(IFLA_LINKINFO);
  request.put_text(IFLA_INFO_KIND, "veth");
  const size_t data = request.open(IFLA_INFO_DATA);
  const size_t peer = request.open(VETH_INFO_PEER);
  put_end(request, right);
  request.close(peer);
  request.close(data);
  request.close(info);
  return request.finish();
}

int acknowledged(int socket) {
  alignas(nlmsghdr) char answer[4096];
  const ssize_t length = recv(socket, answer, sizeof answer, 0);
  if (length < 0) return errno;
  nlmsghdr header;
  nlmsgerr error;
  if (static_cast<size_t>(length) < sizeof header + sizeof error.error) return EBADMSG;
  memcpy(&header, answer, sizeof header);
  memcpy(&error.error, answer + NLMSG_HDRLEN, sizeof error.error);
  return header.nlmsg_type == NLMSG_ERROR ? -error.error : EBADMSG;
}

// Cannot be part of the request: an end cannot be up before it has its peer.
bool raise(const WireEnd& end) {
  const int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (home < 0 || setns(end.network, CLONE_NEWNET) < 0) return false;
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  strncpy(request.ifr_name, end.device.c_str(), IFNAMSIZ - 1);
  request.ifr_flags = IFF_UP;
  const bool up = ioctl(socket, SIOCSIFFLAGS, &request) == 0;
  close(socket);
  const bool back = setns(home, CLONE_NEWNET) == 0;
  close(home);
  return up && back;
}

}  // namespace

std::string make_wire(const WireEnd& left, const WireEnd& right) {
  const int socket = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (socket < 0) return strerror(errno);
  const std::string request = pair_request(left, right);
  int error = 0;
  if (send(socket, request.data(), request.size(), 0) < 0)
    error = errno;
  else
    error = acknowledged(socket);
  close(socket);
  if (!error && !(raise(left) && raise(right))) error = errno;
  return error ? strerror(error) : "";
}

}  // namespace nezu::cli
