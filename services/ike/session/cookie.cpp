#include "services/ike/session/cookie.h"

#include "services/ike/crypto/prf.h"
#include "services/ike/message/wire.h"

namespace nezu::ike {
namespace {
constexpr Time kSecretLife = 60 * kSecond;
constexpr std::size_t kSecretSize = 32;
}  // namespace

void Cookies::renew(Time now) {
  if (now < renew_at_) return;
  // After a pause longer than a life the older secret is too old as well.
  if (now >= renew_at_ + kSecretLife) secrets_[version_ & 1] = random_bytes(random_, kSecretSize);
  ++version_;
  secrets_[version_ & 1] = random_bytes(random_, kSecretSize);
  renew_at_ = now + kSecretLife;
}

Bytes Cookies::value(std::uint8_t version, ByteView nonce_i, const Path& path,
                     std::uint64_t spi_i) const {
  const Bytes data = Writer()
                         .bytes(nonce_i)
                         .u32(path.instance)
                         .bytes(path.remote.address.view())
                         .u16(path.remote.port)
                         .u64(spi_i)
                         .done();
  return joined({ByteView(&version, 1), hmac_sha256(secrets_[version & 1], data)});
}

Bytes Cookies::make(ByteView nonce_i, const Path& path, std::uint64_t spi_i, Time now) {
  renew(now);
  return value(version_, nonce_i, path, spi_i);
}

bool Cookies::is_good(ByteView cookie, ByteView nonce_i, const Path& path, std::uint64_t spi_i,
                      Time now) {
  renew(now);
  if (cookie.empty()) return false;
  const std::uint8_t version = cookie[0];
  if (version != version_ && version != static_cast<std::uint8_t>(version_ - 1)) return false;
  return equal_secret(cookie, value(version, nonce_i, path, spi_i));
}

}  // namespace nezu::ike
