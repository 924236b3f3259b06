// What the protocol asks of the daemon.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "services/ike/certificates/chain.h"
#include "services/ike/crypto/dh.h"
#include "services/ike/session/sa.h"

namespace nezu::ike {

/// Sign with the private key of a local certificate, on a worker thread; the result goes to
/// SaTable::complete. The protocol never has the key.
struct SignJob {
  std::uint32_t sa = 0;
  std::uint64_t job = 0;    // of the same numbers as DhJob's
  std::string certificate;  // certificate-id
  SignatureScheme scheme;
  Bytes octets;
};

/// Check that the peer is who it says: its signature, its certificates up to an authority we
/// trust, its identity in them, and that none of them is revoked. May take as long as it takes to
/// ask for that; the SA gives up by itself.
struct VerifyJob {
  std::uint32_t sa = 0;
  std::uint64_t job = 0;
  PeerProof proof;
  std::vector<std::string> authorities;  // ca-profiles
};

struct ProofResult {
  std::uint32_t sa = 0;
  std::uint64_t job = 0;
  bool ok = false;
  Bytes signature;    // the AUTH payload's data, of a SignJob
  std::string error;  // why not, in words
  // Of a VerifyJob: how long the peer's certificates hold from now on.
  Time holds_for = 0;
};

/// Put a pair into the PFE, or the half that is named. With `outbound` the tunnel sends on it from
/// now on.
struct InstallChild {
  ChildSa child;
  bool inbound = false;
  bool outbound = false;
};

/// Take both halves out. The tunnel has no outbound SA any more if it was this one.
struct RemoveChild {
  std::uint32_t tunnel = 0;
  std::uint32_t instance = 0;
  Address local;
  Address remote;
  std::uint32_t spi_in = 0;
  std::uint32_t spi_out = 0;
  std::uint64_t generation = 0;
};

/// A line of "Tunnel events", in words (services/ike/session/events.h).
struct TunnelEvent {
  std::uint32_t tunnel = 0;
  std::string text;
};

/// A line for the log: IKE SAs that come, go or fail.
struct GatewayEvent {
  std::string gateway;
  std::string text;
};

using Action =
    std::variant<DhJob, SignJob, VerifyJob, InstallChild, RemoveChild, TunnelEvent, GatewayEvent>;

struct Datagram {
  Path path;
  Bytes bytes;             // the IKE message; a non-ESP marker for port 4500 is the daemon's to add
  bool keepalive = false;  // one octet for a NAT on the way, without marker
};

/// To be done in this order: write the snapshot of every SA in `changed`, run the actions, send the
/// messages, arm one timer for `next_timeout`. So what left the router is always in the snapshot,
/// and an inbound SA is there before the peer may use it.
struct Output {
  std::vector<std::uint32_t>
      changed;  // IkeSa.index, each once; SaTable::snapshot is empty for one that is gone
  std::vector<Action> actions;
  std::vector<Datagram> messages;
  std::optional<Time> next_timeout;  // absolute; of the whole table
};

}  // namespace nezu::ike
