#include "services/ike/session/exchange_child.h"

#include <algorithm>

#include "services/ike/crypto/dh.h"
#include "services/ike/message/wire.h"
#include "services/ike/selectors.h"
#include "services/ike/session/child.h"
#include "services/ike/session/child_choice.h"
#include "services/ike/session/events.h"
#include "services/ike/session/notes.h"
#include "services/ike/session/proposal.h"
#include "services/ike/session/snapshot.h"

namespace nezu::ike::child {
namespace {
constexpr std::size_t kNonceSize = 32;
constexpr std::uint8_t kMaxAttempts = 10;
constexpr Time kRetryRekey = 10 * kSecond;
constexpr Time kUntilOtherSends = kSecond;  // of two first pairs, the one that is being made

void add_offer(const ChildExchange& ours, const ChildPolicy& policy, PayloadChain& chain) {
  chain.add(PayloadType::kSa, encode_sa(offer_esp(policy.proposals, ours.spi_in, ours.dh.group)));
}

void add_selectors(const std::vector<TrafficSelector>& initiator,
                   const std::vector<TrafficSelector>& responder, PayloadChain& chain) {
  chain.add(PayloadType::kTsI, encode_ts(initiator));
  chain.add(PayloadType::kTsR, encode_ts(responder));
}

// The peer knows a pair by the SPI it sends to, which is its outbound and our inbound.
void add_rekey_notify(PayloadChain& chain, std::uint32_t spi_in) {
  add_notify(chain, {NotifyType::kRekeySa, Protocol::kEsp, Writer().u32(spi_in).done(), {}});
}

bool has_child(const IkeSa& sa, std::uint32_t tunnel) {
  return std::any_of(sa.children.begin(), sa.children.end(), [&](const ChildSa& child) {
    return child.tunnel == tunnel && child.state != ChildSa::State::kDeleting;
  });
}

bool is_pointless(Step& step, const Task& task) {
  if (task.kind == Task::Kind::kCreateChild) return has_child(step.sa, task.tunnel);
  const ChildSa* old = child_by_inbound(step.sa, task.spi_in);
  return !old || (old->state != ChildSa::State::kActive && old->state != ChildSa::State::kInbound);
}

void report_success(Step& step, const ChildSa& made) {
  notes::settled(step, made.tunnel);
  report_tunnel(step, made.tunnel, made.replaces ? events::kRekeyed : events::kNegotiated);
}

void count_error(RekeyCounters& counters, NotifyType type) {
  if (type == NotifyType::kNoProposalChosen) ++counters.no_proposal_chosen;
  if (type == NotifyType::kInvalidKePayload) ++counters.invalid_ke;
  if (type == NotifyType::kTsUnacceptable) ++counters.ts_unacceptable;
}

std::string_view words_of(NotifyType type) {
  switch (type) {
    case NotifyType::kNoProposalChosen:
      return events::kNoProposalChosen;
    case NotifyType::kInvalidKePayload:
      return events::kInvalidKe;
    case NotifyType::kTsUnacceptable:
      return events::kTsUnacceptable;
    default:
      return name_of(type);
  }
}

void report_failure(Step& step, std::uint32_t tunnel, std::string_view reason) {
  notes::not_negotiated(step, tunnel);
  report_tunnel(step, tunnel, std::string(events::kNegotiationFailed) + std::string(reason));
}

// Later, at a random moment so that both sides do not meet again.
void try_again(Step& step, Task task) {
  if (++task.attempts > kMaxAttempts) return;
  task.not_before = step.now + kSecond + random_u32(step.random) % (2 * kSecond);
  step.sa.tasks.push_back(task);
}

// The old pair works on until its hard end, and is tried again.
void keep_old(Step& step, const ChildExchange& exchange) {
  ChildSa* old = child_by_inbound(step.sa, exchange.rekeys);
  if (!old || old->state != ChildSa::State::kRekeying) return;
  old->state = ChildSa::State::kActive;
  old->soft_at = step.now + kRetryRekey;
}

void refused(Step& step, const ChildExchange& exchange, const Notify& error) {
  const NotifyType type = error.type;
  notes::child_refused(step, exchange, error);
  count_error(step.sa.counters.initiated, type);
  keep_old(step, exchange);
  if (type == NotifyType::kTemporaryFailure) return try_again(step, exchange.task);
  if (type == NotifyType::kChildSaNotFound) return remove_child(step, exchange.rekeys, {});
  report_failure(step, exchange.tunnel, words_of(type));
}

// RFC 7296 section 2.8.1: both sides rekeyed the same pair. Of the two new ones that with the
// lowest nonce is closed by its initiator; whoever made the other one deletes the old pair.
void settle_rekey(Step& step, std::uint32_t made_spi, std::uint32_t old_spi) {
  ChildSa* made = child_by_inbound(step.sa, made_spi);
  ChildSa* theirs = successor_of(step.sa, old_spi, false);
  ChildSa* old = child_by_inbound(step.sa, old_spi);
  if (theirs && made->lowest_nonce < theirs->lowest_nonce) {
    install_child(step, *made, false);
    if (old) old->state = ChildSa::State::kReplaced;
    return delete_child(step, *made, DeleteReason::kRedundant);
  }
  if (theirs) {
    theirs->replaces = 0;  // it is the peer's to delete, and must not take over before
    theirs->switch_at = 0;
  }
  install_child(step, *made, true);
  report_success(step, *made);
  if (old) retire_child(step, *old);
}

// What the peer made of the same tunnel since our exchange began, for which there was none then.
bool is_made_twice(const IkeSa& sa, const ChildSa& made) {
  return std::any_of(sa.children.begin(), sa.children.end(), [&](const ChildSa& other) {
    return other.tunnel == made.tunnel && !other.initiated && !is_closing(other) &&
           other.local_selectors == made.local_selectors &&
           other.remote_selectors == made.remote_selectors &&
           made.lowest_nonce < other.lowest_nonce;
  });
}

// The same of what the peer has asked for, and what is still being computed.
bool is_to_be_made_twice(const IkeSa& sa, const ChildSa& made) {
  return std::any_of(sa.theirs.begin(), sa.theirs.end(), [&](const ChildExchange& other) {
    return other.tunnel == made.tunnel && !is_ike_rekey(other) && other.rekeys == 0 &&
           other.local_selectors == made.local_selectors &&
           other.remote_selectors == made.remote_selectors &&
           made.lowest_nonce < lower_nonce(other.nonce_local, other.nonce_peer);
  });
}

// Both sides made the first pair of a tunnel at once. RFC 7296 does not say which one goes then; as
// with rekeys, that with the lowest nonce is closed by its initiator. A peer that knows no such
// rule keeps its own, which is not rekeyed then.
void settle_first(Step& step, ChildSa& made) {
  const bool redundant = is_made_twice(step.sa, made);
  install_child(step, made, !redundant);
  if (redundant) return delete_child(step, made, DeleteReason::kRedundant);
  if (is_to_be_made_twice(step.sa, made)) {
    made.reason = DeleteReason::kRedundant;
    made.delete_at = step.now + kUntilOtherSends;
  }
  report_success(step, made);
}

void finish_own(Step& step, const ChildExchange& exchange, ByteView shared_secret) {
  if (is_ending(step.sa))
    return;  // the DELETE of the IKE SA is next, and names the peer's half too
  ChildSa& made = add_child(step, exchange, shared_secret, true);
  const std::uint32_t spi_in = made.spi_in;
  if (exchange.rekeys != 0)
    settle_rekey(step, spi_in, exchange.rekeys);
  else
    settle_first(step, made);
  // The peer has it: what the configuration does not want any more is deleted, not forgotten.
  ChildSa* unwanted = child_by_inbound(step.sa, spi_in);
  if (unwanted && !is_current(step, exchange.tunnel, exchange.policy))
    delete_child(step, *unwanted, DeleteReason::kReconfigured);
}

void drop_own(Step& step, const ChildExchange& exchange, std::string_view reason) {
  keep_old(step, exchange);
  report_failure(step, exchange.tunnel, reason);
}

// RFC 7296 section 2.21.3: the peer has agreed and made its half, which we refuse to use.
void refuse_answer(Step& step, const ChildExchange& ours, std::string_view reason) {
  disown_child(step, ours.tunnel, ours.spi_in);
  drop_own(step, ours, reason);
}

// What the peer's answer leaves of our offer. On failure the word for it.
std::string_view take_answer(Step& step, ChildExchange& ours, const Payloads& payloads, bool auth) {
  RekeyCounters& counters = step.sa.counters.initiated;
  const ChildPolicy* policy = policy_of(step.gateway, ours.tunnel);
  if (!policy || !payloads.sa || !payloads.ts_i || !payloads.ts_r || (!auth && !payloads.nonce))
    return events::kInvalidSyntax;
  const auto choice = is_single_choice(*payloads.sa)
                          ? choose_esp(*payloads.sa, policy->proposals, ours.dh.group, auth)
                          : std::nullopt;
  if (!choice) return ++counters.verify_sa_failed, events::kNoProposalChosen;
  if (is_outbound_taken(step, choice->peer_spi)) return events::kInvalidSyntax;
  const std::size_t pairs = selector_pairs(*policy, *payloads.ts_i, *payloads.ts_r).size();
  const bool selectors_fit = pairs > 0 && pairs <= kMaxSelectorPairs &&
                             is_within(*payloads.ts_i, local_selectors(*policy)) &&
                             is_within(*payloads.ts_r, remote_selectors(*policy));
  if (!selectors_fit) return ++counters.verify_ts_failed, events::kTsUnacceptable;
  take_choice(ours, *choice);
  ours.nonce_peer = auth ? step.sa.nonce_r : *payloads.nonce;
  ours.local_selectors = *payloads.ts_i;
  ours.remote_selectors = *payloads.ts_r;
  return {};
}

bool takes_peer_value(ChildExchange& ours, const Payloads& payloads) {
  if (!payloads.ke || payloads.ke->group != static_cast<std::uint16_t>(ours.dh.group) ||
      payloads.ke->data.size() != public_size(ours.dh.group))
    return false;
  ours.dh.peer_public = payloads.ke->data;
  return true;
}

void refuse(Step& step, const Notify& why) {
  count_error(step.sa.counters.answered, why.type);
  PayloadChain chain;
  add_notify(chain, why);
  send_response(step, ExchangeType::kCreateChild, chain);
}

void add_answer(const ChildExchange& theirs, PayloadChain& chain) {
  const EspChoice choice{theirs.proposal, theirs.esp, 0, 0, theirs.spi_out};
  chain.add(PayloadType::kSa, encode_sa({answer_esp(choice, theirs.spi_in, theirs.dh.group)}));
  if (!theirs.nonce_local.empty()) chain.add(PayloadType::kNonce, theirs.nonce_local);
  if (theirs.dh.group != DhGroup::kNone)
    chain.add(PayloadType::kKe,
              encode_ke({static_cast<std::uint16_t>(theirs.dh.group), theirs.dh.public_key}));
  add_selectors(theirs.remote_selectors, theirs.local_selectors, chain);
}

// Why what was agreed to may not be done any more: things happen while a secret is computed.
std::optional<Notify> objection(Step& step, const ChildExchange& theirs) {
  const IkeSa& sa = step.sa;
  if (sa.phase != Phase::kEstablished || sa.successor != 0 || is_ending(sa) ||
      !is_current(step, theirs.tunnel, theirs.policy))
    return notify(NotifyType::kTemporaryFailure);
  if (is_outbound_taken(step, theirs.spi_out)) return notify(NotifyType::kNoProposalChosen);
  if (theirs.rekeys == 0) return std::nullopt;
  const ChildSa* old = child_by_inbound(step.sa, theirs.rekeys);
  if (!old) return notify(NotifyType::kChildSaNotFound);
  // Our own rekey of it may be complete: the peer has its pair.
  if (is_closing(*old)) return notify(NotifyType::kTemporaryFailure);
  return std::nullopt;
}

void install_theirs(Step& step, const ChildExchange& theirs, ByteView shared_secret) {
  ChildSa& made = add_child(step, theirs, shared_secret, false);
  install_child(step, made, theirs.rekeys == 0);
  report_success(step, made);
  ChildSa* old = child_by_inbound(step.sa, theirs.rekeys);
  if (!old) return;
  old->soft_at = 0;
  if (old->state != ChildSa::State::kRekeying) old->state = ChildSa::State::kReplaced;
}
}  // namespace

bool add_first_offer(Step& step, PayloadChain& chain) {
  const ChildPolicy* policy = policy_of(step.gateway, step.sa.wanted_tunnel);
  if (!policy) return false;
  ChildExchange ours;
  ours.tunnel = policy->tunnel;
  ours.policy = digest_of(*policy);
  ours.spi_in = draw_spi(step);
  ours.nonce_local = step.sa.nonce_i;
  ours.sent = true;
  add_offer(ours, *policy, chain);
  step.sa.ours.assign(1, ours);
  add_selectors(local_selectors(*policy), remote_selectors(*policy), chain);
  return true;
}

void on_first_answer(Step& step, const Payloads& payloads) {
  ChildExchange ours = std::move(step.sa.ours.front());
  step.sa.ours.clear();
  const Notify* error = find_error(payloads);
  if (error && !payloads.sa) notes::child_refused(step, ours, *error);
  const std::string_view fault =
      error && !payloads.sa ? words_of(error->type) : take_answer(step, ours, payloads, true);
  if (fault.empty()) return finish_own(step, ours, {});
  payloads.sa ? refuse_answer(step, ours, fault) : drop_own(step, ours, fault);
}

void answer_first_offer(Step& step, const Payloads& payloads, PayloadChain& chain) {
  ChildExchange theirs;
  if (const auto why = choose_child(step, payloads, true, nullptr, theirs)) {
    notes::refused_child(step, payloads, nullptr, *why);
    return add_notify(chain, *why);
  }
  theirs.nonce_peer = step.sa.nonce_i;
  add_answer(theirs, chain);
  theirs.nonce_local = step.sa.nonce_r;
  install_theirs(step, theirs, {});
}

void start(Step& step, const Task& task) {
  ChildSa* old = child_by_inbound(step.sa, task.spi_in);
  const bool rekey = task.kind == Task::Kind::kRekeyChild;
  if (is_pointless(step, task)) return;
  const ChildPolicy* policy = policy_of(step.gateway, rekey ? old->tunnel : task.tunnel);
  if (!policy) return;
  ChildExchange ours;
  ours.task = task;
  ours.tunnel = policy->tunnel;
  ours.policy = digest_of(*policy);
  ours.rekeys = rekey ? old->spi_in : 0;
  ours.spi_in = draw_spi(step);
  ours.nonce_local = random_bytes(step.random, kNonceSize);
  if (rekey) old->state = ChildSa::State::kRekeying;
  if (policy->pfs == DhGroup::kNone) return send(step, std::move(ours));
  start_dh(step, ours.dh, policy->pfs);
  step.sa.ours.push_back(std::move(ours));
}

void send(Step& step, ChildExchange ours) {
  if (ours.cleared) return;
  // The peer made one while our key was computed.
  if (ours.rekeys == 0 && has_child(step.sa, ours.tunnel)) return;
  const ChildPolicy* policy = policy_of(step.gateway, ours.tunnel);
  if (!policy) return drop_own(step, ours, events::kReconfigured);
  PayloadChain chain;
  if (ours.rekeys != 0) add_rekey_notify(chain, ours.rekeys);
  add_offer(ours, *policy, chain);
  chain.add(PayloadType::kNonce, ours.nonce_local);
  if (ours.dh.group != DhGroup::kNone)
    chain.add(PayloadType::kKe,
              encode_ke({static_cast<std::uint16_t>(ours.dh.group), ours.dh.public_key}));
  add_selectors(local_selectors(*policy), remote_selectors(*policy), chain);
  if (ours.rekeys != 0) ++step.sa.counters.initiated.requests;
  ours.message = send_request(step, ExchangeType::kCreateChild, chain, ours.task);
  ours.sent = true;
  step.sa.ours.push_back(std::move(ours));
}

void on_response(Step& step, ChildExchange ours, const Payloads& payloads) {
  if (ours.rekeys != 0) ++step.sa.counters.initiated.responses;
  if (ours.cleared) {
    if (payloads.sa) disown_child(step, ours.tunnel, ours.spi_in);
    return;
  }
  if (const Notify* error = find_error(payloads); error && !payloads.sa)
    return refused(step, ours, *error);
  if (const auto fault = take_answer(step, ours, payloads, false); !fault.empty())
    return payloads.sa ? refuse_answer(step, ours, fault) : drop_own(step, ours, fault);
  if (ours.dh.group == DhGroup::kNone) return finish_own(step, ours, {});
  if (!takes_peer_value(ours, payloads)) {
    ++step.sa.counters.initiated.verify_group_failed;
    return refuse_answer(step, ours, events::kInvalidKe);
  }
  ask_dh(step, ours.dh);
  step.sa.ours.push_back(std::move(ours));
}

void derived(Step& step, const ChildExchange& ours, bool ok, ByteView shared_secret) {
  if (ours.cleared) return disown_child(step, ours.tunnel, ours.spi_in);
  if (ok) return finish_own(step, ours, shared_secret);
  ++step.sa.counters.initiated.dh_failed;
  refuse_answer(step, ours, events::kInvalidKe);
}

void on_request(Step& step, const Payloads& payloads) {
  RekeyCounters& counters = step.sa.counters.answered;
  const Notify* rekey = find_notify(payloads, NotifyType::kRekeySa);
  if (rekey) ++counters.requests, ++counters.responses;
  ChildSa* old = nullptr;
  if (rekey)
    if (const auto why = find_rekeyed(step, *rekey, old)) return refuse(step, *why);
  ChildExchange theirs;
  if (!payloads.nonce) return refuse(step, notify(NotifyType::kInvalidSyntax));
  if (const auto why = choose_child(step, payloads, false, old, theirs)) {
    notes::refused_child(step, payloads, old, *why);
    return refuse(step, *why);
  }
  theirs.nonce_peer = *payloads.nonce;
  theirs.nonce_local = random_bytes(step.random, kNonceSize);
  theirs.message = *step.request;
  if (theirs.dh.group == DhGroup::kNone) return answer(step, theirs, true, {});
  start_dh(step, theirs.dh, theirs.dh.group, payloads.ke->data);
  step.sa.theirs.push_back(std::move(theirs));
}

void answer(Step& step, const ChildExchange& theirs, bool ok, ByteView shared_secret) {
  if (!ok) {
    ++step.sa.counters.answered.dh_failed;
    return refuse(step, notify(NotifyType::kInvalidSyntax));
  }
  if (const auto why = objection(step, theirs)) return refuse(step, *why);
  PayloadChain chain;
  add_answer(theirs, chain);
  install_theirs(step, theirs, shared_secret);
  send_response(step, ExchangeType::kCreateChild, chain);
}

}  // namespace nezu::ike::child
