#include "pfe-model/tables.h"

#include <algorithm>

namespace nezu::pfe {

namespace {

void link_interface(Tables& tables, Interface& interface) {
  interface.fib = &tables.fib(interface.instance);
  interface.tunnels.clear();
  interface.bridge = nullptr;
  interface.port = nullptr;
  if (interface.kind == Kind::kEthernet) {
    const auto port = tables.ports.find(interface.port_id);
    if (port != tables.ports.end()) {
      interface.port = port->second.get();
      if (interface.vlan == 0)
        interface.port->interface = &interface;
      else
        interface.port->vlans[interface.vlan] = &interface;
      interface.pfe = interface.port->pfe;
    }
  }
  if (tables.interface_at.size() <= interface.index)
    tables.interface_at.resize(interface.index + 1);
  tables.interface_at[interface.index] = &interface;
}

SaKey outbound_of(const Tunnel& tunnel, uint8_t protocol) {
  return {SaDirection::kOutbound, tunnel.instance, tunnel.remote, tunnel.outbound_spi, protocol};
}

bool is_outbound_of(const Tunnel& tunnel, const Sa& sa) {
  return outbound_of(tunnel, sa.key.protocol) == sa.key;
}

/// Only the SA that names the tunnel may count with it: two of them may be anchored on two PFEs.
Sa* find_outbound(const Tables& tables, const Tunnel& tunnel) {
  if (tunnel.outbound_spi == 0) return nullptr;
  for (const uint8_t protocol : {kProtocolEsp, kProtocolAh}) {
    const auto sa = tables.sas.find(outbound_of(tunnel, protocol));
    if (sa != tables.sas.end() && sa->second->tunnel == tunnel.id) return sa->second.get();
  }
  return nullptr;
}

void link_inbound(Tables& tables, Sa& sa) {
  tables.inbound[sa.key] = &sa;
  if (sa.udp) ++tables.udp_ports[sa.udp->local];
}

bool asked_before(const Tunnel* a, const Tunnel* b) {
  return a->order != b->order ? a->order < b->order : a->id < b->id;
}

/// All but its place among the tunnels of its interface.
void link_tunnel(Tables& tables, Tunnel& tunnel) {
  tunnel.outbound = find_outbound(tables, tunnel);
  tunnel.interface = tables.interface(tunnel.interface_index);
  tables.tunnel_at[tunnel.id] = &tunnel;
  ++tables.peers[{tunnel.instance, tunnel.remote}];
}

/// `bridge`: whose endpoint the interface is, or none.
void link_vxlan(Tables& tables, Interface& interface, uint32_t vni, Bridge* bridge) {
  const VxlanTunnel& tunnel = *interface.vxlan;
  const VxlanPort at{interface.instance, tunnel.local, tunnel.port};
  ++tables.vxlan_ports[at];
  tables.vxlans[{at, vni, tunnel.remote}] = {&interface, bridge};
  tables.vxlans[{at, vni, {}}] = {&interface, bridge};
}

void link_bridge(Tables& tables, Bridge& bridge) {
  tables.bridge_at[bridge.id] = &bridge;
  bridge.members.clear();
  for (const uint32_t id : bridge.member_ids) {
    Interface* member = tables.interface(id);
    if (member == nullptr) continue;
    if (member->kind == Kind::kVtep) link_vxlan(tables, *member, bridge.vni, &bridge);
    if (member->kind == Kind::kEthernet) member->bridge = &bridge;
    if (member->kind == Kind::kVtep || member->kind == Kind::kEthernet)
      bridge.members.push_back(member);
  }
}

}  // namespace

Fib& Tables::fib(uint32_t instance) {
  if (fibs.size() <= instance) fibs.resize(instance + 1);
  auto& fib = fibs[instance];
  if (!fib) fib = std::make_unique<Fib>();
  return *fib;
}

void Tables::link() {
  ++version;
  std::fill(interface_at.begin(), interface_at.end(), nullptr);
  tunnel_at = {};
  inbound = {};
  peers = {};
  udp_ports = {};
  vxlan_ports = {};
  vxlans = {};
  bridge_at = {};
  for (auto& [id, port] : ports) {
    port->interface = nullptr;
    port->vlans = {};
  }
  for (auto& [index, interface] : interfaces) {
    link_interface(*this, *interface);
    if (interface->kind == Kind::kVxlan)
      link_vxlan(*this, *interface, interface->vxlan->vni, nullptr);
  }
  for (auto& [id, bridge] : bridges) link_bridge(*this, *bridge);
  for (auto& [id, tunnel] : tunnels) {
    link_tunnel(*this, *tunnel);
    if (tunnel->interface != nullptr) tunnel->interface->tunnels.push_back(tunnel.get());
  }
  for (auto& [key, sa] : sas)
    if (key.direction == SaDirection::kInbound) link_inbound(*this, *sa);
  for (auto& [index, interface] : interfaces)
    std::sort(interface->tunnels.begin(), interface->tunnels.end(), asked_before);
}

void Tables::link(Sa& sa) {
  if (sa.key.direction == SaDirection::kInbound) {
    return link_inbound(*this, sa);
  }
  const auto tunnel = tunnels.find(sa.tunnel);
  if (tunnel != tunnels.end() && is_outbound_of(*tunnel->second, sa))
    tunnel->second->outbound = &sa;
}

void Tables::unlink(Sa& sa) {
  if (sa.key.direction == SaDirection::kInbound) {
    Sa* const* linked = inbound.find(sa.key);
    if (linked == nullptr || *linked != &sa) return;
    inbound.erase(sa.key);
    if (sa.udp && --udp_ports[sa.udp->local] == 0) udp_ports.erase(sa.udp->local);
    return;
  }
  const auto tunnel = tunnels.find(sa.tunnel);
  if (tunnel != tunnels.end() && tunnel->second->outbound == &sa)
    tunnel->second->outbound = nullptr;
}

void Tables::link(Tunnel& tunnel) {
  link_tunnel(*this, tunnel);
  if (tunnel.interface == nullptr) return;
  auto& among = tunnel.interface->tunnels;
  among.insert(std::upper_bound(among.begin(), among.end(), &tunnel, asked_before), &tunnel);
}

void Tables::unlink(Tunnel& tunnel) {
  if (tunnel.interface != nullptr) std::erase(tunnel.interface->tunnels, &tunnel);
  const PeerKey peer{tunnel.instance, tunnel.remote};
  if (uint32_t* count = peers.find(peer); count != nullptr && --*count == 0) peers.erase(peer);
  tunnel_at.erase(tunnel.id);
}

}  // namespace nezu::pfe
