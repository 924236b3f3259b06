#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace nezu::pfe {

/// Values of api.proto's enumerations of the same names.
enum class Cipher : uint8_t {
  kNone,
  kAesGcm128,
  kAesGcm256,
  kAesCbc128,
  kAesCbc192,
  kAesCbc256,
  kTripleDesCbc,
  kChaCha20Poly1305,
  kAesGcm192,
  kDesCbc,
};
enum class Integrity : uint8_t {
  kNone,
  kHmacMd5_96,
  kHmacSha1_96,
  kHmacSha256_128,
  kHmacSha384_192,
  kHmacSha512_256,
  kHmacSha256_96,
};

/// What protects an SA: algorithms and keys, with the lengths that api.proto gives.
struct Secrets {
  Cipher cipher = Cipher::kNone;
  std::string_view key;
  std::string_view salt;
  Integrity integrity = Integrity::kNone;
  std::string_view integrity_key;
};

struct EspSequence {
  uint64_t number = 0;
  bool extended = false;  ///< the high half is authenticated too (RFC 4304)
};

/// SPI and sequence number in front of every ESP packet.
constexpr size_t kEspHeader = 8;

/// How the packets of one ESP SA are encrypted and authenticated. Lengths in octets. An object is
/// used by one thread at a time.
class EspKey {
 public:
  /// nullptr: wrong lengths, algorithms that do not go together, or one the library does not have
  /// (DES is in a part of it that may be missing). Null encryption needs an
  /// integrity algorithm, an algorithm with a salt must not have one.
  static std::unique_ptr<EspKey> expand(const Secrets& secrets);
  virtual ~EspKey() = default;

  size_t iv() const { return iv_; }
  size_t icv() const { return icv_; }
  /// In front of the payload: header and IV.
  size_t front() const { return kEspHeader + iv_; }
  /// Payload, padding and trailer are a multiple of this.
  size_t block() const { return block_; }
  /// The ESP packet that `inner` octets become: header, IV, payload, padding, trailer, ICV.
  size_t sealed_size(size_t inner) const {
    return front() + (inner + 2 + block_ - 1) / block_ * block_ + icv_;
  }
  /// The largest inner packet of which the ESP packet fits into `outer` octets; 0: none.
  size_t inner_limit(size_t outer) const {
    const size_t fixed = front() + icv_;
    return outer < fixed + block_ ? 0 : (outer - fixed) / block_ * block_ - 2;
  }
  /// Whether `length` can be an ESP packet of this kind.
  bool is_size(size_t length) const {
    const size_t fixed = front() + icv_;
    return length >= fixed + block_ && (length - fixed) % block_ == 0;
  }

  /// At `esp` are SPI, sequence number, room for the IV, `length` octets to be encrypted and room
  /// for the ICV: writes IV, cipher text and ICV. False: what is there must not be sent.
  virtual bool protect(uint8_t* esp, size_t length, EspSequence sequence) = 0;
  /// The reverse. False: not authentic; what is there is then worth nothing.
  virtual bool unprotect(uint8_t* esp, size_t length, EspSequence sequence) = 0;

 protected:
  EspKey(size_t iv, size_t block, size_t icv) : iv_(iv), block_(block), icv_(icv) {}

 private:
  const size_t iv_, block_, icv_;
};

/// Whether two tags are the same, in a time that does not say where they differ.
bool same_tag(const uint8_t* a, const uint8_t* b, size_t octets);

}  // namespace nezu::pfe
