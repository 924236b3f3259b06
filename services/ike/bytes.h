// Octets, as the wire and the keys are made of them.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nezu::ike {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// Milliseconds of a clock that never goes back and outlives the process (CLOCK_BOOTTIME): timers
/// of an SA are written into its snapshot and read by the next process.
using Time = std::int64_t;
constexpr Time kSecond = 1000;

/// Fills the span with randomness fit for keys. Injected: a test gives a seeded one.
using Random = std::function<void(std::span<std::uint8_t>)>;

inline void append(Bytes& to, ByteView more) {
  to.insert(to.end(), more.begin(), more.end());
}

inline Bytes bytes_of(ByteView view) {
  return {view.begin(), view.end()};
}

inline ByteView view_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The views one after the other.
Bytes joined(std::initializer_list<ByteView> parts);

/// Lower-case hexadecimal.
std::string to_hex(ByteView bytes);

/// In constant time; different lengths are unequal.
bool equal_secret(ByteView a, ByteView b);

Bytes random_bytes(const Random& random, std::size_t size);
std::uint32_t random_u32(const Random& random);
std::uint64_t random_u64(const Random& random);

}  // namespace nezu::ike
