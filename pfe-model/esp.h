#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

struct gcm_key_data;

namespace nezu::pfe {

/// An expanded AES-GCM key with its salt (RFC 4106). 16 or 32 octets of key, 4 of salt.
class EspKey {
 public:
  /// nullptr: wrong lengths.
  static std::unique_ptr<EspKey> expand(std::string_view key, std::string_view salt);
  ~EspKey();

 private:
  friend struct EspCipher;
  EspKey() = default;
  gcm_key_data* key_ = nullptr;
  uint8_t salt_[4] = {};
  bool wide_ = false;  ///< 256 bits
};

constexpr size_t kEspHeader = 8;
constexpr size_t kEspIv = 8;
constexpr size_t kEspIcv = 16;
constexpr size_t kEspFront = kEspHeader + kEspIv;

/// The ESP packet that `inner` octets become: header, IV, payload padded to four, trailer, ICV.
constexpr size_t esp_size(size_t inner) {
  return kEspFront + (inner + 2 + 3) / 4 * 4 + kEspIcv;
}

/// The largest inner packet of which the ESP packet fits into `outer` octets; 0: none.
constexpr size_t esp_inner_limit(size_t outer) {
  return outer < kEspFront + 4 + kEspIcv ? 0 : (outer - kEspFront - kEspIcv) / 4 * 4 - 2;
}

struct EspSequence {
  uint64_t number = 0;
  bool extended = false;  ///< the high half is authenticated too (RFC 4304)
};

/// Encrypts `length` octets at `inner` in place into an ESP packet that begins kEspFront before it
/// and is esp_size(length) long. Steps: pad and trailer (RFC 4303 2.4-2.6), header and IV in front,
/// encrypt, ICV behind. The IV is the sequence number: never used twice under a key.
void seal(const EspKey& key, uint32_t spi, EspSequence sequence, uint8_t next_header,
          uint8_t* inner, size_t length);

enum class OpenFault : uint8_t { kNone, kAuthentication, kTrailer };

struct Opened {
  OpenFault fault = OpenFault::kNone;
  uint8_t next_header = 0;
  size_t length = 0;  ///< of the payload, at esp + kEspFront
};

/// Whether `length` can be an ESP packet of ours: header, IV, one padded block, ICV, aligned to
/// four.
constexpr bool is_esp_size(size_t length) {
  return length >= kEspFront + 4 + kEspIcv && length % 4 == 0;
}

/// Checks and decrypts the ESP packet at `esp` in place. Requires is_esp_size(length).
Opened open(const EspKey& key, EspSequence sequence, uint8_t* esp, size_t length);

}  // namespace nezu::pfe
