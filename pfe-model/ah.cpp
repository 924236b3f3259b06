#include "pfe-model/ah.h"

#include <cstring>

#include "pfe-model/ip.h"

namespace nezu::pfe {

namespace {

bool is_v6(const uint8_t* ip) {
  return ip[0] >> 4 == 6;
}

size_t header_size(const uint8_t* ip) {
  return is_v6(ip) ? kIpv6Header : kIpv4Header;
}

/// The fields that may change on the way, as zeros (RFC 4302 3.3.3.1), while it lives.
class Immutable {
 public:
  explicit Immutable(uint8_t* ip) : ip_(ip) {
    std::memcpy(kept_, ip, sizeof kept_);
    if (is_v6(ip)) {
      store32(ip, 0x60000000);
      ip[7] = 0;
      return;
    }
    ip[1] = 0;
    std::memset(ip + 6, 0, 3);
    std::memset(ip + 10, 0, 2);
  }
  ~Immutable() { std::memcpy(ip_, kept_, sizeof kept_); }

 private:
  uint8_t* ip_;
  uint8_t kept_[12];
};

}  // namespace

std::unique_ptr<AhKey> AhKey::expand(Integrity integrity, std::string_view key) {
  auto hmac = Hmac::expand(integrity, key);
  return hmac == nullptr ? nullptr : std::unique_ptr<AhKey>(new AhKey(std::move(hmac)));
}

size_t AhKey::size(bool v6) const {
  const size_t unit = v6 ? 8 : 4;
  return (kAhFixed + hmac_->icv() + unit - 1) / unit * unit;
}

bool AhKey::sign(uint8_t* ip, size_t length, uint32_t spi, EspSequence sequence,
                 uint8_t next_header) {
  const size_t own = size(is_v6(ip));
  uint8_t* ah = ip + header_size(ip);
  std::memset(ah, 0, own);
  ah[0] = next_header;
  ah[1] = static_cast<uint8_t>(own / 4 - 2);
  store32(ah + 4, spi);
  store32(ah + 8, static_cast<uint32_t>(sequence.number));
  uint8_t icv[64];
  const Immutable zeroed(ip);
  if (!hmac_->sign(ip, length, sequence, icv)) return false;
  std::memcpy(ah + kAhFixed, icv, hmac_->icv());
  return true;
}

bool AhKey::verify(uint8_t* ip, size_t length, EspSequence sequence) {
  const size_t own = size(is_v6(ip)), icv = hmac_->icv();
  uint8_t* ah = ip + header_size(ip);
  const bool plain = is_v6(ip) ? ip[6] == kProtocolAh : ip[0] == 0x45;
  if (!plain || length < header_size(ip) + own || ah[1] != own / 4 - 2) return false;
  uint8_t sent[64];
  std::memcpy(sent, ah + kAhFixed, icv);
  std::memset(ah + kAhFixed, 0, icv);
  const Immutable zeroed(ip);
  return hmac_->verify(ip, length, sequence, sent);
}

}  // namespace nezu::pfe
