// show security ike explain
#include "services/ike/daemon/daemon.h"
#include "services/ike/show/show.h"
#include "services/ike/show/why_down.h"

namespace nezu::ike {
namespace {

using grammar::Element;

void write_lines(const char* element, const std::vector<std::string>& lines, mgmt::Reply& out) {
  for (const std::string& line : lines) {
    const Element entry(out, element);
    out.leaf("explanation-text", line);
  }
}

void write(const Daemon& daemon, const Tunnel& tunnel, mgmt::Reply& out) {
  const Why why = ike::why(daemon, tunnel);
  const Element entry(out, "ike-explanation");
  out.leaf_number("sa-tunnel-index", tunnel.id);
  out.leaf("sa-vpn-name", tunnel.vpn);
  if (!tunnel.selector.empty()) out.leaf("sa-traffic-selector-name", tunnel.selector);
  out.leaf("ike-gw-name", tunnel.gateway);
  out.leaf("sa-local-gateway", to_string(tunnel.local));
  out.leaf("sa-remote-gateway", to_string(tunnel.remote));
  out.leaf("explanation-state", why.up ? "up" : "down");
  write_lines("explanation-fact", why.facts, out);
  write_lines("explanation-advice", why.look_at, out);
}

}  // namespace

void show_explanation(const Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const auto vpn = input.find("vpn-name");
  std::vector<const Tunnel*> chosen;
  for (const auto& [_, tunnel] : daemon.tunnels().configured())
    if (vpn == input.end() || tunnel.vpn == vpn->second) chosen.push_back(&tunnel);
  if (vpn != input.end() && chosen.empty())
    return reply->fail("VPN " + vpn->second +
                       " makes no tunnel: it is not configured, or lacks a gateway, a "
                       "bind-interface or a service set");
  if (chosen.empty()) {
    reply->message("There is no tunnel: no VPN is configured at [edit security ipsec]");
    return reply->finish();
  }
  const Element all(*reply, "ike-explanation-information");
  for (const Tunnel* tunnel : chosen) write(daemon, *tunnel, *reply);
  reply->finish();
}

}  // namespace nezu::ike
