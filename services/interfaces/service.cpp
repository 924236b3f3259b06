#include "services/interfaces/service.h"

#include <fmt/format.h>
#include <algorithm>
#include <cstring>
#include <utility>

#include "pfe-model/api.pb.h"

namespace nezu::interfaces {

using chassis::InterfaceName;
using chassis::PortName;
namespace api = pfe::api;

namespace {

using Time = std::chrono::system_clock::time_point;
using Pause = std::chrono::milliseconds;
constexpr int kPause = 3;  // times what the last look took
constexpr Pause kLongestPause{500};
constexpr auto kRetry = std::chrono::seconds(1);
constexpr size_t kCompany = 8;  // devices that go together
constexpr char kAlarm[] = "interfaces";

std::string octets(const Mac& mac) {
  return {reinterpret_cast<const char*>(mac.data()), mac.size()};
}

void describe(const Logical& logical, api::LogicalInterface::Vxlan& vxlan) {
  vxlan.set_pfe(logical.pfe);
  vxlan.set_local(logical.vxlan.local);
  vxlan.set_remote(logical.vxlan.remote);
  vxlan.set_vni(logical.vxlan.vni);
  vxlan.set_port(logical.vxlan.port);
  vxlan.set_source_port_first(logical.vxlan.first_port);
  vxlan.set_source_port_last(logical.vxlan.last_port);
  vxlan.set_gpe(!logical.vxlan.ethernet);
  vxlan.set_source_mac(logical.vxlan.source_mac);
  vxlan.set_destination_mac(logical.vxlan.destination_mac);
}

api::LogicalInterface describe(const InterfaceName& entry, const Logical& logical, bool up) {
  api::LogicalInterface interface;
  interface.set_index(entry.index);
  interface.set_name(entry.name);
  interface.set_instance(entry.instance);
  interface.set_up(up);
  interface.set_mtu(logical.mtu);
  interface.set_inet(logical.inet);
  interface.set_inet6(logical.inet6);
  switch (logical.kind) {
    case Kind::kEthernet:
      interface.mutable_ethernet()->set_port(chassis::Chassis::port_id(logical.place));
      interface.mutable_ethernet()->set_mac(octets(logical.mac));
      interface.mutable_ethernet()->set_vlan(logical.vlan);
      break;
    case Kind::kTunnel:
      interface.mutable_tunnel()->set_anchor_pfe(logical.pfe);
      break;
    case Kind::kService:
      interface.mutable_service()->set_pfe(logical.pfe);
      break;
    case Kind::kVxlan:
      describe(logical, *interface.mutable_vxlan());
      break;
    case Kind::kVtep:
      interface.mutable_vtep()->set_pfe(logical.pfe);
      interface.mutable_vtep()->set_local(logical.vxlan.local);
      interface.mutable_vtep()->set_remote(logical.vxlan.remote);
      interface.mutable_vtep()->set_port(logical.vxlan.port);
      break;
    case Kind::kLoopback:
    case Kind::kManagement:  // is not sent
      interface.mutable_loopback();
      break;
  }
  return interface;
}

std::string wire_name(const PortName& port) {
  return chassis::device_name(port.text(), 0);
}

}  // namespace

InterfacesService::InterfacesService(Surroundings surroundings)
    : around_(surroundings), wires_(around_.devices, [this](const std::string& device) {
        std::string name = device;
        std::replace(name.begin(), name.end(), '_', '/');
        const auto port = PortName::parse(name);
        return port && around_.chassis.has_port(*port);
      }) {
  Kernel::prepare();
  around_.forwarding.hold();
  soon_.setSingleShot(true);
  QObject::connect(&soon_, &QTimer::timeout, [this] { reconcile(); });
  retry_.setSingleShot(true);
  retry_.setInterval(kRetry);
  QObject::connect(&retry_, &QTimer::timeout, [this] { reconcile(); });
  wires_.on_change = [this] { look_soon(); };
  wires_.on_remove = [this](const std::string& device) { forget_wire(device); };
  // Later, for a commit that changes the chassis has changes for the interfaces as well.
  around_.chassis.watch([this] { look_soon(); });
  around_.tables.subscribe(this, "tunnel", [this](const channel::Table&) { look_soon(); });
}

// Not start() alone, which would put off what is due for as long as there is news.
void InterfacesService::look_soon() {
  if (soon_.isActive()) return;
  const auto wait = quiet_until_ - std::chrono::steady_clock::now();
  soon_.start(std::max(Pause(0), std::chrono::duration_cast<Pause>(wait)));
}

void InterfacesService::check(const configdb::Delta& delta,
                              std::function<void(configdb::Problems)> done) {
  done(check_interfaces(delta.after(), around_.chassis));
}

void InterfacesService::apply(const configdb::Delta& delta, std::function<void()> done) {
  configuration_ = read(delta.after());
  switching_ = read_switching(delta.after());
  anchors_ = tunnel_anchors(delta.after());
  configured_ = true;
  reconcile();
  around_.forwarding.settle(std::move(done));
}

std::string InterfacesService::behind() const {
  const std::string why = around_.forwarding.behind();
  return why.empty() ? why : "wait for the forwarding plane, which " + why;
}

void InterfacesService::reconcile() {
  if (!configured_ || reconciling_) return;
  reconciling_ = true;
  const auto began = std::chrono::steady_clock::now();
  reconcile_once();
  reconciling_ = false;
  // With thousands of interfaces each look is dear: what comes in the meantime is one look more.
  const auto now = std::chrono::steady_clock::now();
  quiet_until_ = now + std::min<std::chrono::nanoseconds>(kLongestPause, kPause * (now - began));
}

void InterfacesService::reconcile_once() {
  failed_ = incomplete_ = false;
  start_wires();
  Plan wanted = plan(configuration_, anchors_, around_.chassis, around_.base);
  plan_bridges(switching_, configuration_, around_.chassis, wanted);
  // Dependents first on the way out, ports first on the way in.
  remove_missing(wanted);
  set_wires();
  open_devices(wanted);
  set_interfaces(wanted);
  set_bridges(wanted);
  set_ports();
  if (!strangers_released_) release_strangers();
  publish_anchors();
  publish_interfaces();
  if (on_reconciled) on_reconciled();
  release_hold();
  if (failed_) {
    retry_.start();
  } else {
    around_.chassis.clear_alarm(kAlarm);
    troubles_.clear();
  }
}

void InterfacesService::start_wires() {
  if (const int error = wires_.start()) return lacking("ports' namespace", error);
  for (const auto& [device, error] : wires_.open_missing()) lacking(device, error);
}

// EndOfSync sweeps what was not named: not before everything there is could be.
void InterfacesService::release_hold() {
  if (incomplete_ || !std::exchange(holding_, false)) return;
  around_.forwarding.release();
}

void InterfacesService::lacking(const std::string& what, int error) {
  incomplete_ = true;
  failed(what, error);
}

void InterfacesService::failed(const std::string& what, int error) {
  failed_ = true;
  const std::string text = fmt::format("{}: {}", what, strerror(error));
  around_.chassis.raise_alarm(kAlarm, false, "Interfaces: " + text);
  if (on_error && troubles_.insert(text).second) on_error(text);
}

void InterfacesService::remove_missing(const Plan& wanted) {
  std::vector<std::string> gone;
  for (const auto& [name, status] : statuses_) {
    const auto found = wanted.find(name);
    // Another kind under the same name is another interface, and so is one with a device or
    // without.
    if (found == wanted.end() || found->second.kind != status.logical.kind ||
        found->second.bridged != status.logical.bridged)
      gone.push_back(name);
  }
  if (gone.size() >= kCompany) remove_devices(gone);
  for (const std::string& name : gone) remove(name);
}

// What is not gone afterwards goes when its last descriptor is closed.
void InterfacesService::remove_devices(const std::vector<std::string>& names) {
  Links links;
  if (kernel_.dump(links)) return;
  std::vector<int> indexes;
  for (const std::string& name : names) {
    const InterfaceName* entry = around_.table.find(name);
    const auto link =
        entry && descriptors_.contains(entry->device) ? links.find(entry->device) : links.end();
    if (link != links.end()) indexes.push_back(link->second.index);
  }
  kernel_.remove(indexes);
}

void InterfacesService::remove(const std::string& name) {
  const InterfaceName* entry = around_.table.find(name);
  if (entry) {
    remove_from_plane(*entry, statuses_.at(name).logical);
    if (descriptors_.erase(entry->device) > 0) around_.devices.release(entry->device);
    if (statuses_.at(name).logical.kind == Kind::kLoopback) clear_loopback();
    around_.table.remove(name);
  }
  statuses_.erase(name);
}

void InterfacesService::clear_loopback() {
  Links links;
  if (const int error = kernel_.dump(links)) return failed("rtnetlink", error);
  InterfaceName entry;
  entry.device = chassis::device_name("lo0.0", 0);
  Logical none;
  none.kind = Kind::kLoopback;
  if (const auto found = links.find(entry.device); found != links.end())
    set_kernel(entry, none, found->second);
}

void InterfacesService::set_wires() {
  for (const PortName& port : around_.chassis.ports()) {
    const std::string device = wire_name(port);
    wires_.set_up(device, port_enabled(port));
    // What the plane reads already goes on; what is new waits for its interface (set_ports).
    set_port(port, ready_ports_.contains(device) && port_enabled(port) && link(port));
  }
}

// A far end sees our carrier before we can answer it. So a port is read only when everything behind
// it is there, and what came before that waits in its ring: the first packet is not lost.
void InterfacesService::set_ports() {
  for (const PortName& port : around_.chassis.ports())
    set_port(port, port_enabled(port) && link(port));
}

bool InterfacesService::port_enabled(const PortName& port) const {
  const auto physical = configuration_.find(port.text());
  const bool disabled = physical != configuration_.end() && physical->second.disabled;
  return !disabled && around_.chassis.port(port) && around_.chassis.online(port);
}

void InterfacesService::set_port(const PortName& name, bool ready) {
  const std::string device = wire_name(name);
  const Wires::Wire* wire = wires_.find(device);
  api::Port port;
  port.set_id(chassis::Chassis::port_id(name));
  if (!wire) return;
  // The first look is none of the link's doings.
  auto& [link, since] = port_links_.try_emplace(device, wire->carrier, Time()).first->second;
  if (link != wire->carrier) since = std::chrono::system_clock::now();
  link = wire->carrier;
  port.set_name(name.text());
  port.set_pfe(around_.chassis.pfe_of(name));
  port.set_enabled(ready);
  if (ready)
    ready_ports_.insert(device);
  else
    ready_ports_.erase(device);
  around_.forwarding.set_port(port, wire->descriptor.get());
}

// The wire of that Linux name is gone, with everything that lived on it.
void InterfacesService::forget_wire(const std::string& device) {
  for (const auto& [name, status] : statuses_)
    if (status.logical.kind == Kind::kEthernet && wire_name(status.logical.place) == device)
      remove_from_plane(*around_.table.find(name), status.logical);
  for (const PortName& name : around_.chassis.ports()) {
    if (wire_name(name) != device) continue;
    api::Port port;
    port.set_id(chassis::Chassis::port_id(name));
    around_.forwarding.remove_port(port);
  }
}

void InterfacesService::open_devices(const Plan& wanted) {
  for (const auto& [name, logical] : wanted) {
    if (!logical.has_device()) continue;
    const InterfaceName& entry = around_.table.add(name);
    auto& descriptor = descriptors_[entry.device];
    if (descriptor) continue;
    const bool frames = logical.kind == Kind::kEthernet || logical.kind == Kind::kManagement;
    const auto op = frames ? init::Op::kTap : init::Op::kTun;
    Devices::Result opened = around_.devices.open(op, entry.device);
    if (opened.error) failed(entry.device, opened.error);
    descriptor = std::move(opened.descriptor);
  }
}

void InterfacesService::set_interfaces(const Plan& wanted) {
  Links links;
  if (const int error = kernel_.dump(links)) return lacking("rtnetlink", error);
  for (const auto& [name, logical] : wanted) set_interface(name, logical, links);
}

void InterfacesService::set_bridges(const Plan& wanted) {
  const auto numbers = bridge_numbers(switching_);
  api::Bridge bridge;
  for (const uint32_t number : bridges_)
    if (!numbers.contains(number)) {
      bridge.set_id(number);
      around_.forwarding.remove_bridge(bridge);
    }
  bridges_.clear();
  const uint32_t pfe = any_pfe(around_.chassis);
  for (const auto& [number, name] : numbers) {
    const BridgeDomain& domain = switching_.domains.at(name);
    bridge.Clear();
    bridge.set_id(number);
    bridge.set_pfe(pfe == kNoPfe ? 0 : pfe);
    bridge.set_vni(domain.vni.value_or(0));
    bridge.set_mac_limit(domain.stations);
    bridge.set_ageing_seconds(domain.ageing);
    for (const std::string& member : members(switching_, domain, wanted))
      if (const InterfaceName* entry = around_.table.find(member)) bridge.add_member(entry->index);
    around_.forwarding.set_bridge(bridge);
    bridges_.insert(number);
  }
}

void InterfacesService::set_interface(const std::string& name, const Logical& logical,
                                      const Links& links) {
  const InterfaceName& entry = around_.table.add(name);
  const auto found = links.find(entry.device);
  const Kernel::Link there = found == links.end() ? Kernel::Link() : found->second;
  const auto known = statuses_.find(name);
  const bool up = logical.enabled && link_up(name, logical, there);
  const bool dormant = !up && logical.enabled && is_monitored(name, logical);
  if (const auto device = descriptors_.find(entry.device); device != descriptors_.end())
    if (there.index) set_link(there, device->second.get(), up, dormant);
  // After the carrier: a new device must not be seen up for a moment.
  if (there.index) set_kernel(entry, logical, there);
  set_forwarding(entry, known == statuses_.end() ? nullptr : &known->second.logical, logical,
                 up || dormant);
  Status& status = statuses_[name];
  status.logical = logical;
  status.up = up;
}

// Dormant before there is a carrier, and until it is worth something.
void InterfacesService::set_link(const Kernel::Link& there, int descriptor, bool up, bool dormant) {
  if (dormant && !there.dormant) kernel_.set_dormant(there.index, true, there.carrier);
  if (there.carrier != (up || dormant)) kernel_.set_carrier(there.index, descriptor, up || dormant);
  if (!dormant && there.dormant) kernel_.set_dormant(there.index, false, up);
}

void InterfacesService::set_kernel(const InterfaceName& entry, const Logical& logical,
                                   const Kernel::Link& there) {
  Kernel::Link wanted = there;
  wanted.addresses = logical.addresses;
  if (logical.kind == Kind::kLoopback) {
    // 127.0.0.1 and ::1 are not of the configuration, the rest of the device is not ours.
    if (!logical.enabled) wanted.addresses.clear();
    for (const Address& address : there.addresses)
      if (address.is_loopback()) wanted.addresses.insert(address);
    if (const int error = kernel_.set(there, wanted)) failed(entry.device, error);
    return;
  }
  wanted.up = logical.enabled;
  wanted.mtu = logical.mtu;
  if (logical.kind == Kind::kEthernet || logical.kind == Kind::kManagement)
    wanted.mac = octets(logical.mac);
  const auto known = statuses_.find(entry.name);
  if (known == statuses_.end() || known->second.logical.inet6 != logical.inet6)
    Kernel::set_inet6(entry.device, logical.inet6);
  if (const int error = kernel_.set(there, wanted)) failed(entry.device, error);
}

bool InterfacesService::link_up(const std::string& name, const Logical& logical,
                                const Kernel::Link& there) const {
  if (logical.kind == Kind::kEthernet) return link(logical.place);
  if (logical.kind == Kind::kManagement) return false;  // no lab has a wire for it yet
  if (logical.kind == Kind::kVxlan) return logical.pfe != kNoPfe;
  if (logical.kind == Kind::kVtep) return logical.pfe != kNoPfe || logical.vxlan.remote.empty();
  if (logical.kind != Kind::kTunnel) return true;
  const auto tunnels = around_.tables.rows_under("tunnel", name + ' ');
  for (const channel::Row* row : tunnels)
    if (row->tunnel().up()) return true;
  if (!tunnels.empty()) return false;
  // After a restart the tunnels' daemon has not named it yet: the kernel still knows what it said
  // last. A device that was never up is new.
  return !around_.tables.complete("tunnel") && there.up && there.carrier && !there.dormant;
}

bool InterfacesService::is_monitored(const std::string& name, const Logical& logical) const {
  if (logical.kind != Kind::kTunnel) return false;
  for (const channel::Row* row : around_.tables.rows_under("tunnel", name + ' '))
    if (row->tunnel().monitored()) return true;
  return false;
}

void InterfacesService::set_forwarding(const InterfaceName& entry, const Logical* before,
                                       const Logical& logical, bool up) {
  if (logical.kind == Kind::kManagement) return;
  // A port without a wire does not exist for the plane.
  if (logical.kind == Kind::kEthernet && !present(logical.place)) return;
  // Nor does a tunnel interface that is anchored nowhere.
  const bool anchored =
      logical.kind == Kind::kTunnel || logical.kind == Kind::kVxlan || logical.kind == Kind::kVtep;
  if (anchored && logical.pfe == kNoPfe) {
    if (before && before->pfe != kNoPfe) remove_from_plane(entry, *before);
    return;
  }
  const auto device = descriptors_.find(entry.device);
  const int descriptor = device == descriptors_.end() ? -1 : device->second.get();
  around_.forwarding.set_interface(describe(entry, logical, up), descriptor);
  api::LocalAddress local;
  local.set_instance(entry.instance);
  local.set_interface(entry.index);
  for (const Address& address : before ? before->addresses : std::set<Address>()) {
    if (logical.addresses.contains(address)) continue;
    local.set_address(address.octets);
    around_.forwarding.remove_local_address(local);
  }
  for (const Address& address : logical.addresses) {
    local.set_address(address.octets);
    around_.forwarding.set_local_address(local);
  }
}

void InterfacesService::remove_from_plane(const InterfaceName& entry, const Logical& logical) {
  if (logical.kind == Kind::kManagement) return;
  api::LocalAddress local;
  local.set_instance(entry.instance);
  for (const Address& address : logical.addresses) {
    local.set_address(address.octets);
    around_.forwarding.remove_local_address(local);
  }
  api::LogicalInterface key;
  key.set_index(entry.index);
  around_.forwarding.remove_interface(key);
}

// What an earlier life left and the configuration no longer has: devices, addresses of lo0. Without
// nezu-init this is not the router's own namespace, and nothing in it is let go.
void InterfacesService::release_strangers() {
  if (incomplete_) return;
  if (!statuses_.contains("lo0.0")) clear_loopback();
  for (const auto& [device, op] : around_.devices.held()) {
    const bool host = op == init::Op::kTap || op == init::Op::kTun;
    if (host && !descriptors_.contains(device)) around_.devices.release(device);
  }
  strangers_released_ = !failed_;
}

bool InterfacesService::present(const PortName& port) const {
  return wires_.find(wire_name(port)) != nullptr;
}

bool InterfacesService::link(const PortName& port) const {
  const Wires::Wire* wire = wires_.find(wire_name(port));
  return wire && wire->up && wire->carrier;
}

std::chrono::system_clock::time_point InterfacesService::port_flapped(const PortName& port) const {
  const auto found = port_links_.find(wire_name(port));
  return found == port_links_.end() ? std::chrono::system_clock::time_point()
                                    : found->second.second;
}

namespace {

// Publishes the rows that differ from `published`, which becomes them.
void publish(state::Tables& tables, const std::string& name, const std::vector<channel::Row>& rows,
             std::map<std::string, std::string>& published) {
  channel::Table table;
  table.set_name(name);
  table.set_whole(tables.version(name) == 0);
  std::map<std::string, std::string> fresh;
  for (const channel::Row& row : rows) {
    const std::string& bytes = fresh[row.key()] = row.SerializeAsString();
    const auto before = published.find(row.key());
    if (table.whole() || before == published.end() || before->second != bytes)
      *table.add_row() = row;
  }
  for (const auto& [key, bytes] : published)
    if (!fresh.contains(key)) table.add_removed(key);
  published = std::move(fresh);
  if (table.whole() || table.row_size() > 0 || table.removed_size() > 0)
    tables.publish("interfaces", table);
}

}  // namespace

void InterfacesService::publish_interfaces() {
  std::vector<channel::Row> rows;
  for (const auto& [name, status] : statuses_) {
    const InterfaceName* entry = around_.table.find(name);
    channel::Row& row = rows.emplace_back();
    row.set_key(name);
    channel::InterfaceState& state = *row.mutable_interface();
    state.set_name(name);
    state.set_index(entry->index);
    state.set_instance(entry->instance);
    state.set_up(status.up);
    state.set_mtu(status.logical.mtu);
    for (const Address& address : status.logical.addresses) state.add_address(address.octets);
  }
  publish(around_.tables, "interface", rows, published_);
}

// What is anchored on a card that is away waits for it: nothing else has its keys.
void InterfacesService::watch_anchor(const chassis::Anchor& anchor) {
  const std::string key = "tunnels " + anchor.name;
  if (anchor.online) return around_.chassis.clear_alarm(key);
  const auto tunnels = std::count_if(anchors_.begin(), anchors_.end(),
                                     [&](const auto& each) { return each.second == anchor.name; });
  if (tunnels == 0) return around_.chassis.clear_alarm(key);
  around_.chassis.raise_alarm(key, true,
                              fmt::format("{} offline: {} IPsec tunnel interface{} down",
                                          anchor.name, tunnels, tunnels == 1 ? "" : "s"));
}

void InterfacesService::publish_anchors() {
  std::vector<channel::Row> rows;
  for (const chassis::Anchor& anchor : around_.chassis.anchors()) {
    channel::Row& row = rows.emplace_back();
    row.set_key(anchor.name);
    channel::AnchorState& state = *row.mutable_anchor();
    state.set_name(anchor.name);
    state.set_fpc(anchor.fpc);
    state.set_pic(anchor.pic);
    state.set_pfe(anchor.pfe);
    state.set_online(anchor.online);
    watch_anchor(anchor);
  }
  for (const auto& gone : published_anchors_)
    if (std::none_of(rows.begin(), rows.end(),
                     [&](const auto& row) { return row.key() == gone.first; }))
      around_.chassis.clear_alarm("tunnels " + gone.first);
  publish(around_.tables, "anchor", rows, published_anchors_);
}

}  // namespace nezu::interfaces
