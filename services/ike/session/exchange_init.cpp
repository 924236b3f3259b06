#include "services/ike/session/exchange_init.h"

#include <algorithm>

#include "services/ike/crypto/dh.h"
#include "services/ike/message/wire.h"
#include "services/ike/session/events.h"
#include "services/ike/session/exchange_auth.h"
#include "services/ike/session/keys.h"
#include "services/ike/session/nat.h"
#include "services/ike/session/notes.h"
#include "services/ike/session/proof.h"
#include "services/ike/session/proposal.h"

namespace nezu::ike::init {
namespace {
constexpr std::size_t kNonceSize = 32;
constexpr std::uint8_t kMaxRestarts = 8;  // cookies and groups together

Header header_of(const IkeSa& sa, bool response) {
  Header header;
  header.spi_i = sa.spi_i;
  header.spi_r = sa.spi_r;
  header.exchange = ExchangeType::kInit;
  header.initiator = sa.initiator;
  header.response = response;
  return header;
}

void add_ke(PayloadChain& chain, const DhState& dh) {
  chain.add(PayloadType::kKe, encode_ke({static_cast<std::uint16_t>(dh.group), dh.public_key}));
}

void add_common_notifies(const Step& step, PayloadChain& chain) {
  const IkeSa& sa = step.sa;
  if (step.gateway.nat_traversal) {
    add_notify(chain, notify(NotifyType::kNatDetectionSource,
                             nat_hash(sa.spi_i, sa.spi_r, sa.path.local)));
    add_notify(chain, notify(NotifyType::kNatDetectionDestination,
                             nat_hash(sa.spi_i, sa.spi_r, sa.path.remote)));
  }
  if (step.gateway.fragmentation) add_notify(chain, notify(NotifyType::kFragmentationSupported));
  proof::add_hashes(step, chain);
}

bool take_common_notifies(Step& step, const Header& header, const Payloads& payloads) {
  if (step.gateway.nat_traversal) detect_nat(step.sa, header, payloads);
  step.sa.peer_fragments =
      step.gateway.fragmentation && find_notify(payloads, NotifyType::kFragmentationSupported);
  return proof::take_hashes(step, payloads);
}

bool has_group(const Gateway& gateway, DhGroup group) {
  return std::any_of(gateway.proposals.begin(), gateway.proposals.end(),
                     [&](const IkeProposal& each) { return each.dh == group; });
}

void derive(Step& step, ByteView shared_secret) {
  IkeSa& sa = step.sa;
  sa.keys = derive_ike_keys(sa.suite, {shared_secret, sa.nonce_i, sa.nonce_r, sa.spi_i, sa.spi_r});
  sa.lowest_nonce = lower_nonce(sa.nonce_i, sa.nonce_r);
  sa.dh = DhState{};
}

bool may_restart(Step& step) {
  return step.sa.restarts++ < kMaxRestarts;
}

void restart_with_cookie(Step& step, const Notify& cookie) {
  if (cookie.data.empty() || cookie.data.size() > 64 || !may_restart(step)) return;
  step.sa.cookie = cookie.data;
  send(step);
}

// RFC 7296 section 2.21.1: a refusal here may be forged. It is remembered; retransmission goes on.
void remember_refusal(Step& step, const Notify& error) {
  if (!step.sa.last_error.empty()) return;
  const NotifyType type = error.type;
  notes::init_refused(step, error);
  step.sa.last_error = type == NotifyType::kNoProposalChosen
                           ? std::string(events::kNoProposalChosen)
                           : std::string(name_of(type));
  report_gateway(step, "IKE_SA_INIT refused: " + step.sa.last_error);
}

// The group the peer wants must be one of ours; anyone may have sent this, so it is only a hint.
void restart_with_group(Step& step, const Notify& wanted) {
  IkeSa& sa = step.sa;
  const auto group =
      wanted.data.size() == 2 ? dh_group_of(Reader(wanted.data).u16()) : std::nullopt;
  const bool useful = group && *group != sa.dh.group && has_group(step.gateway, *group);
  if (!useful) return remember_refusal(step, wanted);
  if (!may_restart(step)) return;
  sa.outstanding.clear();
  sa.phase = Phase::kStarting;
  start_dh(step, sa.dh, *group);
}

// The answer must be one of our offers, with the group whose public value we sent.
std::optional<IkeChoice> accepted_choice(const Step& step, const Payloads& payloads) {
  if (!payloads.sa || !payloads.ke || !payloads.nonce || !is_single_choice(*payloads.sa))
    return std::nullopt;
  const auto choice = choose_ike(*payloads.sa, step.gateway.proposals, false);
  const auto group = static_cast<std::uint16_t>(step.sa.dh.group);
  const bool fits = choice && choice->suite.dh == step.sa.dh.group && payloads.ke->group == group &&
                    payloads.ke->data.size() == public_size(step.sa.dh.group);
  return fits ? choice : std::nullopt;
}

Notify invalid_ke(DhGroup wanted) {
  return notify(NotifyType::kInvalidKePayload,
                Writer().u16(static_cast<std::uint16_t>(wanted)).done());
}
}  // namespace

void start(Step& step) {
  IkeSa& sa = step.sa;
  sa.initiator = true;
  sa.phase = Phase::kStarting;
  do sa.spi_i = random_u64(step.random);
  while (sa.spi_i == 0);
  sa.nonce_i = random_bytes(step.random, kNonceSize);
  start_dh(step, sa.dh, step.gateway.proposals.front().dh);
}

void send(Step& step) {
  IkeSa& sa = step.sa;
  PayloadChain chain;
  if (!sa.cookie.empty()) add_notify(chain, notify(NotifyType::kCookie, sa.cookie));
  chain.add(PayloadType::kSa, encode_sa(offer_ike(step.gateway.proposals, {})));
  add_ke(chain, sa.dh);
  chain.add(PayloadType::kNonce, sa.nonce_i);
  add_common_notifies(step, chain);
  sa.init_request = encode_message(header_of(sa, false), chain);
  sa.phase = Phase::kInitSent;
  send_clear_request(step, sa.init_request);
}

void on_response(Step& step, const Header& header, const Payloads& payloads) {
  IkeSa& sa = step.sa;
  if (!payloads.sa) {
    if (const Notify* cookie = find_notify(payloads, NotifyType::kCookie))
      restart_with_cookie(step, *cookie);
    else if (const Notify* wanted = find_notify(payloads, NotifyType::kInvalidKePayload))
      restart_with_group(step, *wanted);
    else if (const Notify* error = find_error(payloads))
      remember_refusal(step, *error);
    return;
  }
  const auto choice = accepted_choice(step, payloads);
  if (!choice || header.spi_r == 0 || !take_common_notifies(step, header, payloads))
    return remember_refusal(step, notify(NotifyType::kInvalidSyntax));
  sa.spi_r = header.spi_r;
  sa.suite = choice->suite;
  sa.lifetime_seconds = choice->lifetime_seconds;
  sa.nonce_r = *payloads.nonce;
  if (sa.local_behind_nat || sa.peer_behind_nat)
    sa.path.local.port = sa.path.remote.port = kNatPort;
  sa.dh.peer_public = payloads.ke->data;
  sa.outstanding.clear();
  sa.phase = Phase::kDeriving;
  ask_dh(step, sa.dh);
}

void derived(Step& step, ByteView shared_secret) {
  derive(step, shared_secret);
  auth::send(step);
}

std::optional<Notify> on_request(Step& step, const Header& header, const Payloads& payloads,
                                 ByteView datagram) {
  if (!payloads.sa || !payloads.ke || !payloads.nonce) return notify(NotifyType::kInvalidSyntax);
  const auto choice = choose_ike(*payloads.sa, step.gateway.proposals, false);
  if (!choice) return notify(NotifyType::kNoProposalChosen);
  if (payloads.ke->group != static_cast<std::uint16_t>(choice->suite.dh))
    return invalid_ke(choice->suite.dh);
  if (payloads.ke->data.size() != public_size(choice->suite.dh))
    return notify(NotifyType::kInvalidSyntax);
  IkeSa& sa = step.sa;
  sa.phase = Phase::kAnswering;
  sa.spi_i = header.spi_i;
  do sa.spi_r = random_u64(step.random);
  while (sa.spi_r == 0);
  sa.suite = choice->suite;
  sa.proposal = choice->number;
  sa.lifetime_seconds = choice->lifetime_seconds;
  sa.nonce_i = *payloads.nonce;
  sa.nonce_r = random_bytes(step.random, kNonceSize);
  sa.init_request = bytes_of(datagram);
  if (!take_common_notifies(step, header, payloads)) return notify(NotifyType::kInvalidSyntax);
  start_dh(step, sa.dh, choice->suite.dh, payloads.ke->data);
  return std::nullopt;
}

void answer(Step& step, ByteView shared_secret) {
  IkeSa& sa = step.sa;
  PayloadChain chain;
  const IkeChoice choice{sa.proposal, sa.suite, sa.lifetime_seconds, 0};
  chain.add(PayloadType::kSa, encode_sa({answer_ike(choice, {})}));
  add_ke(chain, sa.dh);
  chain.add(PayloadType::kNonce, sa.nonce_r);
  add_common_notifies(step, chain);
  proof::add_request(step, chain);
  sa.init_response = encode_message(header_of(sa, true), chain);
  derive(step, shared_secret);
  sa.phase = Phase::kAnswered;
  send_clear_response(step, sa.init_response);
}

Bytes refusal(const Header& request, const Notify& notify) {
  Header header = request;
  header.major = 2;  // ours, whatever the request has
  header.initiator = false;
  header.response = true;
  PayloadChain chain;
  add_notify(chain, notify);
  return encode_message(header, chain);
}

}  // namespace nezu::ike::init
