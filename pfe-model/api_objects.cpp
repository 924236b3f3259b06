// The messages that set and remove objects: validated whole, then applied; never half.
#include <openssl/evp.h>
#include <sys/stat.h>

#include <algorithm>
#include <unordered_set>

#include "pfe-model/api.h"
#include "pfe-model/clock.h"
#include "pfe-model/limits.h"
#include "pfe-model/statistics.h"

namespace nezu::pfe {

namespace {

constexpr size_t kMaxPorts = 4096;
constexpr size_t kMaxTunnels = 1 << 16;
constexpr size_t kMaxSelectors = 256;
constexpr size_t kMaxHops = 128;
constexpr size_t kMaxName = 64;
constexpr size_t kMaxBridges = 1 << 16;
constexpr uint32_t kMaxStations = 1 << 20;
constexpr uint32_t kLeastMtu = 68;
constexpr uint32_t kLastVlan = 4094;

bool same_socket(int a, int b) {
  struct stat x {
  }, y{};
  return ::fstat(a, &x) == 0 && ::fstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

Receive receive_of(const api::Port& port) {
  return port.receive() == api::Port::RECEIVE_LARGE ? Receive::kLarge : Receive::kSmall;
}

std::optional<Prefix> prefix_of(const api::Prefix& in) {
  const auto address = Address::parse(in.address());
  if (!address || in.length() > address->size * 8u) return std::nullopt;
  const Prefix prefix = Prefix::of(*address, static_cast<uint8_t>(in.length()));
  if (prefix.address != *address) return std::nullopt;
  return prefix;
}

Action action_of(api::Route::Action action) {
  switch (action) {
    case api::Route::DISCARD:
      return Action::kDiscard;
    case api::Route::REJECT:
      return Action::kReject;
    default:
      return Action::kForward;
  }
}

std::string read_paths(const api::Route& route, uint8_t size, Paths& paths) {
  paths.action = action_of(route.action());
  if (paths.action != Action::kForward) return {};
  if (route.next_hop().empty()) return "route: no next hop";
  if (route.next_hop_size() > static_cast<int>(kMaxHops)) return "route: too many next hops";
  for (const api::NextHop& in : route.next_hop()) {
    Hop hop{in.interface(), {}};
    if (!in.gateway().empty()) {
      const auto gateway = Address::parse(in.gateway());
      if (!gateway || gateway->size != size) return "route: gateway is not of the prefix's family";
      hop.gateway = *gateway;
    }
    paths.hops.push_back(hop);
  }
  return {};
}

bool read_range(const std::string& first, const std::string& last, Address& from, Address& to) {
  const auto a = Address::parse(first), b = Address::parse(last);
  if (!a || !b || a->size != b->size || a->octets > b->octets) return false;
  from = *a;
  to = *b;
  return true;
}

/// A port range of 0 to 0 is any port: the default of both fields.
bool read_ports(uint32_t first, uint32_t last, uint16_t& from, uint16_t& to) {
  if (first > last || last > 65535) return false;
  from = static_cast<uint16_t>(first);
  to = static_cast<uint16_t>(first == 0 && last == 0 ? 65535 : last);
  return true;
}

bool read_selector(const api::TrafficSelector& in, Selector& out) {
  out.protocol = static_cast<uint8_t>(in.protocol());
  return in.protocol() <= 255 &&
         read_range(in.local_first(), in.local_last(), out.local_first, out.local_last) &&
         read_range(in.remote_first(), in.remote_last(), out.remote_first, out.remote_last) &&
         out.local_first.size == out.remote_first.size &&
         read_ports(in.local_port_first(), in.local_port_last(), out.local_port_first,
                    out.local_port_last) &&
         read_ports(in.remote_port_first(), in.remote_port_last(), out.remote_port_first,
                    out.remote_port_last);
}

/// False: too many or malformed.
template <typename Object>
bool read_selectors(const Object& in, std::vector<Selector>& out) {
  if (in.selector_size() > static_cast<int>(kMaxSelectors)) return false;
  out.resize(static_cast<size_t>(in.selector_size()));
  for (size_t i = 0; i < out.size(); ++i)
    if (!read_selector(in.selector(static_cast<int>(i)), out[i])) return false;
  return true;
}

Tunnel::DontFragment df_of(api::Tunnel::DontFragment df) {
  switch (df) {
    case api::Tunnel::SET:
      return Tunnel::DontFragment::kSet;
    case api::Tunnel::COPY:
      return Tunnel::DontFragment::kCopy;
    default:
      return Tunnel::DontFragment::kClear;
  }
}

/// What Vxlan and Vtep have both: PFE, ends, port.
template <typename Message>
std::string read_ends(const Message& in, Kind kind, Interface& out) {
  const auto local = Address::parse(in.local()), remote = Address::parse(in.remote());
  if (!local || !remote || local->size != remote->size || *local == *remote)
    return "interface: not two addresses of one family";
  if (in.port() - 1 > 65534) return "interface: no UDP port";
  out.kind = kind;
  out.pfe = in.pfe();
  out.vxlan = std::make_unique<VxlanTunnel>();
  out.vxlan->local = *local;
  out.vxlan->remote = *remote;
  out.vxlan->port = static_cast<uint16_t>(in.port());
  return {};
}

std::string read_vxlan(const api::LogicalInterface::Vxlan& in, Interface& out) {
  if (std::string error = read_ends(in, Kind::kVxlan, out); !error.empty()) return error;
  if (in.vni() > kLastVni) return "interface: VXLAN network identifier out of range";
  const bool any = in.source_port_first() == 0 && in.source_port_last() == 0;
  if (in.source_port_last() > 65535 ||
      (!any && in.source_port_first() - 1 >= in.source_port_last()))
    return "interface: no UDP port";
  out.vxlan->vni = in.vni();
  out.vxlan->gpe = in.gpe();
  for (const auto& [mac, at] : {std::pair(&in.destination_mac(), 0), {&in.source_mac(), 6}}) {
    if (mac->size() != 0 && mac->size() != 6) return "interface: a MAC address has 6 octets";
    std::copy(mac->begin(), mac->end(), out.vxlan->addresses.begin() + at);
  }
  if (any) return {};
  out.vxlan->source_first = static_cast<uint16_t>(in.source_port_first());
  out.vxlan->source_last = static_cast<uint16_t>(in.source_port_last());
  return {};
}

/// What a message says of an interface; the descriptor aside.
std::string read_interface(const api::LogicalInterface& in, Interface& out) {
  out.index = in.index();
  out.name = in.name();
  out.instance = in.instance();
  out.up = in.up();
  out.mtu = in.mtu();
  out.inet = in.inet();
  out.inet6 = in.inet6();
  switch (in.kind_case()) {
    case api::LogicalInterface::kEthernet:
      if (in.ethernet().mac().size() != 6) return "interface: a MAC address has 6 octets";
      out.kind = Kind::kEthernet;
      if (in.ethernet().vlan() > kLastVlan) return "interface: VLAN out of range";
      out.port_id = in.ethernet().port();
      out.vlan = static_cast<uint16_t>(in.ethernet().vlan());
      std::copy_n(in.ethernet().mac().begin(), 6, out.mac.begin());
      return {};
    case api::LogicalInterface::kTunnel:
      out.kind = Kind::kTunnel;
      out.pfe = in.tunnel().anchor_pfe();
      return {};
    case api::LogicalInterface::kService:
      out.kind = Kind::kService;
      out.pfe = in.service().pfe();
      return {};
    case api::LogicalInterface::kLoopback:
      out.kind = Kind::kLoopback;
      return {};
    case api::LogicalInterface::kVxlan:
      return read_vxlan(in.vxlan(), out);
    case api::LogicalInterface::kVtep:
      return read_ends(in.vtep(), Kind::kVtep, out);
    case api::LogicalInterface::KIND_NOT_SET:
      return "interface: no kind";
  }
  return "interface: unknown kind";
}

/// Each once, in the order in which they came: one that is named twice is not flooded to twice.
template <typename Numbers>
std::vector<uint32_t> unique(const Numbers& numbers) {
  std::unordered_set<uint32_t> seen;
  std::vector<uint32_t> each;
  for (const uint32_t number : numbers)
    if (seen.insert(number).second) each.push_back(number);
  return each;
}

bool read_sa_key(const api::SecurityAssociation& in, SaKey& key) {
  const bool inbound = in.direction() == api::SecurityAssociation::INBOUND;
  const auto destination = Address::parse(inbound ? in.local() : in.remote());
  if (!destination || !api::SecurityAssociation::Direction_IsValid(in.direction())) return false;
  const uint8_t protocol =
      in.protocol() == api::SecurityAssociation::AH ? kProtocolAh : kProtocolEsp;
  key = {inbound ? SaDirection::kInbound : SaDirection::kOutbound, in.instance(), *destination,
         in.spi(), protocol};
  return api::SecurityAssociation::Protocol_IsValid(in.protocol());
}

/// False: the library failed.
bool digest_keys(const api::SecurityAssociation& in, KeyDigest& out) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) return false;
  for (const std::string* part : {&in.key(), &in.salt(), &in.integrity_key()})
    if (EVP_DigestUpdate(context.get(), part->data(), part->size()) != 1) return false;
  return EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1;
}

/// Keys and encapsulation of an SA. Empty: they fit together.
std::string read_protection(const api::SecurityAssociation& in, Sa& out) {
  if (!api::Cipher_IsValid(in.cipher()) || !api::Integrity_IsValid(in.integrity()))
    return "sa: unknown algorithm";
  if (!digest_keys(in, out.digest)) return "sa: its keys could not be hashed";
  const auto integrity = static_cast<Integrity>(in.integrity());
  if (in.protocol() == api::SecurityAssociation::AH) {
    if (in.cipher() != api::CIPHER_NONE || in.has_udp()) return "sa: AH has no cipher and no UDP";
    out.ah = AhKey::expand(integrity, in.integrity_key());
    return out.ah != nullptr ? "" : "sa: wrong key length, or no algorithm";
  }
  out.esp = EspKey::expand(
      {static_cast<Cipher>(in.cipher()), in.key(), in.salt(), integrity, in.integrity_key()});
  if (out.esp == nullptr)
    return "sa: wrong key or salt length, or algorithms that are not there or do not go together";
  if (!in.has_udp()) return "";
  const api::SecurityAssociation::Udp& udp = in.udp();
  if (udp.local_port() - 1 > 65534 || udp.remote_port() - 1 > 65534) return "sa: no UDP port";
  out.udp = {static_cast<uint16_t>(udp.local_port()), static_cast<uint16_t>(udp.remote_port()),
             udp.entropy(), udp.follow()};
  return "";
}

}  // namespace

/// Opens a port's ring before the workers are stopped, for that takes its time. A socket that the
/// port has already is left to set().
void Api::prepare(Call& call) {
  if (!call.fault.empty() || !call.request.has_port() || !call.attached) return;
  if (!writer(call, api::OWNER_RE).empty()) return;
  const api::Port& port = call.request.port();
  for (const auto& [id, other] : plane_.tables.ports)
    if (other->wire && same_socket(other->wire->descriptor(), call.attached.number())) return;
  std::string error;
  call.wire = open_wire(std::move(call.attached), receive_of(port), error);
  if (!call.wire) call.fault = "port: " + error;
}

Api::Error Api::set(const api::Pfe& in) {
  if (in.id() >= kMaxPfe) return "pfe: number too large";
  if (in.name().size() > kMaxName) return "pfe: name too long";
  Pfe& pfe = plane_.add_pfe(in.id());
  pfe.name = in.name();
  pfe.online = in.online();
  pfe.inline_bits = in.inline_bits();
  pfe.sync = round(api::OWNER_RE);
  return {};
}

Api::Error Api::set(const api::Port& in, Call& call) {
  if (in.name().size() > kMaxName) return "port: name too long";
  if (in.pfe() >= kMaxPfe) return "port: PFE number too large";
  auto& ports = plane_.tables.ports;
  if (!ports.contains(in.id()) && ports.size() >= kMaxPorts) return "port: too many";
  if (call.attached) {
    for (const auto& [id, other] : ports)
      if (id != in.id() && other->wire &&
          same_socket(other->wire->descriptor(), call.attached.number()))
        return "port: this socket is another port's";
  }
  const auto existing = ports.find(in.id());
  Port* old = existing == ports.end() ? nullptr : existing->second.get();
  if (Error error = reopen(old, in, call); !error.empty()) return error;
  auto& port = ports[in.id()];
  if (!port) port = std::make_unique<Port>();
  if (call.wire) {
    if (port->wire) plane_.forget(port->wire->descriptor());
    std::swap(port->wire, call.wire);
    if (call.wire) old_wires_.push_back(std::move(call.wire));
  }
  const bool ends = port->enabled && !in.enabled();
  port->id = in.id();
  port->name = in.name();
  port->pfe = in.pfe();
  port->enabled = in.enabled();
  if (ends) plane_.drain(*port);
  port->receive = receive_of(in);
  port->sync = round(api::OWNER_RE);
  plane_.touch();
  return {};
}

/// Opens what prepare() passed by: the socket that the port has, or one that came in a burst with
/// the client's Hello. `old`: the port if there is one already.
Api::Error Api::reopen(Port* old, const api::Port& in, Call& call) {
  const bool open = old == nullptr || !old->wire || old->receive != receive_of(in);
  if (call.wire || !call.attached || !open) return {};
  if (old != nullptr && old->wire) {
    plane_.forget(old->wire->descriptor());
    old->wire.reset();  // a new ring takes the place of the old one on the same socket
  }
  Error error;
  call.wire = open_wire(std::move(call.attached), receive_of(in), error);
  return call.wire ? Error() : "port: " + error;
}

Api::Error Api::set(const api::LogicalInterface& in, Call& call) {
  if (in.index() == 0 || in.index() >= kMaxInterface) return "interface: index out of range";
  if (in.instance() >= kMaxInstance) return "interface: instance out of range";
  if (in.name().size() > kMaxName) return "interface: name too long";
  if (in.mtu() < kLeastMtu || in.mtu() > 65535) return "interface: mtu out of range";
  Interface fresh;
  if (Error error = read_interface(in, fresh); !error.empty()) return error;
  if (fresh.pfe >= kMaxPfe) return "interface: PFE number too large";
  auto& interface = plane_.tables.interfaces[in.index()];
  if (interface) {
    fresh.input = interface->input;
    fresh.output = interface->output;
    if (call.attached && interface->host) plane_.forget(interface->host.number());
    if (!call.attached) fresh.host = std::move(interface->host);
  } else {
    interface = std::make_unique<Interface>();
  }
  if (call.attached) fresh.host = std::move(call.attached);
  fresh.sync = round(api::OWNER_RE);
  *interface = std::move(fresh);
  plane_.touch();
  return {};
}

Api::Error Api::set(const api::LocalAddress& in) {
  const auto address = Address::parse(in.address());
  if (!address) return "local address: not an address";
  if (in.instance() >= kMaxInstance) return "local address: instance out of range";
  plane_.tables.fib(in.instance()).set_local(*address, in.interface(), round(api::OWNER_RE));
  return {};
}

Api::Error Api::set(const api::Route& in) {
  const auto prefix = prefix_of(in.prefix());
  if (!prefix) return "route: not a prefix";
  if (in.instance() >= kMaxInstance) return "route: instance out of range";
  Paths paths;
  if (Error error = read_paths(in, prefix->address.size, paths); !error.empty()) return error;
  plane_.tables.fib(in.instance()).set_route(*prefix, std::move(paths), round(api::OWNER_RE));
  return {};
}

Api::Error Api::set(const api::Neighbour& in) {
  const auto address = Address::parse(in.address());
  if (!address || in.mac().size() != 6) return "neighbour: malformed";
  Neighbour neighbour;
  std::copy_n(in.mac().begin(), 6, neighbour.mac.begin());
  neighbour.sync = round(api::OWNER_RE);
  plane_.tables.neighbours[{in.interface(), *address}] = neighbour;
  return {};
}

Api::Error Api::set(const api::Tunnel& in) {
  if (in.anchor_pfe() >= kMaxPfe) return "tunnel: PFE number too large";
  if (in.instance() >= kMaxInstance) return "tunnel: instance out of range";
  const auto remote = Address::parse(in.remote());
  if (!remote) return "tunnel: remote is not an address";
  std::vector<Selector> selectors;
  if (!read_selectors(in, selectors)) return "tunnel: malformed selector, or too many";
  auto& tunnels = plane_.tables.tunnels;
  if (!tunnels.contains(in.id()) && tunnels.size() >= kMaxTunnels) return "tunnel: too many";
  auto& tunnel = tunnels[in.id()];
  const bool fresh = !tunnel;
  if (fresh) tunnel = std::make_unique<Tunnel>();
  if (!fresh && !plane_.dirty()) plane_.tables.unlink(*tunnel);
  if (tunnel->interface_index != in.interface()) fold_traffic(*tunnel);
  tunnel->id = in.id();
  tunnel->interface_index = in.interface();
  tunnel->anchor = in.anchor_pfe();
  tunnel->order = in.order();
  tunnel->selectors = std::move(selectors);
  tunnel->outbound_spi = in.outbound_spi();
  tunnel->instance = in.instance();
  tunnel->remote = *remote;
  tunnel->copy_dscp = in.copy_dscp();
  tunnel->df = df_of(in.df());
  tunnel->mtu = in.mtu();
  tunnel->sync = round(api::OWNER_IKED);
  if (!plane_.dirty()) plane_.tables.link(*tunnel);
  return {};
}

Api::Error Api::set(const api::Bridge& in) {
  if (in.pfe() >= kMaxPfe) return "bridge: PFE number too large";
  if (in.vni() > kLastVni) return "bridge: VXLAN network identifier out of range";
  if (in.member_size() > kMaxMembers) return "bridge: too many members";
  if (in.mac_limit() - 1 >= kMaxStations) return "bridge: limit of stations out of range";
  if (in.ageing_seconds() == 0) return "bridge: no ageing time";
  auto& bridges = plane_.tables.bridges;
  if (!bridges.contains(in.id()) && bridges.size() >= kMaxBridges) return "bridge: too many";
  auto& bridge = bridges[in.id()];
  if (!bridge) bridge = std::make_unique<Bridge>();
  bridge->id = in.id();
  bridge->pfe = in.pfe();
  bridge->vni = in.vni();
  bridge->member_ids = unique(in.member());
  bridge->macs.limit(in.mac_limit(), in.ageing_seconds() * uint64_t{1'000'000'000});
  // A station at an interface that is no member any more is nowhere.
  bridge->macs.forget(monotonic_now(), [&](uint32_t interface) {
    return std::find(in.member().begin(), in.member().end(), interface) == in.member().end();
  });
  bridge->sync = round(api::OWNER_RE);
  plane_.touch();
  return {};
}

Api::Error Api::clear(const api::ClearBridge& which) {
  bool found = which.id() == 0;
  for (auto& [id, bridge] : plane_.tables.bridges) {
    if (which.id() != 0 && which.id() != id) continue;
    found = true;
    bridge->macs.forget(monotonic_now(), [](uint32_t) { return true; });
  }
  return found ? "" : "no such bridge domain";
}

Api::Error Api::remove(const Call& call) {
  const api::Remove& remove = call.request.remove();
  switch (remove.object_case()) {
    case api::Remove::kPfe:
      if (!plane_.pfes.contains(remove.pfe().id())) return "no such PFE";
      plane_.remove_pfe(remove.pfe().id());
      return {};
    case api::Remove::kPort:
      if (!plane_.tables.ports.contains(remove.port().id())) return "no such port";
      drop_port(remove.port().id());
      return {};
    case api::Remove::kInterface:
      if (!plane_.tables.interfaces.contains(remove.interface().index()))
        return "no such interface";
      drop_interface(remove.interface().index());
      return {};
    default:
      return remove_table(remove);
  }
}

Api::Error Api::remove_table(const api::Remove& remove) {
  SaKey key;
  switch (remove.object_case()) {
    case api::Remove::kRoute:
      return remove_route(remove.route());
    case api::Remove::kLocalAddress: {
      const auto address = Address::parse(remove.local_address().address());
      Fib* fib = plane_.tables.find_fib(remove.local_address().instance());
      return address && fib != nullptr && fib->remove_local(*address) ? "" : "no such address";
    }
    case api::Remove::kBridge:
      if (!plane_.tables.bridges.contains(remove.bridge().id())) return "no such bridge domain";
      drop_bridge(remove.bridge().id());
      return {};
    case api::Remove::kNeighbour: {
      const auto address = Address::parse(remove.neighbour().address());
      const bool gone =
          address && plane_.tables.neighbours.erase({remove.neighbour().interface(), *address});
      return gone ? "" : "no such neighbour";
    }
    case api::Remove::kTunnel:
      if (!plane_.tables.tunnels.contains(remove.tunnel().id())) return "no such tunnel";
      drop_tunnel(remove.tunnel().id());
      return {};
    case api::Remove::kSa:
      if (!read_sa_key(remove.sa(), key) || !plane_.tables.sas.contains(key)) return "no such SA";
      drop_sa(key);
      return {};
    default:
      return "remove: no object";
  }
}

Api::Error Api::remove_route(const api::Route& route) {
  const auto prefix = prefix_of(route.prefix());
  Fib* fib = plane_.tables.find_fib(route.instance());
  return prefix && fib != nullptr && fib->remove_route(*prefix) ? "" : "no such route";
}

Api::Error Api::set(const api::SecurityAssociation& in) {
  SaKey key;
  const auto local = Address::parse(in.local()), remote = Address::parse(in.remote());
  if (!read_sa_key(in, key) || !local || !remote || local->size != remote->size)
    return "sa: malformed addresses or direction";
  if (in.spi() < 256) return "sa: SPIs below 256 are reserved";
  if (in.instance() >= kMaxInstance) return "sa: instance out of range";
  if (in.replay_window() > kMaxReplayWindow) return "sa: replay window too large";
  Sa fresh;
  if (Error error = read_protection(in, fresh); !error.empty()) return error;
  std::vector<Selector> selectors;
  if (!read_selectors(in, selectors)) return "sa: malformed selector, or too many";

  auto& sas = plane_.tables.sas;
  const auto existing = sas.find(key);
  if (Error error = foreign_sa(in, key); !error.empty()) return error;
  const bool other_generation =
      existing != sas.end() && existing->second->generation != in.generation();
  if (other_generation && existing->second->digest == fresh.digest)
    return "sa: the key of the old generation must not be used from zero again";
  if (other_generation) drop_sa(key);
  SaRecord* record = plane_.memory.attach(in.generation(), key.direction, key.spi);
  if (record == nullptr) return "sa: no room for its record";

  auto& sa = sas[key];
  if (sa)
    plane_.tables.unlink(*sa);
  else
    sa = std::make_unique<Sa>();
  // A new SA comes of an exchange with the peer; one that comes back says nothing of it.
  if (record->used_at == 0) record->used_at = monotonic_now();
  sa->key = key;
  sa->generation = in.generation();
  sa->local = *local;
  sa->remote = *remote;
  sa->tunnel = in.tunnel();
  sa->replay_window = in.replay_window();
  sa->extended_sequence = in.extended_sequence();
  sa->soft_packets = in.soft_packets();
  sa->soft_bytes = in.soft_bytes();
  sa->hard_bytes = in.hard_bytes();
  sa->selectors = std::move(selectors);
  sa->digest = fresh.digest;
  sa->hard_packets = in.hard_packets();
  sa->esp = std::move(fresh.esp);
  sa->ah = std::move(fresh.ah);
  sa->udp = fresh.udp;
  sa->moved_at = 0;
  sa->record = record;
  sa->sync = round(api::OWNER_IKED);
  report_again(*sa);
  plane_.tables.link(*sa);
  return {};
}

/// What would let two tunnels, and so two workers, use one record: an SA that another tunnel has
/// (one not named since the last hello aside), or a record that an SA of another key has.
Api::Error Api::foreign_sa(const api::SecurityAssociation& in, const SaKey& key) const {
  const auto existing = plane_.tables.sas.find(key);
  if (existing == plane_.tables.sas.end())
    return plane_.memory.attached(in.generation(), key.direction, key.spi)
               ? "sa: another SA has this generation and SPI"
               : "";
  const Sa& sa = *existing->second;
  const bool live = sa.sync == round(api::OWNER_IKED);
  return live && sa.tunnel != in.tunnel() ? "sa: another tunnel has an SA with this SPI" : "";
}

/// A limit that was crossed while nobody listened must not be forgotten.
void Api::report_again(Sa& sa) {
  for (const uint32_t limit : kSaReports)
    if (sa.record->reported & limit) events_.push_back(sa.event(limit));
  sa.told = sa.record->reported;
}

}  // namespace nezu::pfe
