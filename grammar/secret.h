#pragma once
#include <optional>
#include <string>
#include <string_view>

/// `$9$` text: the router's reversible encoding of secrets. It hides them from a glance, no more.
namespace nezu::grammar {

/// The same text for the same secret every time, so that two shows and a comparison agree.
std::string encode_secret(std::string_view clear);

/// Any `$9$` text, whoever encoded it; nullopt if it is malformed.
std::optional<std::string> decode_secret(std::string_view encoded);

/// What stands in the place of a secret for those who may not see it.
inline constexpr char kHiddenSecret[] = "/* SECRET-DATA */";

/// A secret as it is printed: encoded, unless it is a hash or hidden.
std::string shown_secret(std::string_view clear, bool hashed);

bool is_encoded_secret(std::string_view text);  ///< begins with $9$

/// Why `text` is not taken for a secret, though it would be for any other text: it was encrypted
/// with the master password of another router ($8$), or it is the hash of a password where a key is
/// to stand ($1$, $5$, $6$), or, if `hashed`, the other way round. nullopt: it is taken.
std::optional<std::string> refuse_secret(std::string_view text, bool hashed);

}  // namespace nezu::grammar
