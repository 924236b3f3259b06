#include "services/ike/session/table_body.h"

#include <algorithm>

#include "services/ike/session/child.h"

namespace nezu::ike {
namespace {
// Of all children, each once.
std::vector<std::uint32_t> numbers_in(const std::vector<ChildSa>& children,
                                      std::uint32_t ChildSa::*number) {
  std::vector<std::uint32_t> all;
  for (const ChildSa& child : children) all.push_back(child.*number);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

void reindex(std::uint32_t index, std::vector<std::uint32_t> now,
             std::unordered_map<std::uint32_t, std::vector<std::uint32_t>>& of,
             std::unordered_map<std::uint32_t, std::set<std::uint32_t>>& by) {
  auto& known = of[index];
  if (known != now) {
    for (const std::uint32_t each : known)
      if (auto& who = by[each]; who.erase(index) && who.empty()) by.erase(each);
    for (const std::uint32_t each : now) by[each].insert(index);
    known = std::move(now);
  }
  if (known.empty()) of.erase(index);
}

// A process that dies between two records must find what went from one SA to another at least
// once: the record of the one that takes is written first.
void mark_before(Output& out, std::uint32_t taker, std::uint32_t giver) {
  std::erase(out.changed, taker);
  out.changed.insert(std::find(out.changed.begin(), out.changed.end(), giver), taker);
}
}  // namespace

void mark(Output& out, std::uint32_t index) {
  if (std::find(out.changed.begin(), out.changed.end(), index) == out.changed.end())
    out.changed.push_back(index);
}

const Gateway* SaTable::Body::gateway_named(const std::string& name) const {
  const auto found = gateways.find(name);
  return found == gateways.end() ? nullptr : &config.gateways[found->second];
}

const Gateway* SaTable::Body::gateway_of(const IkeSa& sa) const {
  return gateway_named(sa.gateway);
}

IkeSa* SaTable::Body::find(std::uint32_t index) {
  const auto found = sas.find(index);
  return found == sas.end() ? nullptr : &found->second;
}

std::vector<IkeSa*> SaTable::Body::of_gateway(const std::string& name) {
  std::vector<IkeSa*> found;
  if (const auto entry = by_gateway.find(name); entry != by_gateway.end())
    for (const std::uint32_t index : entry->second) found.push_back(&sas.at(index));
  return found;
}

std::vector<IkeSa*> SaTable::Body::of_tunnel(std::uint32_t tunnel) {
  std::vector<IkeSa*> found;
  if (const auto entry = by_tunnel.find(tunnel); entry != by_tunnel.end())
    for (const std::uint32_t index : entry->second) found.push_back(&sas.at(index));
  return found;
}

bool SaTable::Body::has_pair(std::uint32_t tunnel) {
  for (const IkeSa* sa : of_tunnel(tunnel))
    for (const ChildSa& child : sa->children)
      if (child.tunnel == tunnel && child.state != ChildSa::State::kDeleting) return true;
  return false;
}

void SaTable::Body::count_half_open(const IkeSa& sa, int by) {
  if (!is_half_open(sa.phase)) return;
  (sa.initiator ? starting : half_open) += static_cast<std::uint32_t>(by);
}

std::uint32_t SaTable::Body::insert(IkeSa sa) {
  const std::uint32_t index = sa.index;
  const IkeSa& kept = sas.insert_or_assign(index, std::move(sa)).first->second;
  count_half_open(kept, 1);
  by_gateway[kept.gateway].insert(index);
  index_sa(kept);
  index_children(index, kept.children);
  schedule(index);
  return index;
}

void SaTable::Body::run(std::uint32_t index, Time now, Output& out, const Deed& deed) {
  static const Gateway
      kNoGateway;  // of an SA that outlived its configuration: enough to say goodbye
  IkeSa* sa = find(index);
  if (!sa) return;
  const Gateway* gateway = gateway_of(*sa);
  const std::size_t from = out.actions.size();
  const bool was_half_open = is_half_open(sa->phase);
  count_half_open(*sa, -1);
  const Path before = sa->path;
  Wishes wishes;
  Step step{*sa, gateway ? *gateway : kNoGateway, random, now, out, wishes, next_index, this};
  step.journal = &journal;
  deed(step);
  if (!wishes.untouched) session::advance(step);
  count_half_open(*sa, 1);
  if (wishes.untouched) return;
  if (sa->path != before) by_initiator.erase({sa->spi_i, before});
  index_sa(*sa);
  const bool established = was_half_open && sa->phase == Phase::kEstablished;
  grant(index, wishes, now, out);
  index_children(index, sa->children);
  mark(out, index);
  follow(index, out, from, wishes.by_peer, now);
  schedule(index);
  if (wishes.reauthenticate) reauthenticate(index, out, now);
  if (established && sa->reauthenticates != 0) take_over(index, out, now);
  if (!(sa = find(index))) return;
  if (sa->reauthenticates != 0) follow_reauthentication(index, out, now);
  if (sa->phase == Phase::kDead) return erase(index);
  if (established) drop_duplicate(index, out, now);
}

void SaTable::Body::grant(std::uint32_t index, Wishes& wishes, Time now, Output& out) {
  std::vector<std::uint32_t> born;
  for (IkeSa& sa : wishes.born) {
    born.push_back(insert(std::move(sa)));
    mark_before(out, born.back(), index);
  }
  IkeSa* heir = find(wishes.handover_to);
  if (heir) {
    hand_over(*find(index), *heir, out);
    mark_before(out, heir->index, index);
    born.push_back(heir->index);
  }
  if (IkeSa* redundant = find(wishes.redundant)) {
    redundant->successor = wishes.handover_to;
    redundant->soft_at = 0;
    redundant->hard_at = now + kWaitForDelete;
    schedule(redundant->index);
    mark(out, redundant->index);
  }
  if (wishes.initial_contact) forget_others(index, now, out);
  for (std::uint32_t each : born) run(each, now, out, [](Step&) {});
  if (wishes.heir_ends) run(wishes.handover_to, now, out, session::delete_ike);
}

// The children go over with what was still to be done for them.
void SaTable::Body::hand_over(IkeSa& from, IkeSa& to, Output& out) {
  hand_over_reauthentication(from, to, out);
  for (ChildSa& child : from.children) {
    by_generation[child.generation] = to.index;
    if (child.state == ChildSa::State::kRekeying) child.state = ChildSa::State::kActive;
    to.children.push_back(std::move(child));
  }
  from.children.clear();
  index_children(to.index, to.children);
  const auto is_for_ike = [](const Task& task) {
    return task.kind == Task::Kind::kDeleteIke || task.kind == Task::Kind::kProbe ||
           task.kind == Task::Kind::kRekeyIke;
  };
  for (const Task& task : from.tasks)
    if (!is_for_ike(task)) to.tasks.push_back(task);
  std::erase_if(from.tasks, [](const Task& task) { return task.kind != Task::Kind::kDeleteIke; });
}

// RFC 7296 section 2.4. An SA on which the peer has spoken since this one began is not forgotten:
// both sides may have begun at the same time.
void SaTable::Body::forget_others(std::uint32_t index, Time now, Output& out) {
  const IkeSa& sa = *find(index);
  std::vector<std::uint32_t> gone;
  for (const IkeSa* other : of_gateway(sa.gateway))
    if (other != &sa && !is_half_open(other->phase) && other->last_heard < sa.created_at)
      gone.push_back(other->index);
  for (std::uint32_t each : gone) run(each, now, out, [](Step& step) { die(step); });
}

void SaTable::Body::index_sa(const IkeSa& sa) {
  if (const std::uint64_t spi = local_spi(sa); spi != 0) by_spi[spi] = sa.index;
  if (!sa.initiator && sa.spi_i != 0) by_initiator[{sa.spi_i, sa.path}] = sa.index;
}

void SaTable::Body::index_children(std::uint32_t index, const std::vector<ChildSa>& children) {
  reindex(index, numbers_in(children, &ChildSa::tunnel), tunnels, by_tunnel);
  reindex(index, numbers_in(children, &ChildSa::spi_out), outbounds, by_outbound);
}

bool SaTable::Body::send_to(const IkeSa& sa, std::uint32_t spi_out) const {
  const auto who = by_outbound.find(spi_out);
  return who != by_outbound.end() &&
         std::any_of(who->second.begin(), who->second.end(), [&](std::uint32_t index) {
           const Path& path = sas.at(index).path;
           return path.instance == sa.path.instance &&
                  path.remote.address == sa.path.remote.address;
         });
}

bool SaTable::Body::carry_for(const IkeSa& sa) const {
  const auto same = by_gateway.find(sa.gateway);
  return same != by_gateway.end() &&
         std::any_of(same->second.begin(), same->second.end(), [&](std::uint32_t index) {
           const IkeSa& other = sas.at(index);
           return &other != &sa && other.phase == Phase::kEstablished && !other.children.empty();
         });
}

void SaTable::Body::erase(std::uint32_t index) {
  const IkeSa& sa = *find(index);
  count_half_open(sa, -1);
  index_children(index, {});
  if (auto& same = by_gateway[sa.gateway]; same.erase(index) && same.empty())
    by_gateway.erase(sa.gateway);
  const auto spi = by_spi.find(local_spi(sa));
  if (spi != by_spi.end() && spi->second == index) by_spi.erase(spi);
  const auto init = by_initiator.find({sa.spi_i, sa.path});
  if (init != by_initiator.end() && init->second == index) by_initiator.erase(init);
  sas.erase(index);
  schedule(index);
}

void SaTable::Body::schedule(std::uint32_t index) {
  if (const auto old = due_of.find(index); old != due_of.end()) {
    due.erase({old->second, index});
    due_of.erase(old);
  }
  const IkeSa* sa = find(index);
  const auto at = sa ? session::next_timeout(*sa) : std::nullopt;
  if (!at) return;
  due.emplace(*at, index);
  due_of[index] = *at;
}

void SaTable::Body::index_configuration() {
  gateways.clear();
  gateways_by_path.clear();
  gateway_of_tunnel.clear();
  policy_of_tunnel.clear();
  for (std::size_t i = 0; i < config.gateways.size(); ++i) {
    const Gateway& gateway = config.gateways[i];
    gateways[gateway.name] = i;
    gateways_by_path[{gateway.instance, gateway.local, gateway.remote}] = i;
    for (const auto& child : gateway.children) {
      gateway_of_tunnel[child.tunnel] = i;
      policy_of_tunnel[child.tunnel] = &child;
    }
  }
}

void SaTable::Body::finish(Output& out, Time now) {
  serve_wants(out, now);
  out.next_timeout.reset();
  const auto earliest = [&](Time at) {
    if (!out.next_timeout || at < *out.next_timeout) out.next_timeout = at;
  };
  if (!due.empty()) earliest(due.begin()->first);
  if (const auto at = wants.next(); at && !is_starting_enough()) earliest(*at);
}

}  // namespace nezu::ike
