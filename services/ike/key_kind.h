// Keys and hashes of signatures, by name.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace nezu::ike {

/// Numbers of the wire, RFC 7427 section 7.
enum class HashAlgorithm : std::uint16_t { kSha1 = 1, kSha256 = 2, kSha384 = 3, kSha512 = 4 };

/// "sha256", as the configuration spells it.
std::optional<HashAlgorithm> hash_named(std::string_view name);
std::string_view name_of(HashAlgorithm hash);

/// What a key can sign.
enum class KeyKind : std::uint8_t { kNone, kRsa, kEcdsa256, kEcdsa384, kEcdsa521 };
std::string_view name_of(KeyKind kind);

}  // namespace nezu::ike
