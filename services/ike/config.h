// What the protocol is told: plain structs that the daemon fills from the configuration.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "services/ike/address.h"
#include "services/ike/algorithms.h"
#include "services/ike/key_kind.h"

namespace nezu::ike {

/// One complete IKE suite to offer or accept.
struct IkeProposal {
  std::string name;
  Encryption encryption = Encryption::kTripleDesCbc;
  Integrity integrity = Integrity::kHmacSha1_96;  // ignored beside an AEAD cipher
  Prf prf = Prf::kHmacSha1;
  DhGroup dh = DhGroup::kModp1024;
  std::uint32_t lifetime_seconds = 28800;

  bool operator==(const IkeProposal&) const = default;
};

/// The proposal as configured, empty texts where a statement is missing. What is missing is
/// hmac-sha1-96, 3des-cbc and group2; the PRF follows the authentication algorithm, and beside an
/// AEAD cipher without one it is hmac-sha256. Nothing for a name we do not run.
std::optional<IkeProposal> ike_proposal(std::string_view name, std::string_view encryption,
                                        std::string_view authentication, std::string_view dh_group,
                                        std::uint32_t lifetime_seconds);

/// One complete ESP suite.
struct EspProposal {
  std::string name;
  Encryption encryption = Encryption::kTripleDesCbc;
  Integrity integrity = Integrity::kHmacSha1_96;
  bool extended_sequence = false;
  std::uint32_t lifetime_seconds = 3600;
  std::uint64_t lifetime_kilobytes = 0;  // 0: unlimited

  bool operator==(const EspProposal&) const = default;
};

/// As ike_proposal(); what is missing is 3des-cbc with hmac-sha1-96 (no integrity beside an AEAD
/// cipher).
std::optional<EspProposal> esp_proposal(std::string_view name, std::string_view encryption,
                                        std::string_view authentication, bool extended_sequence,
                                        std::uint32_t lifetime_seconds,
                                        std::uint64_t lifetime_kilobytes);

/// A range of addresses (one family), a protocol (0: any) and a range of ports (0-65535: any).
struct TrafficSelector {
  Address first;
  Address last;
  std::uint8_t protocol = 0;
  std::uint16_t port_first = 0;
  std::uint16_t port_last = 65535;

  auto operator<=>(const TrafficSelector&) const = default;
};

enum class EstablishTunnels : std::uint8_t {
  kOnTraffic,
  kImmediately,
  kResponderOnly,
  kResponderOnlyNoRekey,
};

/// One tunnel: what may become a child SA of its gateway.
struct ChildPolicy {
  std::string vpn;           // [edit security ipsec vpn]
  std::string selector;      // its traffic-selector; empty: it has none
  std::uint32_t tunnel = 0;  // Tunnel.id of the PFE, 500001 …
  std::vector<EspProposal> proposals;
  DhGroup pfs = DhGroup::kNone;
  // Term by term: a local one goes with the remote one at its place. Empty: 0.0.0.0/0 and ::/0.
  std::vector<TrafficSelector> local;
  std::vector<TrafficSelector> remote;
  EstablishTunnels establish = EstablishTunnels::kOnTraffic;
  // How long the initiator of a rekey leaves the old pair to what is still on its way.
  std::uint32_t install_interval_seconds = 1;
  // As Gateway.encapsulation_port, and before it.
  std::uint16_t encapsulation_port = 0;

  bool operator==(const ChildPolicy&) const = default;
};

struct Identity {
  enum class Type : std::uint8_t {  // values of the wire, RFC 7296 section 3.5
    kNone = 0,
    kInet = 1,
    kHostname = 2,
    kUserAtHostname = 3,
    kInet6 = 5,
    kDistinguishedName = 9,
    kKeyId = 11,
  };
  Type type = Type::kNone;
  // Address octets, the text or the DER of a name. A name without octets in the configuration: our
  // certificate's subject, or whatever name the peer proves.
  Bytes data;

  bool operator==(const Identity&) const = default;
  static Identity of(const Address& address);
};

/// "16.1.1.1", "peer.example"; what is not printable is escaped.
std::string to_string(const Identity& identity);

struct DeadPeerDetection {
  enum class Mode : std::uint8_t { kOptimized, kProbeIdleTunnel, kAlwaysSend };
  Mode mode = Mode::kOptimized;
  std::uint32_t interval_seconds = 10;
  std::uint32_t threshold = 5;  // unanswered requests before the peer is dead

  bool operator==(const DeadPeerDetection&) const = default;
};

/// How the ends of a gateway prove themselves when it is not by a pre-shared key.
struct CertificatePolicy {
  std::string local;                     // certificate-id of ours; empty: certificates are not used
  std::vector<std::string> authorities;  // ca-profiles the peer's chain may end at
  std::vector<KeyKind> keys;             // that may sign, on both sides
  std::vector<HashAlgorithm> hashes;     // of RFC 7427: announced, the preferred first
  bool pss = false;                      // our RSA signatures are RSASSA-PSS
  bool old_methods = true;               // with a peer that does not know RFC 7427

  bool operator==(const CertificatePolicy&) const = default;
};

/// What is loaded under these names. Not part of the policy: a certificate that is loaded anew ends
/// no SA.
struct Credential {
  std::vector<Bytes> chain;  // DER, our own first, then those above it; empty: none is loaded
  Bytes subject;             // DER of our own's
  KeyKind kind = KeyKind::kNone;
  Bytes authorities;  // hashes for CERTREQ, payload_cert.h

  bool operator==(const Credential&) const = default;
};

struct Gateway {
  std::string name;
  std::uint32_t instance = 0;
  Address local;
  Address remote;
  Identity local_identity;   // kNone: the local address
  Identity remote_identity;  // kNone: the remote address
  // Of a peer named by its certificate: an unbroken part of its name, and fields in any order; DER.
  Bytes name_container;
  Bytes name_fields;
  Bytes pre_shared_key;
  CertificatePolicy certificates;
  std::shared_ptr<const Credential> credential;  // with certificates; null: nothing is loaded
  std::vector<IkeProposal> proposals;
  std::optional<DeadPeerDetection> dpd;
  bool nat_traversal = true;                 // RFC 7296 section 2.23
  std::uint32_t nat_keepalive_seconds = 20;  // behind a NAT ourselves
  std::uint16_t encapsulation_port = 0;      // of ESP in UDP where there is no NAT; 0: not in UDP
  bool any_identity = false;                 // general-ikeid: whoever proves to have the key
  bool fragmentation = true;                 // RFC 7383
  std::uint16_t fragment_size = 576;         // octets of the IP packet
  std::uint32_t reauth_frequency = 0;        // every how many rekeys the peer proves itself anew
  std::vector<ChildPolicy> children;

  bool operator==(const Gateway&) const = default;
};

/// Flood control, [edit security ike session half-open].
struct HalfOpen {
  std::uint32_t timeout_seconds = 60;   // an SA that is not authenticated by then is forgotten
  std::uint32_t max_count = 300;        // more requests are dropped
  std::uint32_t cookie_threshold = 50;  // from here on a COOKIE is asked for

  bool operator==(const HalfOpen&) const = default;
};

struct Config {
  std::vector<Gateway> gateways;
  HalfOpen half_open;
};

}  // namespace nezu::ike
