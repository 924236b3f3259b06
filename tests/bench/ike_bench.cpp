// What a handshake costs a side in CPU time, against the bare Diffie-Hellman it cannot do without:
// two public values and two shared secrets, computed by OpenSSL's own key generation and
// derivation.
#include <malloc.h>
#include <openssl/evp.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "services/ike/dh.h"
#include "services/ike/table.h"
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
