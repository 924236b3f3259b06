#include "services/routing/routes.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>

#include <cstring>

#include "pfe-model/api.pb.h"

namespace nezu::routing {
namespace {

constexpr auto kLinger = std::chrono::seconds(3);
constexpr unsigned kUnusable = RTNH_F_DEAD | RTNH_F_LINKDOWN;

uint32_t number(std::string_view bytes) {
  uint32_t value = 0;
  if (bytes.size() == sizeof value) memcpy(&value, bytes.data(), sizeof value);
  return value;
}

std::string_view attribute(const nlmsghdr& message, uint16_t type) {
  return chassis::attribute(message, sizeof(rtmsg), type);
}

// Link-local and multicast prefixes are on every interface and none: the host path's alone.
bool is_scoped(const Prefix& prefix) {
  const auto first = static_cast<unsigned char>(prefix.octets[0]);
  if (!prefix.inet6()) return first >= 224 || first == 127;
  const auto second = static_cast<unsigned char>(prefix.octets[1]);
  return first == 0xff || (first == 0xfe && (second & 0xc0) == 0x80);
}

bool is_loopback(const Prefix& prefix) {
  return prefix.inet6() ? prefix.text() == "::1/128" : prefix.octets[0] == 127;
}

pfe::api::Route to_api(const Prefix& prefix, const Route& route) {
  pfe::api::Route api;
  api.mutable_prefix()->set_address(prefix.octets);
  api.mutable_prefix()->set_length(prefix.length);
  api.set_action(route.action == Route::Action::kDiscard  ? pfe::api::Route::DISCARD
                 : route.action == Route::Action::kReject ? pfe::api::Route::REJECT
                                                          : pfe::api::Route::FORWARD);
  for (const Hop& hop : route.hops) {
    auto* next = api.add_next_hop();
    next->set_interface(hop.index);
    next->set_gateway(hop.gateway);
  }
  return api;
}

bool read_action(const rtmsg& header, Route& route) {
  switch (header.rtm_type) {
    case RTN_UNICAST:
      route.action = Route::Action::kForward;
      return header.rtm_table == RT_TABLE_MAIN;
    case RTN_BLACKHOLE:
      route.action = Route::Action::kDiscard;
      return header.rtm_table == RT_TABLE_MAIN;
    case RTN_UNREACHABLE:
    case RTN_PROHIBIT:
      route.action = Route::Action::kReject;
      return header.rtm_table == RT_TABLE_MAIN;
    case RTN_LOCAL:
      route.action = Route::Action::kLocal;
      return header.rtm_table == RT_TABLE_LOCAL;
    default:
      return false;
  }
}

}  // namespace

std::string address_text(const std::string& octets) {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(octets.size() == 16 ? AF_INET6 : AF_INET, octets.data(), text, sizeof text);
  return text;
}

std::string Prefix::text() const {
  return address_text(octets) + "/" + std::to_string(length);
}

bool Prefix::operator<(const Prefix& other) const {
  if (octets.size() != other.octets.size()) return octets.size() < other.octets.size();
  const int order = memcmp(octets.data(), other.octets.data(), octets.size());
  return order ? order < 0 : length < other.length;
}

bool Prefix::covers(const Prefix& other) const {
  if (octets.size() != other.octets.size() || other.length < length) return false;
  const size_t whole = length / 8, rest = length % 8;
  if (memcmp(octets.data(), other.octets.data(), whole) != 0) return false;
  if (rest == 0) return true;
  const int mask = 0xff00 >> rest & 0xff;
  return ((octets[whole] ^ other.octets[whole]) & mask) == 0;
}

void Routes::add_hop(int device, std::string_view gateway, Route& route) const {
  const chassis::InterfaceName* interface = links_.interface(device);
  if (interface)
    route.hops.push_back({device, interface->index, interface->name, std::string(gateway)});
}

bool Routes::read_hops(const nlmsghdr& message, Parsed& parsed) const {
  Route& route = parsed.route;
  const std::string_view several = attribute(message, RTA_MULTIPATH);
  if (several.empty()) {
    const auto* header = static_cast<const rtmsg*>(NLMSG_DATA(&message));
    const int device = static_cast<int>(number(attribute(message, RTA_OIF)));
    if (route.action == Route::Action::kLocal || !(header->rtm_flags & kUnusable))
      add_hop(device, attribute(message, RTA_GATEWAY), route);
    else
      parsed.dark.push_back(device);
    return true;
  }
  for (size_t at = 0; several.size() - at >= sizeof(rtnexthop);) {
    rtnexthop hop;
    memcpy(&hop, several.data() + at, sizeof hop);
    if (hop.rtnh_len < sizeof hop || hop.rtnh_len > several.size() - at) return false;
    std::string_view gateway;
    for (size_t in = RTNH_ALIGN(sizeof hop); in + sizeof(rtattr) <= hop.rtnh_len;) {
      rtattr inner;
      memcpy(&inner, several.data() + at + in, sizeof inner);
      if (inner.rta_len < sizeof inner || in + inner.rta_len > hop.rtnh_len) return false;
      if (inner.rta_type == RTA_GATEWAY)
        gateway = several.substr(at + in + sizeof inner, inner.rta_len - sizeof inner);
      in += RTA_ALIGN(inner.rta_len);
    }
    if (hop.rtnh_flags & kUnusable)
      parsed.dark.push_back(hop.rtnh_ifindex);
    else
      add_hop(hop.rtnh_ifindex, gateway, route);
    at += RTNH_ALIGN(hop.rtnh_len);
    if (at > several.size()) break;
  }
  return true;
}

Routes::Reading Routes::parse(const nlmsghdr& message, Parsed& parsed) const {
  rtmsg header;
  if (message.nlmsg_len < NLMSG_LENGTH(sizeof header)) return Reading::kBroken;
  memcpy(&header, NLMSG_DATA(&message), sizeof header);
  if (header.rtm_family != AF_INET && header.rtm_family != AF_INET6) return Reading::kNotOurs;
  if ((header.rtm_flags & RTM_F_CLONED) || !read_action(header, parsed.route))
    return Reading::kNotOurs;
  parsed.prefix.octets.assign(header.rtm_family == AF_INET6 ? 16 : 4, '\0');
  parsed.prefix.length = header.rtm_dst_len;
  const std::string_view destination = attribute(message, RTA_DST);
  if (destination.size() == parsed.prefix.octets.size()) parsed.prefix.octets = destination;
  parsed.route.protocol = header.rtm_protocol;
  parsed.metric = number(attribute(message, RTA_PRIORITY));
  if (parsed.route.action == Route::Action::kDiscard ||
      parsed.route.action == Route::Action::kReject)
    return is_scoped(parsed.prefix) ? Reading::kNotOurs : Reading::kOurs;
  if (!read_hops(message, parsed)) return Reading::kBroken;
  // A route by a device without carrier, or by one that is no interface of ours (lo, management),
  // is not for the plane.
  if (parsed.route.hops.empty() && parsed.route.action == Route::Action::kForward)
    return Reading::kNotOurs;
  return Reading::kOurs;
}

void Routes::add(std::map<Prefix, Metrics>& to, Parsed parsed) {
  Route& known = to[parsed.prefix][parsed.metric];
  parsed.route.since = known.since;
  if (!known.same(parsed.route) || known.since == Clock::time_point{})
    parsed.route.since = Clock::now();
  known = std::move(parsed.route);
}

bool Routes::take(const nlmsghdr& message) {
  Parsed parsed;
  const Reading reading = parse(message, parsed);
  if (message.nlmsg_type == RTM_NEWROUTE) note_dark(parsed);
  if (reading != Reading::kOurs) return reading == Reading::kNotOurs;
  // Local addresses change rarely and in company; they are read again as a whole.
  if (parsed.route.action == Route::Action::kLocal) return is_loopback(parsed.prefix);
  if (is_scoped(parsed.prefix)) return true;
  const Prefix prefix = parsed.prefix;
  if (message.nlmsg_type == RTM_DELROUTE) return remove(parsed);
  add(all_, std::move(parsed));
  choose(prefix);
  return true;
}

// One hop of several may go by itself, and the message then names only that one.
bool Routes::remove(const Parsed& parsed) {
  const auto it = all_.find(parsed.prefix);
  if (it == all_.end()) return true;
  const auto metric = it->second.find(parsed.metric);
  if (metric == it->second.end()) return true;
  if (!metric->second.same(parsed.route)) return false;
  it->second.erase(metric);
  if (it->second.empty()) all_.erase(it);
  choose(parsed.prefix);
  return true;
}

int Routes::dump(chassis::Netlink& requests) {
  const std::map<Prefix, Metrics> before = std::exchange(all_, {});
  const std::set<int> dark = std::exchange(dark_, {});
  std::map<Prefix, Route> locals;
  int error = 0;
  for (const uint8_t family : {AF_INET, AF_INET6}) {
    rtmsg header{};
    header.rtm_family = family;
    const int result = requests.request(
        chassis::Message(RTM_GETROUTE, NLM_F_DUMP, header), [&](const nlmsghdr& message) {
          Parsed parsed;
          const Reading reading = parse(message, parsed);
          note_dark(parsed);
          if (reading != Reading::kOurs) return;
          if (parsed.route.action == Route::Action::kLocal) {
            if (is_loopback(parsed.prefix) || parsed.route.hops.empty()) return;
            const auto known = locals_.find(parsed.prefix);
            parsed.route.since = known == locals_.end() ? Clock::now() : known->second.since;
            locals[parsed.prefix] = std::move(parsed.route);
          } else if (!is_scoped(parsed.prefix)) {
            add(all_, std::move(parsed));
          }
        });
    if (result) error = result;
  }
  if (error) {
    all_ = before;
    dark_.insert(dark.begin(), dark.end());
    return error;
  }
  locals_ = std::move(locals);
  // Ages survive a dump that finds the same again.
  for (auto& [prefix, metrics] : all_)
    if (const auto old = before.find(prefix); old != before.end())
      for (auto& [metric, route] : metrics)
        if (const auto same = old->second.find(metric);
            same != old->second.end() && same->second.same(route))
          route.since = same->second.since;
  std::vector<Prefix> touched;
  for (const auto& [prefix, route] : active_) touched.push_back(prefix);
  for (const auto& [prefix, metrics] : all_) touched.push_back(prefix);
  for (const Prefix& prefix : touched) choose(prefix);
  return 0;
}

void Routes::choose(const Prefix& prefix) {
  const auto it = all_.find(prefix);
  if (it != all_.end()) {
    lingering_.erase(prefix);
    return set(prefix, it->second.begin()->second);
  }
  const auto known = active_.find(prefix);
  if (known != active_.end() && !lingers(prefix, known->second)) unset(prefix);
}

bool Routes::lingers(const Prefix& prefix, const Route& route) {
  for (const Hop& hop : route.hops)
    if (!links_.up(hop.device)) return false;
  if (lingering_.contains(prefix)) return true;
  if (!is_expected || !is_expected(prefix)) return false;
  lingering_[prefix] = Clock::now() + kLinger;
  return true;
}

bool Routes::expire(Clock::time_point now, bool settled) {
  if (!settled)
    for (auto& [prefix, end] : lingering_) end = now + kLinger;
  for (auto it = lingering_.begin(); it != lingering_.end();) {
    if (it->second > now) {
      ++it;
      continue;
    }
    unset(it->first);
    it = lingering_.erase(it);
  }
  return !lingering_.empty();
}

void Routes::set(const Prefix& prefix, const Route& route) {
  active_[prefix] = route;
  forwarding_.set_route(to_api(prefix, route));
}

void Routes::unset(const Prefix& prefix) {
  if (active_.erase(prefix)) forwarding_.remove_route(to_api(prefix, {}));
}

void Routes::forget(uint32_t interface) {
  const auto names = [&](const Route& route) {
    for (const Hop& hop : route.hops)
      if (hop.index == interface) return true;
    return false;
  };
  std::vector<Prefix> gone;
  for (const auto& [prefix, route] : active_)
    if (names(route)) gone.push_back(prefix);
  for (const Prefix& prefix : gone) {
    all_.erase(prefix);
    lingering_.erase(prefix);
    unset(prefix);
  }
}

}  // namespace nezu::routing
