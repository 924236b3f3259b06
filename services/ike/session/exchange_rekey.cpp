#include "services/ike/session/exchange_rekey.h"

#include <algorithm>

#include "services/ike/crypto/dh.h"
#include "services/ike/message/wire.h"
#include "services/ike/session/events.h"
#include "services/ike/session/keys.h"
#include "services/ike/session/notes.h"
#include "services/ike/session/proposal.h"

namespace nezu::ike::rekey {
namespace {
constexpr std::size_t kNonceSize = 32;
constexpr std::uint8_t kMaxAttempts = 10;

Bytes spi_octets(std::uint64_t spi) {
  return Writer().u64(spi).done();
}

std::uint64_t draw_ike_spi(const Step& step) {
  std::uint64_t spi = 0;
  do spi = random_u64(step.random);
  while (spi == 0);
  return spi;
}

bool has_group(const Gateway& gateway, DhGroup group) {
  return std::any_of(gateway.proposals.begin(), gateway.proposals.end(),
                     [&](const IkeProposal& each) { return each.dh == group; });
}

void add_nonce_and_ke(const ChildExchange& exchange, PayloadChain& chain) {
  chain.add(PayloadType::kNonce, exchange.nonce_local);
  chain.add(PayloadType::kKe,
            encode_ke({static_cast<std::uint16_t>(exchange.dh.group), exchange.dh.public_key}));
}

IkeKeys keys_of(const IkeSa& old, const IkeSa& made, ByteView shared_secret) {
  const KeySeed seed{shared_secret, made.nonce_i, made.nonce_r, made.spi_i, made.spi_r};
  return derive_rekeyed_ike_keys(made.suite, seed, old.suite.prf, old.keys.d);
}

IkeSa made_from(Step& step, const ChildExchange& exchange, bool initiator, ByteView shared_secret) {
  const IkeSa& old = step.sa;
  IkeSa made;
  made.index = step.next_index++;
  made.gateway = old.gateway;
  made.policy = old.policy;
  made.path = old.path;
  made.initiator = initiator;
  made.introduced = old.introduced;
  made.spi_i = initiator ? exchange.new_spi_local : exchange.new_spi_peer;
  made.spi_r = initiator ? exchange.new_spi_peer : exchange.new_spi_local;
  made.nonce_i = initiator ? exchange.nonce_local : exchange.nonce_peer;
  made.nonce_r = initiator ? exchange.nonce_peer : exchange.nonce_local;
  made.suite = exchange.ike;
  made.keys = keys_of(old, made, shared_secret);
  made.lowest_nonce = lower_nonce(made.nonce_i, made.nonce_r);
  made.local_identity = old.local_identity;
  made.remote_identity = old.remote_identity;
  made.key = old.key;
  made.lifetime_seconds = exchange.lifetime_seconds;
  made.local_behind_nat = old.local_behind_nat;
  made.peer_behind_nat = old.peer_behind_nat;
  made.peer_fragments = old.peer_fragments;
  made.rekeyed = old.rekeyed + 1;
  made.proven_until = old.proven_until;
  made.reauth_at = old.reauth_at;
  made.created_at = step.now;
  Step born{made, step.gateway, step.random, step.now, step.out, step.wishes, step.next_index};
  begin_lifetime(born);
  return made;
}

// The old SA stays for its last exchange only.
void hand_over(Step& step, std::uint32_t index) {
  IkeSa& sa = step.sa;
  sa.successor = index;
  sa.successor_answered = false;
  sa.soft_at = sa.probe_at = sa.keepalive_at = 0;
  sa.hard_at = step.now + kWaitForDelete;
  bequeath(step, index);
}

void delete_old(Step& step) {
  Task task;
  task.kind = Task::Kind::kDeleteIke;
  step.sa.tasks.push_front(task);
}

void fail_own(Step& step, std::string_view reason) {
  report_gateway(step, "IKE SA rekey failed: " + std::string(reason));
  abandon(step);
}

// The peer has a new IKE SA and has given it the children, but we have no keys for it: there is no
// way to say so on it, and the old one carries nothing any more.
void refuse_answer(Step& step, std::string_view reason) {
  fail_own(step, reason);
  delete_old(step);
}

void try_again(Step& step, Task task, DhGroup group) {
  if (++task.attempts > kMaxAttempts) return;
  task.group = group;
  task.not_before = step.now + random_u32(step.random) % (2 * kSecond);
  if (group == DhGroup::kNone) task.not_before += kSecond;
  step.sa.tasks.push_back(task);
}

void refused(Step& step, const ChildExchange& ours, const Notify& error) {
  const Task& task = ours.task;
  const DhGroup tried = ours.dh.group;
  notes::rekey_refused(step, ours, error);
  fail_own(step, name_of(error.type));
  if (step.sa.successor != 0) return;
  if (error.type == NotifyType::kTemporaryFailure) return try_again(step, task, DhGroup::kNone);
  if (error.type != NotifyType::kInvalidKePayload || error.data.size() != 2) return;
  const auto group = dh_group_of(Reader(error.data).u16());
  if (group && *group != tried && has_group(step.gateway, *group)) try_again(step, task, *group);
}

bool take_answer(const Step& step, ChildExchange& ours, const Payloads& payloads) {
  if (!payloads.sa || !payloads.ke || !payloads.nonce || !is_single_choice(*payloads.sa))
    return false;
  const auto choice = choose_ike(*payloads.sa, step.gateway.proposals, true);
  const bool fits = choice && choice->suite.dh == ours.dh.group &&
                    payloads.ke->group == static_cast<std::uint16_t>(ours.dh.group) &&
                    payloads.ke->data.size() == public_size(ours.dh.group);
  if (!fits) return false;
  ours.ike = choice->suite;
  ours.lifetime_seconds = choice->lifetime_seconds;
  ours.new_spi_peer = choice->peer_spi;
  ours.nonce_peer = *payloads.nonce;
  ours.dh.peer_public = payloads.ke->data;
  return true;
}

// RFC 7296 section 2.25.2: not while we make, rekey or close something on this SA, but two rekeys
// of the IKE SA may meet.
bool is_busy(const IkeSa& sa) {
  if (sa.phase != Phase::kEstablished || sa.successor != 0 || !sa.theirs.empty()) return true;
  if (is_ending(sa)) return true;
  const auto makes_child = [](const ChildExchange& each) { return !is_ike_rekey(each); };
  const auto changes = [](const Outstanding& each) {
    return each.task.kind != Task::Kind::kProbe && each.task.kind != Task::Kind::kRekeyIke;
  };
  return std::any_of(sa.ours.begin(), sa.ours.end(), makes_child) ||
         std::any_of(sa.outstanding.begin(), sa.outstanding.end(), changes);
}

void refuse(Step& step, const Notify& why) {
  PayloadChain chain;
  add_notify(chain, why);
  send_response(step, ExchangeType::kCreateChild, chain);
}

std::optional<Notify> take_offer(Step& step, const Payloads& payloads, ChildExchange& theirs) {
  if (!payloads.ke || !payloads.nonce) return notify(NotifyType::kInvalidSyntax);
  const auto choice = choose_ike(*payloads.sa, step.gateway.proposals, true);
  if (!choice) return notify(NotifyType::kNoProposalChosen);
  const auto group = static_cast<std::uint16_t>(choice->suite.dh);
  if (payloads.ke->group != group)
    return notify(NotifyType::kInvalidKePayload, Writer().u16(group).done());
  if (payloads.ke->data.size() != public_size(choice->suite.dh))
    return notify(NotifyType::kInvalidSyntax);
  theirs.ike = choice->suite;
  theirs.proposal = choice->number;
  theirs.lifetime_seconds = choice->lifetime_seconds;
  theirs.new_spi_peer = choice->peer_spi;
  theirs.new_spi_local = draw_ike_spi(step);
  theirs.nonce_peer = *payloads.nonce;
  theirs.nonce_local = random_bytes(step.random, kNonceSize);
  return std::nullopt;
}
}  // namespace

void start(Step& step, const Task& task) {
  if (step.sa.successor != 0 || step.gateway.proposals.empty()) return;
  ChildExchange ours;
  ours.task = task;
  ours.new_spi_local = draw_ike_spi(step);
  ours.nonce_local = random_bytes(step.random, kNonceSize);
  const DhGroup usual = has_group(step.gateway, step.sa.suite.dh)
                            ? step.sa.suite.dh
                            : step.gateway.proposals.front().dh;
  start_dh(step, ours.dh, task.group == DhGroup::kNone ? usual : task.group);
  step.sa.ours.push_back(std::move(ours));
}

void send(Step& step, ChildExchange ours) {
  PayloadChain chain;
  chain.add(PayloadType::kSa,
            encode_sa(offer_ike(step.gateway.proposals, spi_octets(ours.new_spi_local))));
  add_nonce_and_ke(ours, chain);
  ours.message = send_request(step, ExchangeType::kCreateChild, chain, ours.task);
  ours.sent = true;
  step.sa.ours.push_back(std::move(ours));
}

void on_response(Step& step, ChildExchange ours, const Payloads& payloads) {
  if (const Notify* error = find_error(payloads); error && !payloads.sa)
    return refused(step, ours, *error);
  if (!payloads.sa) return fail_own(step, events::kInvalidSyntax);
  if (!take_answer(step, ours, payloads)) return refuse_answer(step, events::kInvalidSyntax);
  ask_dh(step, ours.dh);
  step.sa.ours.push_back(std::move(ours));
}

// RFC 7296 section 2.8.2: of two new SAs that with the lowest nonce is closed by its initiator, the
// other one gets the children and its initiator closes the old SA.
void derived(Step& step, const ChildExchange& ours, bool ok, ByteView shared_secret) {
  if (!ok) return refuse_answer(step, events::kInvalidKe);
  IkeSa& sa = step.sa;
  IkeSa made = made_from(step, ours, true, shared_secret);
  const bool conceded = sa.successor != 0 && !sa.successor_answered;
  if (conceded || (sa.successor_answered && made.lowest_nonce < sa.successor_nonce)) {
    Task task;
    task.kind = Task::Kind::kDeleteIke;
    made.tasks.push_back(task);
    made.successor = sa.successor;
    if (!conceded) hand_over(step, sa.successor);
  } else {
    step.wishes.redundant = sa.successor_answered ? sa.successor : 0;
    hand_over(step, made.index);
    delete_old(step);
    report_gateway(step, "IKE SA rekey succeeds");
  }
  step.wishes.born.push_back(std::move(made));
}

void on_request(Step& step, const Payloads& payloads) {
  if (is_busy(step.sa)) return refuse(step, notify(NotifyType::kTemporaryFailure));
  ChildExchange theirs;
  if (const auto why = take_offer(step, payloads, theirs)) {
    notes::refused_rekey(step, payloads, *why);
    if (why->type != NotifyType::kInvalidKePayload)
      report_gateway(step, "IKE SA rekey of the peer refused: " + std::string(name_of(why->type)));
    return refuse(step, *why);
  }
  theirs.message = *step.request;
  start_dh(step, theirs.dh, theirs.ike.dh, payloads.ke->data);
  step.sa.theirs.push_back(std::move(theirs));
}

void answer(Step& step, const ChildExchange& theirs, bool ok, ByteView shared_secret) {
  IkeSa& sa = step.sa;
  if (!ok) return refuse(step, notify(NotifyType::kInvalidSyntax));
  // Our own exchange may have come to its end while the secret was computed, or a DELETE begun: the
  // peer has what it needs to go on, RFC 7296 section 2.25.2.
  if (is_busy(sa)) return refuse(step, notify(NotifyType::kTemporaryFailure));
  IkeSa made = made_from(step, theirs, false, shared_secret);
  const IkeChoice choice{theirs.proposal, theirs.ike, 0, theirs.new_spi_peer};
  PayloadChain chain;
  chain.add(PayloadType::kSa, encode_sa({answer_ike(choice, spi_octets(theirs.new_spi_local))}));
  add_nonce_and_ke(theirs, chain);
  send_response(step, ExchangeType::kCreateChild, chain);
  if (!sa.ours.empty()) {
    sa.successor = made.index;
    sa.successor_answered = true;
    sa.successor_nonce = made.lowest_nonce;
  } else {
    hand_over(step, made.index);
    report_gateway(step, "IKE SA rekey succeeds");
  }
  step.wishes.born.push_back(std::move(made));
}

void concede(Step& step) {
  hand_over(step, step.sa.successor);
}

void abandon(Step& step) {
  step.sa.ours.clear();
  if (step.sa.successor_answered) hand_over(step, step.sa.successor);
}

}  // namespace nezu::ike::rekey
