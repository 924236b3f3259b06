#include "services/ike/daemon/probes.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

namespace nezu::ike {
namespace {

// ICMPv4 and ICMPv6 have the same header for echoes; the kernel fills in identifier and checksum.
struct Echo {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint16_t checksum = 0;
  std::uint16_t identifier = 0;
  std::uint16_t sequence = 0;
  std::uint32_t mark = 0x6e657a75;
  std::uint32_t tunnel = 0;
  std::uint64_t nonce = 0;
};

constexpr int kMostAtOnce = 256;  // answers before other events have their turn

socklen_t fill(const Address& address, sockaddr_storage& storage) {
  std::memset(&storage, 0, sizeof storage);
  if (address.size == 4) {
    auto& inet = reinterpret_cast<sockaddr_in&>(storage);
    inet.sin_family = AF_INET;
    std::memcpy(&inet.sin_addr, address.octets.data(), 4);
    return sizeof inet;
  }
  auto& inet6 = reinterpret_cast<sockaddr_in6&>(storage);
  inet6.sin6_family = AF_INET6;
  std::memcpy(&inet6.sin6_addr, address.octets.data(), 16);
  return sizeof inet6;
}

template <typename Info>
void add_control(msghdr& message, int level, int type, const Info& info) {
  message.msg_controllen = CMSG_SPACE(sizeof info);
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = level;
  header->cmsg_type = type;
  header->cmsg_len = CMSG_LEN(sizeof info);
  std::memcpy(CMSG_DATA(header), &info, sizeof info);
}

void add_way(msghdr& message, unsigned device, const Address& source) {
  if (source.size == 4) {
    in_pktinfo info{};
    info.ipi_ifindex = static_cast<int>(device);
    std::memcpy(&info.ipi_spec_dst, source.octets.data(), 4);
    return add_control(message, IPPROTO_IP, IP_PKTINFO, info);
  }
  in6_pktinfo info{};
  info.ipi6_ifindex = device;
  std::memcpy(&info.ipi6_addr, source.octets.data(), 16);
  add_control(message, IPPROTO_IPV6, IPV6_PKTINFO, info);
}

}  // namespace

Probes::Socket::~Socket() {
  notifier.reset();
  if (descriptor >= 0) ::close(descriptor);
}

int Probes::open(Socket& socket, bool inet6) {
  if (socket.descriptor >= 0) return 0;
  const int protocol = inet6 ? int(IPPROTO_ICMPV6) : int(IPPROTO_ICMP);
  socket.descriptor =
      ::socket(inet6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  if (socket.descriptor < 0) return errno;
  socket.notifier = std::make_unique<QSocketNotifier>(socket.descriptor, QSocketNotifier::Read);
  QObject::connect(socket.notifier.get(), &QSocketNotifier::activated,
                   [this, &socket] { read(socket); });
  return 0;
}

int Probes::send(const Monitor::Probe& probe, const std::string& device, const Address& source,
                 const Address& destination) {
  const bool inet6 = destination.size == 16;
  Socket& socket = inet6 ? inet6_ : inet_;
  if (const int error = open(socket, inet6)) return error;
  Echo echo;
  echo.type = inet6 ? int(ICMP6_ECHO_REQUEST) : int(ICMP_ECHO);
  echo.tunnel = probe.tunnel;
  echo.nonce = probe.nonce;
  iovec part{&echo, sizeof echo};
  sockaddr_storage to;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(in6_pktinfo))] = {};
  msghdr message{};
  message.msg_name = &to;
  message.msg_namelen = fill(destination, to);
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  const unsigned index = ::if_nametoindex(device.c_str());
  if (index == 0) return ENODEV;
  add_way(message, index, source);
  return ::sendmsg(socket.descriptor, &message, 0) < 0 ? errno : 0;
}

void Probes::read(const Socket& socket) {
  for (int i = 0; i < kMostAtOnce; ++i) {
    Echo echo;
    const ssize_t length = ::recv(socket.descriptor, &echo, sizeof echo, 0);
    if (length < 0) return;
    const bool reply = echo.type == ICMP_ECHOREPLY || echo.type == ICMP6_ECHO_REPLY;
    if (length == sizeof echo && reply && echo.mark == Echo{}.mark)
      answered_({echo.tunnel, echo.nonce});
  }
}

}  // namespace nezu::ike
