#include "services/routing/links.h"

#include <linux/if.h>
#include <linux/rtnetlink.h>

#include <utility>

namespace nezu::routing {

int Links::dump(chassis::Netlink& requests) {
  const auto before = std::exchange(links_, {});
  const int error = requests.request(chassis::Message(RTM_GETLINK, NLM_F_DUMP, ifinfomsg{}),
                                     [this](const nlmsghdr& message) { take(message); });
  if (error) links_ = before;
  return error;
}

bool Links::take(const nlmsghdr& message) {
  if (message.nlmsg_len < NLMSG_LENGTH(sizeof(ifinfomsg))) return false;
  const auto* info = static_cast<const ifinfomsg*>(NLMSG_DATA(&message));
  if (message.nlmsg_type == RTM_DELLINK) return links_.erase(info->ifi_index) > 0;
  if (message.nlmsg_type != RTM_NEWLINK) return false;
  const std::string_view name = chassis::attribute(message, sizeof *info, IFLA_IFNAME);
  const Link now = {std::string(name.substr(0, name.find('\0'))),
                    (info->ifi_flags & IFF_UP) && (info->ifi_flags & IFF_RUNNING),
                    std::string(chassis::attribute(message, sizeof *info, IFLA_OPERSTATE))};
  Link& known = links_[info->ifi_index];
  // A device of unknown state runs, but its routes are marked as without carrier until it is up.
  const bool changed = known.device != now.device || known.up != now.up || known.state != now.state;
  known = now;
  return changed;
}

const chassis::InterfaceName* Links::interface(int index) const {
  const auto it = links_.find(index);
  return it == links_.end() ? nullptr : table_.find_device(it->second.device);
}

int Links::index_of(const chassis::InterfaceName& interface) const {
  for (const auto& [index, link] : links_)
    if (link.device == interface.device) return index;
  return 0;
}

bool Links::up(int index) const {
  const auto it = links_.find(index);
  return it != links_.end() && it->second.up;
}

}  // namespace nezu::routing
