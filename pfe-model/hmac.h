#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "pfe-model/transform.h"

struct evp_mac_ctx_st;

namespace nezu::pfe {

/// A keyed hash cut to its ICV, by OpenSSL. Used by one thread at a time.
class Hmac {
 public:
  /// nullptr: none, one the library does not have, or a key of the wrong length.
  static std::unique_ptr<Hmac> expand(Integrity integrity, std::string_view key);
  ~Hmac();

  size_t icv() const { return icv_; }
  /// The ICV of `length` octets at `data` and, if extended, the sequence number's high half behind
  /// them (RFC 4303 2.2.1, RFC 4302 3.3.3.2). False: the library failed, and there is no ICV.
  bool sign(const uint8_t* data, size_t length, EspSequence sequence, uint8_t* icv);
  bool verify(const uint8_t* data, size_t length, EspSequence sequence, const uint8_t* icv);

 private:
  Hmac(evp_mac_ctx_st* context, size_t icv) : context_(context), icv_(icv) {}

  evp_mac_ctx_st* context_;
  size_t icv_;
};

}  // namespace nezu::pfe
