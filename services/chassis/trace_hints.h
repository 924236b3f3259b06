#pragma once
#include <string_view>

namespace nezu::chassis_service {

/// Where to look next, by the name of a drop or exception (pfe-model/counters.h). The reason itself
/// is said there; these are the commands of the router that show what is behind it.
struct TraceHint {
  std::string_view reason;
  std::string_view text;
};

inline constexpr TraceHint kTraceHints[] = {
    {"pfe-offline",
     "a card was taken offline: 'show chassis fpc pic-status', 'show chassis alarms'"},
    {"interface-down", "'show interfaces terse' says which end is down"},
    {"output-down", "'show interfaces terse' says which end is down"},
    {"family", "the logical interface has no 'family inet' or 'family inet6' for this packet"},
    {"not-for-us", "the sender used another MAC address than this interface's: 'show interfaces'"},
    {"vlan", "no unit of the port has this 'vlan-id'"},
    {"discard-route", "'show route' for the destination shows the route that discards or rejects"},
    {"exception-no-route",
     "'show route' for the destination; the sender is told that the network is unreachable"},
    {"exception-ttl",
     "the sender is told that time was exceeded; traceroute works by that, a loop of routes too"},
    {"exception-mtu",
     "the sender is told which size fits: 'mtu' of the interface it leaves by, 'tunnel-mtu' of the "
     "VPN"},
    {"mtu", "'mtu' of the interface it leaves by, 'tunnel-mtu' of the VPN"},
    {"exception-neighbour",
     "nobody's MAC address is known for the next hop yet: 'show arp', 'show ipv6 neighbors'"},
    {"neighbour",
     "nobody's MAC address is known for the next hop: 'show arp', 'show ipv6 neighbors'"},
    {"policed", "more packets of this class came than the router's own processor is given"},
    {"no-policy",
     "no traffic selector of a VPN on that st0 unit holds this source and destination: "
     "'show security ipsec traffic-selector'"},
    {"no-sa",
     "the tunnel is not up: 'show security ipsec inactive-tunnels', "
     "'show security ike security-associations'"},
    {"sa-stopped",
     "its lifetime is over and there is no new SA: 'show security ike "
     "security-associations'"},
    {"inline-bandwidth",
     "'inline-services bandwidth' of the PIC bounds what its tunnels carry; send less, or raise "
     "it"},
    {"esp-unknown-spi",
     "the peer uses an SA that this router does not have (any more): compare "
     "'show security ipsec security-associations' of both"},
    {"esp-replay", "the packet came twice, or later than 'anti-replay-window-size' allows"},
    {"esp-authentication", "altered on the way, or made with another key"},
    {"esp-fragment", "cut on the way after it was encrypted: a smaller 'tunnel-mtu' avoids it"},
    {"selector",
     "the peer sent what the traffic selectors of this SA exclude: compare "
     "'traffic-selector' of both ends"},
    {"vxlan-vni", "no unit has this VNI: compare 'vni' of both ends"},
    {"bridge-back", "the station is where the frame came from, or no other member is up"},
};

constexpr std::string_view trace_hint(std::string_view reason) {
  for (const TraceHint& hint : kTraceHints)
    if (hint.reason == reason) return hint.text;
  return {};
}

}  // namespace nezu::chassis_service
