#include "pfe-model/esp.h"

#include <intel-ipsec-mb.h>

#include <cstdlib>
#include <cstring>
#include <new>

#include "pfe-model/ip.h"

namespace nezu::pfe {

namespace {

/// The library's function table for this processor; read-only once made.
const IMB_MGR& library() {
  static IMB_MGR* const manager = [] {
    IMB_MGR* made = alloc_mb_mgr(0);
    if (made == nullptr) throw std::bad_alloc();
    IMB_ARCH arch;
    init_mb_mgr_auto(made, &arch);
    return made;
  }();
  return *manager;
}

/// What is authenticated but not encrypted (RFC 4106 5): SPI and sequence number.
struct Associated {
  uint8_t bytes[12];
  size_t size;

  Associated(uint32_t spi, EspSequence sequence) {
    store32(bytes, spi);
    if (sequence.extended) {
      store64(bytes + 4, sequence.number);
      size = 12;
    } else {
      store32(bytes + 4, static_cast<uint32_t>(sequence.number));
      size = 8;
    }
  }
};

/// Writes pad octets 1, 2, 3 …, their count and the next header; returns the encrypted length.
size_t write_trailer(uint8_t* inner, size_t length, uint8_t next_header) {
  const size_t padding = (0 - (length + 2)) % 4;
  for (size_t i = 0; i < padding; ++i) inner[length + i] = static_cast<uint8_t>(i + 1);
  inner[length + padding] = static_cast<uint8_t>(padding);
  inner[length + padding + 1] = next_header;
  return length + padding + 2;
}

/// Takes the same time wherever they differ.
bool same_tag(const uint8_t* a, const uint8_t* b) {
  uint8_t difference = 0;
  for (size_t i = 0; i < kEspIcv; ++i) difference |= a[i] ^ b[i];
  return difference == 0;
}

Opened read_trailer(const uint8_t* payload, size_t encrypted) {
  const size_t padding = payload[encrypted - 2];
  if (padding + 2 > encrypted) return {OpenFault::kTrailer};
  const size_t length = encrypted - 2 - padding;
  for (size_t i = 0; i < padding; ++i)
    if (payload[length + i] != i + 1) return {OpenFault::kTrailer};
  return {OpenFault::kNone, payload[encrypted - 1], length};
}

}  // namespace

/// AES-GCM with either key size, nonce = salt and IV (RFC 4106 4).
struct EspCipher {
  const EspKey& key;
  uint8_t nonce[12];
  gcm_context_data context;

  EspCipher(const EspKey& k, const uint8_t* iv) : key(k) {
    std::memcpy(nonce, key.salt_, 4);
    std::memcpy(nonce + 4, iv, 8);
  }
  void encrypt(uint8_t* data, size_t length, const Associated& aad, uint8_t* tag) {
    const aes_gcm_enc_dec_t run = key.wide_ ? library().gcm256_enc : library().gcm128_enc;
    run(key.key_, &context, data, data, length, nonce, aad.bytes, aad.size, tag, kEspIcv);
  }
  void decrypt(uint8_t* data, size_t length, const Associated& aad, uint8_t* tag) {
    const aes_gcm_enc_dec_t run = key.wide_ ? library().gcm256_dec : library().gcm128_dec;
    run(key.key_, &context, data, data, length, nonce, aad.bytes, aad.size, tag, kEspIcv);
  }
  static void expand(EspKey& key, const char* octets) {
    const aes_gcm_pre_t run = key.wide_ ? library().gcm256_pre : library().gcm128_pre;
    run(octets, key.key_);
  }
};

std::unique_ptr<EspKey> EspKey::expand(std::string_view key, std::string_view salt) {
  if ((key.size() != 16 && key.size() != 32) || salt.size() != 4) return nullptr;
  std::unique_ptr<EspKey> expanded(new EspKey);
  expanded->wide_ = key.size() == 32;
  expanded->key_ =
      static_cast<gcm_key_data*>(std::aligned_alloc(64, (sizeof(gcm_key_data) + 63) / 64 * 64));
  if (expanded->key_ == nullptr) throw std::bad_alloc();
  std::memcpy(expanded->salt_, salt.data(), 4);
  EspCipher::expand(*expanded, key.data());
  return expanded;
}

EspKey::~EspKey() {
  if (key_ != nullptr) explicit_bzero(key_, sizeof *key_);
  std::free(key_);
}

void seal(const EspKey& key, uint32_t spi, EspSequence sequence, uint8_t next_header,
          uint8_t* inner, size_t length) {
  const size_t encrypted = write_trailer(inner, length, next_header);
  uint8_t* esp = inner - kEspFront;
  store32(esp, spi);
  store32(esp + 4, static_cast<uint32_t>(sequence.number));
  store64(esp + kEspHeader, sequence.number);
  EspCipher(key, esp + kEspHeader)
      .encrypt(inner, encrypted, Associated(spi, sequence), inner + encrypted);
}

Opened open(const EspKey& key, EspSequence sequence, uint8_t* esp, size_t length) {
  const size_t encrypted = length - kEspFront - kEspIcv;
  uint8_t* payload = esp + kEspFront;
  uint8_t tag[kEspIcv];
  EspCipher(key, esp + kEspHeader)
      .decrypt(payload, encrypted, Associated(load32(esp), sequence), tag);
  if (!same_tag(tag, payload + encrypted)) return {OpenFault::kAuthentication};
  return read_trailer(payload, encrypted);
}

}  // namespace nezu::pfe
