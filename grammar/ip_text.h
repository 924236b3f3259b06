#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// IPv4 and IPv6 addresses and prefixes as text.
namespace nezu::grammar {

/// An address or a prefix. `length` counts bits; -1: no "/length" was written.
struct IpText {
  bool v6 = false;
  std::array<uint8_t, 16> bytes{};  ///< network order; IPv4 uses the first four
  int length = -1;

  int bits() const { return v6 ? 128 : 32; }
  /// Whether bits beyond `length` are set.
  bool has_host_bits() const;
  /// The canonical spelling (RFC 5952 for IPv6), with "/length" if there is one.
  std::string text() const;
};

/// Reads "1.2.3.4", "1611::1", "10.0.0.0/8"; nullopt if it is neither address nor prefix.
std::optional<IpText> parse_ip(std::string_view text);

/// Why parse_ip() refused `text`, in the router's words.
std::string ip_complaint(std::string_view text);

}  // namespace nezu::grammar
