// Loaded into charon before everything else: stands in for the kernel's XFRM, which a machine in a
// lab may not have. Says yes to every SA and policy and draws SPIs, so that what charon negotiates
// is its own.
#include <dlfcn.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <pthread.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace {

uint64_t ours;  // a bit for each of our descriptors

bool is_ours(int fd) {
  return fd >= 0 && fd < 64 && (ours >> fd & 1);
}

template <typename Body>
void reply(int fd, const nlmsghdr& request, uint16_t type, const Body& body) {
  struct {
    nlmsghdr head;
    Body body;
  } answer{{sizeof answer, type, 0, request.nlmsg_seq, 0}, body};
  if (write(fd, &answer, sizeof answer) < 0) return;
}

void reply_error(int fd, const nlmsghdr& request, int error) {
  reply(fd, request, NLMSG_ERROR, nlmsgerr{-error, request});
}

void reply_spi(int fd, const nlmsghdr& request) {
  xfrm_usersa_info sa{};
  const auto* wanted = static_cast<const xfrm_userspi_info*>(NLMSG_DATA(&request));
  sa = wanted->info;
  uint32_t spi = 0;
  if (getrandom(&spi, sizeof spi, 0) < 0) return;
  sa.id.spi = spi | 0x000000c0u;  // never below 256
  reply(fd, request, XFRM_MSG_NEWSA, sa);
}

void answer(int fd, const nlmsghdr& request) {
  if (request.nlmsg_type == XFRM_MSG_ALLOCSPI) return reply_spi(fd, request);
  const bool asks =
      request.nlmsg_type == XFRM_MSG_GETSA || request.nlmsg_type == XFRM_MSG_GETPOLICY;
  reply_error(fd, request, asks ? ESRCH : 0);
}

void* serve(void* argument) {
  const int fd = int(reinterpret_cast<intptr_t>(argument));
  alignas(nlmsghdr) char buffer[65536];
  while (read(fd, buffer, sizeof buffer) >= ssize_t(sizeof(nlmsghdr)))
    answer(fd, *reinterpret_cast<const nlmsghdr*>(buffer));
  return nullptr;
}

template <typename Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int socket(int domain, int type, int protocol) noexcept {
  static const auto real = next<int (*)(int, int, int)>("socket");
  if (domain != AF_NETLINK || protocol != NETLINK_XFRM) return real(domain, type, protocol);
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0 || pair[0] >= 64) return -1;
  ours |= 1ull << pair[0];
  pthread_t thread;
  pthread_create(&thread, nullptr, serve, reinterpret_cast<void*>(intptr_t(pair[1])));
  return pair[0];
}

int bind(int fd, const sockaddr* address, socklen_t length) noexcept {
  static const auto real = next<int (*)(int, const sockaddr*, socklen_t)>("bind");
  return is_ours(fd) ? 0 : real(fd, address, length);
}

ssize_t sendto(int fd, const void* data, size_t size, int flags, const sockaddr* to,
               socklen_t length) {
  static const auto real =
      next<ssize_t (*)(int, const void*, size_t, int, const sockaddr*, socklen_t)>("sendto");
  return is_ours(fd) ? write(fd, data, size) : real(fd, data, size, flags, to, length);
}

}  // extern "C"
