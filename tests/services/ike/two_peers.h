// Two routers in one process: their tables, a wire of messages between them that a test holds in
// its hand, a clock that a test turns, and what a forwarding plane would have been told.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "services/ike/certificates/chain.h"
#include "services/ike/crypto/dh.h"
#include "services/ike/message/header.h"
#include "services/ike/session/table.h"

namespace nezu::ike::test {

/// Repeatable: each peer has its own seed.
Random seeded(unsigned seed);

/// The gateway with so many tunnels in place of its own, numbered from TwoPeers::kTunnel on, each
/// with its own 10.N.0.0/16 at either end.
Gateway with_tunnels(Gateway gateway, unsigned count);
/// One proposal of x25519 and aes-256-gcm, which is quick; one tunnel that only traffic starts.
Gateway gateway_a();
Gateway gateway_b();
Config config_of(Gateway gateway);

class Peer {
 public:
  Peer(std::string name, unsigned seed, Gateway config);

  /// Runs the actions of an output; Diffie-Hellman at once unless `hold_dh`.
  void act(Output out, Time now);
  /// The next message that waits on the wire towards the other side, with the header it had.
  bool has_mail() const { return !wire.empty(); }

  /// Computes what was asked for.
  void work(Time now);
  /// Throws the table away and makes one from the snapshots, as a new process would.
  void restart(Time now);

  const IkeSa& only_sa() const;
  /// Established IKE SAs without successor.
  std::vector<const IkeSa*> established() const;
  std::vector<const ChildSa*> children() const;
  std::uint64_t drops(const std::string& name) const;
  bool has_event(const std::string& text) const;
  /// The pair the tunnel sends on; nullptr: none.
  const ChildSa* sends_on(std::uint32_t tunnel) const;
  bool receives(std::uint32_t spi) const { return inbound.contains(spi); }

  std::string name;
  Gateway config;
  std::unique_ptr<SaTable> table;
  std::deque<Datagram> wire;
  std::deque<DhJob> jobs;
  std::deque<std::variant<SignJob, VerifyJob>> proofs;
  std::shared_ptr<EVP_PKEY> key;        // of its certificate
  std::vector<ike::Authority> trusted;  // whatever the profiles are called
  bool hold_dh = false;
  bool restart_always = false;  // after every step, from the snapshots alone
  std::vector<std::string> events;
  std::map<std::uint32_t, Bytes> store;                 // snapshots by index
  std::map<std::uint32_t, ChildSa> inbound;             // by SPI, as the PFE has them
  std::map<std::uint32_t, ChildSa> outbound;            // by SPI
  std::map<std::uint32_t, std::uint32_t> tunnel_sends;  // tunnel → SPI
  std::optional<Time> next_timeout;

 private:
  ProofResult result_of(const std::variant<SignJob, VerifyJob>& job) const;

  unsigned seed_;
};

struct TwoPeers {
  explicit TwoPeers(Gateway config_a = gateway_a(), Gateway config_b = gateway_b());

  /// What comes to `a` passes it first; nothing if it is left empty.
  std::function<void(Datagram&)> on_the_way;
  Peer a, b;
  Time now = 1000 * kSecond;

  /// a starts its tunnel and everything is delivered.
  void establish();
  /// a's next message to b, b's next message to a; false: there is none.
  bool to_b();
  bool to_a();
  void deliver(Peer& to, const Datagram& datagram);
  /// Takes the sender's next message off the wire.
  Datagram take(Peer& from);
  /// Delivers until both wires are empty.
  void settle();
  /// Loses what the peer has on the wire.
  void lose(Peer& from) { from.wire.clear(); }
  /// Turns the clock in steps of its timers, delivering (or losing) everything on the way.
  void pass(Time span, bool deliver_all = true);

  /// Both send and receive on the same pair, with the same keys.
  ::testing::AssertionResult agree(std::uint32_t tunnel = kTunnel) const;

  static constexpr std::uint32_t kTunnel = 500001;
};

/// Packets of a tunnel: what is sent now arrives behind the messages that are on the way already,
/// and must be taken then.
class SentNow {
 public:
  SentNow(Peer& from, Peer& to, std::uint32_t tunnel) : from_(from), to_(to), tunnel_(tunnel) {}

  /// Sends one.
  void look();
  /// A message of the sender has come.
  void one_arrived();
  bool was_up() const { return was_up_; }

 private:
  void arrive();

  Peer& from_;
  Peer& to_;
  std::uint32_t tunnel_;
  bool was_up_ = false;
  std::deque<std::pair<std::size_t, std::uint32_t>> on_the_way_;  // messages before it, SPI
};

}  // namespace nezu::ike::test
