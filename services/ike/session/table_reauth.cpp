// Reauthentication, RFC 7296 section 2.8.3: a new IKE SA from IKE_SA_INIT on, its own pair for
// every tunnel of the old one, and only then the end of the old one.
#include <algorithm>
#include <set>
#include <utility>

#include "services/ike/session/child.h"
#include "services/ike/session/table_body.h"

namespace nezu::ike {
namespace {
constexpr Time kTryAgain = 10 * kSecond;
constexpr Time kLongestPause = 60 * kSecond;

bool is_creating(const IkeSa& sa) {
  return !sa.ours.empty() || !sa.outstanding.empty() ||
         std::any_of(sa.tasks.begin(), sa.tasks.end(),
                     [](const Task& task) { return task.kind == Task::Kind::kCreateChild; });
}

void create_all(IkeSa& sa, const std::set<std::uint32_t>& tunnels, Time not_before) {
  for (const std::uint32_t tunnel : tunnels) {
    Task task;
    task.kind = Task::Kind::kCreateChild;
    task.tunnel = tunnel;
    task.not_before = not_before;
    sa.tasks.push_back(task);
  }
}

std::set<std::uint32_t> carried_by(const IkeSa& sa) {
  std::set<std::uint32_t> tunnels;
  for (const ChildSa& child : sa.children)
    if (child.state != ChildSa::State::kDeleting) tunnels.insert(child.tunnel);
  return tunnels;
}
}  // namespace

void SaTable::Body::reauthenticate(std::uint32_t index, Output& out, Time now) {
  const IkeSa& old = *find(index);
  const Gateway* gateway = gateway_of(old);
  const auto carried = carried_by(old);
  const auto same = of_gateway(old.gateway);
  const bool under_way = std::any_of(same.begin(), same.end(),
                                     [&](const IkeSa* sa) { return sa->reauthenticates == index; });
  if (!gateway || under_way || carried.empty() || !policy_of(*gateway, *carried.begin())) return;
  start_sa(*gateway, *carried.begin(), out, now, index);
}

std::set<std::uint32_t> SaTable::Body::only_on(const IkeSa& sa) {
  auto found = carried_by(sa);
  const Gateway* gateway = gateway_of(sa);
  std::erase_if(found, [&](std::uint32_t tunnel) {
    if (!gateway || !policy_of(*gateway, tunnel)) return true;
    const auto all = of_tunnel(tunnel);
    return std::any_of(all.begin(), all.end(), [&](const IkeSa* other) {
      return other != &sa && carried_by(*other).contains(tunnel);
    });
  });
  return found;
}

// The new one stands with the first tunnel: the others follow.
void SaTable::Body::take_over(std::uint32_t index, Output& out, Time now) {
  const IkeSa* old = find(find(index)->reauthenticates);
  if (!old) return;
  const auto missing = only_on(*old);
  run(index, now, out, [&](Step& step) { create_all(step.sa, missing, 0); });
}

void SaTable::Body::hand_over_reauthentication(IkeSa& from, IkeSa& to, Output& out) {
  to.reauthenticates = std::exchange(from.reauthenticates, 0);
  for (IkeSa* sa : of_gateway(from.gateway)) {
    if (sa->reauthenticates != from.index) continue;
    sa->reauthenticates = to.index;
    mark(out, sa->index);
  }
}

// After each thing that happens to an SA that takes over from another.
void SaTable::Body::follow_reauthentication(std::uint32_t index, Output& out, Time now) {
  IkeSa& sa = *find(index);
  IkeSa* old = find(sa.reauthenticates);
  if (!old) {
    sa.reauthenticates = 0;
    return;
  }
  if (sa.phase == Phase::kDead) {
    // The old one is as good as before; it is tried again while there is time.
    run(old->index, now, out, [&](Step& step) {
      if (step.sa.hard_at > now + kTryAgain) step.sa.reauth_at = now + kTryAgain;
    });
    return;
  }
  if (sa.phase != Phase::kEstablished || is_creating(sa)) return;
  if (const auto missing = only_on(*old); !missing.empty()) {
    // The peer did not make them: the old one has them until its hard end.
    create_all(sa, missing, now + std::clamp((old->hard_at - now) / 4, kSecond, kLongestPause));
    schedule(index);
    return;
  }
  sa.reauthenticates = 0;
  const bool reauthenticated = sa.introduced;
  const auto carried = carried_by(*old);
  Time wait = kSecond;
  if (const Gateway* gateway = gateway_of(sa))
    for (const ChildPolicy& child : gateway->children)
      if (carried.contains(child.tunnel))
        wait = std::max(wait, kSecond * Time{child.install_interval_seconds});
  run(old->index, now, out, [&](Step& step) {
    // What is still on its way on the old pairs arrives before they go.
    step.sa.soft_at = step.sa.reauth_at = 0;
    step.sa.hard_at = now + wait;
    step.sa.probe_at = 0;
    for (ChildSa& child : step.sa.children) child.soft_at = 0;
    report_gateway(step, reauthenticated ? "IKE SA reauthentication succeeds"
                                         : "The IKE SA that the peer made at the same time stays");
  });
}

}  // namespace nezu::ike
