#pragma once
#include <cstdint>

/// What nezu-re asks of nezu-init over its Unix socket (SOCK_SEQPACKET, run directory,
/// "init.sock").
///
/// init does no parsing and has no policy: a request is one fixed-size struct, the answer another,
/// with descriptors attached by SCM_RIGHTS. What init has opened it keeps open until kRelease or
/// the end of the router, so it outlives any crash of the others; asking again for the same name
/// hands out the same descriptor.
namespace nezu::init {

enum class Op : uint32_t {
  kWire = 1,     ///< AF_PACKET socket bound to `name` in the ports' namespace; ENODEV if absent
  kTap = 2,      ///< TAP device `name` (no packet information) in the RE's namespace
  kTun = 3,      ///< TUN device `name` (no packet information) in the RE's namespace
  kRelease = 4,  ///< closes what is held under `name`; a TAP or TUN device goes with it
  kList = 5,     ///< one Answer per held name, then one with an empty name
  kPortsNetlink = 6,  ///< a NETLINK_ROUTE socket opened in the ports' namespace; never cached
  kRestart = 7,       ///< restarts the program `name`: SIGTERM, then SIGKILL after two seconds
  /// Restarts all programs, 300 ms after the answer; what was in their memory is gone, and so are
  /// the files in RUN/boot.
  kReboot = 8,
};

struct Request {
  Op op;
  char name[60];  ///< NUL-terminated Linux device name ("et-0_2_10.0") or program name
};

struct Answer {
  int32_t error;  ///< 0 or an errno
  Op op;          ///< what the held descriptor is (kList)
  char name[56];
};

/// Descriptors that init passes to every start of a program, so that their contents outlive it.
constexpr int kMemoryDescriptor = 3;  ///< memfd: nezu-pfe's SA records, nezu-iked's IKE SAs

/// In init itself: the ports' network namespace, /proc/PID/fd/10 for the lab tool.
constexpr int kPortsNamespaceDescriptor = 10;

/// The kernel's group of every TAP and TUN of a router (IFLA_GROUP): the lab tool takes them away
/// together, for one by one a thousand of them are the better part of a minute.
constexpr uint32_t kDeviceGroup = 0x6e7a;

/// Held locked (fcntl, whole file) by init as long as it lives; F_GETLK tells its pid.
constexpr char kLockFile[] = "init.lock";

/// A wire is handed out bound, promiscuous and up. It is one open socket for ever: who gets it
/// again after a crash finds the packet ring of its predecessor in it and first sets one of zero
/// blocks.

}  // namespace nezu::init
