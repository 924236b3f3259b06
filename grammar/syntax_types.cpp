// Addresses, prefixes, interface names: types whose syntax is the router's own.
#include <algorithm>
#include <array>
#include <charconv>

#include "grammar/ip_text.h"
#include "grammar/value_types.h"

namespace nezu::grammar {
namespace {

using Refusal = std::optional<std::string>;

std::string quoted(std::string_view value) {
  return "'" + std::string(value) + "'";
}

enum class Family { kInet, kInet6, kAny };
enum class Length { kNever, kOptional };

// An IP address or prefix of one family or of any.
class IpType : public ValueType {
 public:
  IpType(std::string placeholder, Family family, Length length)
      : ValueType(std::move(placeholder)), family_(family), length_(length) {}

  Refusal refuse(std::string_view value) const override {
    const auto ip = parse_ip(value);
    if (!ip) return ip_complaint(value);
    if (ip->v6 ? family_ == Family::kInet : family_ == Family::kInet6)
      return "must be an " + std::string(ip->v6 ? "IPv4" : "IPv6") + " address: " + quoted(value);
    if (ip->length >= 0 && length_ == Length::kNever)
      return "prefix length not allowed in ip address: " + quoted(value);
    return std::nullopt;
  }

  // An address where a prefix belongs is that host's.
  std::string canonical(std::string_view value) const override {
    auto ip = parse_ip(value);
    if (!ip) return std::string(value);
    if (length_ == Length::kOptional && ip->length < 0) ip->length = ip->bits();
    return ip->text();
  }

 private:
  Family family_;
  Length length_;
};

// A prefix without host bits.
class NetworkType : public IpType {
 public:
  NetworkType(std::string placeholder, Family family)
      : IpType(std::move(placeholder), family, Length::kOptional) {}

  Refusal refuse(std::string_view value) const override {
    if (auto refusal = IpType::refuse(value)) return refusal;
    if (parse_ip(value)->has_host_bits())
      return "host portion of prefix " + quoted(value) + " is not zero";
    return std::nullopt;
  }
};

// The destination of a route.
class RouteType : public NetworkType {
 public:
  explicit RouteType(std::string placeholder) : NetworkType(std::move(placeholder), Family::kAny) {}

  Refusal refuse(std::string_view value) const override {
    return value == "default" ? std::nullopt : NetworkType::refuse(value);
  }
  std::string canonical(std::string_view value) const override {
    return value == "default" ? std::string(value) : IpType::canonical(value);
  }
  std::string canonical_below(std::string_view value, std::string_view above) const override {
    if (value != "default") return std::string(value);
    return above.ends_with("inet6.0") ? "::/0" : "0.0.0.0/0";
  }
};

bool eat_number(std::string_view& text, uint32_t most) {
  if (text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9') return false;
  uint32_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value > most) return false;
  text.remove_prefix(stop - text.data());
  return true;
}

bool eat(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// "0/2/10" or "0/2/10:1", whole.
bool is_port(std::string_view text) {
  if (!eat_number(text, 63) || !eat(text, '/') || !eat_number(text, 63) || !eat(text, '/') ||
      !eat_number(text, 255))
    return false;
  return text.empty() || (eat(text, ':') && eat_number(text, 15) && text.empty());
}

bool is_one_of(std::string_view word, const auto& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// A physical or pseudo interface, without a unit: "et-0/2/10", "st0", "ae12", "irb".
bool is_device(std::string_view name) {
  static constexpr std::array<std::string_view, 14> kPortMedia = {
      "et", "ge", "xe", "fe", "mge", "so", "si", "ms", "vms", "lt", "gr", "ip", "vt", "pfe"};
  static constexpr std::array<std::string_view, 9> kNumbered = {"ae",  "fxp", "em",   "st", "lo",
                                                                "fti", "ams", "rlsq", "dsc"};
  if (name == "irb" || name == "dsc") return true;
  if (const auto dash = name.find('-'); dash != std::string_view::npos)
    return is_one_of(name.substr(0, dash), kPortMedia) && is_port(name.substr(dash + 1));
  const auto digits = name.find_first_of("0123456789");
  if (digits == std::string_view::npos || !is_one_of(name.substr(0, digits), kNumbered))
    return false;
  auto rest = name.substr(digits);
  return eat_number(rest, 16383) && rest.empty();
}

bool has_known_medium(std::string_view name) {
  return is_device(std::string(name.substr(0, name.find('-'))) + "-0/0/0");
}

enum class Unit { kNever, kOptional, kAlways };

class InterfaceType : public ValueType {
 public:
  InterfaceType(std::string placeholder, Unit unit)
      : ValueType(std::move(placeholder)), unit_(unit) {}

  Refusal refuse(std::string_view value) const override {
    const auto dot = value.find('.');
    const auto device = value.substr(0, dot);
    if (!is_device(device))
      return (has_known_medium(device) ? "invalid port in " : "invalid interface type in ") +
             quoted(value);
    if (dot == std::string_view::npos)
      return unit_ == Unit::kAlways ? Refusal("missing unit in " + quoted(value)) : std::nullopt;
    auto unit = value.substr(dot + 1);
    if (unit_ == Unit::kNever) return "unit not allowed in " + quoted(value);
    if (!eat_number(unit, 1073741823) || !unit.empty()) return "invalid unit in " + quoted(value);
    return std::nullopt;
  }

 private:
  Unit unit_;
};

// Bits per second: digits, then k, m or g.
class BandwidthType : public ValueType {
 public:
  using ValueType::ValueType;
  Refusal refuse(std::string_view value) const override {
    auto rest = value;
    if (!eat_number(rest, 4000000000u) || rest.size() > 1 ||
        rest.find_first_not_of("kmg") != std::string_view::npos)
      return "invalid bandwidth: " + quoted(value);
    return std::nullopt;
  }
};

// An OSPF area: four octets, or their number.
class AreaType : public ValueType {
 public:
  using ValueType::ValueType;
  Refusal refuse(std::string_view value) const override {
    auto rest = value;
    if (eat_number(rest, UINT32_MAX) && rest.empty()) return std::nullopt;
    const auto ip = parse_ip(value);
    if (ip && !ip->v6 && ip->length < 0) return std::nullopt;
    return "invalid area: " + quoted(value);
  }
  std::string canonical(std::string_view value) const override {
    uint32_t number = 0;
    const auto end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, number);
    if (error != std::errc() || stop != end) return std::string(value);
    IpText ip;
    for (int octet = 0; octet < 4; ++octet)
      ip.bytes[static_cast<size_t>(octet)] = static_cast<uint8_t>(number >> (24 - 8 * octet));
    return ip.text();
  }
};

// An autonomous system number: 1..4294967295, or HIGH.LOW.
class AsNumberType : public ValueType {
 public:
  using ValueType::ValueType;
  Refusal refuse(std::string_view value) const override {
    auto rest = value;
    const bool zero = value.find_first_not_of("0.") == std::string_view::npos;
    if (!zero && eat_number(rest, UINT32_MAX) && rest.empty()) return std::nullopt;
    rest = value;
    if (!zero && eat_number(rest, 65535) && eat(rest, '.') && eat_number(rest, 65535) &&
        rest.empty())
      return std::nullopt;
    return "invalid autonomous system number: " + quoted(value);
  }
};

std::unique_ptr<Type> address_or_interface(std::string placeholder) {
  std::vector<std::unique_ptr<Type>> members;
  members.push_back(std::make_unique<InterfaceType>(placeholder, Unit::kAlways));
  members.push_back(std::make_unique<IpType>(placeholder, Family::kAny, Length::kNever));
  return std::make_unique<UnionType>(std::move(placeholder), std::move(members));
}

std::unique_ptr<Type> ip_type(std::string_view syntax, std::string placeholder) {
  const auto family = syntax.starts_with("ipv4")   ? Family::kInet
                      : syntax.starts_with("ipv6") ? Family::kInet6
                                                   : Family::kAny;
  const auto length = syntax.ends_with("prefix") ? Length::kOptional : Length::kNever;
  return std::make_unique<IpType>(std::move(placeholder), family, length);
}

std::unique_ptr<Type> interface_type(std::string_view syntax, std::string placeholder) {
  const auto unit = syntax == "interface-device" ? Unit::kNever
                    : syntax == "interface-unit" ? Unit::kOptional
                                                 : Unit::kAlways;
  return std::make_unique<InterfaceType>(std::move(placeholder), unit);
}

}  // namespace

std::unique_ptr<Type> syntax_type(std::string_view syntax, std::string placeholder) {
  static constexpr std::array<std::string_view, 6> kIp = {
      "ipv4-address", "ipv6-address", "ip-address", "ipv4-prefix", "ipv6-prefix", "ip-prefix"};
  static constexpr std::array<std::string_view, 3> kInterface = {
      "interface-device", "interface-unit", "interface-logical"};
  const auto or_else = [&](const char* own) {
    return placeholder.empty() ? std::string(own) : placeholder;
  };
  if (is_one_of(syntax, kIp)) return ip_type(syntax, or_else("address"));
  if (is_one_of(syntax, kInterface)) return interface_type(syntax, or_else("interface-name"));
  if (syntax == "route-prefix") return std::make_unique<RouteType>(or_else("destination"));
  if (syntax == "ip-address-or-interface") return address_or_interface(or_else("address"));
  if (syntax == "network-prefix")
    return std::make_unique<NetworkType>(or_else("prefix"), Family::kAny);
  if (syntax == "ipv4-network")
    return std::make_unique<NetworkType>(or_else("prefix"), Family::kInet);
  if (syntax == "area-id") return std::make_unique<AreaType>(or_else("area"));
  if (syntax == "as-number") return std::make_unique<AsNumberType>(or_else("as-number"));
  if (syntax == "bandwidth") return std::make_unique<BandwidthType>(or_else("bandwidth"));
  return nullptr;
}

}  // namespace nezu::grammar
