// Outer addresses and UDP endpoints of IKE.
#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "services/ike/bytes.h"

namespace nezu::ike {

/// An IPv4 (size 4) or IPv6 (size 16) address in network byte order; size 0: none.
struct Address {
  std::uint8_t size = 0;
  std::array<std::uint8_t, 16> octets{};

  auto operator<=>(const Address&) const = default;
  bool empty() const { return size == 0; }
  ByteView view() const { return {octets.data(), size}; }

  /// `octets` of any other length than 4 or 16 give an empty address.
  static Address of(ByteView octets);
  static std::optional<Address> parse(std::string_view text);
};

/// "16.1.1.1", "1611::1"; "" when empty.
std::string to_string(const Address& address);

constexpr std::uint16_t kIkePort = 500;
/// Where IKE, behind a marker, and ESP in UDP share a port (RFC 3948).
constexpr std::uint16_t kNatPort = 4500;

struct Endpoint {
  Address address;
  std::uint16_t port = 500;

  auto operator<=>(const Endpoint&) const = default;
};

/// "16.1.1.1:500", "[1611::1]:500" is never printed by shows, so IPv6 has the same form:
/// "1611::1:500".
std::string to_string(const Endpoint& endpoint);

/// Where a datagram came from or goes to.
struct Path {
  std::uint32_t instance = 0;
  Endpoint local;
  Endpoint remote;

  auto operator<=>(const Path&) const = default;
};

}  // namespace nezu::ike
