// Stateless cookies for half-open floods, RFC 7296 section 2.6.
#pragma once

#include "services/ike/address.h"
#include "services/ike/bytes.h"

namespace nezu::ike {

/// version | HMAC-SHA-256 (secret, Ni | path | SPIi), with a secret that changes once a minute; the
/// one before is still good.
class Cookies {
 public:
  explicit Cookies(Random random) : random_(std::move(random)) {}

  Bytes make(ByteView nonce_i, const Path& path, std::uint64_t spi_i, Time now);
  bool is_good(ByteView cookie, ByteView nonce_i, const Path& path, std::uint64_t spi_i, Time now);

 private:
  void renew(Time now);
  Bytes value(std::uint8_t version, ByteView nonce_i, const Path& path, std::uint64_t spi_i) const;

  Random random_;
  Bytes secrets_[2];  // by the lowest bit of the version
  std::uint8_t version_ = 0;
  Time renew_at_ = 0;
};

}  // namespace nezu::ike
