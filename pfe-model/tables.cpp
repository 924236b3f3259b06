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
      interface.port->interface = &interface;
      interface.pfe = interface.port->pfe;
    }
  }
  if (tables.interface_at.size() <= interface.index)
    tables.interface_at.resize(interface.index + 1);
  tables.interface_at[interface.index] = &interface;
}

void link_tunnel(Tables& tables, Tunnel& tunnel) {
  const SaKey outbound{SaDirection::kOutbound, tunnel.instance, tunnel.remote, tunnel.outbound_spi};
  const auto sa = tables.sas.find(outbound);
  // Only the tunnel that the SA names may count with it: two of them may be anchored on two PFEs.
  const bool own =
      tunnel.outbound_spi != 0 && sa != tables.sas.end() && sa->second->tunnel == tunnel.id;
  tunnel.outbound = own ? sa->second.get() : nullptr;
  tunnel.interface = tables.interface(tunnel.interface_index);
  if (tunnel.interface != nullptr) tunnel.interface->tunnels.push_back(&tunnel);
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
  for (auto& [id, port] : ports) port->interface = nullptr;
  for (auto& [index, interface] : interfaces) link_interface(*this, *interface);
  for (auto& [id, tunnel] : tunnels) link_tunnel(*this, *tunnel);
  for (auto& [key, sa] : sas)
    if (key.direction == SaDirection::kInbound) inbound[key] = sa.get();
  for (auto& [index, interface] : interfaces)
    std::stable_sort(interface->tunnels.begin(), interface->tunnels.end(),
                     [](const Tunnel* a, const Tunnel* b) { return a->order < b->order; });
}

}  // namespace nezu::pfe
