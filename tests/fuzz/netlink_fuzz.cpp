// What the kernel says of links, routes and neighbours, as it never would.
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include "services/routing/neighbours.h"
#include "services/routing/routes.h"

using namespace nezu;

namespace {

struct Target {
  chassis::Forwarding forwarding;
  chassis::InterfaceTable table;
  routing::Links links{table};
  routing::Routes routes{forwarding, links};
  routing::Neighbours neighbours{forwarding, links};

  Target() {
    table.add("et-0/0/0.0");
    table.add("st0.1");
  }
  void take(const nlmsghdr& message) {
    links.take(message);
    routes.take(message);
    neighbours.take(message);
  }
};

/// A device of the table, so that what names number 7 is looked at.
void name_device(Target& target) {
  ifinfomsg header{};
  header.ifi_index = 7;
  header.ifi_flags = IFF_UP;
  chassis::Message message(RTM_NEWLINK, 0, header);
  message.attribute(IFLA_IFNAME, std::string_view("et-0_0_0.0", 11));
  const std::string bytes = message.finish(1);
  std::vector<uint32_t> aligned((bytes.size() + 3) / 4);
  bytes.copy(reinterpret_cast<char*>(aligned.data()), bytes.size());
  target.links.take(*reinterpret_cast<const nlmsghdr*>(aligned.data()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 16384) return 0;
  int sockets[2];
  if (::socketpair(AF_UNIX, SOCK_DGRAM, 0, sockets) != 0) return 0;
  chassis::Netlink netlink{chassis::Descriptor(sockets[0])};
  const chassis::Descriptor kernel(sockets[1]);
  if (::send(kernel.get(), data, size, 0) < 0) return 0;
  Target target;
  name_device(target);
  netlink.read([&](const nlmsghdr& message) { target.take(message); });
  target.routes.expire(routing::Clock::now());
  return 0;
}
