#include "pfe-model/transform_gcm.h"

#include <intel-ipsec-mb.h>

#include <cstdlib>
#include <cstring>
#include <new>

#include "pfe-model/ip.h"

namespace nezu::pfe {

namespace {

constexpr size_t kIv = 8;
constexpr size_t kIcv = 16;

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

/// What goes in beside key and text: the nonce of salt and IV (RFC 4106 4), and what is
/// authenticated but not encrypted, SPI and sequence number (5).
struct Beside {
  uint8_t nonce[12];
  uint8_t associated[12];
  size_t size;

  Beside(const uint8_t* salt, const uint8_t* esp, EspSequence sequence) {
    std::memcpy(nonce, salt, 4);
    std::memcpy(nonce + 4, esp + kEspHeader, kIv);
    std::memcpy(associated, esp, kEspHeader);
    size = kEspHeader;
    if (!sequence.extended) return;
    store64(associated + 4, sequence.number);
    size = 12;
  }
};

}  // namespace

GcmKey::GcmKey(std::string_view key, std::string_view salt)
    : EspKey(kIv, 4, kIcv), width_(static_cast<uint8_t>(key.size() / 8 - 2)) {
  key_ = static_cast<gcm_key_data*>(std::aligned_alloc(64, (sizeof(gcm_key_data) + 63) / 64 * 64));
  if (key_ == nullptr) throw std::bad_alloc();
  std::memcpy(salt_, salt.data(), 4);
  const IMB_MGR& mb = library();
  const aes_gcm_pre_t expand[] = {mb.gcm128_pre, mb.gcm192_pre, mb.gcm256_pre};
  expand[width_](key.data(), key_);
}

GcmKey::~GcmKey() {
  explicit_bzero(key_, sizeof *key_);
  std::free(key_);
}

bool GcmKey::protect(uint8_t* esp, size_t length, EspSequence sequence) {
  store64(esp + kEspHeader, sequence.number);
  const Beside beside(salt_, esp, sequence);
  uint8_t* text = esp + front();
  gcm_context_data context;
  const IMB_MGR& mb = library();
  const aes_gcm_enc_dec_t run[] = {mb.gcm128_enc, mb.gcm192_enc, mb.gcm256_enc};
  run[width_](key_, &context, text, text, length, beside.nonce, beside.associated, beside.size,
              text + length, kIcv);
  return true;
}

bool GcmKey::unprotect(uint8_t* esp, size_t length, EspSequence sequence) {
  const Beside beside(salt_, esp, sequence);
  uint8_t* text = esp + front();
  uint8_t tag[kIcv];
  gcm_context_data context;
  const IMB_MGR& mb = library();
  const aes_gcm_enc_dec_t run[] = {mb.gcm128_dec, mb.gcm192_dec, mb.gcm256_dec};
  run[width_](key_, &context, text, text, length, beside.nonce, beside.associated, beside.size, tag,
              kIcv);
  return same_tag(tag, text + length, kIcv);
}

}  // namespace nezu::pfe
