#include "services/ike/daemon/tunnels.h"

#include <algorithm>

#include "services/ike/selectors.h"
#include "services/ike/session/child.h"

namespace nezu::ike {
namespace {

/// Three quarters of the numbers there are without ESN: a rekey in time for the rest.
constexpr std::uint64_t kSoftPackets = 3ull << 30;

std::string octets_of(const Address& address) {
  const ByteView view = address.view();
  return {view.begin(), view.end()};
}

std::string text_of(const Bytes& bytes) {
  return {bytes.begin(), bytes.end()};
}

api::Cipher cipher_of(Encryption encryption) {
  switch (encryption) {
    case Encryption::kDesCbc:
      return api::DES_CBC;
    case Encryption::kTripleDesCbc:
      return api::TRIPLE_DES_CBC;
    case Encryption::kAesCbc128:
      return api::AES_CBC_128;
    case Encryption::kAesCbc192:
      return api::AES_CBC_192;
    case Encryption::kAesCbc256:
      return api::AES_CBC_256;
    case Encryption::kAesGcm128:
      return api::AES_GCM_128;
    case Encryption::kAesGcm192:
      return api::AES_GCM_192;
    case Encryption::kAesGcm256:
      return api::AES_GCM_256;
    case Encryption::kChaCha20Poly1305:
      return api::CHACHA20_POLY1305;
    default:
      return api::CIPHER_NONE;
  }
}

api::Integrity integrity_of(Integrity integrity) {
  switch (integrity) {
    case Integrity::kHmacMd5_96:
      return api::HMAC_MD5_96;
    case Integrity::kHmacSha1_96:
      return api::HMAC_SHA1_96;
    case Integrity::kHmacSha256_128:
      return api::HMAC_SHA256_128;
    case Integrity::kHmacSha384_192:
      return api::HMAC_SHA384_192;
    case Integrity::kHmacSha512_256:
      return api::HMAC_SHA512_256;
    default:
      return api::INTEGRITY_NONE;
  }
}

template <typename Object>
void add_selectors(const std::vector<SelectorPair>& pairs, Object& object) {
  for (const auto& [local, remote] : pairs) {
    auto& selector = *object.add_selector();
    selector.set_local_first(octets_of(local.first));
    selector.set_local_last(octets_of(local.last));
    selector.set_remote_first(octets_of(remote.first));
    selector.set_remote_last(octets_of(remote.last));
    selector.set_protocol(local.protocol ? local.protocol : remote.protocol);
    selector.set_local_port_first(local.port_first);
    selector.set_local_port_last(local.port_last);
    selector.set_remote_port_first(remote.port_first);
    selector.set_remote_port_last(remote.port_last);
  }
}

std::vector<SelectorPair> pairs_of(const Tunnel& tunnel, const std::vector<TrafficSelector>& local,
                                   const std::vector<TrafficSelector>& remote) {
  return selector_pairs(tunnel.local_terms, tunnel.remote_terms, local, remote);
}

api::SecurityAssociation half(const ChildSa& child, const Tunnel& tunnel, bool inbound) {
  api::SecurityAssociation sa;
  sa.set_direction(inbound ? api::SecurityAssociation::INBOUND
                           : api::SecurityAssociation::OUTBOUND);
  sa.set_instance(child.instance);
  sa.set_local(octets_of(child.local));
  sa.set_remote(octets_of(child.remote));
  sa.set_spi(inbound ? child.spi_in : child.spi_out);
  sa.set_generation(child.generation);
  sa.set_tunnel(child.tunnel);
  sa.set_cipher(cipher_of(child.suite.encryption));
  const EspKeys& keys = inbound ? child.keys_in : child.keys_out;
  sa.set_key(text_of(keys.encryption));
  sa.set_salt(text_of(keys.salt));
  sa.set_integrity(integrity_of(child.suite.integrity));
  sa.set_integrity_key(text_of(keys.integrity));
  if (child.udp_remote != 0) {
    sa.mutable_udp()->set_local_port(child.udp_local);
    sa.mutable_udp()->set_entropy(child.udp_local != kNatPort);
    sa.mutable_udp()->set_remote_port(child.udp_remote);
    sa.mutable_udp()->set_follow(child.peer_may_move);
  }
  sa.set_replay_window(inbound ? tunnel.replay_window : 0);
  sa.set_extended_sequence(child.suite.extended_sequence);
  if (!inbound && !child.suite.extended_sequence) sa.set_soft_packets(kSoftPackets);
  sa.set_soft_bytes(child.soft_bytes);
  sa.set_hard_bytes(child.hard_bytes);
  if (inbound) add_selectors(pairs_of(tunnel, child.local_selectors, child.remote_selectors), sa);
  return sa;
}

api::Tunnel::DontFragment df_of(DontFragment policy) {
  if (policy == DontFragment::kSet) return api::Tunnel::SET;
  if (policy == DontFragment::kCopy) return api::Tunnel::COPY;
  return api::Tunnel::CLEAR;
}

}  // namespace

Tunnels::Tunnels(const state::Tables& tables, PfeClient& plane, Publish publish)
    : tables_(tables), plane_(plane), publish_(std::move(publish)) {}

void Tunnels::configure(const std::map<std::uint32_t, Tunnel>& tunnels,
                        const std::vector<const ChildSa*>& pairs) {
  for (const auto& [id, _] : configured_) {
    if (tunnels.contains(id)) continue;
    plane_.remove_tunnel(id);
    places_.erase(id);
    active_.erase(id);
    spare_.erase(id);
    refused_.erase(id);
    silent_.erase(id);
  }
  configured_ = tunnels;
  on_.clear();
  for (const auto& [id, tunnel] : configured_) {
    on_[tunnel.interface].push_back(id);
    on_[tunnel.anchor].push_back(id);
  }
  published_.clear();
  place_all(pairs);
  channel::Table whole;
  whole.set_name("tunnel");
  whole.set_whole(true);
  for (const auto& [_, tunnel] : configured_) update(tunnel, whole);
  publish_(whole);
  publish_all_routes();
}

// Routes go in when there is a pair, or when traffic is to make one; never for everything, which
// would take the routes of the tunnel's own outside.
Tunnels::Rows Tunnels::routes_of(const Tunnel& tunnel) const {
  Rows rows;
  const auto active = active_.find(tunnel.id);
  const bool waits = tunnel.establish == EstablishTunnels::kOnTraffic;
  if (tunnel.selector.empty() || (active == active_.end() && !waits) || is_silent(tunnel.id))
    return rows;
  for (const TrafficSelector& remote :
       active == active_.end() ? tunnel.remote_terms : active->second.remote) {
    const std::string prefix = covering_prefix(remote);
    if (prefix.substr(prefix.find('/')) == "/0") continue;
    channel::Row row;
    row.set_key(prefix + ' ' + tunnel.interface);
    row.mutable_route()->set_prefix(prefix);
    row.mutable_route()->set_interface(tunnel.interface);
    row.mutable_route()->set_preference(tunnel.preference);
    row.mutable_route()->set_metric(tunnel.metric);
    rows[row.key()] = row.SerializeAsString();
  }
  return rows;
}

// Adds to `change` what becomes another one by it. Costs what the tunnel has, however many others
// there are.
void Tunnels::set_routes(std::uint32_t tunnel, const Rows& rows, channel::Table& change) {
  Rows concerned = std::exchange(routes_[tunnel], rows);
  concerned.insert(rows.begin(), rows.end());
  for (const auto& [key, _] : concerned) {
    auto& said = said_of_[key];
    const std::string before = said.empty() ? "" : said.rbegin()->second;
    const auto row = rows.find(key);
    if (row == rows.end())
      said.erase(tunnel);
    else
      said[tunnel] = row->second;
    const std::string after = said.empty() ? "" : said.rbegin()->second;
    if (after.empty()) said_of_.erase(key);
    if (after == before) continue;
    if (after.empty())
      change.add_removed(key);
    else
      change.add_row()->ParseFromString(after);
  }
}

void Tunnels::publish_routes(const Tunnel& tunnel) {
  channel::Table change;
  change.set_name("selector-route");
  set_routes(tunnel.id, routes_of(tunnel), change);
  if (change.row_size() > 0 || change.removed_size() > 0) publish_(change);
}

void Tunnels::publish_all_routes() {
  routes_.clear();
  said_of_.clear();
  channel::Table ignored, whole;
  for (const auto& [id, tunnel] : configured_) set_routes(id, routes_of(tunnel), ignored);
  whole.set_name("selector-route");
  whole.set_whole(true);
  for (const auto& [_, said] : said_of_) whole.add_row()->ParseFromString(said.rbegin()->second);
  publish_(whole);
}

// As they came one after the other: which of them sends is what it was then, also in a process that
// has seen none of it.
void Tunnels::place_all(const std::vector<const ChildSa*>& pairs) {
  std::vector<const ChildSa*> in_order = pairs;
  std::stable_sort(in_order.begin(), in_order.end(), [](const ChildSa* a, const ChildSa* b) {
    return a->outbound_at < b->outbound_at;
  });
  const auto before = std::exchange(active_, {});
  const auto refused = std::exchange(refused_, {});
  spare_.clear();
  for (const ChildSa* pair : in_order) place(*pair, true, pair->outbound_at != 0);
  for (const std::uint32_t tunnel : refused) {
    const auto was = before.find(tunnel);
    const auto is = active_.find(tunnel);
    const bool same = was != before.end() && is != active_.end() &&
                      was->second.generation == is->second.generation;
    if (same || is == active_.end()) refused_.insert(tunnel);
  }
}

void Tunnels::changed(const channel::Table& change) {
  const auto mark = [this](const std::string& key) {
    if (const auto found = on_.find(key); found != on_.end())
      stale_.insert(found->second.begin(), found->second.end());
  };
  for (const auto& key : change.removed()) mark(key);
  for (const auto& row : change.row()) mark(row.key());
  // What a whole table does not name is gone.
  if (change.whole())
    for (const auto& [id, _] : configured_) stale_.insert(id);
}

void Tunnels::refresh() {
  channel::Table change;
  change.set_name("tunnel");
  for (const std::uint32_t id : std::exchange(stale_, {}))
    if (const auto tunnel = configured_.find(id); tunnel != configured_.end())
      update(tunnel->second, change);
  if (change.row_size() > 0) publish_(change);
}

bool Tunnels::complete() const {
  for (const auto& [id, _] : configured_) {
    const auto place = places_.find(id);
    if (place == places_.end() || !place->second.placed) return false;
  }
  return true;
}

// A row that is missing is one the RE has not published yet: the last word stands.
void Tunnels::locate(const Tunnel& tunnel, Place& place) const {
  const channel::Row* interface = tables_.find("interface", tunnel.interface);
  const channel::Row* anchor = tables_.find("anchor", tunnel.anchor);
  if (interface) place.interface = interface->interface().index();
  if (anchor)
    place.anchor = {anchor->anchor().fpc(), anchor->anchor().pic(), anchor->anchor().pfe(),
                    anchor->anchor().online()};
  place.placed = place.placed || (interface && anchor);
}

void Tunnels::update(const Tunnel& tunnel) {
  channel::Table change;
  change.set_name("tunnel");
  update(tunnel, change);
  if (change.row_size() > 0) publish_(change);
}

// Tells the plane, and adds the row to `change` if it is news.
void Tunnels::update(const Tunnel& tunnel, channel::Table& change) {
  Place& place = places_[tunnel.id];
  locate(tunnel, place);
  if (place.placed) {
    api::Tunnel row;
    row.set_id(tunnel.id);
    row.set_interface(place.interface);
    row.set_anchor_pfe(place.anchor.pfe);
    row.set_instance(tunnel.instance);
    row.set_remote(octets_of(tunnel.remote));
    row.set_copy_dscp(tunnel.copy_dscp);
    row.set_df(df_of(tunnel.dont_fragment));
    row.set_mtu(tunnel.mtu);
    row.set_order(tunnel.order);
    const auto active = active_.find(tunnel.id);
    // Without a pair it must not take the packets of others on its interface, but those of its own
    // selector ask for it.
    if (active != active_.end()) {
      row.set_outbound_spi(active->second.spi_out);
      row.set_remote(octets_of(active->second.peer));
      add_selectors(pairs_of(tunnel, active->second.local, active->second.remote), row);
    } else if (!tunnel.selector.empty()) {
      add_selectors(pairs_of(tunnel, tunnel.local_terms, tunnel.remote_terms), row);
    }
    plane_.set(row);
  }
  channel::Row row;
  row.set_key(tunnel.interface + ' ' + std::to_string(tunnel.id));
  row.mutable_tunnel()->set_interface(tunnel.interface);
  row.mutable_tunnel()->set_vpn(tunnel.vpn);
  row.mutable_tunnel()->set_up(is_up(tunnel.id));
  row.mutable_tunnel()->set_monitored(is_silent(tunnel.id) && active_.contains(tunnel.id));
  row.mutable_tunnel()->set_id(tunnel.id);
  row.mutable_tunnel()->set_gateway(tunnel.gateway);
  const std::string text = row.SerializeAsString();
  if (std::exchange(published_[tunnel.id], text) != text) *change.add_row() = std::move(row);
}

void Tunnels::place(const ChildSa& child, bool inbound, bool outbound) {
  const auto tunnel = configured_.find(child.tunnel);
  if (tunnel == configured_.end()) return;  // its removal is under way
  if (inbound) plane_.add(half(child, tunnel->second, true));
  if (!outbound) return;
  plane_.add(half(child, tunnel->second, false));
  const auto before = active_.find(child.tunnel);
  Active next{child.spi_out, child.generation, child.remote, child.local_selectors,
              child.remote_selectors};
  if (before != active_.end() && is_narrower(next, before->second)) {
    spare_[child.tunnel] = std::move(next);
    return;
  }
  if (before == active_.end() || before->second.generation != child.generation)
    refused_.erase(child.tunnel);
  active_[child.tunnel] = std::move(next);
}

// A pair that the peer narrowed, say to what it was configured for before its commit, must not take
// the place of one that carries more.
bool Tunnels::is_narrower(const Active& pair, const Active& than) {
  if (pair.generation == than.generation) return false;
  return is_within(pair.local, than.local) && is_within(pair.remote, than.remote) &&
         !(is_within(than.local, pair.local) && is_within(than.remote, pair.remote));
}

// Of the pair that sends: the one that was not to take its place is there for it now.
void Tunnels::let_go(std::uint32_t tunnel) {
  active_.erase(tunnel);
  const auto spare = spare_.extract(tunnel);
  if (spare) active_[tunnel] = spare.mapped();
}

void Tunnels::install(const ChildSa& child, bool inbound, bool outbound) {
  place(child, inbound, outbound);
  const auto tunnel = configured_.find(child.tunnel);
  if (!outbound || tunnel == configured_.end()) return;
  update(tunnel->second);
  publish_routes(tunnel->second);
}

void Tunnels::monitored(std::uint32_t tunnel, bool is_there) {
  const bool changes = is_there ? silent_.erase(tunnel) > 0 : silent_.insert(tunnel).second;
  const auto found = configured_.find(tunnel);
  if (!changes || found == configured_.end()) return;
  update(found->second);
  publish_routes(found->second);
}

void Tunnels::refused(std::uint32_t tunnel) {
  const auto found = configured_.find(tunnel);
  if (found != configured_.end() && refused_.insert(tunnel).second) update(found->second);
}

void Tunnels::forget_refusals() {
  if (refused_.empty()) return;
  for (const std::uint32_t id : refused_) stale_.insert(id);
  refused_.clear();
  refresh();
}

void Tunnels::remove(std::uint32_t tunnel, std::uint32_t instance, const Address& local,
                     const Address& remote, std::uint32_t spi_in, std::uint32_t spi_out,
                     std::uint64_t generation) {
  const auto active = active_.find(tunnel);
  const bool sends = active != active_.end() && active->second.generation == generation;
  const bool has_successor = active != active_.end() && !sends;
  if (const auto spare = spare_.find(tunnel);
      spare != spare_.end() && spare->second.generation == generation)
    spare_.erase(spare);
  if (sends) let_go(tunnel);
  // The tunnel lets go of the SA before it goes.
  const auto configured = configured_.find(tunnel);
  if (sends && configured != configured_.end()) {
    update(configured->second);
    publish_routes(configured->second);
  }
  api::SecurityAssociation sa;
  sa.set_instance(instance);
  sa.set_local(octets_of(local));
  sa.set_remote(octets_of(remote));
  sa.set_generation(generation);
  sa.set_tunnel(tunnel);
  sa.set_direction(api::SecurityAssociation::OUTBOUND);
  sa.set_spi(spi_out);
  plane_.remove(sa);
  sa.set_direction(api::SecurityAssociation::INBOUND);
  sa.set_spi(spi_in);
  has_successor ? plane_.remove_later(sa) : plane_.remove(sa);
}

// One that traffic is to bring up must take the traffic.
bool Tunnels::is_up(std::uint32_t tunnel) const {
  const auto place = places_.find(tunnel);
  const auto configured = configured_.find(tunnel);
  const bool waits = configured != configured_.end() &&
                     configured->second.establish == EstablishTunnels::kOnTraffic;
  return (waits || active_.contains(tunnel)) && !refused_.contains(tunnel) && !is_silent(tunnel) &&
         place != places_.end() && place->second.anchor.online;
}

// To ask over IPv6 takes a route, which FRR takes away with the interface.
bool Tunnels::is_silent(std::uint32_t tunnel) const {
  const auto configured = configured_.find(tunnel);
  if (!silent_.contains(tunnel) || configured == configured_.end()) return false;
  const Tunnel& of = configured->second;
  return of.monitor && of.monitor->destination.size != 16 &&
         of.establish != EstablishTunnels::kOnTraffic;
}

const Anchor* Tunnels::anchor(std::uint32_t tunnel) const {
  const auto place = places_.find(tunnel);
  return place == places_.end() || !place->second.placed ? nullptr : &place->second.anchor;
}

}  // namespace nezu::ike
