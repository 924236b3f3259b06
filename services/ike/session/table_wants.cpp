// Tunnels that should be up: who has no pair, when to try, and what to do with one too many.
#include <algorithm>
#include <utility>

#include "services/ike/session/child.h"
#include "services/ike/session/exchange_init.h"
#include "services/ike/session/snapshot.h"
#include "services/ike/session/table_body.h"
#include "services/ike/session/window.h"

namespace nezu::ike {
namespace {
constexpr Time kLongestPause = 60 * kSecond;
constexpr Time kPoll = 2 * kSecond;         // while an IKE SA is being made
constexpr std::size_t kMostStarting = 100;  // at once: a peer has limits too
constexpr Time kPeersTurn = 3 * kSecond;    // what the peer deleted it may make anew itself
constexpr Time kSameMoment = 60 * kSecond;  // two IKE SAs this close are one intent

Time pause_after(unsigned attempts) {
  return std::min(kSecond << std::min(attempts, 10u), kLongestPause);
}

bool is_working_on(const IkeSa& sa, std::uint32_t tunnel) {
  for (const ChildExchange& each : sa.ours)
    if (each.tunnel == tunnel && !each.cleared) return true;
  return std::any_of(sa.tasks.begin(), sa.tasks.end(), [&](const Task& task) {
    return task.kind == Task::Kind::kCreateChild && task.tunnel == tunnel;
  });
}

bool takes_children(const IkeSa& sa) {
  return sa.phase == Phase::kEstablished && sa.successor == 0 && !is_ending(sa);
}
}  // namespace

// What is wanted from before a commit may still be begun after it.
bool SaTable::Body::may_want(std::uint32_t tunnel) {
  const auto policy = policy_of_tunnel.find(tunnel);
  if (policy == policy_of_tunnel.end()) return false;
  const auto establish = policy->second->establish;
  return establish == EstablishTunnels::kImmediately ||
         (establish == EstablishTunnels::kOnTraffic && wants.find(tunnel)->once);
}

void SaTable::Body::want_all(Time now) {
  wants.erase_if([&](std::uint32_t tunnel) { return !may_want(tunnel); });
  for (const auto& gateway : config.gateways)
    for (const auto& child : gateway.children)
      if (child.establish == EstablishTunnels::kImmediately && !has_pair(child.tunnel))
        wants.add(child.tunnel, now, false);
}

// The tunnel's outbound pair goes: another pair of it, if there is one, takes over before.
bool SaTable::Body::keep_sending(std::uint32_t tunnel, std::uint64_t gone, Output& out,
                                 std::size_t at, Time now) {
  ChildSa* heir = nullptr;
  // One that the peer has not been seen to have is the last choice.
  const auto rank = [](const ChildSa& child) {
    return std::pair(child.state != ChildSa::State::kInbound, child.created_at);
  };
  for (IkeSa* sa : of_tunnel(tunnel))
    for (ChildSa& child : sa->children) {
      const bool fits = child.tunnel == tunnel && child.generation != gone &&
                        child.state != ChildSa::State::kDeleting;
      if (fits && (!heir || rank(child) >= rank(*heir))) heir = &child;
    }
  if (!heir) return false;
  heir->outbound_at = now;
  outbound[tunnel] = heir->generation;
  out.actions.insert(out.actions.begin() + static_cast<std::ptrdiff_t>(at),
                     InstallChild{*heir, false, true});
  mark(out, by_generation[heir->generation]);
  return true;
}

// An outer run looks again at what an inner one has seen: nothing here may happen twice.
void SaTable::Body::follow(std::uint32_t index, Output& out, std::size_t from, bool by_peer,
                           Time now) {
  for (std::size_t i = from; i < out.actions.size(); ++i) {
    if (const auto* install = std::get_if<InstallChild>(&out.actions[i])) {
      if (install->outbound) outbound[install->child.tunnel] = install->child.generation;
      wants.erase(install->child.tunnel);
      by_generation.try_emplace(install->child.generation, index);
      continue;
    }
    const auto* removal = std::get_if<RemoveChild>(&out.actions[i]);
    if (!removal || by_generation.erase(removal->generation) == 0) continue;
    const std::uint32_t tunnel = removal->tunnel;
    const auto sends_on = outbound.find(tunnel);
    if (sends_on != outbound.end() && sends_on->second == removal->generation) {
      outbound.erase(sends_on);
      if (keep_sending(tunnel, removal->generation, out, i, now)) ++i;
    }
    lost(tunnel, by_peer, now);
  }
}

// A tunnel that is to be up immediately and has no pair left is wanted again.
void SaTable::Body::lost(std::uint32_t tunnel, bool by_peer, Time now) {
  const auto policy = policy_of_tunnel.find(tunnel);
  if (policy == policy_of_tunnel.end() || has_pair(tunnel)) return;
  if (policy->second->establish != EstablishTunnels::kImmediately) return;
  const Time pause = by_peer ? kPeersTurn + random_u32(random) % kPeersTurn : 0;
  wants.add(tunnel, now + pause, false);
}

void SaTable::Body::start_sa(const Gateway& gateway, std::uint32_t tunnel, Output& out, Time now,
                             std::uint32_t reauthenticates) {
  IkeSa sa;
  sa.index = next_index++;
  sa.gateway = gateway.name;
  sa.policy = digest_of(gateway);
  sa.path = {gateway.instance, {gateway.local, 500}, {gateway.remote, 500}};
  sa.initiator = true;
  sa.created_at = now;
  sa.wanted_tunnel = tunnel;
  sa.reauthenticates = reauthenticates;
  run(insert(std::move(sa)), now, out, [](Step& step) { init::start(step); });
}

void SaTable::Body::serve_wants(Output& out, Time now) {
  while (!is_starting_enough()) {
    const auto due_now = wants.ready(now, kMostStarting - starting, begins_with_last(now));
    if (due_now.empty()) return;
    for (const std::uint32_t tunnel : due_now) serve_want(tunnel, out, now);
  }
}

bool SaTable::Body::is_starting_enough() const {
  return starting >= kMostStarting;
}

// Where both ends begin many tunnels at the same time, they begin at different ends of them and
// meet half-way, instead of making each IKE SA twice.
bool SaTable::Body::begins_with_last(Time now) const {
  const auto first = wants.ready(now, 1, false);
  const auto at = first.empty() ? gateway_of_tunnel.end() : gateway_of_tunnel.find(first.front());
  if (at == gateway_of_tunnel.end()) return false;
  const Gateway& gateway = config.gateways[at->second];
  return gateway.remote < gateway.local;
}

void SaTable::Body::serve_want(std::uint32_t tunnel, Output& out, Time now) {
  Want* found = wants.find(tunnel);
  if (!found) return;  // served beside another one
  Want& want = *found;
  const Gateway& gateway = config.gateways[gateway_of_tunnel.at(tunnel)];
  IkeSa* usable = nullptr;
  bool being_made = false, peer_makes = false;
  for (IkeSa* sa : of_gateway(gateway.name)) {
    if (takes_children(*sa)) usable = sa;
    being_made = being_made || (sa->initiator && is_half_open(sa->phase));
    peer_makes = peer_makes || (!sa->initiator && is_half_open(sa->phase));
  }
  // Anyone can begin one in the peer's name: it is waited for once.
  being_made = being_made || (peer_makes && !std::exchange(want.gave_way, true));
  wants.retry(tunnel, now + kPoll);
  const bool wait =
      usable ? is_working_on(*usable, tunnel) : being_made || gateway.proposals.empty();
  if (wait) return;
  wants.retry(tunnel, now + pause_after(++want.attempts));
  if (want.once) wants.erase(tunnel);
  if (!usable) return start_sa(gateway, tunnel, out, now);
  run(usable->index, now, out, [&](Step& step) {
    Task task;
    task.kind = Task::Kind::kCreateChild;
    task.tunnel = tunnel;
    step.sa.tasks.push_back(task);
  });
}

void SaTable::Body::look_around(std::uint32_t index, Output& out, Time now) {
  IkeSa* sa = find(index);
  if (!sa || !sa->initiator || sa->phase != Phase::kDeriving) return;
  if (sa->reauthenticates != 0) return;  // the others are known, and so are their pairs
  const auto same = of_gateway(sa->gateway);
  const bool others = std::any_of(same.begin(), same.end(), [&](const IkeSa* other) {
    return other != sa && takes_children(*other);
  });
  sa->initial_contact = !others;
  if (others && has_pair(sa->wanted_tunnel)) run(index, now, out, [](Step& step) { die(step); });
}

// As with child SAs, RFC 7296 section 2.8.1: the one with the lowest nonce is closed by its
// initiator.
void SaTable::Body::drop_duplicate(std::uint32_t index, Output& out, Time now) {
  const IkeSa& made = *find(index);
  if (const Gateway* gateway = gateway_of(made))
    for (const ChildPolicy& child : gateway->children)
      if (const Want* want = wants.find(child.tunnel))
        wants.retry(child.tunnel, std::min(want->retry_at, now));
  for (IkeSa* other : of_gateway(made.gateway))
    if (!other->initiator && is_half_open(other->phase)) {
      other->give_up_at = std::min(other->give_up_at, now + kPeersTurn);
      run(other->index, now, out, [](Step&) {});
    }
  for (const IkeSa* other : of_gateway(made.gateway)) {
    if (other == &made || !takes_children(*other)) continue;
    if (made.reauthenticates == other->index) continue;
    if (made.created_at - other->created_at > kSameMoment) continue;
    const bool made_goes = made.lowest_nonce < other->lowest_nonce;
    const IkeSa& loser = made_goes ? made : *other;
    if (!loser.initiator) return;
    return replace(loser.index, made_goes ? other->index : made.index, out, now);
  }
}

// Each may have been begun for another tunnel: then the one that stays makes those of the other
// first, as for a reauthentication.
void SaTable::Body::replace(std::uint32_t loser, std::uint32_t heir, Output& out, Time now) {
  IkeSa& stays = *find(heir);
  if (stays.reauthenticates != 0 || only_on(*find(loser)).empty())
    return run(loser, now, out, [](Step& step) { session::delete_ike(step); });
  stays.reauthenticates = loser;
  take_over(heir, out, now);
}

}  // namespace nezu::ike
