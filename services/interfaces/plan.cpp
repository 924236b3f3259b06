#include "services/interfaces/plan.h"

#include <fmt/format.h>

#include <algorithm>

namespace nezu::interfaces {
namespace {

using chassis::Chassis;
using chassis::PortName;

uint32_t smaller_mtu(const Unit& unit, uint32_t mtu) {
  if (unit.inet && unit.inet->mtu) mtu = std::min(mtu, unit.inet->mtu);
  if (unit.inet6 && unit.inet6->mtu) mtu = std::min(mtu, unit.inet6->mtu);
  return mtu;
}

uint32_t media_mtu(const Physical& physical, Kind kind) {
  switch (kind) {
    case Kind::kEthernet:
    case Kind::kManagement:
      return ethernet_mtu(physical) - link_header(physical);
    case Kind::kTunnel:
    case Kind::kVxlan:
    case Kind::kVtep:
      return physical.mtu ? physical.mtu : kTunnelMtu;
    case Kind::kService:
      return physical.mtu ? physical.mtu : kServiceMtu;
    case Kind::kLoopback:
      return kLoopbackMtu;
  }
  return 0;
}

void add_addresses(Logical& logical, const Unit& unit) {
  logical.inet = unit.inet.has_value();
  logical.inet6 = unit.inet6.has_value();
  if (unit.inet) logical.addresses.insert(unit.inet->addresses.begin(), unit.inet->addresses.end());
  if (!unit.inet6) return;
  logical.addresses.insert(unit.inet6->addresses.begin(), unit.inet6->addresses.end());
  if (logical.kind == Kind::kEthernet || logical.kind == Kind::kManagement)
    logical.addresses.insert(link_local(logical.mac));
}

// What the physical interface of that name is on this machine; false if it has none such.
bool place(std::string_view name, const Chassis& chassis, const Mac& base, Logical& logical) {
  if (name == "st0") {
    logical.kind = Kind::kTunnel;
    return true;
  }
  if (name == "fti0") {
    logical.kind = Kind::kVxlan;
    return true;
  }
  if (name == "lo0") {
    logical.kind = Kind::kLoopback;
    return true;
  }
  if (name == "fxp0") {
    logical.kind = Kind::kManagement;
    logical.mac = mac_of(base, static_cast<uint32_t>(chassis.ports().size()));  // behind the ports'
    return true;
  }
  const auto port = PortName::parse(name);
  if (!port) return false;
  logical.place = *port;
  logical.enabled = chassis.online(*port);
  if (chassis.has_service_interface(*port)) {
    logical.kind = Kind::kService;
    const auto* pic = chassis.pic(port->fpc, port->pic);
    logical.pfe = chassis.pfe_id(port->fpc, port->pic, pic->service_slice(port->port));
    return true;
  }
  if (!chassis.port(*port)) return false;
  logical.kind = Kind::kEthernet;
  logical.mac = mac_of(base, port_number(chassis, *port));
  return true;
}

void anchor(Logical& tunnel, std::string_view name, const TunnelAnchors& anchors,
            const Chassis& chassis) {
  const auto service = anchors.find(name);
  if (service == anchors.end()) return;
  const auto place = PortName::parse(service->second);
  if (!place || !chassis.has_service_interface(*place)) return;
  const chassis::PicModel* pic = chassis.pic(place->fpc, place->pic);
  tunnel.pfe = chassis.pfe_id(place->fpc, place->pic, pic->service_slice(place->port));
}

// One that does not say where to is anchored nowhere.
void anchor_vxlan(Logical& logical, const Unit& unit, const Configuration& configuration,
                  const Chassis& chassis) {
  const auto ends = unit.vxlan ? vxlan_ends(*unit.vxlan, configuration) : std::nullopt;
  if (!ends) return;
  logical.vxlan = *ends;
  logical.pfe = any_pfe(chassis);
}

}  // namespace

uint32_t any_pfe(const Chassis& chassis) {
  for (uint32_t fpc = 0; fpc < chassis.model().fpcs.size(); ++fpc)
    for (uint32_t pic = 0; pic < chassis.model().fpcs[fpc].pics.size(); ++pic)
      if (chassis.pic_state(fpc, pic) == chassis::SlotState::kOnline)
        return chassis.pfe_id(fpc, pic, 0);
  return kNoPfe;
}

uint32_t link_header(const Physical& physical) {
  return kEthernetHeader + (physical.tagged ? kVlanTag : 0);
}

uint32_t ethernet_mtu(const Physical& physical) {
  if (physical.mtu != 0) return physical.mtu;
  return kDefaultMediaMtu + (physical.tagged ? kVlanTag : 0);
}

Mac mac_of(const Mac& base, uint32_t port_number) {
  Mac mac = base;
  mac[5] = static_cast<uint8_t>(port_number);
  mac[4] = static_cast<uint8_t>(mac[4] + (port_number >> 8));
  return mac;
}

Address link_local(const Mac& mac) {
  Address address;
  address.octets.assign(16, '\0');
  address.length = 64;
  const uint8_t interface[8] = {
      static_cast<uint8_t>(mac[0] ^ 0x02), mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]};
  address.octets[0] = static_cast<char>(0xfe);
  address.octets[1] = static_cast<char>(0x80);
  std::copy(std::begin(interface), std::end(interface), address.octets.begin() + 8);
  return address;
}

uint32_t port_number(const Chassis& chassis, const PortName& name) {
  uint32_t number = 0;
  for (uint32_t fpc = 0; fpc <= name.fpc; ++fpc)
    for (uint32_t pic = 0; pic < chassis.model().fpcs[fpc].pics.size(); ++pic) {
      if (fpc == name.fpc && pic == name.pic) return number + name.port;
      number += chassis.model().fpcs[fpc].pics[pic].ports;
    }
  return number;
}

TunnelAnchors tunnel_anchors(const configdb::View& root) {
  std::map<std::string, std::string, std::less<>> services;  // VPN → si-
  for (const auto& set : root["services"].entries("service-set")) {
    const std::string inside = set["next-hop-service"]["inside-service-interface"].value();
    for (const std::string& vpn : set.values("ipsec-vpn"))
      services.emplace(vpn, chassis::physical_name(inside));
  }
  TunnelAnchors anchors;
  for (const auto& vpn : root["security"]["ipsec"].entries("vpn")) {
    const auto service = services.find(vpn.key());
    if (service != services.end()) anchors.emplace(vpn["bind-interface"].value(), service->second);
  }
  return anchors;
}

Plan plan(const Configuration& configuration, const TunnelAnchors& anchors, const Chassis& chassis,
          const Mac& base) {
  Plan all;
  for (const auto& [name, physical] : configuration) {
    Logical first;
    if (!place(name, chassis, base, first)) continue;
    for (const auto& [number, unit] : physical.units) {
      Logical logical = first;
      logical.enabled = first.enabled && !physical.disabled && !unit.disabled;
      logical.mtu = smaller_mtu(unit, media_mtu(physical, logical.kind));
      if (logical.kind == Kind::kEthernet && physical.tagged) logical.vlan = unit.vlan.value_or(0);
      add_addresses(logical, unit);
      const std::string unit_name = fmt::format("{}.{}", name, number);
      if (logical.kind == Kind::kTunnel) anchor(logical, unit_name, anchors, chassis);
      if (logical.kind == Kind::kVxlan) anchor_vxlan(logical, unit, configuration, chassis);
      all.emplace(unit_name, std::move(logical));
    }
  }
  return all;
}

}  // namespace nezu::interfaces
