#include "services/ike/session/table.h"

#include <algorithm>
#include <set>
#include <utility>

#include "services/ike/session/child.h"
#include "services/ike/session/events.h"
#include "services/ike/session/exchange_auth.h"
#include "services/ike/session/snapshot.h"
#include "services/ike/session/table_body.h"

namespace nezu::ike {
namespace {
constexpr DropCount kDrops[] = {
    {"short-message", "Datagrams shorter than an IKE header", 0},
    {"bad-length", "Length in the header is not that of the datagram", 0},
    {"bad-version", "Major version is not 2", 0},
    {"bad-spi", "SPIs or message id that the exchange does not allow", 0},
    {"bad-exchange", "Exchange type is unknown", 0},
    {"unknown-spi", "No IKE SA has these SPIs", 0},
    {"wrong-source", "From or to another address than the IKE SA's", 0},
    {"no-gateway", "No gateway is configured for these addresses", 0},
    {"half-open-limit", "Too many half-open IKE SAs", 0},
    {"bad-cookie", "Cookie is not ours or too old", 0},
    {"malformed", "Payloads are malformed or refused", 0},
    {"not-authentic", "Integrity check or padding is wrong", 0},
    {"unexpected", "Exchange has no place in the state of the IKE SA", 0},
    {"unexpected-id", "Message id is outside the window", 0},
    {"still-computing", "Repeated while its answer is being computed", 0},
    {"refusal-limit", "Refusals not sent, there were too many", 0},
};
static_assert(std::size(kDrops) == static_cast<std::size_t>(Drop::kCount));

bool is_on_path(const IkeSa& sa, const Gateway& gateway) {
  return sa.path.instance == gateway.instance && sa.path.local.address == gateway.local &&
         (sa.path.remote.address == gateway.remote || sa.peer_behind_nat);
}

// What an IKE SA was begun for is not configured any more; the tunnels that are begin their own.
bool has_lost_its_tunnel(const Step& step) {
  return step.sa.initiator && is_half_open(step.sa.phase) &&
         !policy_of(step.gateway, step.sa.wanted_tunnel);
}

// The last process died between two records of one step, the giver's of which is written last
// (table_body.cpp: mark_before). An IKE SA whose making an older one is still about to do never
// left the router: it is made again. A pair that two have is with the younger one already.
void mend(std::map<std::uint32_t, IkeSa>& sas, Output& out) {
  std::set<std::uint64_t> pending, generations;
  for (const auto& [index, sa] : sas)
    for (const auto* exchanges : {&sa.ours, &sa.theirs})
      for (const ChildExchange& each : *exchanges)
        if (is_ike_rekey(each)) pending.insert(each.new_spi_local);
  std::erase_if(sas, [&](const auto& entry) {
    if (!pending.contains(local_spi(entry.second))) return false;
    out.changed.push_back(entry.first);
    return true;
  });
  for (auto entry = sas.rbegin(); entry != sas.rend(); ++entry) {
    const auto taken = [&](const ChildSa& child) {
      return !generations.insert(child.generation).second;
    };
    if (std::erase_if(entry->second.children, taken) != 0) out.changed.push_back(entry->first);
  }
}

std::vector<std::uint32_t> indices(const std::map<std::uint32_t, IkeSa>& sas) {
  std::vector<std::uint32_t> all;
  for (const auto& [index, sa] : sas) all.push_back(index);
  return all;
}
}  // namespace

SaTable::SaTable(Random random) : body_(std::make_unique<Body>(std::move(random))) {}
SaTable::~SaTable() = default;

Output SaTable::restore(const std::vector<Bytes>& records, Time now) {
  Output out;
  std::map<std::uint32_t, IkeSa> read;
  for (const Bytes& record : records) {
    auto sa = ike::restore(record);
    if (!sa || sa->phase == Phase::kDead) continue;
    body_->next_index = std::max(body_->next_index, sa->index + 1);
    read.insert_or_assign(sa->index, std::move(*sa));
  }
  mend(read, out);
  for (auto& [index, sa] : read) {
    for (const ChildSa& child : sa.children) body_->by_generation[child.generation] = index;
    body_->insert(std::move(sa));
  }
  std::vector<const ChildSa*> pairs;
  for (const auto& [index, sa] : body_->sas)
    for (const ChildSa& child : sa.children) pairs.push_back(&child);
  for (const auto& [tunnel, sending] : latest_sending(pairs))
    body_->outbound[tunnel] = sending->generation;
  for (const auto& [index, sa] : body_->sas) {
    Wishes wishes;
    static const Gateway kNone;
    Step step{body_->sas.at(index), kNone, body_->random, now, out, wishes, body_->next_index};
    session::resume(step);
  }
  return out;
}

Output SaTable::configure(Config config, Time now) {
  Output out;
  body_->config = std::move(config);
  body_->index_configuration();
  body_->journal.forget_if([&](const auto& of) {
    return !body_->gateways.contains(of.first) ||
           (of.second != 0 && !body_->gateway_of_tunnel.contains(of.second));
  });
  body_->journal.forget_stranger_if([&](const Path& path) {
    return body_->gateways_by_path.contains(
        {path.instance, path.local.address, path.remote.address});
  });
  for (std::uint32_t index : indices(body_->sas)) {
    const IkeSa* sa = body_->find(index);
    if (!sa) continue;
    const Gateway* gateway = body_->gateway_of(*sa);
    const bool keep = gateway && is_on_path(*sa, *gateway) && sa->policy == digest_of(*gateway);
    body_->run(index, now, out, [&](Step& step) {
      if (!keep || has_lost_its_tunnel(step)) return session::delete_ike(step);
      auth::resume(step);
      for (ChildSa& child : step.sa.children)
        if (!is_current(step, child.tunnel, child.policy))
          delete_child(step, child, DeleteReason::kReconfigured);
    });
  }
  body_->want_all(now);
  body_->finish(out, now);
  return out;
}

Output SaTable::handle(ByteView datagram, const Path& path, Time now) {
  Output out;
  body_->handle(datagram, path, now, out);
  body_->finish(out, now);
  return out;
}

Output SaTable::timeout(Time now) {
  Output out;
  std::vector<std::uint32_t> due;
  for (const auto& [at, index] : body_->due) {
    if (at > now) break;
    due.push_back(index);
  }
  for (std::uint32_t index : due) body_->run(index, now, out, session::tick);
  body_->finish(out, now);
  return out;
}

Output SaTable::complete(const DhResult& result, Time now) {
  Output out;
  body_->look_around(result.sa, out, now);
  body_->run(result.sa, now, out, [&](Step& step) { session::complete(step, result); });
  body_->finish(out, now);
  return out;
}

Output SaTable::complete(const ProofResult& result, Time now) {
  Output out;
  body_->run(result.sa, now, out, [&](Step& step) { session::complete(step, result); });
  body_->finish(out, now);
  return out;
}

Output SaTable::tunnel_wanted(std::uint32_t tunnel, Time now) {
  Output out;
  const auto policy = body_->policy_of_tunnel.find(tunnel);
  if (policy != body_->policy_of_tunnel.end() &&
      policy->second->establish == EstablishTunnels::kOnTraffic)
    body_->wants.add(tunnel, now, true);
  body_->finish(out, now);
  return out;
}

Output SaTable::initiate(std::uint32_t tunnel, Time now) {
  Output out;
  if (body_->gateway_of_tunnel.contains(tunnel) && !body_->has_pair(tunnel)) {
    body_->wants.add(tunnel, now, true);
    body_->wants.retry(tunnel, now);
  }
  body_->finish(out, now);
  return out;
}

Output SaTable::limit_reached(std::uint64_t generation, Limit limit, Time now) {
  Output out;
  const auto entry = body_->by_generation.find(generation);
  if (entry != body_->by_generation.end())
    body_->run(entry->second, now, out, [&](Step& step) {
      for (ChildSa& child : step.sa.children) {
        if (child.generation != generation) continue;
        if (limit == Limit::kSoft) {
          child.soft_at = now;
          return session::tick(step);
        }
        return expire_child(step, child.spi_in, events::kHardExpired);
      }
    });
  body_->finish(out, now);
  return out;
}

Output SaTable::peer_moved(std::uint64_t generation, const Endpoint& remote, Time now) {
  Output out;
  const auto entry = body_->by_generation.find(generation);
  if (entry != body_->by_generation.end())
    body_->run(entry->second, now, out, [&](Step& step) {
      Path path = step.sa.path;
      path.remote = remote;
      step.wishes.untouched = !step.sa.peer_behind_nat || path == step.sa.path;
      if (!step.wishes.untouched) session::move(step, path);
    });
  body_->finish(out, now);
  return out;
}

void SaTable::traffic_seen(std::uint64_t generation, Time last_in, Time last_out) {
  const auto entry = body_->by_generation.find(generation);
  IkeSa* sa = entry == body_->by_generation.end() ? nullptr : body_->find(entry->second);
  if (!sa) return;
  sa->last_traffic_in = std::max(sa->last_traffic_in, last_in);
  sa->last_traffic_out = std::max(sa->last_traffic_out, last_out);
}

Output SaTable::delete_ike(std::uint32_t index, Time now) {
  Output out;
  body_->run(index, now, out, [](Step& step) {
    remove_children(step, events::kIkeDeleted);
    session::delete_ike(step);
  });
  body_->finish(out, now);
  return out;
}

Output SaTable::delete_tunnel(std::uint32_t tunnel, Time now) {
  Output out;
  for (const IkeSa* sa : body_->of_tunnel(tunnel))
    body_->run(sa->index, now, out, [&](Step& step) { clear_tunnel(step, tunnel); });
  body_->finish(out, now);
  return out;
}

Output SaTable::tunnel_is_dead(std::uint32_t tunnel, const std::string& why,
                               const std::string& look_at, Time now) {
  Output out;
  for (const IkeSa* sa : body_->of_tunnel(tunnel)) {
    body_->journal.trouble(sa->gateway, tunnel, {now, why, look_at, 0, 1});
    body_->run(sa->index, now, out, [&](Step& step) { expire_tunnel(step, tunnel, {}); });
  }
  body_->finish(out, now);
  return out;
}

Output SaTable::peer_is_revoked(std::uint32_t index, const std::string& why,
                                const std::string& look_at, Time now) {
  Output out;
  const IkeSa* sa = body_->find(index);
  if (!sa) return out;
  const std::string gateway = sa->gateway;
  const auto tunnels = tunnels_of(*sa);
  body_->run(index, now, out, session::expel);
  for (const std::uint32_t tunnel : tunnels)
    if (!body_->has_pair(tunnel))
      body_->journal.trouble(gateway, tunnel, {now, why, look_at, 0, 1});
  body_->finish(out, now);
  return out;
}

Output SaTable::rekey_ike(std::uint32_t index, Time now) {
  Output out;
  body_->run(index, now, out, session::rekey_ike);
  body_->finish(out, now);
  return out;
}

Output SaTable::rekey_tunnel(std::uint32_t tunnel, Time now) {
  Output out;
  for (const IkeSa* sa : body_->of_tunnel(tunnel))
    body_->run(sa->index, now, out, [&](Step& step) {
      for (ChildSa& child : step.sa.children)
        if (child.tunnel == tunnel && child.state == ChildSa::State::kActive)
          session::rekey_child(step, child);
    });
  body_->finish(out, now);
  return out;
}

const std::map<std::uint32_t, IkeSa>& SaTable::sas() const {
  return body_->sas;
}

std::vector<const IkeSa*> SaTable::of_gateway(const std::string& name) const {
  const auto found = body_->of_gateway(name);
  return {found.begin(), found.end()};
}

std::vector<const IkeSa*> SaTable::of_tunnel(std::uint32_t tunnel) const {
  const auto found = body_->of_tunnel(tunnel);
  return {found.begin(), found.end()};
}

bool SaTable::has_pair(std::uint32_t tunnel) const {
  return body_->has_pair(tunnel);
}

std::optional<Time> SaTable::next_attempt(std::uint32_t tunnel) const {
  const Want* want = body_->wants.find(tunnel);
  return want ? std::optional(want->retry_at) : std::nullopt;
}

void SaTable::on_message(Journal::Listener listener) {
  body_->journal.on_message(std::move(listener));
}

const Journal& SaTable::journal() const {
  return body_->journal;
}

Bytes SaTable::snapshot(std::uint32_t index) const {
  const IkeSa* sa = body_->find(index);
  return sa ? ike::snapshot(*sa) : Bytes{};
}

std::vector<DropCount> SaTable::drops() const {
  std::vector<DropCount> all(std::begin(kDrops), std::end(kDrops));
  for (std::size_t i = 0; i < all.size(); ++i) all[i].count = body_->dropped[i];
  return all;
}

}  // namespace nezu::ike
