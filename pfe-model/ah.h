#pragma once
#include "pfe-model/hmac.h"

namespace nezu::pfe {

/// Next header, length, reserved, SPI and sequence number (RFC 4302 2).
constexpr size_t kAhFixed = 12;

/// Authenticates the packets of one AH SA in tunnel mode.
class AhKey {
 public:
  /// nullptr: no such algorithm, or a key of the wrong length.
  static std::unique_ptr<AhKey> expand(Integrity integrity, std::string_view key);

  /// The header with its ICV, padded to what the outer header's family asks for (RFC
  /// 4302 3.3.3.2.1).
  size_t size(bool v6) const;

  /// `ip`: the outer header, then room for size() octets, then the payload; `length`: of all.
  /// Writes the AH header; false: not signed. The outer header must be whole, with its length and
  /// protocol.
  bool sign(uint8_t* ip, size_t length, uint32_t spi, EspSequence sequence, uint8_t next_header);
  /// False: not authentic, or with options or extension headers, whose mutability is not known
  /// here.
  bool verify(uint8_t* ip, size_t length, EspSequence sequence);

 private:
  explicit AhKey(std::unique_ptr<Hmac> hmac) : hmac_(std::move(hmac)) {}

  std::unique_ptr<Hmac> hmac_;
};

}  // namespace nezu::pfe
