#include "services/ike/algorithms.h"

#include <algorithm>
#include <array>
#include <span>

namespace nezu::ike {
namespace {

// IANA: ENCR_DES 2, ENCR_3DES 3, ENCR_AES_CBC 12, ENCR_AES_GCM_16 20,
// ENCR_CHACHA20_POLY1305 28.
constexpr std::array kEncryptions = {
    EncryptionFacts{Encryption::kNone, "", "", "", 0, 0, 0, 0, 0, 1, 0},
    EncryptionFacts{Encryption::kDesCbc, "des-cbc", "des-cbc", "des", 2, 0, 8, 0, 8, 8, 0},
    EncryptionFacts{Encryption::kTripleDesCbc, "3des-cbc", "3des-cbc", "3des", 3, 0, 24, 0, 8, 8,
                    0},
    EncryptionFacts{Encryption::kAesCbc128, "aes-128-cbc", "aes-cbc (128 bits)", "aes-cbc-128", 12,
                    128, 16, 0, 16, 16, 0},
    EncryptionFacts{Encryption::kAesCbc192, "aes-192-cbc", "aes-cbc (192 bits)", "aes-cbc-192", 12,
                    192, 24, 0, 16, 16, 0},
    EncryptionFacts{Encryption::kAesCbc256, "aes-256-cbc", "aes-cbc (256 bits)", "aes-cbc-256", 12,
                    256, 32, 0, 16, 16, 0},
    EncryptionFacts{Encryption::kAesGcm128, "aes-128-gcm", "aes-gcm (128 bits)", "aes-gcm-128", 20,
                    128, 16, 4, 8, 1, 16},
    EncryptionFacts{Encryption::kAesGcm192, "aes-192-gcm", "aes-gcm (192 bits)", "aes-gcm-192", 20,
                    192, 24, 4, 8, 1, 16},
    EncryptionFacts{Encryption::kAesGcm256, "aes-256-gcm", "aes-gcm (256 bits)", "aes-gcm-256", 20,
                    256, 32, 4, 8, 1, 16},
    // RFC 7634: the key length is not negotiated.
    EncryptionFacts{Encryption::kChaCha20Poly1305, "chacha20-poly1305", "chacha20-poly1305",
                    "chacha20-poly1305", 28, 0, 32, 4, 8, 1, 16},
};

constexpr std::array kIntegrities = {
    IntegrityFacts{Integrity::kNone, "", 0, 0, 0, ""},
    IntegrityFacts{Integrity::kHmacMd5_96, "hmac-md5-96", 1, 16, 12, "MD5"},
    IntegrityFacts{Integrity::kHmacSha1_96, "hmac-sha1-96", 2, 20, 12, "SHA1"},
    IntegrityFacts{Integrity::kHmacSha256_128, "hmac-sha256-128", 12, 32, 16, "SHA256"},
    IntegrityFacts{Integrity::kHmacSha384_192, "hmac-sha384-192", 13, 48, 24, "SHA384"},
    IntegrityFacts{Integrity::kHmacSha512_256, "hmac-sha512-256", 14, 64, 32, "SHA512"},
};

constexpr std::array kPrfs = {
    PrfFacts{Prf::kNone, "", 0, 0, ""},
    PrfFacts{Prf::kHmacMd5, "hmac-md5", 1, 16, "MD5"},
    PrfFacts{Prf::kHmacSha1, "hmac-sha1", 2, 20, "SHA1"},
    PrfFacts{Prf::kHmacSha256, "hmac-sha256", 5, 32, "SHA256"},
    PrfFacts{Prf::kHmacSha384, "hmac-sha384", 6, 48, "SHA384"},
    PrfFacts{Prf::kHmacSha512, "hmac-sha512", 7, 64, "SHA512"},
};

struct AuthenticationName {
  std::string_view name;
  Integrity integrity;
  Prf prf;
};
constexpr std::array kAuthenticationNames = {
    AuthenticationName{"md5", Integrity::kHmacMd5_96, Prf::kHmacMd5},
    AuthenticationName{"sha1", Integrity::kHmacSha1_96, Prf::kHmacSha1},
    AuthenticationName{"sha-256", Integrity::kHmacSha256_128, Prf::kHmacSha256},
    AuthenticationName{"sha-384", Integrity::kHmacSha384_192, Prf::kHmacSha384},
    AuthenticationName{"sha-512", Integrity::kHmacSha512_256, Prf::kHmacSha512},
    AuthenticationName{"hmac-md5-96", Integrity::kHmacMd5_96, Prf::kHmacMd5},
    AuthenticationName{"hmac-sha1-96", Integrity::kHmacSha1_96, Prf::kHmacSha1},
    AuthenticationName{"hmac-sha-256-128", Integrity::kHmacSha256_128, Prf::kHmacSha256},
    AuthenticationName{"hmac-sha-384", Integrity::kHmacSha384_192, Prf::kHmacSha384},
    AuthenticationName{"hmac-sha-512", Integrity::kHmacSha512_256, Prf::kHmacSha512},
};

struct GroupName {
  std::string_view name;
  DhGroup group;
};
constexpr std::array kGroups = {
    GroupName{"group1", DhGroup::kModp768},   GroupName{"group2", DhGroup::kModp1024},
    GroupName{"group5", DhGroup::kModp1536},  GroupName{"group14", DhGroup::kModp2048},
    GroupName{"group15", DhGroup::kModp3072}, GroupName{"group16", DhGroup::kModp4096},
    GroupName{"group19", DhGroup::kEcp256},   GroupName{"group20", DhGroup::kEcp384},
    GroupName{"group21", DhGroup::kEcp521},   GroupName{"group24", DhGroup::kModp2048s256},
    GroupName{"group31", DhGroup::kX25519},
};

// The row that `fits`; the first row is kNone and never does.
template <typename Rows, typename Fits>
auto row_of(const Rows& rows, Fits fits) -> const typename Rows::value_type* {
  const auto row = std::find_if(std::next(rows.begin()), rows.end(), fits);
  return row == rows.end() ? nullptr : &*row;
}

const AuthenticationName* authentication_named(std::string_view name) {
  for (const auto& row : kAuthenticationNames)
    if (row.name == name) return &row;
  return nullptr;
}

// An enumerator from a snapshot or a cast may be past the table.
template <typename Rows, typename Id>
const auto& at(const Rows& rows, Id id) {
  const auto place = static_cast<std::size_t>(id);
  return rows[place < rows.size() ? place : 0];
}
}  // namespace

const EncryptionFacts& facts(Encryption id) {
  return at(kEncryptions, id);
}

const IntegrityFacts& facts(Integrity id) {
  return at(kIntegrities, id);
}

const PrfFacts& facts(Prf id) {
  return at(kPrfs, id);
}

std::optional<Encryption> encryption_named(std::string_view name) {
  const auto* row = row_of(kEncryptions, [&](const auto& each) { return each.name == name; });
  return row ? std::optional(row->id) : std::nullopt;
}

std::optional<Integrity> integrity_named(std::string_view name) {
  const auto* row = authentication_named(name);
  return row ? std::optional(row->integrity) : std::nullopt;
}

std::optional<Prf> prf_named(std::string_view name) {
  const auto* row = authentication_named(name);
  return row ? std::optional(row->prf) : std::nullopt;
}

std::optional<DhGroup> dh_group_named(std::string_view name) {
  for (const auto& row : kGroups)
    if (row.name == name) return row.group;
  return std::nullopt;
}

std::optional<Encryption> encryption_of(std::uint16_t transform, std::uint16_t key_bits) {
  const auto* row = row_of(kEncryptions, [&](const auto& each) {
    return each.transform == transform && each.key_bits == key_bits;
  });
  return row ? std::optional(row->id) : std::nullopt;
}

std::optional<Integrity> integrity_of(std::uint16_t transform) {
  const auto* row =
      row_of(kIntegrities, [&](const auto& each) { return each.transform == transform; });
  return row ? std::optional(row->id) : std::nullopt;
}

std::optional<Prf> prf_of(std::uint16_t transform) {
  const auto* row = row_of(kPrfs, [&](const auto& each) { return each.transform == transform; });
  return row ? std::optional(row->id) : std::nullopt;
}

std::optional<DhGroup> dh_group_of(std::uint16_t transform) {
  for (const auto& row : kGroups)
    if (static_cast<std::uint16_t>(row.group) == transform) return row.group;
  return std::nullopt;
}

}  // namespace nezu::ike
