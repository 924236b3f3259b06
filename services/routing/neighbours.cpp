#include "services/routing/neighbours.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cstring>

#include "pfe-model/api.pb.h"

namespace nezu::routing {
namespace {

constexpr uint16_t kUsable = NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT;
constexpr size_t kMacOctets = 6;

std::string_view attribute(const nlmsghdr& message, uint16_t type) {
  return chassis::attribute(message, sizeof(ndmsg), type);
}

bool is_multicast(const std::string& address) {
  const auto first = static_cast<unsigned char>(address[0]);
  return address.size() == 16 ? first == 0xff : first >= 224;
}

pfe::api::Neighbour to_api(const Neighbours::Key& key, const std::string& mac) {
  pfe::api::Neighbour api;
  api.set_interface(key.interface);
  api.set_address(key.address);
  api.set_mac(mac);
  return api;
}

ndmsg header_for(int device, const std::string& address, uint16_t state, uint8_t flags) {
  ndmsg header{};
  header.ndm_family = address.size() == 16 ? AF_INET6 : AF_INET;
  header.ndm_ifindex = device;
  header.ndm_state = state;
  header.ndm_flags = flags;
  return header;
}

}  // namespace

int Neighbours::dump(chassis::Netlink& requests) {
  const std::map<Key, Entry> before = entries_;
  std::set<Key> seen;
  for (const uint8_t family : {AF_INET, AF_INET6}) {
    ndmsg header{};
    header.ndm_family = family;
    const int error = requests.request(
        chassis::Message(RTM_GETNEIGH, NLM_F_DUMP, header), [&](const nlmsghdr& message) {
          take(message);
          const auto* info = static_cast<const ndmsg*>(NLMSG_DATA(&message));
          if (const auto* name = links_.interface(info->ndm_ifindex))
            seen.insert({name->index, std::string(attribute(message, NDA_DST))});
        });
    if (error) return error;
  }
  for (const auto& [key, entry] : before)
    if (!seen.contains(key)) unset(key);
  return 0;
}

void Neighbours::take(const nlmsghdr& message) {
  if (message.nlmsg_len < NLMSG_LENGTH(sizeof(ndmsg))) return;
  const auto* info = static_cast<const ndmsg*>(NLMSG_DATA(&message));
  const chassis::InterfaceName* interface = links_.interface(info->ndm_ifindex);
  const std::string_view address = attribute(message, NDA_DST),
                         mac = attribute(message, NDA_LLADDR);
  if (!interface || (info->ndm_flags & NTF_PROXY)) return;
  if (address.size() != 4 && address.size() != 16) return;
  const Key key{interface->index, std::string(address)};
  if (is_multicast(key.address)) return;
  if (message.nlmsg_type == RTM_DELNEIGH || !(info->ndm_state & kUsable) ||
      mac.size() != kMacOctets)
    return unset(key);
  Entry entry{std::string(mac),
              interface->name,
              info->ndm_state,
              (info->ndm_flags & NTF_ROUTER) != 0,
              0,
              std::chrono::steady_clock::now()};
  nda_cacheinfo cache;
  if (const std::string_view bytes = attribute(message, NDA_CACHEINFO);
      bytes.size() >= sizeof cache) {
    memcpy(&cache, bytes.data(), sizeof cache);
    entry.confirmed_ms = cache.ndm_confirmed * 10;  // in USER_HZ ticks
  }
  set(key, std::move(entry));
}

void Neighbours::set(const Key& key, Entry entry) {
  forwarding_.set_neighbour(to_api(key, entry.mac));
  if (entry.state == NUD_STALE) stale_.insert(key);
  entries_[key] = std::move(entry);
}

void Neighbours::unset(const Key& key) {
  if (entries_.erase(key)) forwarding_.remove_neighbour(to_api(key, ""));
}

void Neighbours::forget(uint32_t interface) {
  for (auto it = entries_.lower_bound({interface, ""});
       it != entries_.end() && it->first.interface == interface;) {
    forwarding_.remove_neighbour(to_api(it->first, ""));
    it = entries_.erase(it);
  }
}

void Neighbours::resolve(chassis::Netlink& requests, const chassis::InterfaceName& interface,
                         const std::string& address) {
  const int device = links_.index_of(interface);
  if (!device || (address.size() != 4 && address.size() != 16)) return;
  chassis::Message message(RTM_NEWNEIGH, NLM_F_ACK | NLM_F_CREATE,
                           header_for(device, address, NUD_NONE, NTF_USE));
  message.attribute(NDA_DST, address);
  requests.request(std::move(message));
}

bool Neighbours::probe_stale(chassis::Netlink& requests, size_t most) {
  for (; most > 0 && !stale_.empty(); --most) {
    const Key key = stale_.extract(stale_.begin()).value();
    const auto it = entries_.find(key);
    const chassis::InterfaceName* interface = nullptr;
    if (it != entries_.end() && it->second.state == NUD_STALE)
      interface = links_.named(key.interface);
    const int device = interface ? links_.index_of(*interface) : 0;
    if (!device) continue;
    chassis::Message message(RTM_NEWNEIGH, NLM_F_ACK | NLM_F_REPLACE,
                             header_for(device, key.address, NUD_PROBE, 0));
    message.attribute(NDA_DST, key.address);
    message.attribute(NDA_LLADDR, it->second.mac);
    requests.request(std::move(message));
  }
  return !stale_.empty();
}

}  // namespace nezu::routing
