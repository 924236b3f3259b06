#include "services/ike/daemon.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <set>

#include "services/ike/check.h"
#include "services/ike/show.h"

namespace nezu::ike {
namespace {

void fill_random(std::span<std::uint8_t> bytes) {
  // Keys from anything less than good randomness are worse than none.
  if (RAND_priv_bytes(bytes.data(), int(bytes.size())) != 1) std::abort();
}

channel::Hello hello() {
  channel::Hello hello;
  hello.set_daemon("iked");
  for (auto& claim : claims()) hello.add_claim(std::move(claim));
  hello.add_subscribe("interface");
  hello.add_subscribe("anchor");
  return hello;
}

bool sends(const ChildSa& child) {
  return child.state == ChildSa::State::kActive || child.state == ChildSa::State::kRekeying ||
         child.state == ChildSa::State::kDeleting;
}

}  // namespace

Time Daemon::now() {
  timespec time{};
  clock_gettime(CLOCK_BOOTTIME, &time);
  return Time(time.tv_sec) * kSecond + time.tv_nsec / 1'000'000;
}

Daemon::Daemon(Options options)
    : options_(std::move(options)),
      memory_(options_.memory),
      table_(fill_random),
      workers_([this](const DhResult& result) { act(table_.complete(result, now())); }),
      sockets_([this](ByteView bytes, const Path& path) { act(table_.handle(bytes, path, now())); },
               options_.port),
      plane_(options_.directory + "/pfe.sock",
             {[this](const api::Event& event) { plane_event(event); }, {}}),
      client_(options_.directory + "/re.sock", hello(), options_.empty, options_.read,
              {check, [this](const configdb::Delta& delta) { configure(delta); },
               [this](const channel::Table&) {
                 if (std::exchange(refresh_pending_, true)) return;
                 QTimer::singleShot(0, &timer_, [this] {
                   refresh_pending_ = false;
                   tunnels_.refresh();
                   if (configured_ && tunnels_.complete()) start_plane();
                 });
               },
               rpcs()}),
      tunnels_(client_.tables(), plane_,
               [this](const channel::Table& change) { client_.publish(change); }) {
  timer_.setSingleShot(true);
  timer_.callOnTimeout([this] { act(table_.timeout(now())); });
  grace_.setSingleShot(true);
  grace_.callOnTimeout([this] { start_plane(); });
  traffic_.callOnTimeout([this] { look_at_traffic(); });
}

void Daemon::start() {
  if (!memory_.shared())
    fmt::print(stderr, "nezu-iked: no memory was handed over: SAs will not outlive this process\n");
  if (const auto record = memory_.read({RecordKind::kTunnelIds, 0}))
    ids_ = TunnelIds::parse(*record);
  for (const auto& [tunnel, record] : memory_.all(RecordKind::kEvents))
    events_[std::uint32_t(tunnel)] = EventLog::parse(record);
  sockets_.open();
  client_.start();
}

void Daemon::configure(const configdb::Delta& delta) {
  const TunnelIds before = ids_;
  settings_ = settings_from(delta.after(), ids_);
  if (!(ids_ == before)) memory_.write({RecordKind::kTunnelIds, 0}, ids_.serialise());
  const bool first = !std::exchange(configured_, true);
  if (first) restore();
  act(table_.configure(settings_.protocol, now()));
  tunnels_.configure(settings_.tunnels);
  reinstall();
  trim_events();
  const auto& gateways = settings_.protocol.gateways;
  if (std::any_of(gateways.begin(), gateways.end(), [](const Gateway& g) { return bool(g.dpd); }))
    traffic_.start(kTrafficInterval);
  else
    traffic_.stop();
  if (first) sockets_.listen();
  if (tunnels_.complete()) return start_plane();
  if (!grace_.isActive()) grace_.start(kPlaneGrace);
}

void Daemon::restore() {
  std::vector<Bytes> records;
  for (auto& [_, record] : memory_.all(RecordKind::kIkeSa)) records.push_back(std::move(record));
  if (records.empty()) return;
  const Output output = table_.restore(records, now());
  fmt::print(stderr, "nezu-iked: {} of {} IKE SAs are back\n", table_.sas().size(), records.size());
  act(output);
}

// Tells the plane of every pair there is; what it was told before is not sent again.
void Daemon::reinstall() {
  std::vector<const ChildSa*> children;
  for (const auto& [_, sa] : table_.sas())
    for (const ChildSa& child : sa.children) children.push_back(&child);
  // The one that sends comes last: a pair that is on its way out does not if there is a younger.
  std::sort(children.begin(), children.end(), [](const ChildSa* a, const ChildSa* b) {
    const bool a_ends = a->state == ChildSa::State::kDeleting;
    const bool b_ends = b->state == ChildSa::State::kDeleting;
    if (a_ends != b_ends) return a_ends;
    return a->created_at < b->created_at;
  });
  for (const ChildSa* child : children) tunnels_.install(*child, true, sends(*child));
}

void Daemon::start_plane() {
  grace_.stop();
  plane_.start();
}

void Daemon::act(const Output& output) {
  for (const std::uint32_t index : output.changed)
    if (!memory_.write({RecordKind::kIkeSa, index}, table_.snapshot(index)))
      fmt::print(stderr, "nezu-iked: no room to keep IKE SA {}\n", index);
  for (const Action& action : output.actions)
    std::visit([this](const auto& each) { act(each); }, action);
  plane_.flush();
  for (const Datagram& datagram : output.messages) sockets_.send(datagram);
  arm(output.next_timeout);
}

void Daemon::arm(const std::optional<Time>& next) {
  if (!next) return timer_.stop();
  const Time wait = std::clamp<Time>(*next - now(), 0, 3'600'000);
  timer_.start(int(wait));
}

void Daemon::act(const InstallChild& install) {
  tunnels_.install(install.child, install.inbound, install.outbound);
}

void Daemon::act(const RemoveChild& remove) {
  tunnels_.remove(remove.tunnel, remove.instance, remove.local, remove.remote, remove.spi_in,
                  remove.spi_out, remove.generation);
}

void Daemon::act(const TunnelEvent& event) {
  log_tunnel(event.tunnel, event.text);
}

void Daemon::act(const GatewayEvent& event) {
  fmt::print(stderr, "nezu-iked: gateway {}: {}\n", event.gateway, event.text);
}

void Daemon::log_tunnel(std::uint32_t tunnel, std::string_view text) {
  EventLog& log = events_[tunnel];
  log.add(std::time(nullptr), text);
  memory_.write({RecordKind::kEvents, tunnel}, log.serialise());
}

void Daemon::trim_events() {
  for (auto it = events_.begin(); it != events_.end();) {
    if (settings_.tunnels.contains(it->first)) {
      ++it;
      continue;
    }
    memory_.write({RecordKind::kEvents, it->first}, {});
    it = events_.erase(it);
  }
}

const EventLog& Daemon::events(std::uint32_t tunnel) const {
  static const EventLog kNone;
  const auto found = events_.find(tunnel);
  return found == events_.end() ? kNone : found->second;
}

void Daemon::delete_ike(std::uint32_t index) {
  act(table_.delete_ike(index, now()));
}

void Daemon::delete_tunnel(std::uint32_t tunnel) {
  act(table_.delete_tunnel(tunnel, now()));
}

void Daemon::plane_event(const api::Event& event) {
  if (event.has_tunnel_wanted())
    return act(table_.tunnel_wanted(event.tunnel_wanted().id(), now()));
  if (!event.has_sa()) return;
  switch (event.sa().what()) {
    case api::Event::SaEvent::SOFT_LIMIT:
      return act(table_.limit_reached(event.sa().generation(), Limit::kSoft, now()));
    case api::Event::SaEvent::HARD_LIMIT:
      return act(table_.limit_reached(event.sa().generation(), Limit::kHard, now()));
    case api::Event::SaEvent::SEQUENCE_EXHAUSTED:
      return act(table_.limit_reached(event.sa().generation(), Limit::kSequence, now()));
    default:
      return;
  }
}

void Daemon::look_at_traffic() {
  api::GetStatistics wanted;
  wanted.set_sas(true);
  plane_.statistics(wanted, [this](const api::Statistics* statistics) {
    if (statistics) traffic(*statistics);
  });
}

void Daemon::traffic(const api::Statistics& statistics) {
  struct Seen {
    Time in = 0;
    Time out = 0;
  };
  std::map<std::uint64_t, Seen> seen;
  for (const auto& sa : statistics.sa()) {
    if (sa.packets() == 0) continue;
    const Time at = now() - Time(sa.idle_seconds()) * kSecond;
    Seen& pair = seen[sa.generation()];
    (sa.direction() == api::SecurityAssociation::INBOUND ? pair.in : pair.out) = at;
  }
  for (const auto& [generation, pair] : seen) table_.traffic_seen(generation, pair.in, pair.out);
}

std::map<std::string, state::DaemonClient::Call> Daemon::rpcs() {
  return rpcs_of(*this);
}

}  // namespace nezu::ike
