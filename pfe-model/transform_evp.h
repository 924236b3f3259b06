#pragma once
#include "pfe-model/hmac.h"

struct evp_cipher_ctx_st;

namespace nezu::pfe {

/// ChaCha20-Poly1305 (RFC 7634), by OpenSSL.
class ChaChaKey final : public EspKey {
 public:
  /// `key`: 32 octets, `salt`: 4.
  ChaChaKey(std::string_view key, std::string_view salt);
  ~ChaChaKey() override;
  /// False: the library could not set the cipher up.
  bool usable() const { return encrypt_ != nullptr && decrypt_ != nullptr; }

  bool protect(uint8_t* esp, size_t length, EspSequence sequence) override;
  bool unprotect(uint8_t* esp, size_t length, EspSequence sequence) override;

 private:
  evp_cipher_ctx_st* encrypt_;
  evp_cipher_ctx_st* decrypt_;
  uint8_t salt_[4];
};

/// A cipher in CBC mode, or none, with an HMAC over header, IV and cipher text.
class HmacKey final : public EspKey {
 public:
  /// What is known of a cipher; `name` is OpenSSL's, nullptr for none.
  struct Mode {
    const char* name;
    size_t key;
    size_t block;  ///< also the IV; of none: no IV, aligned to 4
  };
  static const Mode* mode_of(Cipher cipher);

  HmacKey(const Mode& mode, std::string_view key, std::unique_ptr<Hmac> hmac);
  ~HmacKey() override;
  /// False: the library could not set the cipher up.
  bool usable() const { return iv() == 0 || (encrypt_ != nullptr && decrypt_ != nullptr); }

  bool protect(uint8_t* esp, size_t length, EspSequence sequence) override;
  bool unprotect(uint8_t* esp, size_t length, EspSequence sequence) override;

 private:
  evp_cipher_ctx_st* encrypt_ = nullptr;
  evp_cipher_ctx_st* decrypt_ = nullptr;
  std::unique_ptr<Hmac> hmac_;
};

}  // namespace nezu::pfe
