#include "services/interfaces/config.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace nezu::interfaces {
namespace {

using configdb::View;

uint32_t number(std::string_view text) {
  uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Family read_family(const View& view) {
  Family family;
  family.mtu = static_cast<uint32_t>(view["mtu"].number());
  for (const View& entry : view.entries("address"))
    if (const auto address = Address::parse(entry.key())) family.addresses.push_back(*address);
  return family;
}

Unit read_unit(const View& view) {
  Unit unit;
  unit.description = view["description"].value();
  unit.disabled = static_cast<bool>(view["disable"]);
  if (const View vlan = view["vlan-id"]) unit.vlan = static_cast<uint32_t>(vlan.number());
  unit.service_domain = view["service-domain"].value();
  const View family = view["family"];
  if (const View inet = family["inet"]) unit.inet = read_family(inet);
  if (const View inet6 = family["inet6"]) unit.inet6 = read_family(inet6);
  unit.vxlan = read_vxlan(view);
  unit.encapsulation = view["encapsulation"].value();
  return unit;
}

Physical read_physical(const View& view) {
  Physical physical;
  physical.description = view["description"].value();
  physical.disabled = static_cast<bool>(view["disable"]);
  physical.mtu = static_cast<uint32_t>(view["mtu"].number());
  physical.encapsulation = view["encapsulation"].value();
  physical.tagged = view["vlan-tagging"] || view["flexible-vlan-tagging"];
  for (const View& unit : view.entries("unit"))
    physical.units.emplace(number(unit.key()), read_unit(unit));
  return physical;
}

std::string text_of(const std::string& octets) {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(octets.size() == 16 ? AF_INET6 : AF_INET, octets.data(), text, sizeof text);
  return text;
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  const size_t slash = text.find('/');
  const std::string host(text.substr(0, slash));
  const bool inet6 = host.find(':') != std::string::npos;
  Address address;
  address.octets.resize(inet6 ? 16 : 4);
  if (inet_pton(inet6 ? AF_INET6 : AF_INET, host.c_str(), address.octets.data()) != 1) return {};
  const auto bits = static_cast<uint32_t>(address.octets.size() * 8);
  address.length = bits;
  if (slash == std::string_view::npos) return address;
  const std::string_view digits = text.substr(slash + 1);
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), address.length);
  if (error != std::errc() || end != digits.data() + digits.size() || address.length > bits)
    return {};
  return address;
}

std::string Address::text() const {
  return host_text() + "/" + std::to_string(length);
}

std::string Address::host_text() const {
  return text_of(octets);
}

std::string Address::network() const {
  std::string masked = octets;
  for (size_t bit = length; bit < masked.size() * 8; ++bit)
    masked[bit / 8] = static_cast<char>(masked[bit / 8] & ~(0x80 >> bit % 8));
  return masked;
}

std::string Address::network_text() const {
  return text_of(network()) + "/" + std::to_string(length);
}

bool Address::is_loopback() const {
  static const std::string kLoopback6 = std::string(15, '\0') + '\1';
  return is_inet6() ? octets == kLoopback6 : octets[0] == 127;
}

bool overlap(const Address& one, const Address& other) {
  if (one.octets.size() != other.octets.size()) return false;
  const uint32_t length = std::min(one.length, other.length);
  return Address{one.octets, length}.network() == Address{other.octets, length}.network();
}

const Unit* find_unit(const Configuration& configuration, const std::string& name) {
  const size_t dot = name.find('.');
  const auto physical = configuration.find(name.substr(0, dot));
  if (physical == configuration.end()) return nullptr;
  const uint32_t wanted = dot == name.npos ? 0 : number(std::string_view(name).substr(dot + 1));
  const auto unit = physical->second.units.find(wanted);
  return unit == physical->second.units.end() ? nullptr : &unit->second;
}

std::string first_address(const Configuration& configuration, const std::string& name) {
  const Unit* unit = find_unit(configuration, name);
  if (!unit || !unit->inet || unit->inet->addresses.empty()) return "";
  return unit->inet->addresses.front().octets;
}

Configuration read(const View& root) {
  Configuration all;
  const View interfaces = root["interfaces"];
  for (const View& entry : interfaces.entries("interface"))
    all.emplace(entry.key(), read_physical(entry));
  return all;
}

}  // namespace nezu::interfaces
