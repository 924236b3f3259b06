#include "pfe-model/esp.h"

#include "pfe-model/ip.h"

namespace nezu::pfe {

namespace {

/// Writes pad octets 1, 2, 3 …, their count and the next header; returns the encrypted length.
size_t write_trailer(uint8_t* inner, size_t length, size_t block, uint8_t next_header) {
  const size_t padding = (0 - (length + 2)) & (block - 1);
  for (size_t i = 0; i < padding; ++i) inner[length + i] = static_cast<uint8_t>(i + 1);
  inner[length + padding] = static_cast<uint8_t>(padding);
  inner[length + padding + 1] = next_header;
  return length + padding + 2;
}

Opened read_trailer(const uint8_t* payload, size_t encrypted) {
  const size_t padding = payload[encrypted - 2];
  if (padding + 2 > encrypted) return {OpenFault::kTrailer};
  const size_t length = encrypted - 2 - padding;
  for (size_t i = 0; i < padding; ++i)
    if (payload[length + i] != static_cast<uint8_t>(i + 1)) return {OpenFault::kTrailer};
  return {OpenFault::kNone, payload[encrypted - 1], length};
}

}  // namespace

bool seal(EspKey& key, uint32_t spi, EspSequence sequence, uint8_t next_header, uint8_t* inner,
          size_t length) {
  const size_t encrypted = write_trailer(inner, length, key.block(), next_header);
  uint8_t* esp = inner - key.front();
  store32(esp, spi);
  store32(esp + 4, static_cast<uint32_t>(sequence.number));
  return key.protect(esp, encrypted, sequence);
}

Opened open(EspKey& key, EspSequence sequence, uint8_t* esp, size_t length) {
  const size_t encrypted = length - key.front() - key.icv();
  if (!key.unprotect(esp, encrypted, sequence)) return {OpenFault::kAuthentication};
  return read_trailer(esp + key.front(), encrypted);
}

}  // namespace nezu::pfe
