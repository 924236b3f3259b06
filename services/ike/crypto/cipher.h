// The ciphers of the SK payload.
#pragma once

#include <optional>

#include "services/ike/algorithms.h"
#include "services/ike/bytes.h"

namespace nezu::ike {

/// CBC of whole blocks. Nothing when the input is none.
std::optional<Bytes> cbc_encrypt(Encryption id, ByteView key, ByteView iv, ByteView plain);
std::optional<Bytes> cbc_decrypt(Encryption id, ByteView key, ByteView iv, ByteView text);

/// `key` ends in the salt; the result is cipher text and tag. RFC 5282.
Bytes aead_seal(Encryption id, ByteView key, ByteView iv, ByteView associated, ByteView plain);
/// Nothing when the tag is wrong.
std::optional<Bytes> aead_open(Encryption id, ByteView key, ByteView iv, ByteView associated,
                               ByteView text);

}  // namespace nezu::ike
