#include "services/ike/daemon/daemon.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <set>

#include "services/ike/message/wire.h"
#include "services/ike/pki/credential.h"
#include "services/ike/session/decode.h"
#include "services/ike/session/events.h"
#include "services/ike/settings/check.h"
#include "services/ike/show/show.h"

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

// The initiator's SPI, the first field of an IKE message.
std::uint64_t spi_of(const Datagram& datagram) {
  return Reader(datagram.bytes).u64();
}

// Dead peer detection asks who was not heard for its interval: a look that is as old would make it
// ask who was. Milliseconds; 0: nobody has it.
int between_looks(const std::vector<Gateway>& gateways, int most) {
  int each = 0;
  for (const Gateway& gateway : gateways)
    if (gateway.dpd)
      each = std::min(each ? each : most, static_cast<int>(gateway.dpd->interval_seconds) * 250);
  return each;
}

// The peer sends on the new pair as soon as it has our answer, and its packets may be here before a
// busy plane has the SA.
bool answers_rekey(const Output& output) {
  return std::any_of(output.actions.begin(), output.actions.end(), [](const Action& action) {
    const auto* install = std::get_if<InstallChild>(&action);
    return install && install->inbound && !install->outbound;
  });
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
      vault_((options_.data.empty() ? options_.directory : options_.data) + "/pki"),
      revocation_(vault_,
                  [](const std::string& line) { fmt::print(stderr, "nezu-iked: {}\n", line); }),
      verifier_(vault_, revocation_,
                [this](const ProofResult& result) { act(table_.complete(result, now())); }),
      standing_(
          revocation_, table_,
          [this](std::uint32_t index, const std::string& why) { revoked(index, why); },
          [this](std::uint32_t index, const Bytes& record) {
            memory_.write({RecordKind::kChain, index}, record);
          }),
      sockets_([this](ByteView bytes, const Path& path) { act(table_.handle(bytes, path, now())); },
               options_.port),
      plane_(options_.directory + "/pfe.sock",
             {[this](const api::Event& event) { plane_event(event); },
              [this] { tunnels_.forget_refusals(); },
              [this](std::uint32_t tunnel, const std::string& error) {
                log_tunnel(tunnel, "Forwarding plane refused the tunnel: " + error);
                tunnels_.refused(tunnel);
                log_changes();
              }}),
      client_(options_.directory + "/re.sock", hello(), options_.empty, options_.read,
              {check, [this](const configdb::Delta& delta) { configure(delta); },
               [this](const channel::Table& change) {
                 tunnels_.changed(change);
                 if (std::exchange(refresh_pending_, true)) return;
                 QTimer::singleShot(0, &timer_, [this] {
                   refresh_pending_ = false;
                   tunnels_.refresh();
                   if (configured_ && tunnels_.complete()) start_plane();
                 });
               },
               rpcs()}),
      tunnels_(client_.tables(), plane_,
               [this](const channel::Table& change) { client_.publish(change); }),
      monitoring_(
          tunnels_, plane_, fill_random,
          {[this](std::uint32_t tunnel) { monitored_up(tunnel); },
           [this](std::uint32_t tunnel, const std::string& why) { monitored_down(tunnel, why); }}),
      trace_(options_.directory + "/log") {
  verifier_.on_proven(
      [this](std::uint32_t index, const ChainVerdict& chain) { standing_.proven(index, chain); });
  timer_.setSingleShot(true);
  timer_.callOnTimeout([this] { act(table_.timeout(now())); });
  grace_.setSingleShot(true);
  grace_.callOnTimeout([this] { start_plane(); });
  traffic_.callOnTimeout([this] { look_at_traffic(); });
}

void Daemon::start() {
  for (const std::string& problem : vault_.problems())
    fmt::print(stderr, "nezu-iked: {}\n", problem);
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
  revocation_.configure(settings_.authorities);
  load_credentials();
  if (!(ids_ == before)) memory_.write({RecordKind::kTunnelIds, 0}, ids_.serialise());
  const bool first = !std::exchange(configured_, true);
  if (first) restore();
  if (first) restore_chains();
  act(table_.configure(settings_.protocol, now()));
  monitoring_.configure(settings_);
  restore_monitoring();
  tunnels_.configure(settings_.tunnels, pairs());
  trim_events();
  trace();
  if (const int each = between_looks(settings_.protocol.gateways, kTrafficInterval))
    traffic_.start(each);
  else
    traffic_.stop();
  if (first) sockets_.listen();
  if (tunnels_.complete()) return start_plane();
  if (!grace_.isActive()) grace_.start(kPlaneGrace);
}

void Daemon::load_credentials() {
  std::map<std::pair<std::string, std::vector<std::string>>, std::shared_ptr<const Credential>>
      made;
  for (Gateway& gateway : settings_.protocol.gateways) {
    const CertificatePolicy& policy = gateway.certificates;
    if (policy.local.empty()) continue;
    auto& credential = made[{policy.local, policy.authorities}];
    if (!credential)
      credential =
          std::make_shared<Credential>(credential_of(vault_, policy.local, policy.authorities));
    gateway.credential = credential;
  }
}

void Daemon::certificates_changed() {
  load_credentials();
  act(table_.configure(settings_.protocol, now()));
}

void Daemon::restore() {
  std::vector<std::uint64_t> keys;
  std::vector<Bytes> records;
  for (auto& [key, record] : memory_.all(RecordKind::kIkeSa)) {
    keys.push_back(key);
    records.push_back(std::move(record));
  }
  if (records.empty()) return;
  const Output output = table_.restore(records, now());
  fmt::print(stderr, "nezu-iked: {} of {} IKE SAs are back\n", table_.sas().size(), records.size());
  // What was not taken over never will be: its keys need not stay, nor its number be in the way.
  for (const std::uint64_t key : keys)
    if (!table_.sas().contains(std::uint32_t(key))) memory_.write({RecordKind::kIkeSa, key}, {});
  act(output);
}

// Numbers of IKE SAs are given anew when none has come back: what belongs to none goes.
void Daemon::restore_chains() {
  for (const auto& [key, record] : memory_.all(RecordKind::kChain))
    if (!standing_.restore(static_cast<std::uint32_t>(key), record))
      memory_.write({RecordKind::kChain, key}, {});
}

std::vector<const ChildSa*> Daemon::pairs() const {
  std::vector<const ChildSa*> all;
  for (const auto& [_, sa] : table_.sas())
    for (const ChildSa& child : sa.children) all.push_back(&child);
  return all;
}

void Daemon::start_plane() {
  grace_.stop();
  plane_.start();
}

void Daemon::act(const Output& output) {
  const std::set<std::uint64_t> silent = keep(output.changed);
  standing_.changed(output.changed);
  for (const Action& action : output.actions)
    std::visit([this](const auto& each) { act(each); }, action);
  plane_.flush();
  std::vector<Datagram> messages;
  for (const Datagram& datagram : output.messages)
    if (!silent.contains(spi_of(datagram))) messages.push_back(datagram);
  const auto send = [this, leaving = std::move(messages)] {
    for (const Datagram& datagram : leaving) sockets_.send(datagram);
  };
  answers_rekey(output) ? plane_.when_answered(send) : send();
  log_changes();
  arm(output.next_timeout);
}

// Writes down what is about to happen; gives the initiator's SPIs of the IKE SAs for which that
// failed. An older record would make the next process use an IV again under the same key: better
// none, and the SA dies.
std::set<std::uint64_t> Daemon::keep(const std::vector<std::uint32_t>& changed) {
  std::set<std::uint64_t> failed;
  for (const std::uint32_t index : changed) {
    const Bytes record = table_.snapshot(index);
    if (record.empty()) doomed_.erase(index);
    if (doomed_.contains(index) || memory_.write({RecordKind::kIkeSa, index}, record)) continue;
    memory_.write({RecordKind::kIkeSa, index}, {});
    fmt::print(stderr, "nezu-iked: no room to keep IKE SA {}: it ends\n", index);
    failed.insert(table_.sas().at(index).spi_i);
    doomed_.insert(index);
    QTimer::singleShot(kDoom, &timer_, [this, index] { act(table_.delete_ike(index, now())); });
  }
  return failed;
}

bool Daemon::is_doomed(const ChildSa& child) const {
  for (const std::uint32_t index : doomed_) {
    const auto sa = table_.sas().find(index);
    if (sa == table_.sas().end()) continue;
    for (const ChildSa& each : sa->second.children)
      if (each.generation == child.generation) return true;
  }
  return false;
}

void Daemon::arm(const std::optional<Time>& next) {
  if (!next) return timer_.stop();
  const Time wait = std::clamp<Time>(*next - now(), 0, 3'600'000);
  timer_.start(int(wait));
}

void Daemon::act(const VerifyJob& job) {
  const auto sa = table_.sas().find(job.sa);
  verifier_.run(job, sa == table_.sas().end() ? "" : to_string(sa->second.path.remote.address));
}

// Its tunnels are out at once, and say why; the peer is told.
void Daemon::revoked(std::uint32_t index, const std::string& why) {
  const auto sa = table_.sas().find(index);
  if (sa == table_.sas().end()) return;
  act(GatewayEvent{sa->second.gateway, "Peer is no longer authentic: " + why});
  act(table_.peer_is_revoked(index, "Peer is no longer authentic: " + why,
                             "show security pki crl, revocation-check of the ca-profile", now()));
}

void Daemon::act(const InstallChild& install) {
  if (is_doomed(install.child)) return;
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
  trace_.write("event", "gateway " + event.gateway + ": " + event.text);
}

// A tunnel through which nobody answers is no tunnel: its pair goes, and with it the interface and
// its routes. One that is to be up immediately negotiates again, and stays down until somebody
// answers through the new pair.
void Daemon::monitored_down(std::uint32_t tunnel, const std::string& why) {
  log_tunnel(tunnel, events::kMonitorDown);
  memory_.write({RecordKind::kSilent, tunnel}, Bytes{1});
  tunnels_.monitored(tunnel, false);
  act(table_.tunnel_is_dead(tunnel, why,
                            "the far end of the tunnel: its address, its routes back, its filters; "
                            "vpn-monitor here",
                            now()));
}

void Daemon::monitored_up(std::uint32_t tunnel) {
  log_tunnel(tunnel, events::kMonitorUp);
  memory_.write({RecordKind::kSilent, tunnel}, {});
  tunnels_.monitored(tunnel, true);
  log_changes();
}

// Of tunnels that an earlier process has found silent; those without monitoring are no longer so.
void Daemon::restore_monitoring() {
  for (const auto& [key, _] : memory_.all(RecordKind::kSilent)) {
    const auto tunnel = static_cast<std::uint32_t>(key);
    const auto found = settings_.tunnels.find(tunnel);
    if (found == settings_.tunnels.end() || !found->second.monitor) {
      memory_.write({RecordKind::kSilent, tunnel}, {});
      tunnels_.monitored(tunnel, true);
      continue;
    }
    monitoring_.was_down(tunnel);
    tunnels_.monitored(tunnel, false);
  }
}

void Daemon::log_tunnel(std::uint32_t tunnel, std::string_view text) {
  if (const auto counted = event_counts_.find(std::string(text)); counted != event_counts_.end())
    ++counted->second;
  else if (event_counts_.size() < kMostWords)
    event_counts_.emplace(text, 1);
  EventLog& events = events_[tunnel];
  events.add(std::time(nullptr), text);
  memory_.write({RecordKind::kEvents, tunnel}, events.serialise());
  trace_.write("event", "tunnel " + std::to_string(tunnel) + ": " + std::string(text));
  happened_[tunnel] = text;
}

void Daemon::log_changes() {
  for (const auto& [tunnel, text] : std::exchange(happened_, {})) log_change(tunnel, text);
}

// What a person follows in `show log messages`: tunnels that come and go, with the reason.
void Daemon::log_change(std::uint32_t tunnel, std::string_view text) {
  const auto found = settings_.tunnels.find(tunnel);
  if (found == settings_.tunnels.end()) return;
  const Tunnel& of = found->second;
  const bool up = tunnels_.is_up(tunnel);
  const bool failed =
      text.substr(0, events::kNegotiationFailed.size()) == events::kNegotiationFailed;
  const Trouble* trouble = table_.journal().trouble(of.gateway, tunnel);
  const std::string reason(failed && trouble ? trouble->what : text);
  auto& [was_up, was_reason] = told_[tunnel];
  // A tunnel that fails again and again for one reason is told of once.
  if (was_up == up && (up || !failed || was_reason == reason)) return;
  was_up = up;
  was_reason = reason;
  log(up ? "IKE_VPN_UP_ALARM_USER" : "IKE_VPN_DOWN_ALARM_USER",
      fmt::format("VPN {} from {} is {}. Local-ip: {}, gateway name: {}, vpn name: {}, tunnel-id: "
                  "{}, local tunnel-if: {}, Traffic-selector: {}, Reason: {}",
                  of.vpn, to_string(of.remote), up ? "up" : "down", to_string(of.local), of.gateway,
                  of.vpn, tunnel, of.interface, of.selector, reason));
}

void Daemon::log(std::string_view tag, const std::string& text) {
  const std::int64_t second = std::time(nullptr);
  if (std::exchange(log_second_, second) != second) log_lines_ = 0;
  if (++log_lines_ <= kLogLines) client_.log(tag, text);
}

void Daemon::trace() {
  trace_.configure(settings_.trace);
  trace_.write("config", "configuration applied: " + std::to_string(settings_.tunnels.size()) +
                             " tunnels, " + std::to_string(settings_.protocol.gateways.size()) +
                             " gateways");
  if (trace_.wants("ike"))
    table_.on_message(
        [this](const Exchange& exchange, const Said& said) { trace_message(exchange, said); });
  else
    table_.on_message({});
}

void Daemon::trace_message(const Exchange& exchange, const Said& said) {
  trace_.write("ike", fmt::format("{} {} {} {} {}, message {}, {} octets", exchange.gateway,
                                  to_string(exchange.path.remote), name_of(exchange.type),
                                  said.what == Said::What::kRequest ? "request" : "answer",
                                  said.sent ? "sent" : "received", exchange.message, said.octets));
  for (const KeptPayload& payload : payloads_of(said))
    for (const std::string& line : lines_of(payload))
      trace_.write("ike", "    " + name_of(payload.type) + ' ' + line);
}

void Daemon::trim_events() {
  for (auto it = events_.begin(); it != events_.end();) {
    if (settings_.tunnels.contains(it->first)) {
      ++it;
      continue;
    }
    memory_.write({RecordKind::kEvents, it->first}, {});
    told_.erase(it->first);
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

bool Daemon::initiate(std::uint32_t tunnel) {
  if (table_.has_pair(tunnel)) return false;
  act(table_.initiate(tunnel, now()));
  return true;
}

bool Daemon::rekey(std::uint32_t tunnel) {
  if (!table_.has_pair(tunnel)) return false;
  rekeys_.add(tunnel);
  return true;
}

void Daemon::plane_event(const api::Event& event) {
  if (event.has_tunnel_wanted())
    return act(table_.tunnel_wanted(event.tunnel_wanted().id(), now()));
  if (event.has_peer_moved()) {
    const auto& moved = event.peer_moved();
    const Endpoint remote{Address::of(view_of(moved.address())), std::uint16_t(moved.port())};
    if (!remote.address.empty()) act(table_.peer_moved(moved.generation(), remote, now()));
    return;
  }
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
