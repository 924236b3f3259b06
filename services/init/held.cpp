#include "services/init/held.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "services/init/namespaces.h"

namespace nezu::init {
namespace {

template <class Work>
int in_ports_namespace(Work work) {
  const int home = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (home < 0) return -errno;
  enter_network(kPortsNamespaceDescriptor);
  const int result = work();
  enter_network(home);
  close(home);
  return result;
}

// The router's MAC is the logical interface's. The wire has another, so that the kernel takes every
// frame for a stranger's and drops it right behind our socket.
bool randomise_mac(int socket, ifreq request) {
  if (ioctl(socket, SIOCGIFHWADDR, &request) < 0) return false;
  if (request.ifr_hwaddr.sa_family != ARPHRD_ETHER) return true;
  auto* mac = reinterpret_cast<unsigned char*>(request.ifr_hwaddr.sa_data);
  if (getrandom(mac, ETH_ALEN, 0) != ETH_ALEN) return false;
  mac[0] = static_cast<unsigned char>((mac[0] | 0x02) & ~0x01);
  // A NIC that refuses keeps its own: slower, not wrong.
  ioctl(socket, SIOCSIFHWADDR, &request);
  return true;
}

bool raise(int socket, ifreq request) {
  if (ioctl(socket, SIOCGIFFLAGS, &request) < 0) return false;
  request.ifr_flags |= IFF_UP | IFF_NOARP;
  return ioctl(socket, SIOCSIFFLAGS, &request) == 0;
}

bool bind_wire(int socket, int index) {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = index;
  packet_mreq promiscuous{};
  promiscuous.mr_ifindex = index;
  promiscuous.mr_type = PACKET_MR_PROMISC;
  return bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
         setsockopt(socket, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promiscuous, sizeof promiscuous) ==
             0;
}

int open_wire(const std::string& name) {
  const int socket = ::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return -errno;
  ifreq request{};
  strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  if (ioctl(socket, SIOCGIFINDEX, &request) == 0) {
    const int index = request.ifr_ifindex;
    if (randomise_mac(socket, request) && raise(socket, request) && bind_wire(socket, index))
      return socket;
  }
  const int error = errno;
  close(socket);
  return -error;
}

void forward_inet6(const std::string& device) {
  const std::string path = "/proc/sys/net/ipv6/conf/" + device + "/forwarding";
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return;  // no IPv6 in this kernel
  if (write(file, "1", 1) < 0)
    fprintf(stderr, "nezu-init: %s: %s\n", path.c_str(), strerror(errno));
  close(file);
}

// Without multicast the kernel joins no group on a tunnel, and so reports none through it.
void clear_multicast(ifreq request) {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (ioctl(socket, SIOCGIFFLAGS, &request) == 0) {
    request.ifr_flags = static_cast<short>(request.ifr_flags & ~IFF_MULTICAST);
    ioctl(socket, SIOCSIFFLAGS, &request);
  }
  close(socket);
}

int open_tunnel_device(Op op, const std::string& name) {
  const int device = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (device < 0) return -errno;
  ifreq request{};
  strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  request.ifr_flags = static_cast<short>((op == Op::kTap ? IFF_TAP : IFF_TUN) | IFF_NO_PI);
  if (ioctl(device, TUNSETIFF, &request) == 0) {
    if (op == Op::kTun) clear_multicast(request);
    forward_inet6(name);
    return device;
  }
  const int error = errno;
  close(device);
  return -error;
}

int open_device(Op op, const std::string& name) {
  // The kernel would cut a longer name, or count up a "%d", and hand out something else.
  if (name.empty() || name.size() >= IFNAMSIZ || name.find('%') != name.npos) return -EINVAL;
  if (op == Op::kWire) return in_ports_namespace([&] { return open_wire(name); });
  return open_tunnel_device(op, name);
}

}  // namespace

int Held::open(Op op, const std::string& name) {
  // A wire and a TAP may not share a name: what is held is found by name alone.
  if (auto it = devices_.find(name); it != devices_.end())
    return it->second.op == op ? it->second.descriptor : -EEXIST;
  const int descriptor = open_device(op, name);
  if (descriptor >= 0) devices_.emplace(name, Device{op, descriptor});
  return descriptor;
}

int Held::release(const std::string& name) {
  const auto it = devices_.find(name);
  if (it == devices_.end()) return ENOENT;
  close(it->second.descriptor);
  devices_.erase(it);
  return 0;
}

int open_ports_netlink() {
  return in_ports_namespace([] {
    const int socket = ::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
    return socket < 0 ? -errno : socket;
  });
}

}  // namespace nezu::init
