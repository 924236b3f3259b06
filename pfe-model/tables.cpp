#include "pfe-model/tables.h"

#include <algorithm>

namespace nezu::pfe {

namespace {

void link_interface(Tables& tables, Interface& interface) {
  interface.fib = &tables.fib(interface.instance);
  interface.tunnels.clear();
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

SaKey outbound_of(const Tunnel& tunnel) {
  return {SaDirection::kOutbound, tunnel.instance, tunnel.remote, tunnel.outbound_spi};
}

bool asked_before(const Tunnel* a, const Tunnel* b) {
  return a->order != b->order ? a->order < b->order : a->id < b->id;
}

/// All but its place among the tunnels of its interface.
void link_tunnel(Tables& tables, Tunnel& tunnel) {
  const auto sa = tables.sas.find(outbound_of(tunnel));
  // Only the tunnel that the SA names may count with it: two of them may be anchored on two PFEs.
  const bool own =
      tunnel.outbound_spi != 0 && sa != tables.sas.end() && sa->second->tunnel == tunnel.id;
  tunnel.outbound = own ? sa->second.get() : nullptr;
  tunnel.interface = tables.interface(tunnel.interface_index);
  tables.tunnel_at[tunnel.id] = &tunnel;
  ++tables.peers[{tunnel.instance, tunnel.remote}];
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
  for (auto& [id, port] : ports) {
    port->interface = nullptr;
    port->vlans = {};
  }
  for (auto& [index, interface] : interfaces) link_interface(*this, *interface);
  for (auto& [id, tunnel] : tunnels) {
    link_tunnel(*this, *tunnel);
    if (tunnel->interface != nullptr) tunnel->interface->tunnels.push_back(tunnel.get());
  }
  for (auto& [key, sa] : sas)
    if (key.direction == SaDirection::kInbound) inbound[key] = sa.get();
  for (auto& [index, interface] : interfaces)
    std::sort(interface->tunnels.begin(), interface->tunnels.end(), asked_before);
}

void Tables::link(Sa& sa) {
  if (sa.key.direction == SaDirection::kInbound) {
    inbound[sa.key] = &sa;
    return;
  }
  const auto tunnel = tunnels.find(sa.tunnel);
  if (tunnel != tunnels.end() && outbound_of(*tunnel->second) == sa.key)
    tunnel->second->outbound = &sa;
}

void Tables::unlink(Sa& sa) {
  if (sa.key.direction == SaDirection::kInbound) {
    inbound.erase(sa.key);
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
