#include "services/interfaces/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "services/init/protocol.h"

namespace nezu::interfaces {
using chassis::attribute;
using chassis::Message;

namespace {

constexpr uint32_t kDoomed = 0x6e7a7500;  // group of links that are about to go
constexpr size_t kGroup = 500;            // links; a request is answered within its two seconds
constexpr int kAttempts = 3;              // of a dump during which something changes
// Modes and states of a link, one octet each; the header that names them is at odds with
// <net/if.h>.
constexpr char kDefaultMode = 0;
constexpr char kDormantMode = 1;
constexpr char kDormant = 5;
constexpr char kOperating = 6;

uint32_t number(std::string_view octets) {
  uint32_t value = 0;
  if (octets.size() == sizeof value) std::memcpy(&value, octets.data(), sizeof value);
  return value;
}

Address address_of(const nlmsghdr& message, const ifaddrmsg& header) {
  Address address;
  address.length = header.ifa_prefixlen;
  address.octets = attribute(message, sizeof header, IFA_LOCAL);
  if (address.octets.empty()) address.octets = attribute(message, sizeof header, IFA_ADDRESS);
  return address;
}

void write_sysctl(const std::string& path, const char* value) {
  const chassis::Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  // Absent where the kernel has no IPv6: then there is nothing to be told.
  if (file && ::write(file.get(), value, std::strlen(value)) < 0) return;
}

}  // namespace

int Kernel::dump(std::map<std::string, Link, std::less<>>& links) {
  int error = EAGAIN;
  for (int attempt = 0; error == EAGAIN && attempt < kAttempts; ++attempt) {
    links.clear();
    error = dump_once(links);
  }
  return error;
}

int Kernel::dump_once(std::map<std::string, Link, std::less<>>& links) {
  std::map<int, Link*> by_index;
  const ifinfomsg every_link{};
  const int error =
      netlink_.request(Message(RTM_GETLINK, NLM_F_DUMP, every_link), [&](const nlmsghdr& message) {
        ifinfomsg header;
        std::memcpy(&header, NLMSG_DATA(&message), sizeof header);
        std::string name(attribute(message, sizeof header, IFLA_IFNAME));
        name.resize(std::strlen(name.c_str()));
        Link& link = links[name];
        link.index = header.ifi_index;
        link.up = header.ifi_flags & IFF_UP;
        const std::string_view carrier = attribute(message, sizeof header, IFLA_CARRIER);
        link.carrier = !carrier.empty() && carrier[0] != 0;
        const std::string_view mode = attribute(message, sizeof header, IFLA_LINKMODE);
        link.dormant = !mode.empty() && mode[0] == kDormantMode;
        link.mtu = number(attribute(message, sizeof header, IFLA_MTU));
        link.mac = attribute(message, sizeof header, IFLA_ADDRESS);
        by_index[link.index] = &link;
      });
  if (error) return error;
  const ifaddrmsg every_address{};
  return netlink_.request(Message(RTM_GETADDR, NLM_F_DUMP, every_address),
                          [&](const nlmsghdr& message) {
                            ifaddrmsg header;
                            std::memcpy(&header, NLMSG_DATA(&message), sizeof header);
                            const auto link = by_index.find(static_cast<int>(header.ifa_index));
                            if (link != by_index.end())
                              link->second->addresses.insert(address_of(message, header));
                          });
}

int Kernel::set(const Link& there, const Link& wanted) {
  int first = 0;
  const auto note = [&first](int error) {
    if (!first) first = error;
  };
  for (const Address& address : there.addresses)
    if (!wanted.addresses.contains(address)) note(set_address(there.index, address, false));
  note(set_link(there, wanted));
  for (const Address& address : wanted.addresses)
    if (!there.addresses.contains(address)) note(set_address(there.index, address, true));
  return first;
}

int Kernel::remove(const std::vector<int>& indexes) {
  int first = 0;
  for (size_t at = 0; at < indexes.size(); at += kGroup) {
    const auto begin = indexes.begin() + static_cast<ptrdiff_t>(at);
    const auto count = static_cast<ptrdiff_t>(std::min(kGroup, indexes.size() - at));
    if (const int error = remove_group({begin, begin + count}); error && !first) first = error;
  }
  return first;
}

int Kernel::remove_group(const std::vector<int>& indexes) {
  ifinfomsg header{};
  for (const int index : indexes) {
    header.ifi_index = index;
    Message message(RTM_NEWLINK, NLM_F_ACK, header);
    message.attribute(IFLA_GROUP, kDoomed);
    const int error = netlink_.request(std::move(message));
    if (error && error != ENODEV) return error;
  }
  Message message(RTM_DELLINK, NLM_F_ACK, ifinfomsg{});
  message.attribute(IFLA_GROUP, kDoomed);
  const int error = netlink_.request(std::move(message));
  return error == ENODEV ? 0 : error;  // all of them were gone
}

int Kernel::set_link(const Link& there, const Link& wanted) {
  const bool new_mac = !wanted.mac.empty() && wanted.mac != there.mac;
  if (there.up == wanted.up && there.mtu == wanted.mtu && !new_mac) return 0;
  ifinfomsg header{};
  header.ifi_index = there.index;
  header.ifi_flags = wanted.up ? IFF_UP : 0;
  header.ifi_change = IFF_UP;
  Message message(RTM_NEWLINK, NLM_F_ACK, header);
  message.attribute(IFLA_GROUP, init::kDeviceGroup);
  message.attribute(IFLA_MTU, wanted.mtu);
  if (new_mac) message.attribute(IFLA_ADDRESS, std::string_view(wanted.mac));
  return netlink_.request(std::move(message));
}

int Kernel::set_address(int index, const Address& address, bool add) {
  ifaddrmsg header{};
  header.ifa_family = address.is_inet6() ? AF_INET6 : AF_INET;
  header.ifa_prefixlen = static_cast<uint8_t>(address.length);
  header.ifa_index = static_cast<uint32_t>(index);
  if (address.is_inet6()) header.ifa_flags = IFA_F_NODAD;
  const bool link_local = address.is_inet6() && address.octets.starts_with("\xfe\x80");
  header.ifa_scope = link_local ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  Message message(add ? RTM_NEWADDR : RTM_DELADDR,
                  static_cast<uint16_t>(NLM_F_ACK | (add ? NLM_F_CREATE | NLM_F_REPLACE : 0)),
                  header);
  message.attribute(IFA_LOCAL, std::string_view(address.octets));
  message.attribute(IFA_ADDRESS, std::string_view(address.octets));
  const int error = netlink_.request(std::move(message));
  // Gone already: with its primary (IPv4), or with IPv6 on that device.
  return !add && (error == EADDRNOTAVAIL || error == ENODEV) ? 0 : error;
}

// By itself the kernel looks at carriers once a second. Meanwhile a route by a tunnel that is back
// would be none, and its packets would go by a shorter prefix, or nowhere.
void Kernel::set_carrier(int index, int descriptor, bool carrier) {
  int value = carrier ? 1 : 0;
  ::ioctl(descriptor, TUNSETCARRIER, &value);
  ifinfomsg asked{};
  asked.ifi_index = index;
  netlink_.request(Message(RTM_GETLINK, NLM_F_ACK, asked));
}

// The mode says what a carrier is worth from now on, the state what it is worth now.
void Kernel::set_dormant(int index, bool dormant, bool carrier) {
  ifinfomsg header{};
  header.ifi_index = index;
  Message message(RTM_NEWLINK, NLM_F_ACK, header);
  const char mode = dormant ? kDormantMode : kDefaultMode;
  const char state = dormant ? kDormant : kOperating;
  message.attribute(IFLA_LINKMODE, std::string_view(&mode, 1));
  if (carrier) message.attribute(IFLA_OPERSTATE, std::string_view(&state, 1));
  netlink_.request(std::move(message));
}

void Kernel::prepare() {
  write_sysctl("/proc/sys/net/ipv4/conf/all/promote_secondaries", "1");
  write_sysctl("/proc/sys/net/ipv4/conf/default/promote_secondaries", "1");
  // Whoever runs in this router may ask with ICMP; nobody needs rights for it.
  write_sysctl("/proc/sys/net/ipv4/ping_group_range", "0 2147483647");
  // A port without carrier is no way out, as it is none for the forwarding plane.
  for (const char* family : {"ipv4", "ipv6"})
    for (const char* which : {"all", "default"})
      write_sysctl(std::string("/proc/sys/net/") + family + "/conf/" + which +
                       "/ignore_routes_with_linkdown",
                   "1");
}

void Kernel::set_inet6(const std::string& device, bool enabled) {
  const std::string directory = "/proc/sys/net/ipv6/conf/" + device + "/";
  write_sysctl(directory + "addr_gen_mode", "1");
  write_sysctl(directory + "disable_ipv6", enabled ? "0" : "1");
}

}  // namespace nezu::interfaces
