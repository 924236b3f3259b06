// The algorithms we can run, their names in the configuration language and their IANA numbers.
//
// A key length is part of the algorithm here, so that "AES with key length 0" cannot be said.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace nezu::ike {

enum class Encryption : std::uint8_t {
  kNone,
  kDesCbc,
  kTripleDesCbc,
  kAesCbc128,
  kAesCbc192,
  kAesCbc256,
  kAesGcm128,
  kAesGcm192,
  kAesGcm256,
  kChaCha20Poly1305,
};

enum class Integrity : std::uint8_t {
  kNone,  // only beside an AEAD cipher
  kHmacMd5_96,
  kHmacSha1_96,
  kHmacSha256_128,
  kHmacSha384_192,
  kHmacSha512_256,
};

enum class Prf : std::uint8_t { kNone, kHmacMd5, kHmacSha1, kHmacSha256, kHmacSha384, kHmacSha512 };

/// Values are those of the wire (IANA "Transform Type 4").
enum class DhGroup : std::uint16_t {
  kNone = 0,
  kModp768 = 1,
  kModp1024 = 2,
  kModp1536 = 5,
  kModp2048 = 14,
  kModp3072 = 15,
  kModp4096 = 16,
  kEcp256 = 19,
  kEcp384 = 20,
  kEcp521 = 21,
  kModp2048s256 = 24,
  kX25519 = 31,
};

/// Sizes in octets. `key` is without the salt of GCM.
struct EncryptionFacts {
  Encryption id;
  std::string_view name;        // configuration: "aes-256-gcm", "3des-cbc"
  std::string_view shown;       // ESP in shows: "aes-gcm (256 bits)"
  std::string_view short_name;  // ESP in the one-line show: "aes-gcm-256"
  std::uint16_t transform;      // IANA transform type 1
  std::uint16_t key_bits;       // as KEY_LENGTH attribute; 0: the attribute is not sent
  std::size_t key;
  std::size_t salt;
  std::size_t iv;
  std::size_t block;  // 1: no padding needed
  std::size_t icv;    // of an AEAD; 0: a MAC is needed beside it
};
const EncryptionFacts& facts(Encryption id);
inline bool is_aead(Encryption id) {
  return facts(id).icv != 0;
}

struct IntegrityFacts {
  Integrity id;
  std::string_view shown;  // "hmac-sha1-96"
  std::uint16_t transform;
  std::size_t key;
  std::size_t icv;
  const char* digest;  // OpenSSL's name
};
const IntegrityFacts& facts(Integrity id);

struct PrfFacts {
  Prf id;
  std::string_view shown;  // "hmac-sha1"
  std::uint16_t transform;
  std::size_t output;  // also the preferred key length
  const char* digest;
};
const PrfFacts& facts(Prf id);

/// "des-cbc 3des-cbc aes-128-cbc aes-192-cbc aes-256-cbc aes-128-gcm aes-192-gcm aes-256-gcm
/// chacha20-poly1305".
std::optional<Encryption> encryption_named(std::string_view name);
/// IKE ("md5 sha1 sha-256 sha-384 sha-512") and IPsec spellings ("hmac-md5-96 hmac-sha1-96
/// hmac-sha-256-128 hmac-sha-384 hmac-sha-512").
std::optional<Integrity> integrity_named(std::string_view name);
/// The PRF that belongs to an IKE authentication-algorithm.
std::optional<Prf> prf_named(std::string_view name);
/// "group1" … "group24", "group31".
std::optional<DhGroup> dh_group_named(std::string_view name);

std::optional<Encryption> encryption_of(std::uint16_t transform, std::uint16_t key_bits);
std::optional<Integrity> integrity_of(std::uint16_t transform);
std::optional<Prf> prf_of(std::uint16_t transform);
std::optional<DhGroup> dh_group_of(std::uint16_t transform);

}  // namespace nezu::ike
