#include "services/ike/config.h"

#include "services/ike/distinguished_name.h"

namespace nezu::ike {
namespace {
// The named value, the default for an empty name, nothing for a name we do not run.
template <typename Value, typename Lookup>
std::optional<Value> named_or(std::string_view name, Value otherwise, Lookup lookup) {
  return name.empty() ? std::optional(otherwise) : lookup(name);
}
}  // namespace

std::optional<IkeProposal> ike_proposal(std::string_view name, std::string_view encryption,
                                        std::string_view authentication, std::string_view dh_group,
                                        std::uint32_t lifetime_seconds) {
  const IkeProposal defaults;
  const auto cipher = named_or(encryption, defaults.encryption, encryption_named);
  if (!cipher) return std::nullopt;
  const bool aead = is_aead(*cipher);
  const auto integrity = named_or(authentication, defaults.integrity, integrity_named);
  const auto prf = named_or(authentication, aead ? Prf::kHmacSha256 : defaults.prf, prf_named);
  const auto dh = named_or(dh_group, defaults.dh, dh_group_named);
  if (!integrity || !prf || !dh) return std::nullopt;
  IkeProposal proposal{std::string(name), *cipher, *integrity, *prf, *dh, lifetime_seconds};
  if (aead) proposal.integrity = Integrity::kNone;
  if (lifetime_seconds == 0) proposal.lifetime_seconds = defaults.lifetime_seconds;
  return proposal;
}

std::optional<EspProposal> esp_proposal(std::string_view name, std::string_view encryption,
                                        std::string_view authentication, bool extended_sequence,
                                        std::uint32_t lifetime_seconds,
                                        std::uint64_t lifetime_kilobytes) {
  const EspProposal defaults;
  const auto cipher = named_or(encryption, defaults.encryption, encryption_named);
  const auto integrity = named_or(authentication, defaults.integrity, integrity_named);
  if (!cipher || !integrity) return std::nullopt;
  EspProposal proposal{std::string(name), *cipher,          *integrity,
                       extended_sequence, lifetime_seconds, lifetime_kilobytes};
  if (is_aead(*cipher)) proposal.integrity = Integrity::kNone;
  if (lifetime_seconds == 0) proposal.lifetime_seconds = defaults.lifetime_seconds;
  return proposal;
}

Identity Identity::of(const Address& address) {
  return {address.size == 4 ? Type::kInet : Type::kInet6, bytes_of(address.view())};
}

std::string to_string(const Identity& identity) {
  if (identity.type == Identity::Type::kInet || identity.type == Identity::Type::kInet6)
    return to_string(Address::of(identity.data));
  if (identity.type == Identity::Type::kDistinguishedName) return name_text(identity.data);
  std::string text;
  for (std::uint8_t octet : identity.data)
    if (octet > 0x20 && octet < 0x7f && octet != '\\')
      text += static_cast<char>(octet);
    else
      text += "\\x" + to_hex({&octet, 1});
  return text;
}

}  // namespace nezu::ike
