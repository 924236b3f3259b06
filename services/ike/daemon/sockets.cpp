#include "services/ike/daemon/sockets.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

namespace nezu::ike {
namespace {

constexpr std::size_t kMaxDatagram = 65535;
constexpr std::array<std::uint8_t, 4> kMarker{};  // of IKE on kNatPort

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

SocketAddress to_socket_address(const Endpoint& endpoint) {
  SocketAddress address;
  if (endpoint.address.size == 4) {
    auto& in = reinterpret_cast<sockaddr_in&>(address.storage);
    in.sin_family = AF_INET;
    in.sin_port = htons(endpoint.port);
    std::memcpy(&in.sin_addr, endpoint.address.octets.data(), 4);
    address.length = sizeof in;
  } else {
    auto& in6 = reinterpret_cast<sockaddr_in6&>(address.storage);
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(endpoint.port);
    std::memcpy(&in6.sin6_addr, endpoint.address.octets.data(), 16);
    address.length = sizeof in6;
  }
  return address;
}

Endpoint from_socket_address(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(storage);
    const auto* octets = reinterpret_cast<const std::uint8_t*>(&in.sin_addr);
    return {Address::of({octets, 4}), ntohs(in.sin_port)};
  }
  const auto& in6 = reinterpret_cast<const sockaddr_in6&>(storage);
  return {Address::of({in6.sin6_addr.s6_addr, 16}), ntohs(in6.sin6_port)};
}

// Where the datagram was sent to.
std::optional<Address> local_address(msghdr& message) {
  for (cmsghdr* item = CMSG_FIRSTHDR(&message); item; item = CMSG_NXTHDR(&message, item)) {
    if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_PKTINFO) {
      in_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(item), sizeof info);
      return Address::of({reinterpret_cast<const std::uint8_t*>(&info.ipi_addr), 4});
    }
    if (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info{};
      std::memcpy(&info, CMSG_DATA(item), sizeof info);
      return Address::of({info.ipi6_addr.s6_addr, 16});
    }
  }
  return {};
}

// Room for one control message that names the address to send from.
struct Source {
  alignas(cmsghdr) char bytes[CMSG_SPACE(sizeof(in6_pktinfo))]{};

  void put(msghdr& message, const Address& from) {
    message.msg_control = bytes;
    message.msg_controllen = CMSG_SPACE(from.size == 4 ? sizeof(in_pktinfo) : sizeof(in6_pktinfo));
    cmsghdr* item = CMSG_FIRSTHDR(&message);
    if (from.size == 4) {
      in_pktinfo info{};
      std::memcpy(&info.ipi_spec_dst, from.octets.data(), 4);
      fill(item, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    } else {
      in6_pktinfo info{};
      std::memcpy(&info.ipi6_addr, from.octets.data(), 16);
      fill(item, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    }
  }
  static void fill(cmsghdr* item, int level, int type, const void* data, std::size_t size) {
    item->cmsg_level = level;
    item->cmsg_type = type;
    item->cmsg_len = CMSG_LEN(size);
    std::memcpy(CMSG_DATA(item), data, size);
  }
};

void set_options(int descriptor, int family) {
  const int on = 1, may_fragment = IP_PMTUDISC_DONT, big = 1 << 20;
  setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &big, sizeof big);
  SocketErrors::enable(descriptor, family);
  if (family == AF_INET) {
    setsockopt(descriptor, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    setsockopt(descriptor, IPPROTO_IP, IP_MTU_DISCOVER, &may_fragment, sizeof may_fragment);
  } else {
    setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
    setsockopt(descriptor, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &may_fragment, sizeof may_fragment);
  }
}

}  // namespace

Sockets::Sockets(Receive receive, std::uint16_t port)
    : receive_(std::move(receive)), port_(port), buffer_(kMaxDatagram) {
  for (const int family : {AF_INET, AF_INET6})
    for (const std::uint16_t number : {port_, kNatPort}) {
      if (number == kNatPort && port_ != 500) continue;
      sockets_.emplace_back();
      sockets_.back().family = family;
      sockets_.back().port = number;
    }
  retry_.setSingleShot(true);
  retry_.callOnTimeout([this] { open(); });
}

Sockets::~Sockets() {
  for (const Socket& socket : sockets_)
    if (socket.descriptor >= 0) close(socket.descriptor);
}

Sockets::Socket* Sockets::of(int family, std::uint16_t port) {
  for (Socket& socket : sockets_)
    if (socket.family == family && (socket.port == kNatPort) == (port == kNatPort)) return &socket;
  return nullptr;
}

void Sockets::open() {
  bool all = true;
  for (Socket& socket : sockets_) all = open(socket) && all;
  if (!all) retry_.start(1000);
}

void Sockets::listen() {
  listening_ = true;
  for (Socket& socket : sockets_)
    if (socket.readable) socket.readable->setEnabled(true);
}

bool Sockets::open(Socket& socket) {
  if (socket.descriptor >= 0) return true;
  const int descriptor = ::socket(socket.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return errno == EAFNOSUPPORT;  // a host without IPv6 stays without
  set_options(descriptor, socket.family);
  Address any;
  any.size = socket.family == AF_INET ? 4 : 16;
  const SocketAddress address = to_socket_address({any, socket.port});
  if (bind(descriptor, reinterpret_cast<const sockaddr*>(&address.storage), address.length) != 0) {
    fmt::print(stderr, "nezu-iked: UDP port {}: {}\n", socket.port, std::strerror(errno));
    close(descriptor);
    return false;
  }
  socket.descriptor = descriptor;
  socket.readable = std::make_unique<QSocketNotifier>(descriptor, QSocketNotifier::Read);
  QObject::connect(socket.readable.get(), &QSocketNotifier::activated, socket.readable.get(),
                   [this, &socket] { read(socket); });
  socket.readable->setEnabled(listening_);
  return true;
}

void Sockets::read(const Socket& socket) {
  errors_.drain(socket.descriptor);
  for (int i = 0; i < kBatch && read_one(socket); ++i) {
  }
}

bool Sockets::read_one(const Socket& socket) {
  sockaddr_storage from{};
  alignas(cmsghdr) char control[256];
  iovec data{buffer_.data(), buffer_.size()};
  msghdr message{&from, sizeof from, &data, 1, control, sizeof control, 0};
  const ssize_t length = recvmsg(socket.descriptor, &message, 0);
  // Anything but an empty queue is an ICMP error of something sent before; it is taken off by this.
  if (length < 0) return errno != EAGAIN && errno != EWOULDBLOCK && errno != EBADF;
  const auto local = local_address(message);
  if (!local || (message.msg_flags & MSG_TRUNC)) return true;
  take({buffer_.data(), std::size_t(length)},
       {0, {*local, socket.port}, from_socket_address(from)});
  return true;
}

// RFC 3948: on port 4500 IKE stands behind four zero octets. What does not is ESP, which the plane
// takes before it comes here, or a sign of life to a NAT.
void Sockets::take(ByteView datagram, const Path& path) {
  errors_.heard(path.remote.address);
  if (path.local.port != kNatPort) return receive_(datagram, path);
  if (datagram.size() >= kMarker.size() &&
      std::equal(kMarker.begin(), kMarker.end(), datagram.begin()))
    receive_(datagram.subspan(kMarker.size()), path);
}

void Sockets::send(const Datagram& datagram) {
  const Address& to = datagram.path.remote.address;
  const Socket* socket = of(to.size == 4 ? AF_INET : AF_INET6, datagram.path.local.port);
  SocketAddress address = to_socket_address(datagram.path.remote);
  const bool marked = datagram.path.local.port == kNatPort && !datagram.keepalive;
  iovec data[] = {{const_cast<std::uint8_t*>(kMarker.data()), marked ? kMarker.size() : 0},
                  {const_cast<std::uint8_t*>(datagram.bytes.data()), datagram.bytes.size()}};
  msghdr message{};
  message.msg_name = &address.storage;
  message.msg_namelen = address.length;
  message.msg_iov = data;
  message.msg_iovlen = 2;
  Source source;
  source.put(message, datagram.path.local.address);
  // The first failure may be the ICMP error of an earlier datagram.
  for (int attempt = 0; socket && attempt < 2; ++attempt)
    if (sendmsg(socket->descriptor, &message, 0) >= 0) return errors_.sent(to);
  errors_.refused(to, errno);
  ++unsent_;
}

}  // namespace nezu::ike
