#include "services/ike/address.h"

#include <arpa/inet.h>

#include <algorithm>

namespace nezu::ike {

Address Address::of(ByteView octets) {
  Address address;
  if (octets.size() != 4 && octets.size() != 16) return address;
  address.size = static_cast<std::uint8_t>(octets.size());
  std::copy(octets.begin(), octets.end(), address.octets.begin());
  return address;
}

std::optional<Address> Address::parse(std::string_view text) {
  const std::string owned(text);
  Address address;
  address.size = 4;
  if (inet_pton(AF_INET, owned.c_str(), address.octets.data()) == 1) return address;
  address.size = 16;
  if (inet_pton(AF_INET6, owned.c_str(), address.octets.data()) == 1) return address;
  return std::nullopt;
}

std::string to_string(const Address& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (!address.empty())
    inet_ntop(address.size == 4 ? AF_INET : AF_INET6, address.octets.data(), text, sizeof text);
  return text;
}

std::string to_string(const Endpoint& endpoint) {
  return to_string(endpoint.address) + ":" + std::to_string(endpoint.port);
}

}  // namespace nezu::ike
