#pragma once
#include "pfe-model/transform.h"

struct gcm_key_data;

namespace nezu::pfe {

/// AES-GCM with a 16-octet ICV (RFC 4106), by intel-ipsec-mb: the fast path.
class GcmKey final : public EspKey {
 public:
  /// `key`: 16, 24 or 32 octets, `salt`: 4.
  GcmKey(std::string_view key, std::string_view salt);
  ~GcmKey() override;

  bool protect(uint8_t* esp, size_t length, EspSequence sequence) override;
  bool unprotect(uint8_t* esp, size_t length, EspSequence sequence) override;

 private:
  gcm_key_data* key_ = nullptr;
  uint8_t salt_[4];
  uint8_t width_;  ///< of the key: 0, 1, 2 for 128, 192, 256 bits
};

}  // namespace nezu::pfe
