#pragma once
#include "pfe-model/transform.h"

namespace nezu::pfe {

/// Encrypts `length` octets at `inner` in place into an ESP packet that begins key.front() before
/// it and is key.sealed_size(length) long. Steps: pad and trailer (RFC 4303 2.4-2.6), header in
/// front, then what the algorithms do. An IV is made of the sequence number: never used twice under
/// a key. False: the algorithms failed, and the packet must not be sent.
[[nodiscard]] bool seal(EspKey& key, uint32_t spi, EspSequence sequence, uint8_t next_header,
                        uint8_t* inner, size_t length);

enum class OpenFault : uint8_t { kNone, kAuthentication, kTrailer };

struct Opened {
  OpenFault fault = OpenFault::kNone;
  uint8_t next_header = 0;
  size_t length = 0;  ///< of the payload, at esp + key.front()
};

/// Checks and decrypts the ESP packet at `esp` in place. Requires key.is_size(length).
Opened open(EspKey& key, EspSequence sequence, uint8_t* esp, size_t length);

}  // namespace nezu::pfe
