#include "services/ike/session/step.h"

#include <algorithm>

#include "services/ike/crypto/dh.h"
#include "services/ike/session/child.h"
#include "services/ike/session/events.h"
#include "services/ike/session/notes.h"
#include "services/ike/session/snapshot.h"

namespace nezu::ike {

const ChildPolicy* policy_of(const Gateway& gateway, std::uint32_t tunnel) {
  for (const auto& policy : gateway.children)
    if (policy.tunnel == tunnel) return &policy;
  return nullptr;
}

bool is_current(const Step& step, std::uint32_t tunnel, std::uint64_t policy) {
  const ChildPolicy* found = policy_of(step.gateway, tunnel);
  return found && digest_of(*found) == policy;
}

void report_tunnel(Step& step, std::uint32_t tunnel, std::string_view text) {
  if (tunnel != 0) step.out.actions.push_back(TunnelEvent{tunnel, std::string(text)});
}

void report_gateway(Step& step, std::string text) {
  step.out.actions.push_back(GatewayEvent{step.sa.gateway, std::move(text)});
}

void start_dh(Step& step, DhState& dh, DhGroup group, const Bytes& peer_public) {
  dh = DhState{};
  dh.group = group;
  dh.peer_public = peer_public;
  dh.private_key = draw_private_key(group, step.random);
  ask_dh(step, dh);
}

void ask_dh(Step& step, DhState& dh) {
  dh.job = step.sa.next_job++;
  step.out.actions.push_back(job_of(step.sa, dh));
}

DhJob job_of(const IkeSa& sa, const DhState& dh) {
  return {sa.index, dh.job, dh.group, dh.private_key, dh.peer_public, dh.public_key.empty()};
}

Notify notify(NotifyType type, ByteView data) {
  return {type, Protocol::kNone, {}, bytes_of(data)};
}

void add_notify(PayloadChain& chain, const Notify& notify) {
  chain.add(PayloadType::kNotify, encode_notify(notify));
}

Bytes lower_nonce(const Bytes& a, const Bytes& b) {
  return std::min(a, b);
}

Time soft_end(const Step& step, std::uint64_t lifetime_ms) {
  const std::uint64_t permille = 150 + random_u32(step.random) % 151;
  return step.now + static_cast<Time>(lifetime_ms - lifetime_ms * permille / 1000);
}

void begin_lifetime(Step& step) {
  IkeSa& sa = step.sa;
  const std::uint64_t lifetime = std::uint64_t{sa.lifetime_seconds} * kSecond;
  sa.phase = Phase::kEstablished;
  sa.established_at = step.now;
  sa.last_heard = step.now;
  if (lifetime != 0) {
    sa.soft_at = soft_end(step, lifetime);
    sa.hard_at = step.now + static_cast<Time>(lifetime);
  }
  // RFC 4301 section 4.4.2.1: no longer than the certificates that prove the peer.
  if (sa.proven_until != 0 && (sa.hard_at == 0 || sa.proven_until < sa.hard_at)) {
    sa.hard_at = sa.proven_until;
    sa.soft_at =
        soft_end(step, static_cast<std::uint64_t>(std::max<Time>(0, sa.hard_at - step.now)));
  }
  if (sa.local_behind_nat)
    sa.keepalive_at = step.now + kSecond * step.gateway.nat_keepalive_seconds;
  if (step.gateway.dpd) sa.probe_at = step.now + kSecond * step.gateway.dpd->interval_seconds;
}

void bequeath(Step& step, std::uint32_t heir) {
  step.wishes.handover_to = heir;
  step.wishes.heir_ends = std::erase_if(step.sa.tasks, [](const Task& task) {
                            return task.kind == Task::Kind::kDeleteIke;
                          }) > 0;
}

void die(Step& step) {
  remove_children(step, events::kIkeDeleted);
  step.sa.phase = Phase::kDead;
}

void fail(Step& step, std::string_view reason) {
  notes::failed(step, reason);
  const std::string text = std::string(events::kNegotiationFailed) + std::string(reason);
  report_gateway(step, text);
  if (step.sa.initiator) {
    report_tunnel(step, step.sa.wanted_tunnel, text);
    notes::not_negotiated(step, step.sa.wanted_tunnel);
  }
  die(step);
}

}  // namespace nezu::ike
