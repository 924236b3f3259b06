#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace nezu::pfe {

/// An IPv4 or IPv6 address in network byte order. IPv4 uses the first four octets, the rest is
/// zero.
struct Address {
  std::array<uint8_t, 16> octets{};
  uint8_t size = 0;  ///< 4, 16, or 0: none

  static Address of(const uint8_t* bytes, uint8_t size) {
    Address address;
    std::memcpy(address.octets.data(), bytes, size);
    address.size = size;
    return address;
  }

  /// Accepts 4 or 16 octets, nothing else.
  static std::optional<Address> parse(std::string_view bytes) {
    if (bytes.size() != 4 && bytes.size() != 16) return std::nullopt;
    return of(reinterpret_cast<const uint8_t*>(bytes.data()), static_cast<uint8_t>(bytes.size()));
  }

  std::string_view bytes() const { return {reinterpret_cast<const char*>(octets.data()), size}; }
  bool operator==(const Address& other) const {
    uint64_t mine[2], theirs[2];
    std::memcpy(mine, octets.data(), 16);
    std::memcpy(theirs, other.octets.data(), 16);
    return ((mine[0] ^ theirs[0]) | (mine[1] ^ theirs[1])) == 0 && size == other.size;
  }
};

/// One round of a 64-bit multiply-and-fold mixer; good enough for tables that no stranger fills.
inline uint64_t mix(uint64_t value, uint64_t seed) {
  const auto product =
      static_cast<unsigned __int128>(value ^ 0x9e3779b97f4a7c15) * (seed ^ 0xd6e8feb86659fd93);
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline uint64_t hash(const Address& address, uint64_t seed) {
  uint64_t words[2];
  std::memcpy(words, address.octets.data(), 16);
  return mix(words[1], mix(words[0], seed + address.size));
}

}  // namespace nezu::pfe
