// An IKE SA and its child SAs as plain data: what shows read, what a snapshot holds, what the
// exchanges work on. Nothing here points anywhere; the state of a table is the sum of these.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "services/ike/address.h"
#include "services/ike/algorithms.h"
#include "services/ike/bytes.h"
#include "services/ike/config.h"

namespace nezu::ike {

enum class Phase : std::uint8_t {
  kStarting,   // initiator: our public value is being computed
  kInitSent,   // initiator: waits for the answer to IKE_SA_INIT
  kDeriving,   // initiator: the shared secret is being computed
  kAuthSent,   // initiator: waits for the answer to IKE_AUTH
  kAnswering,  // responder: the shared secret is being computed
  kAnswered,   // responder: waits for IKE_AUTH
  kEstablished,
  kDeleting,  // our DELETE of the IKE SA is under way
  kDead,      // to be forgotten
};
inline bool is_half_open(Phase phase) {
  return phase < Phase::kEstablished;
}

struct IkeSuite {
  Encryption encryption = Encryption::kNone;
  Integrity integrity = Integrity::kNone;
  Prf prf = Prf::kNone;
  DhGroup dh = DhGroup::kNone;

  bool operator==(const IkeSuite&) const = default;
};

/// SK_* of RFC 7296 section 2.14. `e` keys carry the salt of an AEAD at their end.
struct IkeKeys {
  Bytes d, ai, ar, ei, er, pi, pr;

  bool operator==(const IkeKeys&) const = default;
};

struct EspSuite {
  Encryption encryption = Encryption::kNone;
  Integrity integrity = Integrity::kNone;
  bool extended_sequence = false;

  bool operator==(const EspSuite&) const = default;
};

/// One direction's keys. The salt of an AEAD is apart from the key.
struct EspKeys {
  Bytes encryption;
  Bytes salt;
  Bytes integrity;

  bool operator==(const EspKeys&) const = default;
};

/// Why a pair is being deleted; the words are in events.h.
enum class DeleteReason : std::uint8_t { kLifetime, kReconfigured, kRedundant };

/// A pair of ESP SAs.
struct ChildSa {
  enum class State : std::uint8_t {
    kInbound,   // answered a rekey: only the inbound SA carries traffic, the peer's switch is
                // awaited
    kActive,    // both ways
    kRekeying,  // a successor is being negotiated
    kReplaced,  // a successor took over; only its inbound SA is still of use
    kDeleting,  // our DELETE is under way
  };
  std::string vpn;
  std::uint32_t tunnel = 0;
  std::uint64_t policy = 0;  // digest_of() the ChildPolicy it was negotiated under
  std::uint32_t instance = 0;
  Address local;  // outer addresses
  Address remote;
  State state = State::kActive;
  std::uint16_t udp_local = 0;   // our port: kNatPort, or what packet-encapsulation says
  std::uint16_t udp_remote = 0;  // the peer's; 0: not in UDP
  bool peer_may_move = false;    // behind a NAT, which may give it another address or port
  std::uint32_t spi_in = 0;      // host byte order
  std::uint32_t spi_out = 0;
  std::uint64_t generation = 0;  // drawn at random per pair; keys the PFE's sequence memory
  EspSuite suite;
  DhGroup pfs = DhGroup::kNone;  // of the exchange that made it
  EspKeys keys_in;
  EspKeys keys_out;
  std::vector<TrafficSelector> local_selectors;
  std::vector<TrafficSelector> remote_selectors;
  Time created_at = 0;
  Time soft_at = 0;              // 0: never
  Time hard_at = 0;              // 0: never
  Time switch_at = 0;            // state kInbound: when to use the outbound SA at the latest
  Time delete_at = 0;            // another took its place: when we ask the peer to let go of it
  std::uint64_t soft_bytes = 0;  // 0: unlimited
  std::uint64_t hard_bytes = 0;
  Time outbound_at =
      0;  // when the tunnel began to send on it, 0: not yet; the latest of a tunnel is in use
  bool initiated = false;  // by us
  DeleteReason reason = DeleteReason::kLifetime;
  std::uint32_t replaces = 0;  // spi_in of the pair this one is the rekey of; 0: none
  Bytes lowest_nonce;          // of the exchange that made it; decides collisions

  bool operator==(const ChildSa&) const = default;
};

/// Something we want to do and may have to wait for the window.
struct Task {
  enum class Kind : std::uint8_t {
    kNone,  // of the exchanges that make an IKE SA
    kCreateChild,
    kRekeyChild,
    kDeleteChild,
    kRekeyIke,
    kDeleteIke,
    kProbe,  // dead peer detection
  };
  Kind kind = Kind::kNone;
  std::uint32_t tunnel = 0;        // that it is about; 0: the IKE SA
  std::uint32_t spi_in = 0;        // kRekeyChild, kDeleteChild
  DhGroup group = DhGroup::kNone;  // the group the peer asked for; kNone: ours
  Time not_before = 0;
  std::uint8_t attempts = 0;

  bool operator==(const Task&) const = default;
};

/// Our half of a Diffie-Hellman exchange. `job` is the number of the action that is being computed,
/// 0: none.
struct DhState {
  DhGroup group = DhGroup::kNone;
  std::uint64_t job = 0;
  Bytes private_key;
  Bytes public_key;
  Bytes peer_public;

  bool operator==(const DhState&) const = default;
};

/// A CREATE_CHILD_SA (or the child part of IKE_AUTH) under way, ours or the peer's.
struct ChildExchange {
  Task task;  // ours: what it is for
  std::uint32_t tunnel = 0;
  std::uint64_t policy = 0;  // digest_of() the tunnel's ChildPolicy when it began
  std::uint32_t rekeys = 0;  // spi_in of the pair being replaced; 0: a new one
  std::uint32_t spi_in = 0;
  std::uint32_t spi_out = 0;
  std::uint32_t message = 0;  // id of the request; of ours when it is sent
  bool sent = false;          // ours
  bool cleared = false;       // ours: with the pair that it rekeys, whatever it makes goes too
  std::uint64_t new_spi_local = 0;  // rekey of the IKE SA
  std::uint64_t new_spi_peer = 0;
  EspSuite esp;
  IkeSuite ike;
  std::uint8_t proposal = 0;  // number of the chosen proposal in the offer
  std::uint32_t lifetime_seconds = 0;
  std::uint64_t lifetime_kilobytes = 0;
  Bytes nonce_local;
  Bytes nonce_peer;
  DhState dh;
  std::vector<TrafficSelector> local_selectors;
  std::vector<TrafficSelector> remote_selectors;

  bool operator==(const ChildExchange&) const = default;
};

/// Our request that waits for its answer. RFC 7296 section 2.1.
struct Outstanding {
  std::uint32_t message = 0;
  Task task;
  std::vector<Bytes> packets;  // as sent, fragments if any
  std::uint32_t sent = 0;      // times
  Time first_at = 0;           // of the first one
  Time next_at = 0;

  bool operator==(const Outstanding&) const = default;
};

/// What we said to a request of the peer, which may ask for it again.
struct Answer {
  std::uint32_t message = 0;
  std::vector<Bytes> packets;

  bool operator==(const Answer&) const = default;
};

/// RFC 7383: a message that is arriving in pieces.
struct Reassembly {
  std::uint32_t message = 0;
  bool response = false;
  std::uint16_t total = 0;
  std::uint8_t first_payload = 0;
  std::vector<Bytes> pieces;  // by number; empty: not here yet
  std::uint32_t octets = 0;

  bool operator==(const Reassembly&) const = default;
};

/// What the detail show prints of CREATE_CHILD_SA, one of each for the exchanges we started and
/// those we answered.
struct RekeyCounters {
  std::uint64_t requests = 0;   // out as initiator, in as responder
  std::uint64_t responses = 0;  // in as initiator, out as responder
  std::uint64_t no_proposal_chosen = 0;
  std::uint64_t invalid_ke = 0;
  std::uint64_t ts_unacceptable = 0;
  std::uint64_t dh_failed = 0;
  std::uint64_t verify_sa_failed = 0;  // the last three: initiator only
  std::uint64_t verify_group_failed = 0;
  std::uint64_t verify_ts_failed = 0;

  bool operator==(const RekeyCounters&) const = default;
};

struct SaCounters {
  std::uint64_t input_bytes = 0;
  std::uint64_t output_bytes = 0;
  std::uint64_t input_packets = 0;
  std::uint64_t output_packets = 0;
  std::uint64_t input_fragments = 0;
  std::uint64_t output_fragments = 0;
  std::uint64_t children_created = 0;
  std::uint64_t children_deleted = 0;
  RekeyCounters initiated;
  RekeyCounters answered;

  bool operator==(const SaCounters&) const = default;
};

/// A signature that is being made or checked. The peer's IKE_AUTH message waits here meanwhile.
struct AuthWait {
  std::uint64_t job = 0;  // 0: lost with the process that had it, to be asked for again
  bool signs = false;     // ours is being made; otherwise the peer's is being checked
  std::uint8_t first = 0;
  Bytes message;  // its payloads, opened

  bool operator==(const AuthWait&) const = default;
};

struct IkeSa {
  std::uint32_t index = 0;  // what shows print; unique in the table
  std::string gateway;
  std::uint64_t policy = 0;  // digest_of() the Gateway it was begun under
  Path path;
  bool initiator = false;   // the original initiator of this IKE SA (RFC 7296: the I flag)
  bool introduced = false;  // we began the one that this SA came of, by rekeys of whomever
  Phase phase = Phase::kStarting;
  std::uint64_t spi_i = 0;  // the cookies
  std::uint64_t spi_r = 0;
  IkeSuite suite;
  IkeKeys keys;
  Bytes nonce_i;
  Bytes nonce_r;
  Identity local_identity;
  Identity remote_identity;
  DhState dh;  // until the keys are there
  std::uint32_t lifetime_seconds = 0;
  std::uint8_t proposal = 0;  // number of the chosen one in the initiator's offer
  Bytes init_request;         // as sent or received: AUTH signs them; dropped afterwards
  Bytes init_response;
  Bytes cookie;                            // initiator: to be returned
  std::vector<HashAlgorithm> peer_hashes;  // announced in IKE_SA_INIT, RFC 7427
  std::optional<AuthWait> auth;
  KeyKind key = KeyKind::kNone;  // that we proved ourselves with; kNone: a pre-shared key
  std::uint8_t restarts = 0;
  std::string last_error;        // an unauthenticated refusal; told when we give up
  bool peer_behind_nat = false;  // NAT detection of IKE_SA_INIT
  bool local_behind_nat = false;
  bool peer_fragments = false;  // RFC 7383 was agreed on
  bool initial_contact = false;

  std::uint32_t next_request = 0;   // message id of our next request
  std::uint32_t next_expected = 0;  // the lowest message id of the peer's that is not answered
  std::uint32_t peer_window = 1;    // so many requests the peer takes before it has answered one
  std::uint32_t own_window = 1;     // so many we have told the peer that we take
  std::vector<Outstanding> outstanding;  // by message id
  std::vector<Answer> answers;           // by message id, the last own_window of them
  std::uint64_t next_iv = 0;             // of AEAD ciphers: never goes back
  std::vector<Reassembly> reassembly;
  std::deque<Task> tasks;
  // Our CREATE_CHILD_SA exchanges from their first computation to their last, or the child part of
  // our IKE_AUTH; and the peer's, while the answer is being computed.
  std::vector<ChildExchange> ours;
  std::vector<ChildExchange> theirs;
  std::uint32_t wanted_tunnel = 0;  // initiator: the tunnel that IKE_AUTH asks for

  std::vector<ChildSa> children;
  std::uint32_t successor = 0;  // index of the IKE SA that replaces this one; 0: none
  bool successor_answered =
      false;              // made by the peer's rekey, the children are not handed over yet
  Bytes successor_nonce;  // the lowest of the exchange that made it
  Bytes lowest_nonce;     // of the exchange that made this SA

  std::uint32_t rekeyed = 0;  // times since the peer proved itself
  Time proven_until = 0;      // when the first of the peer's certificates ends; 0: it had none
  // Index of the IKE SA that this one takes over from when it has all its tunnels; 0: none.
  std::uint32_t reauthenticates = 0;

  Time created_at = 0;
  Time established_at = 0;
  Time soft_at = 0;          // rekey
  Time hard_at = 0;          // end
  Time reauth_at = 0;        // the peer asked for another proof by then, RFC 4478; 0: it has not
  Time give_up_at = 0;       // half-open
  Time last_heard = 0;       // an authenticated message of the peer
  Time repeated_at = 0;      // when it last asked again what we had answered
  Time last_traffic_in = 0;  // facts from the PFE
  Time last_traffic_out = 0;
  Time keepalive_at = 0;  // next sign of life to the NAT before us; 0: there is none
  Time probe_at = 0;      // next look at the peer's liveness; 0: never
  std::uint64_t next_job = 1;
  SaCounters counters;

  bool operator==(const IkeSa&) const = default;
};

/// Being closed by us, or about to be: nothing new is made of it (RFC 7296 section 2.25.1).
inline bool is_closing(const ChildSa& child) {
  return child.state == ChildSa::State::kDeleting || child.delete_at != 0;
}

inline bool is_ike_rekey(const ChildExchange& exchange) {
  return exchange.new_spi_local != 0;
}
inline bool has_ike_rekey(const std::vector<ChildExchange>& exchanges) {
  return std::any_of(exchanges.begin(), exchanges.end(), is_ike_rekey);
}

inline std::uint64_t local_spi(const IkeSa& sa) {
  return sa.initiator ? sa.spi_i : sa.spi_r;
}

}  // namespace nezu::ike
