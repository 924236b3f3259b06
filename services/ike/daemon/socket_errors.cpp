#include "services/ike/daemon/socket_errors.h"

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace nezu::ike {
namespace {

Address address_of(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(storage);
    return Address::of({reinterpret_cast<const std::uint8_t*>(&in.sin_addr), 4});
  }
  if (storage.ss_family != AF_INET6) return {};
  const auto& in6 = reinterpret_cast<const sockaddr_in6&>(storage);
  return Address::of({in6.sin6_addr.s6_addr, 16});
}

bool is_error(const cmsghdr* item) {
  return (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_RECVERR) ||
         (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_RECVERR);
}

// The address behind the error, by the kernel's convention.
Address reporter_of(const cmsghdr* item) {
  sockaddr_storage storage{};
  const std::size_t at = CMSG_LEN(sizeof(sock_extended_err));
  if (item->cmsg_len <= at) return {};
  const std::size_t size = std::min<std::size_t>(item->cmsg_len - at, sizeof storage);
  std::memcpy(&storage, CMSG_DATA(item) + sizeof(sock_extended_err), size);
  return address_of(storage);
}

}  // namespace

void SocketErrors::enable(int descriptor, int family) {
  const int on = 1;
  if (family == AF_INET)
    setsockopt(descriptor, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
  else
    setsockopt(descriptor, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
}

void SocketErrors::drain(int descriptor) {
  while (take_one(descriptor)) {
  }
}

bool SocketErrors::take_one(int descriptor) {
  sockaddr_storage destination{};
  alignas(cmsghdr) char control[512];
  std::uint8_t data[64];
  iovec piece{data, sizeof data};
  msghdr message{&destination, sizeof destination, &piece, 1, control, sizeof control, 0};
  if (recvmsg(descriptor, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return false;
  for (cmsghdr* item = CMSG_FIRSTHDR(&message); item; item = CMSG_NXTHDR(&message, item)) {
    if (!is_error(item)) continue;
    sock_extended_err error{};
    std::memcpy(&error, CMSG_DATA(item), sizeof error);
    if (error.ee_origin != SO_EE_ORIGIN_ICMP && error.ee_origin != SO_EE_ORIGIN_ICMP6) continue;
    Word& word = place(address_of(destination));
    word.reported = static_cast<int>(error.ee_errno);
    word.reporter = reporter_of(item);
  }
  return true;
}

SocketErrors::Word& SocketErrors::place(const Address& destination) {
  if (!words_.contains(destination) && words_.size() >= kMost)
    forget(words_.find(by_age_.begin()->second));
  Word& word = words_[destination];
  by_age_.erase(word.age);
  word.age = ++next_age_;
  by_age_[word.age] = destination;
  return word;
}

void SocketErrors::forget(std::map<Address, Word>::iterator at) {
  by_age_.erase(at->second.age);
  words_.erase(at);
}

void SocketErrors::refused(const Address& destination, int error) {
  place(destination).local = error;
}

void SocketErrors::sent(const Address& destination) {
  const auto known = words_.find(destination);
  if (known == words_.end()) return;
  known->second.local = 0;
  if (known->second.reported == 0) forget(known);
}

void SocketErrors::heard(const Address& from) {
  if (const auto known = words_.find(from); known != words_.end()) forget(known);
}

std::string SocketErrors::text(const Address& destination, const Address& local) const {
  const auto known = words_.find(destination);
  if (known == words_.end()) return {};
  const std::string peer = to_string(destination);
  const Word& word = known->second;
  if (word.local == ENETUNREACH) return "No route to " + peer;
  if (word.local == EHOSTUNREACH) return "Nobody has the address " + peer + " on its link";
  if (word.local == EADDRNOTAVAIL || word.local == EINVAL)
    return "The local address is on no interface that is up";
  if (word.local == ENETDOWN) return "The interface to " + peer + " is down";
  if (word.local != 0) return "Sending to " + peer + " failed: " + std::strerror(word.local);
  if (word.reported == 0) return {};
  if (word.reported == EHOSTUNREACH && word.reporter == local)
    return "Nobody has the address " + peer + " on its link";
  const std::string from = word.reporter.empty() ? std::string() : to_string(word.reporter);
  if (word.reported == ECONNREFUSED)
    return peer + " answers that no IKE runs there (ICMP port unreachable)";
  if (from.empty() || word.reported == EHOSTUNREACH)
    return "Host " + peer + " is unreachable" + (from.empty() ? "" : " (says " + from + ")");
  return from + " answers that it cannot pass packets on to " + peer + ": " +
         std::strerror(word.reported);
}

}  // namespace nezu::ike
