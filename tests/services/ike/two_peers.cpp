#include "tests/services/ike/two_peers.h"

#include <algorithm>

namespace nezu::ike::test {
namespace {
Gateway gateway(const std::string& local, const std::string& remote) {
  Gateway config;
  config.name = "gw";
  config.local = *Address::parse(local);
  config.remote = *Address::parse(remote);
  config.pre_shared_key = bytes_of(view_of("test123"));
  config.proposals = {*ike_proposal("p", "aes-256-gcm", "sha-256", "group31", 28800)};
  ChildPolicy child;
  child.vpn = "vpn";
  child.tunnel = TwoPeers::kTunnel;
  child.proposals = {*esp_proposal("e", "aes-256-gcm", "", false, 3600, 0)};
  child.install_interval_seconds = 0;  // a rekey is over when the messages are
  config.children = {child};
  return config;
}

void swap_path(Path& path) {
  std::swap(path.local, path.remote);
}
}  // namespace

Random seeded(unsigned seed) {
  auto source = std::make_shared<std::mt19937_64>(seed);
  return [source](std::span<std::uint8_t> out) {
    for (auto& octet : out) octet = static_cast<std::uint8_t>((*source)());
  };
}

Gateway with_tunnels(Gateway gateway, unsigned count) {
  const ChildPolicy first = gateway.children.at(0);
  gateway.children.clear();
  for (unsigned i = 0; i < count; ++i) {
    ChildPolicy child = first;
    const std::string net = "10." + std::to_string(i) + ".";
    child.tunnel = TwoPeers::kTunnel + i;
    child.vpn = "vpn" + std::to_string(i);
    child.local = child.remote = {{*Address::parse(net + "0.0"), *Address::parse(net + "255.255")}};
    gateway.children.push_back(child);
  }
  return gateway;
}

Gateway gateway_a() {
  return gateway("16.1.1.2", "16.1.1.1");
}

Gateway gateway_b() {
  return gateway("16.1.1.1", "16.1.1.2");
}

Config config_of(Gateway gateway) {
  Config config;
  config.gateways = {std::move(gateway)};
  return config;
}

Peer::Peer(std::string name_, unsigned seed, Gateway config_)
    : name(std::move(name_)), config(std::move(config_)), seed_(seed) {
  table = std::make_unique<SaTable>(seeded(seed_));
}

void Peer::act(Output out, Time now) {
  for (std::uint32_t index : out.changed) {
    store[index] = table->snapshot(index);
    if (store[index].empty()) store.erase(index);
  }
  for (Action& action : out.actions) {
    if (auto* job = std::get_if<DhJob>(&action)) jobs.push_back(*job);
    if (auto* sign_job = std::get_if<SignJob>(&action)) proofs.push_back(*sign_job);
    if (auto* verify_job = std::get_if<VerifyJob>(&action)) proofs.push_back(*verify_job);
    if (auto* event = std::get_if<TunnelEvent>(&action)) events.push_back(event->text);
    if (auto* event = std::get_if<GatewayEvent>(&action)) events.push_back(event->text);
    if (auto* install = std::get_if<InstallChild>(&action)) {
      if (install->inbound) inbound[install->child.spi_in] = install->child;
      if (install->outbound) {
        outbound[install->child.spi_out] = install->child;
        tunnel_sends[install->child.tunnel] = install->child.spi_out;
      }
    }
    if (auto* removal = std::get_if<RemoveChild>(&action)) {
      inbound.erase(removal->spi_in);
      outbound.erase(removal->spi_out);
      if (tunnel_sends[removal->tunnel] == removal->spi_out) tunnel_sends.erase(removal->tunnel);
    }
  }
  for (Datagram& message : out.messages) wire.push_back(std::move(message));
  next_timeout = out.next_timeout;
  if (restart_always) restart(now);
  work(now);
}

void Peer::work(Time now) {
  while (!hold_dh && !jobs.empty()) {
    const DhJob job = jobs.front();
    jobs.pop_front();
    act(table->complete(run(job), now), now);
  }
  while (!hold_dh && !proofs.empty()) {
    const auto job = proofs.front();
    proofs.pop_front();
    act(table->complete(result_of(job), now), now);
  }
}

ProofResult Peer::result_of(const std::variant<SignJob, VerifyJob>& job) const {
  ProofResult result;
  if (const auto* asked = std::get_if<SignJob>(&job)) {
    result.sa = asked->sa;
    result.job = asked->job;
    const auto signature = sign(key.get(), asked->scheme, asked->octets);
    result.ok = signature.has_value();
    result.signature = signature.value_or(Bytes());
    return result;
  }
  const auto& asked = std::get<VerifyJob>(job);
  result.sa = asked.sa;
  result.job = asked.job;
  const std::time_t today = std::time(nullptr);
  const ChainVerdict verdict = verify_peer(asked.proof, trusted, {}, today);
  result.error = verdict.error;
  result.holds_for = (verdict.until - today) * kSecond;
  result.ok = result.error.empty();
  return result;
}

void Peer::restart(Time now) {
  const bool always = std::exchange(restart_always, false);
  const bool held = std::exchange(hold_dh, true);
  std::vector<Bytes> records;
  for (const auto& [index, record] : store) records.push_back(record);
  jobs.clear();
  proofs.clear();
  table = std::make_unique<SaTable>(seeded(++seed_ * 7919));
  act(table->restore(records, now), now);
  act(table->configure(config_of(config), now), now);
  restart_always = always;
  hold_dh = held;
  if (!always) work(now);
}

const IkeSa& Peer::only_sa() const {
  static const IkeSa kNone;
  EXPECT_EQ(table->sas().size(), 1u) << name;
  return table->sas().empty() ? kNone : table->sas().begin()->second;
}

std::vector<const IkeSa*> Peer::established() const {
  std::vector<const IkeSa*> found;
  for (const auto& [index, sa] : table->sas())
    if (sa.phase == Phase::kEstablished && sa.successor == 0) found.push_back(&sa);
  return found;
}

std::vector<const ChildSa*> Peer::children() const {
  std::vector<const ChildSa*> found;
  for (const auto& [index, sa] : table->sas())
    for (const ChildSa& child : sa.children) found.push_back(&child);
  return found;
}

std::uint64_t Peer::drops(const std::string& reason) const {
  for (const auto& each : table->drops())
    if (each.name == reason) return each.count;
  ADD_FAILURE() << "no drop reason " << reason;
  return 0;
}

bool Peer::has_event(const std::string& text) const {
  return std::any_of(events.begin(), events.end(), [&](const std::string& event) {
    return event.find(text) != std::string::npos;
  });
}

const ChildSa* Peer::sends_on(std::uint32_t tunnel) const {
  const auto spi = tunnel_sends.find(tunnel);
  if (spi == tunnel_sends.end()) return nullptr;
  const auto child = outbound.find(spi->second);
  return child == outbound.end() ? nullptr : &child->second;
}

TwoPeers::TwoPeers(Gateway config_a, Gateway config_b)
    : a("a", 1, std::move(config_a)), b("b", 2, std::move(config_b)) {
  a.act(a.table->configure(config_of(a.config), now), now);
  b.act(b.table->configure(config_of(b.config), now), now);
}

void TwoPeers::establish() {
  a.act(a.table->tunnel_wanted(kTunnel, now), now);
  settle();
}

Datagram TwoPeers::take(Peer& from) {
  if (from.wire.empty()) {
    ADD_FAILURE() << from.name << " has sent nothing";
    return {};
  }
  Datagram datagram = std::move(from.wire.front());
  from.wire.pop_front();
  return datagram;
}

void TwoPeers::deliver(Peer& to, const Datagram& datagram) {
  Datagram arrived = datagram;
  swap_path(arrived.path);
  if (&to == &a && on_the_way) on_the_way(arrived);
  if (arrived.bytes.empty()) return;  // lost
  to.act(to.table->handle(arrived.bytes, arrived.path, now), now);
}

bool TwoPeers::to_b() {
  if (a.wire.empty()) return false;
  deliver(b, take(a));
  return true;
}

bool TwoPeers::to_a() {
  if (b.wire.empty()) return false;
  deliver(a, take(b));
  return true;
}

void TwoPeers::settle() {
  for (int i = 0; i < 1000 && (a.has_mail() || b.has_mail()); ++i) {
    to_b();
    to_a();
  }
}

void TwoPeers::pass(Time span, bool deliver_all) {
  const Time end = now + span;
  for (int i = 0; i < 100000 && now < end; ++i) {
    const Time next = std::min(a.next_timeout.value_or(end), b.next_timeout.value_or(end));
    now = std::clamp(next, now + 1, end);
    a.act(a.table->timeout(now), now);
    b.act(b.table->timeout(now), now);
    // A timer that is due again at once would keep a daemon busy for ever.
    EXPECT_GT(a.next_timeout.value_or(end + 1), now) << "a";
    EXPECT_GT(b.next_timeout.value_or(end + 1), now) << "b";
    if (deliver_all) settle();
    if (!deliver_all) a.wire.clear(), b.wire.clear();
  }
}

::testing::AssertionResult TwoPeers::agree(std::uint32_t tunnel) const {
  const ChildSa* from_a = a.sends_on(tunnel);
  const ChildSa* from_b = b.sends_on(tunnel);
  if (!from_a || !from_b) return ::testing::AssertionFailure() << "a side sends on nothing";
  if (!b.receives(from_a->spi_out)) return ::testing::AssertionFailure() << "b lacks a's SPI";
  if (!a.receives(from_b->spi_out)) return ::testing::AssertionFailure() << "a lacks b's SPI";
  if (!(b.inbound.at(from_a->spi_out).keys_in == from_a->keys_out))
    return ::testing::AssertionFailure() << "keys from a to b differ";
  if (!(a.inbound.at(from_b->spi_out).keys_in == from_b->keys_out))
    return ::testing::AssertionFailure() << "keys from b to a differ";
  return ::testing::AssertionSuccess();
}

// Once there was a pair, there is one.
void SentNow::look() {
  const ChildSa* sends = from_.sends_on(tunnel_);
  EXPECT_TRUE(sends || !was_up_) << from_.name << " has no pair any more";
  was_up_ = was_up_ || sends;
  if (sends) on_the_way_.emplace_back(from_.wire.size(), sends->spi_out);
  arrive();
}

void SentNow::one_arrived() {
  for (auto& each : on_the_way_) --each.first;
  arrive();
}

void SentNow::arrive() {
  for (; !on_the_way_.empty() && on_the_way_.front().first == 0; on_the_way_.pop_front())
    EXPECT_TRUE(to_.receives(on_the_way_.front().second)) << "from " << from_.name;
}

}  // namespace nezu::ike::test
