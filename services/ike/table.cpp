#include "services/ike/table.h"

#include <algorithm>
#include <utility>

#include "services/ike/child.h"
#include "services/ike/snapshot.h"
#include "services/ike/table_body.h"

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

// Children apart: a tunnel may come or go under a gateway that stays.
bool is_same_gateway(Gateway a, Gateway b) {
  a.children.clear();
  b.children.clear();
  return a == b;
}

bool is_on_path(const IkeSa& sa, const Gateway& gateway) {
  return sa.path.instance == gateway.instance && sa.path.local.address == gateway.local &&
         sa.path.remote.address == gateway.remote;
}

// What an IKE SA was begun for is not configured any more; the tunnels that are begin their own.
bool has_lost_its_tunnel(const Step& step) {
  return step.sa.initiator && is_half_open(step.sa.phase) &&
         !policy_of(step.gateway, step.sa.wanted_tunnel);
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
  for (const Bytes& record : records) {
    auto sa = ike::restore(record);
    if (!sa || sa->phase == Phase::kDead) continue;
    body_->next_index = std::max(body_->next_index, sa->index + 1);
    for (const ChildSa& child : sa->children) body_->by_generation[child.generation] = sa->index;
    body_->insert(std::move(*sa));
  }
  std::map<std::uint32_t, Time> latest;
  for (const auto& [index, sa] : body_->sas)
    for (const ChildSa& child : sa.children)
      if (child.outbound_at != 0 && child.outbound_at >= latest[child.tunnel]) {
        latest[child.tunnel] = child.outbound_at;
        body_->outbound[child.tunnel] = child.generation;
      }
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
  const Config old = std::exchange(body_->config, std::move(config));
  const bool first = old.gateways.empty();
  const auto old_named = [&](const std::string& name) {
    const auto found = std::find_if(old.gateways.begin(), old.gateways.end(),
                                    [&](const Gateway& each) { return each.name == name; });
    return found == old.gateways.end() ? nullptr : &*found;
  };
  body_->index_configuration();
  for (std::uint32_t index : indices(body_->sas)) {
    const IkeSa* sa = body_->find(index);
    if (!sa) continue;
    const Gateway* gateway = body_->gateway_of(*sa);
    const Gateway* before = old_named(sa->gateway);
    // After a restart there is no "before": what was restored is kept if its gateway is still
    // there.
    const bool keep = gateway && is_on_path(*sa, *gateway) &&
                      (first || (before && is_same_gateway(*gateway, *before)));
    body_->run(index, now, out, [&](Step& step) {
      if (!keep || has_lost_its_tunnel(step)) return session::delete_ike(step);
      for (ChildSa& child : step.sa.children) {
        const ChildPolicy* policy = policy_of(*gateway, child.tunnel);
        const ChildPolicy* was = before ? policy_of(*before, child.tunnel) : nullptr;
        if (!policy || (was && *was != *policy))
          delete_child(step, child, DeleteReason::kReconfigured);
      }
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

Output SaTable::tunnel_wanted(std::uint32_t tunnel, Time now) {
  Output out;
  const auto gateway = body_->gateway_of_tunnel.find(tunnel);
  if (gateway != body_->gateway_of_tunnel.end()) {
    const ChildPolicy* policy = policy_of(body_->config.gateways[gateway->second], tunnel);
    if (policy->establish == EstablishTunnels::kOnTraffic) body_->want(tunnel, now, true);
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
        return expire_child(step, child.spi_in);
      }
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
  body_->run(index, now, out, session::delete_ike);
  body_->finish(out, now);
  return out;
}

Output SaTable::delete_tunnel(std::uint32_t tunnel, Time now) {
  Output out;
  for (std::uint32_t index : indices(body_->sas))
    body_->run(index, now, out, [&](Step& step) {
      for (ChildSa& child : step.sa.children)
        if (child.tunnel == tunnel) delete_child(step, child, DeleteReason::kCleared);
    });
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
  for (std::uint32_t index : indices(body_->sas))
    body_->run(index, now, out, [&](Step& step) {
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
