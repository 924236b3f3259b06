// What a handshake costs a side in CPU time, against the bare Diffie-Hellman it cannot do without:
// two public values and two shared secrets, computed by OpenSSL's own key generation and
// derivation.
#include <malloc.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <queue>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "services/ike/crypto/dh.h"
#include "services/ike/message/message.h"
#include "services/ike/session/proposal.h"
#include "services/ike/session/table.h"
#include "tests/services/ike/crowd.h"

namespace {
using namespace nezu::ike;

Random seeded() {
  auto source = std::make_shared<std::mt19937_64>(1);
  return [source](std::span<std::uint8_t> out) {
    for (auto& octet : out) octet = static_cast<std::uint8_t>((*source)());
  };
}

double cpu_microseconds() {
  return test::cpu_seconds() * 1e6;
}

// Mean of at least half a second of runs.
double cost_of(const std::function<void()>& work) {
  work();
  const double start = cpu_microseconds();
  int runs = 0;
  while (cpu_microseconds() - start < 5e5) work(), ++runs;
  return (cpu_microseconds() - start) / runs;
}

EVP_PKEY* make_key(const char* type, const char* group) {
  if (std::string_view(type) == "EC") return EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", group);
  if (std::string_view(type) == "X25519") return EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519");
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr);
  EVP_PKEY* key = nullptr;
  EVP_PKEY_keygen_init(context);
  EVP_PKEY_CTX_set_group_name(context, group);
  EVP_PKEY_generate(context, &key);
  EVP_PKEY_CTX_free(context);
  return key;
}

void derive(EVP_PKEY* own, EVP_PKEY* peer) {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(own, nullptr);
  unsigned char secret[1024];
  std::size_t size = sizeof secret;
  EVP_PKEY_derive_init(context);
  EVP_PKEY_derive_set_peer_ex(context, peer, 0);  // its check costs an exponentiation more
  EVP_PKEY_derive(context, secret, &size);
  EVP_PKEY_CTX_free(context);
}

void bare_exchange(const char* type, const char* group) {
  EVP_PKEY* a = make_key(type, group);
  EVP_PKEY* b = make_key(type, group);
  derive(a, b);
  derive(b, a);
  EVP_PKEY_free(a);
  EVP_PKEY_free(b);
}

Config configuration(bool a, const char* group) {
  Gateway gateway;
  gateway.name = "gw";
  gateway.local = *Address::parse(a ? "16.1.1.1" : "16.1.1.2");
  gateway.remote = *Address::parse(a ? "16.1.1.2" : "16.1.1.1");
  gateway.pre_shared_key = Bytes(8, 'k');
  gateway.proposals = {*ike_proposal("p", "aes-256-gcm", "sha-256", group, 28800)};
  ChildPolicy child;
  child.tunnel = 500001;
  child.proposals = {*esp_proposal("e", "aes-256-gcm", "", false, 3600, 0)};
  gateway.children = {child};
  Config config;
  config.gateways = {gateway};
  return config;
}

struct Pair {
  Random random = seeded();
  SaTable a{random}, b{random};
  std::vector<Datagram> to_a, to_b;

  // As the daemon does, with a snapshot of what changed before anything leaves.
  void act(bool of_a, Output out) {
    SaTable& table = of_a ? a : b;
    for (std::uint32_t index : out.changed) (void)table.snapshot(index);
    for (auto& message : out.messages) (of_a ? to_b : to_a).push_back(std::move(message));
    for (const auto& action : out.actions)
      if (const auto* job = std::get_if<DhJob>(&action)) act(of_a, table.complete(run(*job), 1000));
  }

  void deliver() {
    while (!to_a.empty() || !to_b.empty()) {
      for (auto& message : std::exchange(to_b, {}))
        act(false, b.handle(message.bytes, {0, message.path.remote, message.path.local}, 1000));
      for (auto& message : std::exchange(to_a, {}))
        act(true, a.handle(message.bytes, {0, message.path.remote, message.path.local}, 1000));
    }
  }

  void handshake(const char* group) {
    act(true, a.configure(configuration(true, group), 1000));
    act(false, b.configure(configuration(false, group), 1000));
    act(true, a.tunnel_wanted(500001, 1000));
    deliver();
    if (a.sas().empty() || a.sas().begin()->second.children.empty()) std::abort();
  }
};

constexpr unsigned kTunnels = 2000;  // of a chassis

void crowd(const char* name, const char* group) {
  const std::size_t heap = mallinfo2().uordblks;
  const double start = cpu_microseconds();
  test::Crowd crowd(
      kTunnels, [&](bool left) { return configuration(left, group).gateways.front(); }, seeded(),
      seeded());
  const double up = cpu_microseconds() - start;
  const double used = double(mallinfo2().uordblks - heap) / 2 / 1e6;
  crowd.rekey_all();
  const double rekeyed = cpu_microseconds() - start - up;
  std::printf(
      "%-8s %u tunnels up in %.2f s, all rekeyed in %.2f s (CPU of both ends), heap %.1f MB "
      "a side, records %.1f MB\n",
      name, kTunnels, up / 1e6, rekeyed / 1e6, used, double(crowd.octets()) / 1e6);
}

// A payload chain as it was said: what was not kept of a body is as long as it was.
PayloadChain chain_of(const Said& said) {
  PayloadChain chain;
  for (const KeptPayload& each : payloads_of(said)) {
    Bytes body(each.body.begin(), each.body.end());
    body.resize(each.length);
    chain.add(each.type, body);
  }
  return chain;
}

// What putting down the four messages of a handshake costs one of its sides.
void journal(double handshake) {
  Pair pair;
  pair.handshake("group31");
  struct Message {
    Header header;
    PayloadChain chain;
    bool sent;
  };
  std::vector<Message> messages;
  for (const Exchange* exchange : pair.b.journal().exchanges())
    for (const Said& said : exchange->messages) {
      Header header;
      header.exchange = exchange->type;
      header.message = exchange->message;
      header.response = said.what == Said::What::kAnswer;
      messages.push_back({header, chain_of(said), said.sent});
    }
  IkeSa sa = pair.b.sas().begin()->second;
  Journal journal;
  const double cost = cost_of([&] {
    ++sa.index;  // another one each time: the rings turn
    for (const Message& each : messages) {
      Said said;
      said.sent = each.sent;
      journal.said(sa, each.header, each.chain.first(), each.chain.bytes(), std::move(said));
    }
    journal.proven(sa);
  });
  std::printf("journal: %zu messages of a handshake %.2f us, %.1f %% of it\n", messages.size(),
              cost, cost / handshake * 100);
}

// Strangers in the names of configured peers, 60,000 IKE_SA_INIT a second, and peers that begin a
// hundred tunnels a second: one core takes them one after the other, each for the processor time it
// costs here, out of a socket's buffer of bounded length. So a busy machine gives the same figure.
class Flood {
 public:
  static constexpr unsigned kPeers = 200, kSpoofed = 60'000, kSeconds = 2;
  static constexpr double kWay = 100;          // us from one end to the other
  static constexpr std::size_t kBuffer = 400;  // datagrams that wait in a socket

  Flood() : peers_(seeded()), b_(seeded()) {
    act(true, peers_.configure(many(true), 1000), 0);
    act(false, b_.configure(many(false), 1000), 0);
    for (std::uint8_t& octet : value_) octet = static_cast<std::uint8_t>(random_());
  }

  void run() {
    const std::size_t heap = mallinfo2().uordblks;
    for (unsigned i = 0; i < kPeers; ++i) at(i * 1e6 * kSeconds / kPeers, Event::kBegin, i);
    for (unsigned i = 0; i < kSpoofed * kSeconds; ++i) at(i * 1e6 / kSpoofed, Event::kSpoofed, 0);
    while (!events_.empty()) {
      const Event event = events_.top();
      events_.pop();
      happen(event);
    }
    report(double(mallinfo2().uordblks - heap) / 1e6);
  }

 private:
  struct Event {
    enum Kind { kBegin, kSpoofed, kToB, kToPeers, kTimer } kind;
    double at;
    unsigned peer;
    Datagram datagram;
    bool operator<(const Event& other) const { return at > other.at; }
  };

  static Config many(bool peers) {
    Config config;
    for (unsigned i = 0; i < kPeers; ++i) {
      Gateway gateway = configuration(peers, "group31").gateways.front();
      gateway.name = "gateway-" + std::to_string(i);
      gateway.local = peers ? test::Crowd::address(2, i) : test::Crowd::address(1, 0);
      gateway.remote = peers ? test::Crowd::address(1, 0) : test::Crowd::address(2, i);
      gateway.children[0].tunnel = kFirst + i;
      config.gateways.push_back(std::move(gateway));
    }
    return config;
  }

  void at(double when, Event::Kind kind, unsigned peer, Datagram datagram = {}) {
    events_.push({kind, when, peer, std::move(datagram)});
  }

  static Time clock(double when) { return 1000 + static_cast<Time>(when / 1000); }

  // A request that is one in everything but that nobody waits for the answer.
  Datagram spoofed() {
    Header header;
    header.spi_i = random_() | 1;
    header.exchange = ExchangeType::kInit;
    header.initiator = true;
    PayloadChain chain;
    chain.add(PayloadType::kSa,
              encode_sa(offer_ike(configuration(true, "group31").gateways[0].proposals, {})));
    chain.add(PayloadType::kKe, encode_ke({31, value_}));
    chain.add(PayloadType::kNonce, Bytes(32, static_cast<std::uint8_t>(random_())));
    const Endpoint from{test::Crowd::address(2, unsigned(random_() % kPeers)), 500};
    return {{0, {test::Crowd::address(1, 0), 500}, from}, encode_message(header, chain)};
  }

  void happen(const Event& event) {
    switch (event.kind) {
      case Event::kBegin:
        begun_[event.peer] = event.at;
        return act(true, peers_.tunnel_wanted(kFirst + event.peer, clock(event.at)), event.at);
      case Event::kTimer:
        armed_ = std::numeric_limits<double>::infinity();
        return act(true, peers_.timeout(clock(event.at)), event.at);
      case Event::kToPeers:
        return act(true, peers_.handle(event.datagram.bytes, event.datagram.path, clock(event.at)),
                   event.at);
      case Event::kSpoofed:
        return serve(spoofed(), event.at);
      case Event::kToB:
        return serve(event.datagram, event.at);
    }
  }

  // The core: what comes while it is busy waits, if there is room.
  void serve(const Datagram& datagram, double when) {
    while (!waiting_.empty() && waiting_.front() <= when) waiting_.pop_front();
    if (waiting_.size() >= kBuffer) {
      ++lost_;
      return;
    }
    const double start = std::max(when, free_);
    const double before = cpu_microseconds();
    Output out = b_.handle(datagram.bytes, datagram.path, clock(start));
    Outputs more = worked(false, std::move(out), start);
    free_ = start + cpu_microseconds() - before;
    busy_ += cpu_microseconds() - before;
    waiting_.push_back(free_);
    most_half_open_ = std::max(most_half_open_, b_.sas().size());
    for (Datagram& each : more) launch(false, std::move(each), free_);
  }

  // Of the peers: what they ask again for. What is due long after it all is of no interest.
  void arm(double when) {
    if (when >= armed_ || when > (kSeconds + 5) * 1e6) return;
    armed_ = when;
    at(when, Event::kTimer, 0);
  }

  using Outputs = std::vector<Datagram>;
  Outputs worked(bool peers, Output out, double when) {
    SaTable& table = peers ? peers_ : b_;
    for (const std::uint32_t index : out.changed) (void)table.snapshot(index);
    Outputs all = std::move(out.messages);
    for (const Action& action : out.actions)
      if (const auto* job = std::get_if<DhJob>(&action))
        for (Datagram& each :
             worked(peers, table.complete(nezu::ike::run(*job), clock(when)), when))
          all.push_back(std::move(each));
    if (peers && out.next_timeout) arm(std::max(when, double(*out.next_timeout - 1000) * 1000));
    return all;
  }

  void act(bool peers, Output out, double when) {
    for (const Action& action : out.actions)
      if (const auto* install = std::get_if<InstallChild>(&action); install && peers)
        took_.push_back((when - begun_[install->child.tunnel - kFirst]) / 1e6);
    for (Datagram& each : worked(peers, std::move(out), when)) launch(peers, std::move(each), when);
  }

  void launch(bool from_peers, Datagram datagram, double when) {
    std::swap(datagram.path.local, datagram.path.remote);
    if (from_peers) return at(when + kWay, Event::kToB, 0, std::move(datagram));
    // What a spoofed request is answered with goes to nobody who asked.
    at(when + kWay, Event::kToPeers, 0, std::move(datagram));
  }

  void report(double grown) {
    std::sort(took_.begin(), took_.end());
    const auto part = [&](double of) {
      return took_.empty()
                 ? 0.0
                 : took_[std::min(took_.size() - 1, std::size_t(double(took_.size()) * of))];
    };
    std::printf(
        "flood    %u spoofed IKE_SA_INIT a second for %u s: %zu of %u handshakes, half of them in "
        "%.3f s, p99 %.3f s; %.0f %% of one core, %.1f us each, %zu datagrams lost, at most %zu "
        "IKE "
        "SAs, heap %+.1f MB (both ends)\n",
        kSpoofed, kSeconds, took_.size(), kPeers, part(0.5), part(0.99), busy_ / kSeconds / 1e4,
        busy_ / kSpoofed / kSeconds, lost_, most_half_open_, grown);
  }

  static constexpr std::uint32_t kFirst = 500001;
  std::mt19937_64 random_{7};
  Bytes value_ = Bytes(32);
  SaTable peers_, b_;
  std::priority_queue<Event> events_;
  std::deque<double> waiting_;  // when each of them is done
  std::map<unsigned, double> begun_;
  std::vector<double> took_;
  double free_ = 0, busy_ = 0, armed_ = std::numeric_limits<double>::infinity();
  std::size_t lost_ = 0, most_half_open_ = 0;
};

double compare(const char* name, const char* type, const char* openssl, const char* group) {
  const double bare = cost_of([&] { bare_exchange(type, openssl); }) / 2;
  const double ours = cost_of([&] { Pair().handshake(group); }) / 2;
  std::printf("%-8s handshake %8.1f us a side, bare DH %8.1f us, ratio %.2f\n", name, ours, bare,
              ours / bare);
  return ours;
}
}  // namespace

int main() {
  compare("modp2048", "DH", "modp_2048", "group14");
  compare("ecp256", "EC", "P-256", "group19");
  journal(compare("x25519", "X25519", "", "group31"));
  Flood().run();
  crowd("x25519", "group31");
  crowd("modp2048", "group14");
  Pair pair;
  pair.handshake("group31");
  const double rekey = cost_of([&] {
    pair.act(true, pair.a.rekey_tunnel(500001, 1000));
    pair.deliver();
  });
  std::printf("child rekey without PFS %.1f us, both sides and the deletion of the old pair\n",
              rekey);
}
