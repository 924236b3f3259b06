#include "chassis/netlink.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace nezu::chassis {

namespace {

constexpr size_t kReceive = 65536;

void pad(std::string& bytes) {
  bytes.resize(NLMSG_ALIGN(bytes.size()), '\0');
}

void set_patience(int fd) {
  const timeval patience{2, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
}

// The message behind `at`. NLMSG_NEXT takes `left` below zero when the last one lacks its padding.
nlmsghdr* next(nlmsghdr* at, uint32_t& left) {
  const uint32_t step = std::min<uint32_t>(left, NLMSG_ALIGN(at->nlmsg_len));
  left -= step;
  return reinterpret_cast<nlmsghdr*>(reinterpret_cast<char*>(at) + step);
}
}  // namespace

Message::Message(uint16_t type, uint16_t flags, const void* header, size_t size) {
  nlmsghdr start{};
  start.nlmsg_type = type;
  start.nlmsg_flags = static_cast<uint16_t>(flags | NLM_F_REQUEST);
  bytes_.assign(reinterpret_cast<const char*>(&start), sizeof start);
  bytes_.append(static_cast<const char*>(header), size);
  pad(bytes_);
}

Message& Message::attribute(uint16_t type, const void* data, size_t size) {
  const rtattr start{static_cast<unsigned short>(RTA_LENGTH(size)), type};
  bytes_.append(reinterpret_cast<const char*>(&start), sizeof start);
  bytes_.append(static_cast<const char*>(data), size);
  pad(bytes_);
  return *this;
}

Message& Message::begin(uint16_t type) {
  open_.push_back(bytes_.size());
  return attribute(type, "", 0);
}

Message& Message::end() {
  const auto size = static_cast<unsigned short>(bytes_.size() - open_.back());
  std::memcpy(bytes_.data() + open_.back(), &size, sizeof size);
  open_.pop_back();
  return *this;
}

const std::string& Message::finish(uint32_t sequence) {
  nlmsghdr start;
  std::memcpy(&start, bytes_.data(), sizeof start);
  start.nlmsg_len = static_cast<uint32_t>(bytes_.size());
  start.nlmsg_seq = sequence;
  std::memcpy(bytes_.data(), &start, sizeof start);
  return bytes_;
}

std::string_view attribute(const nlmsghdr& message, size_t header, uint16_t type) {
  const char* at = reinterpret_cast<const char*>(&message) + NLMSG_HDRLEN + NLMSG_ALIGN(header);
  const char* end = reinterpret_cast<const char*>(&message) + message.nlmsg_len;
  while (end - at >= static_cast<std::ptrdiff_t>(sizeof(rtattr))) {
    rtattr start;
    std::memcpy(&start, at, sizeof start);
    if (start.rta_len < sizeof start || start.rta_len > end - at) break;
    if ((start.rta_type & NLA_TYPE_MASK) == type)
      return {at + sizeof start, start.rta_len - sizeof start};
    at += RTA_ALIGN(start.rta_len);
  }
  return {};
}

Netlink::Netlink() : socket_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)) {
  set_patience(socket_.get());
}

Netlink::Netlink(Descriptor socket) : socket_(std::move(socket)) {
  set_patience(socket_.get());
}

int Netlink::request(Message message, const Visitor& visitor) {
  const std::string& bytes = message.finish(++sequence_);
  if (::send(socket_.get(), bytes.data(), bytes.size(), 0) < 0) return errno;
  alignas(nlmsghdr) char buffer[kReceive];
  bool interrupted = false;
  for (;;) {
    const ssize_t got = ::recv(socket_.get(), buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    auto left = static_cast<uint32_t>(got);
    for (auto* at = reinterpret_cast<nlmsghdr*>(buffer); NLMSG_OK(at, left); at = next(at, left)) {
      if (at->nlmsg_seq != sequence_) continue;  // of a request that was given up
      interrupted |= (at->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
      if (at->nlmsg_type == NLMSG_DONE) return interrupted ? EAGAIN : 0;
      if (at->nlmsg_type == NLMSG_ERROR)
        return -reinterpret_cast<const nlmsgerr*>(NLMSG_DATA(at))->error;
      if (visitor) visitor(*at);
    }
  }
}

bool Netlink::join(int group) {
  // Without an address of its own a socket counts as the kernel's and hears nothing.
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  socklen_t length = sizeof address;
  const bool bound =
      ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &length) == 0 &&
      address.nl_pid != 0;
  if (!bound && ::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) < 0)
    return false;
  const int size = 4 << 20;
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  return ::setsockopt(socket_.get(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) ==
         0;
}

bool Netlink::read(const Visitor& visitor) {
  alignas(nlmsghdr) char buffer[kReceive];
  for (;;) {
    const ssize_t got = ::recv(socket_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (got < 0) return errno != ENOBUFS;
    auto left = static_cast<uint32_t>(got);
    for (auto* at = reinterpret_cast<nlmsghdr*>(buffer); NLMSG_OK(at, left); at = next(at, left))
      visitor(*at);
  }
}

}  // namespace nezu::chassis
