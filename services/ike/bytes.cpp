#include "services/ike/bytes.h"

#include <openssl/crypto.h>

namespace nezu::ike {

Bytes joined(std::initializer_list<ByteView> parts) {
  Bytes all;
  for (ByteView part : parts) append(all, part);
  return all;
}

std::string to_hex(ByteView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (std::uint8_t octet : bytes) {
    text += kDigits[octet >> 4];
    text += kDigits[octet & 15];
  }
  return text;
}

bool equal_secret(ByteView a, ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Bytes random_bytes(const Random& random, std::size_t size) {
  Bytes bytes(size);
  random(bytes);
  return bytes;
}

std::uint32_t random_u32(const Random& random) {
  return static_cast<std::uint32_t>(random_u64(random));
}

std::uint64_t random_u64(const Random& random) {
  std::uint64_t number = 0;
  for (std::uint8_t octet : random_bytes(random, 8)) number = number << 8 | octet;
  return number;
}

}  // namespace nezu::ike
