// ASN.1's distinguished encoding of what OpenSSL holds.
#pragma once

#include <openssl/crypto.h>

#include "services/ike/bytes.h"

namespace nezu::ike {

/// DER by one of OpenSSL's i2d functions; empty when there is no object or it cannot be encoded.
template <typename Object>
Bytes encoded(const Object* object, int (*encode)(const Object*, unsigned char**)) {
  unsigned char* out = nullptr;
  const int length = object ? encode(object, &out) : 0;
  if (length <= 0) return {};
  Bytes der(out, out + length);
  OPENSSL_free(out);
  return der;
}

}  // namespace nezu::ike
