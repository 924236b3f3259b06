// What we offer and what we choose: configuration proposals against SA payloads, RFC 7296
// section 3.3.6.
#pragma once

#include <optional>

#include "services/ike/message/payload_sa.h"
#include "services/ike/session/sa.h"

namespace nezu::ike {

/// One offer a proposal, numbered from 1; `spi` is empty in IKE_SA_INIT.
std::vector<Offer> offer_ike(const std::vector<IkeProposal>& proposals, ByteView spi);
/// `dh` is kNone without PFS and in IKE_AUTH.
std::vector<Offer> offer_esp(const std::vector<EspProposal>& proposals, std::uint32_t spi,
                             DhGroup dh);

struct IkeChoice {
  std::uint8_t number = 0;  // of the peer's offer
  IkeSuite suite;
  std::uint32_t lifetime_seconds = 0;
  std::uint64_t peer_spi = 0;  // 0 in IKE_SA_INIT
};
/// The first offer of the peer that one of our proposals is part of; nothing: NO_PROPOSAL_CHOSEN.
/// With `spi_wanted` an offer must carry an SPI, without it must not.
std::optional<IkeChoice> choose_ike(const std::vector<Offer>& offers,
                                    const std::vector<IkeProposal>& proposals, bool spi_wanted);

struct EspChoice {
  std::uint8_t number = 0;
  EspSuite suite;
  std::uint32_t lifetime_seconds = 0;
  std::uint64_t lifetime_kilobytes = 0;
  std::uint32_t peer_spi = 0;
};
/// `dh` as in offer_esp(); in IKE_AUTH (`auth`) Diffie-Hellman transforms are not looked at.
std::optional<EspChoice> choose_esp(const std::vector<Offer>& offers,
                                    const std::vector<EspProposal>& proposals, DhGroup dh,
                                    bool auth);

/// The answer to a choice: the same number, one transform of each type.
Offer answer_ike(const IkeChoice& choice, ByteView spi);
Offer answer_esp(const EspChoice& choice, std::uint32_t spi, DhGroup dh);

/// True if an answer is one of our offers and nothing else.
bool is_single_choice(const std::vector<Offer>& answer);

}  // namespace nezu::ike
