#include "services/ike/session/child_choice.h"

#include <algorithm>

#include "services/ike/crypto/dh.h"
#include "services/ike/message/wire.h"
#include "services/ike/selectors.h"
#include "services/ike/session/child.h"
#include "services/ike/session/snapshot.h"

namespace nezu::ike::child {
namespace {
// A pair, its successor and a collision of both sides; more is a peer that only makes and never
// deletes.
constexpr std::size_t kMaxPairsPerTunnel = 4;

struct Candidate {
  const ChildPolicy* policy = nullptr;
  std::vector<TrafficSelector> local;
  std::vector<TrafficSelector> remote;
  EspChoice choice;
};

bool has_child(const IkeSa& sa, std::uint32_t tunnel) {
  const auto is_its = [&](const auto& each) { return each.tunnel == tunnel; };
  return std::any_of(sa.children.begin(), sa.children.end(), is_its) ||
         std::any_of(sa.theirs.begin(), sa.theirs.end(), is_its);
}

// How far an offer has to be narrowed: 0 not at all, 1 what is offered is part of what we allow, 2
// it is more.
int distance_of(const Payloads& payloads, const ChildPolicy& policy) {
  const auto remote = remote_selectors(policy), local = local_selectors(policy);
  if (!is_within(*payloads.ts_i, remote) || !is_within(*payloads.ts_r, local)) return 2;
  return is_within(remote, *payloads.ts_i) && is_within(local, *payloads.ts_r) ? 0 : 1;
}

// Of those that overlap the one that is meant comes first: a pair of a wider one would take what
// the peer does not. Then tunnels without a pair (a peer with several VPNs on one selector means
// another each time), and of several the first configured.
std::vector<const ChildPolicy*> policies_in_order(const Step& step, const Payloads& payloads,
                                                  const ChildSa* old) {
  std::vector<std::pair<int, const ChildPolicy*>> ranked;
  for (const auto& policy : step.gateway.children)
    if (!old || old->tunnel == policy.tunnel)
      ranked.emplace_back(2 * distance_of(payloads, policy) + has_child(step.sa, policy.tunnel),
                          &policy);
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const ChildPolicy*> order;
  for (const auto& [rank, policy] : ranked) order.push_back(policy);
  return order;
}

// The worst that may be said: TS_UNACCEPTABLE when no selectors met, NO_PROPOSAL_CHOSEN when some
// did.
std::optional<Candidate> find_candidate(const Step& step, const Payloads& payloads, bool auth,
                                        const ChildSa* old, NotifyType& why) {
  why = NotifyType::kTsUnacceptable;
  for (const ChildPolicy* policy : policies_in_order(step, payloads, old)) {
    Candidate candidate;
    candidate.policy = policy;
    candidate.remote = narrow(*payloads.ts_i, remote_selectors(*policy));
    candidate.local = narrow(*payloads.ts_r, local_selectors(*policy));
    if (candidate.remote.empty() || candidate.local.empty()) continue;
    if (!limit_pairs(*policy, candidate.local, candidate.remote)) continue;
    why = NotifyType::kNoProposalChosen;
    const auto choice = choose_esp(*payloads.sa, policy->proposals, policy->pfs, auth);
    if (!choice) continue;
    candidate.choice = *choice;
    return candidate;
  }
  return std::nullopt;
}

std::optional<Notify> check_ke(const Payloads& payloads, DhGroup group) {
  const auto number = static_cast<std::uint16_t>(group);
  if (!payloads.ke || payloads.ke->group != number)
    return notify(NotifyType::kInvalidKePayload, Writer().u16(number).done());
  if (payloads.ke->data.size() != public_size(group)) return notify(NotifyType::kInvalidSyntax);
  return std::nullopt;
}
}  // namespace

void take_choice(ChildExchange& exchange, const EspChoice& choice) {
  exchange.esp = choice.suite;
  exchange.proposal = choice.number;
  exchange.spi_out = choice.peer_spi;
  exchange.lifetime_seconds = choice.lifetime_seconds;
  exchange.lifetime_kilobytes = choice.lifetime_kilobytes;
}

std::optional<Notify> choose_child(Step& step, const Payloads& payloads, bool auth,
                                   const ChildSa* old, ChildExchange& theirs) {
  if (!payloads.sa || !payloads.ts_i || !payloads.ts_r) return notify(NotifyType::kInvalidSyntax);
  if (step.sa.children.size() + step.sa.theirs.size() >=
      kMaxPairsPerTunnel * (step.gateway.children.size() + 1))
    return notify(NotifyType::kNoAdditionalSas);
  NotifyType why{};
  const auto candidate = find_candidate(step, payloads, auth, old, why);
  if (!candidate) return notify(why);
  if (is_outbound_taken(step, candidate->choice.peer_spi))
    return notify(NotifyType::kNoProposalChosen);
  const DhGroup group = auth ? DhGroup::kNone : candidate->policy->pfs;
  if (group != DhGroup::kNone)
    if (auto wrong = check_ke(payloads, group)) return wrong;
  theirs.tunnel = candidate->policy->tunnel;
  theirs.policy = digest_of(*candidate->policy);
  theirs.rekeys = old ? old->spi_in : 0;
  theirs.spi_in = draw_spi(step);
  theirs.dh.group = group;
  theirs.local_selectors = candidate->local;
  theirs.remote_selectors = candidate->remote;
  take_choice(theirs, candidate->choice);
  return std::nullopt;
}

std::optional<Notify> find_rekeyed(Step& step, const Notify& rekey, ChildSa*& old) {
  const bool well_formed = rekey.protocol == Protocol::kEsp && rekey.spi.size() == 4;
  const std::uint32_t spi = well_formed ? Reader(rekey.spi).u32() : 0;
  old = well_formed ? child_by_outbound(step.sa, spi) : nullptr;
  // It has answered us, and we are still computing: the pair is there for it.
  const auto& ours = step.sa.ours;
  const bool is_being_made = std::any_of(
      ours.begin(), ours.end(), [&](const ChildExchange& each) { return each.spi_out == spi; });
  if (!old && well_formed && spi != 0 && is_being_made)
    return notify(NotifyType::kTemporaryFailure);
  if (!old) {
    Notify missing = notify(NotifyType::kChildSaNotFound);
    missing.protocol = rekey.protocol;
    missing.spi = rekey.spi;
    return missing;
  }
  const auto& theirs = step.sa.theirs;
  const bool twice = std::any_of(theirs.begin(), theirs.end(), [&](const ChildExchange& each) {
    return each.rekeys == old->spi_in;
  });
  const bool going =
      twice || is_closing(*old) || successor_of(step.sa, old->spi_in, false) != nullptr;
  if (going) return notify(NotifyType::kTemporaryFailure);
  return std::nullopt;
}

}  // namespace nezu::ike::child
