// The clock's part of a session: retransmission, lifetimes, dead peer detection.
#include <algorithm>

#include "services/ike/session/child.h"
#include "services/ike/session/events.h"
#include "services/ike/session/exchange_child.h"
#include "services/ike/session/exchange_rekey.h"
#include "services/ike/session/notes.h"
#include "services/ike/session/session.h"

namespace nezu::ike::session {
namespace {
// An IKE SA without a pair is looked at again so long after its soft end.
constexpr Time kNothingToCarry = 10 * kSecond;

bool is_due(Time at, Time now) {
  return at != 0 && at <= now;
}

void report_dead(Step& step, bool probed, std::uint32_t sent) {
  const std::string times = std::to_string(sent) + (sent == 1 ? " time" : " times");
  notes::lost(step,
              probed ? "Dead peer detection: " + to_string(step.sa.path.remote.address) +
                           " did not answer, asked " + times
                     : "A request on the IKE SA was sent " + times + " to " +
                           to_string(step.sa.path.remote) + " without an answer",
              "whether the peer runs and is reached; filters on the way");
  for (const std::uint32_t tunnel : tunnels_of(step.sa))
    report_tunnel(step, tunnel, probed ? events::kPeerDead : events::kTimedOut);
}

// The peer does not answer: nothing that was negotiated with it can be relied on.
void peer_is_gone(Step& step, const Outstanding& asked) {
  const IkeSa& sa = step.sa;
  if (is_half_open(sa.phase))
    return fail(step, sa.last_error.empty() ? events::kTimedOut : std::string_view(sa.last_error));
  const bool closing = sa.phase == Phase::kDeleting || sa.successor != 0;
  if (!closing) {
    const bool probed = asked.task.kind == Task::Kind::kProbe;
    report_gateway(step, std::string(probed ? events::kPeerDead : events::kTimedOut));
    report_dead(step, probed, asked.sent);
  }
  if (sa.successor_answered) rekey::abandon(step);
  die(step);
}

bool may_rekey(const Step& step, const ChildSa& child) {
  const ChildPolicy* policy = policy_of(step.gateway, child.tunnel);
  return policy && policy->establish != EstablishTunnels::kResponderOnlyNoRekey;
}

// Both sides may have made one too many when messages met in an unlucky way.
bool is_superfluous(const IkeSa& sa, const ChildSa& child) {
  return std::any_of(sa.children.begin(), sa.children.end(), [&](const ChildSa& other) {
    return other.tunnel == child.tunnel && other.state == ChildSa::State::kActive &&
           other.created_at > child.created_at;
  });
}

void soft_end_of(Step& step, ChildSa& child) {
  child.soft_at = 0;
  if (is_superfluous(step.sa, child)) return delete_child(step, child, DeleteReason::kRedundant);
  if (!may_rekey(step, child)) return;
  report_tunnel(step, child.tunnel, events::kSoftExpired);
  rekey_child(step, child);
}

void tick_children(Step& step) {
  std::vector<std::uint32_t> expired;
  for (ChildSa& child : step.sa.children) {
    if (is_due(child.switch_at, step.now)) switch_in_the_end(step, child);
    if (is_due(child.delete_at, step.now)) delete_child(step, child, child.reason);
    if (is_due(child.hard_at, step.now))
      expired.push_back(child.spi_in);
    else if (is_due(child.soft_at, step.now))
      soft_end_of(step, child);
  }
  for (std::uint32_t spi_in : expired) expire_child(step, spi_in, events::kHardExpired);
}

// RFC 7296 section 2.4: liveness is asked only when nothing else shows it.
bool wants_probe(const IkeSa& sa, const DeadPeerDetection& dpd, Time now) {
  const Time interval = kSecond * dpd.interval_seconds;
  const Time heard = std::max(sa.last_heard, sa.last_traffic_in);
  if (dpd.mode == DeadPeerDetection::Mode::kAlwaysSend) return now - sa.last_heard >= interval;
  if (now - heard < interval) return false;
  if (dpd.mode == DeadPeerDetection::Mode::kProbeIdleTunnel) return true;
  return sa.last_traffic_out > heard;
}

void tick_probe(Step& step) {
  IkeSa& sa = step.sa;
  sa.probe_at = 0;
  if (!step.gateway.dpd) return;
  sa.probe_at = step.now + kSecond * step.gateway.dpd->interval_seconds;
  if (sa.phase != Phase::kEstablished || !sa.outstanding.empty() || !sa.ours.empty()) return;
  if (!wants_probe(sa, *step.gateway.dpd, step.now)) return;
  Task task;
  task.kind = Task::Kind::kProbe;
  sa.tasks.push_back(task);
}

// Every tunnel of the gateway is responder-only-no-rekey: so is its IKE SA.
bool leaves_rekeys(const Step& step) {
  const auto& tunnels = step.gateway.children;
  return !tunnels.empty() &&
         std::all_of(tunnels.begin(), tunnels.end(), [](const ChildPolicy& each) {
           return each.establish == EstablishTunnels::kResponderOnlyNoRekey;
         });
}

// Of the peer's certificates: a rekeyed SA would end at the same time.
bool ends_with_proof(const IkeSa& sa) {
  return sa.proven_until != 0 && sa.hard_at == sa.proven_until;
}

// Whoever may begin an IKE SA does; a peer behind a NAT is not to be found.
bool is_reauthentication_due(const Step& step) {
  const auto& tunnels = step.gateway.children;
  const bool may_begin = std::any_of(tunnels.begin(), tunnels.end(), [](const ChildPolicy& each) {
    return each.establish == EstablishTunnels::kImmediately ||
           each.establish == EstablishTunnels::kOnTraffic;
  });
  const std::uint32_t frequency = step.gateway.reauth_frequency;
  const bool often = frequency != 0 && step.sa.rekeyed + 1 >= frequency;
  return (often || ends_with_proof(step.sa)) && may_begin && !step.sa.peer_behind_nat &&
         !step.sa.children.empty();
}

void soft_end_of_ike(Step& step) {
  IkeSa& sa = step.sa;
  sa.soft_at = 0;
  if (is_reauthentication_due(step))
    step.wishes.reauthenticate = true;
  else if (!leaves_rekeys(step) && !ends_with_proof(sa))
    rekey_ike(step);
  else if (ends_with_proof(sa) && sa.children.empty())
    sa.soft_at = step.now + kNothingToCarry;
}

// A new proof is for the sake of tunnels; without one it waits for the first.
void reauthentication_is_due(Step& step) {
  IkeSa& sa = step.sa;
  sa.reauth_at = sa.children.empty() ? step.now + kNothingToCarry : 0;
  step.wishes.reauthenticate =
      sa.reauth_at == 0 && sa.phase == Phase::kEstablished && sa.successor == 0;
}

void keep_nat_alive(Step& step) {
  IkeSa& sa = step.sa;
  sa.keepalive_at = step.now + kSecond * std::max(step.gateway.nat_keepalive_seconds, 1u);
  step.out.messages.push_back({sa.path, {0xff}, true});
}

void tick_established(Step& step) {
  IkeSa& sa = step.sa;
  if (is_due(sa.keepalive_at, step.now)) keep_nat_alive(step);
  tick_children(step);
  if (is_due(sa.hard_at, step.now)) {
    sa.hard_at = 0;
    if (sa.successor != 0 || sa.phase == Phase::kDeleting) return die(step);
    return delete_ike(step);
  }
  if (is_due(sa.soft_at, step.now)) soft_end_of_ike(step);
  if (is_due(sa.reauth_at, step.now)) reauthentication_is_due(step);
  if (is_due(sa.probe_at, step.now)) tick_probe(step);
}

void earliest(std::optional<Time>& best, Time at) {
  if (at != 0 && (!best || at < *best)) best = at;
}
}  // namespace

void tick(Step& step) {
  IkeSa& sa = step.sa;
  if (is_half_open(sa.phase) && is_due(sa.give_up_at, step.now))
    return sa.initiator ? fail(step, events::kTimedOut) : die(step);
  for (Outstanding& each : sa.outstanding)
    if (!retransmit(step, each)) return peer_is_gone(step, Outstanding(each));
  if (!is_half_open(sa.phase)) tick_established(step);
}

std::optional<Time> next_timeout(const IkeSa& sa) {
  std::optional<Time> best;
  for (Time at :
       {sa.give_up_at, sa.soft_at, sa.hard_at, sa.reauth_at, sa.probe_at, sa.keepalive_at})
    earliest(best, at);
  for (const Outstanding& each : sa.outstanding) earliest(best, each.next_at);
  for (const ChildSa& child : sa.children)
    for (Time at : {child.soft_at, child.hard_at, child.switch_at, child.delete_at})
      earliest(best, at);
  for (const Task& task : sa.tasks) {
    if (may_begin(sa, task))
      earliest(best, task.not_before);
    else if (holds_up(sa, task))
      break;
  }
  return best;
}

}  // namespace nezu::ike::session
