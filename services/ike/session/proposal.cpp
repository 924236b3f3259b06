#include "services/ike/session/proposal.h"

#include <algorithm>

#include "services/ike/message/wire.h"

namespace nezu::ike {
namespace {
Transform transform(TransformType type, std::uint16_t id, std::uint16_t key_bits = 0) {
  return {type, id, key_bits, false};
}

Transform encryption_transform(Encryption id) {
  return transform(TransformType::kEncryption, facts(id).transform, facts(id).key_bits);
}

Transform dh_transform(DhGroup group) {
  return transform(TransformType::kDh, static_cast<std::uint16_t>(group));
}

std::vector<Transform> ike_transforms(const IkeSuite& suite) {
  std::vector<Transform> all = {encryption_transform(suite.encryption),
                                transform(TransformType::kPrf, facts(suite.prf).transform)};
  if (!is_aead(suite.encryption))
    all.push_back(transform(TransformType::kIntegrity, facts(suite.integrity).transform));
  all.push_back(dh_transform(suite.dh));
  return all;
}

std::vector<Transform> esp_transforms(const EspSuite& suite, DhGroup dh) {
  std::vector<Transform> all = {encryption_transform(suite.encryption)};
  if (!is_aead(suite.encryption))
    all.push_back(transform(TransformType::kIntegrity, facts(suite.integrity).transform));
  if (dh != DhGroup::kNone) all.push_back(dh_transform(dh));
  all.push_back(transform(TransformType::kExtendedSequence, suite.extended_sequence ? 1 : 0));
  return all;
}

IkeSuite suite_of(const IkeProposal& proposal) {
  const bool aead = is_aead(proposal.encryption);
  return {proposal.encryption, aead ? Integrity::kNone : proposal.integrity, proposal.prf,
          proposal.dh};
}

EspSuite suite_of(const EspProposal& proposal) {
  const bool aead = is_aead(proposal.encryption);
  return {proposal.encryption, aead ? Integrity::kNone : proposal.integrity,
          proposal.extended_sequence};
}

bool offers_type(const Offer& offer, TransformType type) {
  return std::any_of(offer.transforms.begin(), offer.transforms.end(),
                     [&](const Transform& each) { return each.type == type; });
}

bool offers(const Offer& offer, const Transform& wanted) {
  return std::find(offer.transforms.begin(), offer.transforms.end(), wanted) !=
         offer.transforms.end();
}

// A type that is offered must be chosen from: what we have no transform of must be absent or offer
// "none" (0).
bool needs_nothing_of(const Offer& offer, TransformType type) {
  return !offers_type(offer, type) || offers(offer, transform(type, 0));
}

bool only_known_types(const Offer& offer) {
  return std::all_of(offer.transforms.begin(), offer.transforms.end(), [](const Transform& each) {
    return each.type >= TransformType::kEncryption && each.type <= TransformType::kExtendedSequence;
  });
}

bool fits_ike(const Offer& offer, const IkeSuite& suite, bool spi_wanted) {
  if (offer.protocol != Protocol::kIke || offer.spi.size() != (spi_wanted ? 8u : 0u)) return false;
  if (!only_known_types(offer) || offers_type(offer, TransformType::kExtendedSequence))
    return false;
  if (is_aead(suite.encryption) && !needs_nothing_of(offer, TransformType::kIntegrity))
    return false;
  const auto wanted = ike_transforms(suite);
  return std::all_of(wanted.begin(), wanted.end(),
                     [&](const Transform& each) { return offers(offer, each); });
}

bool fits_esp(const Offer& offer, const EspSuite& suite, DhGroup dh, bool auth) {
  if (offer.protocol != Protocol::kEsp || offer.spi.size() != 4 || !only_known_types(offer))
    return false;
  if (offers_type(offer, TransformType::kPrf)) return false;
  if (is_aead(suite.encryption) && !needs_nothing_of(offer, TransformType::kIntegrity))
    return false;
  if (!auth && dh == DhGroup::kNone && !needs_nothing_of(offer, TransformType::kDh)) return false;
  const auto wanted = esp_transforms(suite, auth ? DhGroup::kNone : dh);
  return std::all_of(wanted.begin(), wanted.end(),
                     [&](const Transform& each) { return offers(offer, each); });
}
}  // namespace

std::vector<Offer> offer_ike(const std::vector<IkeProposal>& proposals, ByteView spi) {
  std::vector<Offer> all;
  for (const auto& proposal : proposals)
    all.push_back({static_cast<std::uint8_t>(all.size() + 1), Protocol::kIke, bytes_of(spi),
                   ike_transforms(suite_of(proposal))});
  return all;
}

std::vector<Offer> offer_esp(const std::vector<EspProposal>& proposals, std::uint32_t spi,
                             DhGroup dh) {
  const Bytes octets = Writer().u32(spi).done();
  std::vector<Offer> all;
  for (const auto& proposal : proposals)
    all.push_back({static_cast<std::uint8_t>(all.size() + 1), Protocol::kEsp, octets,
                   esp_transforms(suite_of(proposal), dh)});
  return all;
}

std::optional<IkeChoice> choose_ike(const std::vector<Offer>& offers,
                                    const std::vector<IkeProposal>& proposals, bool spi_wanted) {
  for (const Offer& offer : offers)
    for (const auto& proposal : proposals) {
      if (!fits_ike(offer, suite_of(proposal), spi_wanted)) continue;
      const std::uint64_t spi = spi_wanted ? Reader(offer.spi).u64() : 0;
      if (spi_wanted && spi == 0) continue;
      return IkeChoice{offer.number, suite_of(proposal), proposal.lifetime_seconds, spi};
    }
  return std::nullopt;
}

std::optional<EspChoice> choose_esp(const std::vector<Offer>& offers,
                                    const std::vector<EspProposal>& proposals, DhGroup dh,
                                    bool auth) {
  constexpr std::uint32_t kReservedSpis = 256;  // RFC 4303 section 2.1
  for (const Offer& offer : offers)
    for (const auto& proposal : proposals) {
      if (!fits_esp(offer, suite_of(proposal), dh, auth)) continue;
      const std::uint32_t spi = Reader(offer.spi).u32();
      if (spi < kReservedSpis) continue;
      return EspChoice{offer.number, suite_of(proposal), proposal.lifetime_seconds,
                       proposal.lifetime_kilobytes, spi};
    }
  return std::nullopt;
}

Offer answer_ike(const IkeChoice& choice, ByteView spi) {
  return {choice.number, Protocol::kIke, bytes_of(spi), ike_transforms(choice.suite)};
}

Offer answer_esp(const EspChoice& choice, std::uint32_t spi, DhGroup dh) {
  return {choice.number, Protocol::kEsp, Writer().u32(spi).done(),
          esp_transforms(choice.suite, dh)};
}

bool is_single_choice(const std::vector<Offer>& answer) {
  if (answer.size() != 1) return false;
  std::vector<TransformType> seen;
  for (const Transform& each : answer.front().transforms) {
    if (std::find(seen.begin(), seen.end(), each.type) != seen.end()) return false;
    seen.push_back(each.type);
  }
  return true;
}

}  // namespace nezu::ike
