#include "services/ike/session/child.h"

#include <algorithm>
#include <unordered_set>

#include "services/ike/session/events.h"
#include "services/ike/session/keys.h"

namespace nezu::ike {
namespace {
// A peer that never deletes what it has rekeyed is not waited for longer.
constexpr Time kLatestSwitch = 120 * kSecond;

template <typename Fits>
ChildSa* find_child(IkeSa& sa, Fits fits) {
  const auto found = std::find_if(sa.children.begin(), sa.children.end(), fits);
  return found == sa.children.end() ? nullptr : &*found;
}

// The soft limit leaves room for a rekey before the hard one stops the SA.
void set_lifetimes(const Step& step, const ChildExchange& exchange, ChildSa& child) {
  const std::uint64_t lifetime = std::uint64_t{exchange.lifetime_seconds} * kSecond;
  child.created_at = step.now;
  if (lifetime != 0) {
    child.hard_at = step.now + static_cast<Time>(lifetime);
    child.soft_at = soft_end(step, lifetime);
  }
  child.hard_bytes = exchange.lifetime_kilobytes * 1024;
  child.soft_bytes = child.hard_bytes / 10 * 8;
}

// Where there is a NAT, UDP is for its sake whatever is configured.
void encapsulate(const Step& step, const ChildPolicy* policy, ChildSa& child) {
  const IkeSa& sa = step.sa;
  if (sa.local_behind_nat || sa.peer_behind_nat) {
    child.udp_local = kNatPort;
    child.udp_remote = sa.path.remote.port;
    child.peer_may_move = sa.peer_behind_nat;
  } else {
    const std::uint16_t own = policy ? policy->encapsulation_port : 0;
    child.udp_local = child.udp_remote = own ? own : step.gateway.encapsulation_port;
  }
}

Task deletion_of(std::uint32_t tunnel, std::uint32_t spi_in) {
  Task task;
  task.kind = Task::Kind::kDeleteChild;
  task.tunnel = tunnel;
  task.spi_in = spi_in;
  return task;
}

bool is_inbound_taken(IkeSa& sa, std::uint32_t spi) {
  const auto has_it = [&](const ChildExchange& each) { return each.spi_in == spi; };
  return child_by_inbound(sa, spi) || std::any_of(sa.ours.begin(), sa.ours.end(), has_it) ||
         std::any_of(sa.theirs.begin(), sa.theirs.end(), has_it);
}

RemoveChild removal_of(const ChildSa& child) {
  return {child.tunnel, child.instance, child.local,     child.remote,
          child.spi_in, child.spi_out,  child.generation};
}
}  // namespace

ChildSa* child_by_inbound(IkeSa& sa, std::uint32_t spi_in) {
  return find_child(sa, [&](const ChildSa& child) { return child.spi_in == spi_in; });
}

ChildSa* child_by_outbound(IkeSa& sa, std::uint32_t spi_out) {
  return find_child(sa, [&](const ChildSa& child) { return child.spi_out == spi_out; });
}

std::set<std::uint32_t> tunnels_of(const IkeSa& sa) {
  std::set<std::uint32_t> tunnels;
  for (const ChildSa& child : sa.children) tunnels.insert(child.tunnel);
  return tunnels;
}

ChildSa* successor_of(IkeSa& sa, std::uint32_t spi_in, bool initiated) {
  return find_child(sa, [&](const ChildSa& child) {
    return child.replaces == spi_in && child.initiated == initiated;
  });
}

std::map<std::uint32_t, const ChildSa*> latest_sending(const std::vector<const ChildSa*>& pairs) {
  std::map<std::uint32_t, const ChildSa*> sending;
  for (const ChildSa* pair : pairs) {
    if (pair->outbound_at == 0) continue;
    const ChildSa*& latest = sending[pair->tunnel];
    if (!latest || pair->outbound_at >= latest->outbound_at) latest = pair;
  }
  return sending;
}

bool is_outbound_taken(const Step& step, std::uint32_t spi_out) {
  return child_by_outbound(step.sa, spi_out) ||
         (step.others && step.others->send_to(step.sa, spi_out));
}

// Among all SAs of a router a clash has a chance of one in millions, and the PFE keys by generation
// too.
std::uint32_t draw_spi(const Step& step) {
  constexpr std::uint32_t kReserved = 256;
  std::uint32_t spi = 0;
  do spi = random_u32(step.random);
  while (spi < kReserved || is_inbound_taken(step.sa, spi));
  return spi;
}

ChildSa& add_child(Step& step, const ChildExchange& exchange, ByteView shared_secret,
                   bool initiated) {
  const Bytes& ni = initiated ? exchange.nonce_local : exchange.nonce_peer;
  const Bytes& nr = initiated ? exchange.nonce_peer : exchange.nonce_local;
  const ChildKeys keys =
      derive_child_keys(exchange.esp, step.sa.suite.prf, step.sa.keys.d, shared_secret, ni, nr);
  const ChildPolicy* policy = policy_of(step.gateway, exchange.tunnel);
  ChildSa child;
  child.vpn = policy ? policy->vpn : "";
  child.tunnel = exchange.tunnel;
  child.policy = exchange.policy;
  child.instance = step.sa.path.instance;
  child.local = step.sa.path.local.address;
  child.remote = step.sa.path.remote.address;
  encapsulate(step, policy, child);
  child.spi_in = exchange.spi_in;
  child.spi_out = exchange.spi_out;
  child.generation = random_u64(step.random);
  child.suite = exchange.esp;
  child.pfs = exchange.dh.group;
  child.keys_out = initiated ? keys.initiator : keys.responder;
  child.keys_in = initiated ? keys.responder : keys.initiator;
  child.local_selectors = exchange.local_selectors;
  child.remote_selectors = exchange.remote_selectors;
  child.initiated = initiated;
  child.replaces = exchange.rekeys;
  child.lowest_nonce = lower_nonce(ni, nr);
  set_lifetimes(step, exchange, child);
  ++step.sa.counters.children_created;
  return step.sa.children.emplace_back(std::move(child));
}

void install_child(Step& step, ChildSa& child, bool outbound) {
  child.state = outbound ? ChildSa::State::kActive : ChildSa::State::kInbound;
  if (outbound)
    child.outbound_at = step.now;
  else
    child.switch_at = step.now + kLatestSwitch;
  step.out.actions.push_back(InstallChild{child, true, outbound});
}

void switch_in_the_end(Step& step, ChildSa& child) {
  child.switch_at = step.sa.repeated_at + kLatestSwitch;
  if (child.switch_at <= step.now) switch_outbound(step, child);
}

void switch_outbound(Step& step, ChildSa& child) {
  child.switch_at = 0;
  child.outbound_at = step.now;
  if (child.state == ChildSa::State::kInbound) child.state = ChildSa::State::kActive;
  step.out.actions.push_back(InstallChild{child, false, true});
}

void remove_child(Step& step, std::uint32_t spi_in, std::string_view event) {
  ChildSa* child = child_by_inbound(step.sa, spi_in);
  if (!child) return;
  for (ChildSa& heir : step.sa.children)
    if (heir.replaces == spi_in && heir.state == ChildSa::State::kInbound)
      switch_outbound(step, heir);
  step.out.actions.push_back(removal_of(*child));
  if (!event.empty()) report_tunnel(step, child->tunnel, event);
  ++step.sa.counters.children_deleted;
  std::erase_if(step.sa.tasks, [&](const Task& task) {
    return task.kind == Task::Kind::kDeleteChild && task.spi_in == spi_in;
  });
  std::erase_if(step.sa.children, [&](const ChildSa& each) { return each.spi_in == spi_in; });
}

// One by one each would look for itself, and for an heir, among all the others.
void remove_children(Step& step, std::string_view event) {
  std::unordered_set<std::uint32_t> gone;
  for (const ChildSa& child : step.sa.children) {
    gone.insert(child.spi_in);
    step.out.actions.push_back(removal_of(child));
    if (!event.empty()) report_tunnel(step, child.tunnel, event);
  }
  step.sa.counters.children_deleted += step.sa.children.size();
  std::erase_if(step.sa.tasks, [&](const Task& task) {
    return task.kind == Task::Kind::kDeleteChild && gone.contains(task.spi_in);
  });
  step.sa.children.clear();
}

void retire_child(Step& step, ChildSa& child) {
  const ChildPolicy* policy = policy_of(step.gateway, child.tunnel);
  const Time interval = kSecond * (policy ? policy->install_interval_seconds : 0);
  if (child.state == ChildSa::State::kDeleting) return;
  if (interval == 0) return delete_child(step, child, DeleteReason::kLifetime);
  child.state = ChildSa::State::kReplaced;
  child.soft_at = child.switch_at = 0;
  child.delete_at = step.now + interval;
}

void delete_child(Step& step, ChildSa& child, DeleteReason reason) {
  if (child.state == ChildSa::State::kDeleting) return;
  child.state = ChildSa::State::kDeleting;
  child.reason = reason;
  child.soft_at = child.switch_at = child.delete_at = 0;
  step.sa.tasks.push_back(deletion_of(child.tunnel, child.spi_in));
}

void disown_child(Step& step, std::uint32_t tunnel, std::uint32_t spi_in) {
  step.sa.tasks.push_back(deletion_of(tunnel, spi_in));
}

void expire_child(Step& step, std::uint32_t spi_in, std::string_view event) {
  const ChildSa* child = child_by_inbound(step.sa, spi_in);
  if (!child) return;
  const auto& asked = step.sa.outstanding;
  const Task deletion = deletion_of(child->tunnel, spi_in);
  const bool told = std::any_of(asked.begin(), asked.end(),
                                [&](const Outstanding& each) { return each.task == deletion; });
  const bool closing = child->state == ChildSa::State::kDeleting;
  remove_child(step, spi_in, closing ? event_of(child->reason) : event);
  if (!told) step.sa.tasks.push_back(deletion);
}

void expire_tunnel(Step& step, std::uint32_t tunnel, std::string_view event) {
  std::vector<std::uint32_t> gone;
  for (const ChildSa& child : step.sa.children)
    if (child.tunnel == tunnel) gone.push_back(child.spi_in);
  for (const std::uint32_t spi_in : gone) expire_child(step, spi_in, event);
}

void clear_tunnel(Step& step, std::uint32_t tunnel) {
  for (ChildExchange& each : step.sa.ours)
    if (each.tunnel == tunnel && each.rekeys != 0) each.cleared = true;
  expire_tunnel(step, tunnel, events::kCleared);
}

std::string_view event_of(DeleteReason reason) {
  switch (reason) {
    case DeleteReason::kLifetime:
      return events::kHardExpired;
    case DeleteReason::kReconfigured:
      return events::kReconfigured;
    case DeleteReason::kRedundant:
      return events::kRedundant;
  }
  return {};
}

}  // namespace nezu::ike
