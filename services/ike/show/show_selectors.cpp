// show security ipsec traffic-selector
#include "services/ike/daemon/daemon.h"
#include "services/ike/selectors.h"
#include "services/ike/session/child.h"
#include "services/ike/show/show.h"

namespace nezu::ike {
namespace {

using grammar::Element;

// What was asked for by prefix lies in one of the selectors.
bool holds(const std::vector<TrafficSelector>& selectors, const mgmt::Input& input,
           std::string_view name) {
  const auto wanted = input.find(name);
  if (wanted == input.end()) return true;
  auto prefix = selector_of(wanted->second);
  if (!prefix) return false;
  for (TrafficSelector each : selectors) {
    each.protocol = 0;
    each.port_first = 0;
    each.port_last = 65535;
    if (is_within({*prefix}, {each})) return true;
  }
  return false;
}

std::map<const ChildSa*, const IkeSa*> owners_of(const Daemon& daemon) {
  std::map<const ChildSa*, const IkeSa*> owners;
  for (const auto& [_, sa] : daemon.table().sas())
    for (const ChildSa& child : sa.children) owners[&child] = &sa;
  return owners;
}

void write(const Tunnel& tunnel, const IkeSa& sa, const ChildSa& child, mgmt::Reply& out) {
  const Element entry(out, "ipsec-traffic-selector");
  out.leaf_number("ts-tunnel-id", tunnel.id);
  out.leaf("ts-interface", tunnel.interface);
  out.leaf("ts-ike-id", to_string(sa.remote_identity));
  out.leaf("ts-source-ip", selector_text(child.local_selectors));
  out.leaf("ts-destination-ip", selector_text(child.remote_selectors));
}

}  // namespace

// Of each tunnel the pair that it sends on, unless it is being closed.
void show_traffic_selectors(const Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const auto interface = input.find("interface-name");
  auto sending = latest_sending(daemon.pairs());
  const auto owners = owners_of(daemon);
  const Element all(*reply, "ipsec-traffic-selector-information");
  for (const auto& [id, tunnel] : daemon.tunnels().configured()) {
    const ChildSa* child = sending[id];
    if (!child || tunnel.selector.empty()) continue;
    const IkeSa* sa = owners.at(child);
    if (sa->phase == Phase::kDeleting || child->state == ChildSa::State::kDeleting) continue;
    if (interface != input.end() && interface->second != tunnel.interface) continue;
    if (holds(child->local_selectors, input, "source-address") &&
        holds(child->remote_selectors, input, "destination-address"))
      write(tunnel, *sa, *child, *reply);
  }
  reply->finish();
}

}  // namespace nezu::ike
