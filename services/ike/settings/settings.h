// The configuration as iked understands it: [edit security ike], [edit security ipsec], [edit
// services service-set] and the interfaces they name, put together per tunnel.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "configdb/tree.h"
#include "services/ike/config.h"
#include "services/ike/settings/authority_policy.h"
#include "services/ike/settings/trace.h"
#include "services/ike/settings/tunnel_ids.h"

namespace nezu::ike {

enum class DontFragment : std::uint8_t { kClear, kSet, kCopy };

/// `vpn-monitor`: who is asked, and as whom.
struct VpnMonitor {
  Address source;
  Address destination;
  bool optimized = false;
  std::uint32_t threshold = 10;  // questions in a row without an answer: the tunnel is down

  bool operator==(const VpnMonitor&) const = default;
};

/// What is to be known of a tunnel beyond the protocol: for the PFE and for shows.
struct Tunnel {
  std::string vpn;
  std::string selector;  // its traffic-selector; empty: it has none
  std::uint32_t id = 0;
  std::uint32_t order = 0;  // among the tunnels of its VPN: the first that holds a packet takes it
  std::string interface;    // "st0.1"
  std::string gateway;
  std::string ipsec_policy;
  std::string service_set;
  std::string anchor;  // "si-0/0/0"
  std::uint32_t instance = 0;
  Address local;
  Address remote;
  bool copy_dscp = false;  // copy-outer-dscp: outer to inner, of what is decrypted
  DontFragment dont_fragment = DontFragment::kClear;
  std::uint32_t mtu = 0;             // 0: the interface's
  std::uint32_t replay_window = 64;  // packets; 0: no anti-replay
  EstablishTunnels establish = EstablishTunnels::kOnTraffic;
  std::vector<TrafficSelector> local_terms;  // ChildPolicy: local, remote
  std::vector<TrafficSelector> remote_terms;
  std::uint32_t preference = 5;  // of the routes inserted for them
  std::uint32_t metric = 0;      // 0: none
  std::optional<VpnMonitor> monitor;

  bool operator==(const Tunnel&) const = default;
};

struct Settings {
  Config protocol;
  std::map<std::uint32_t, Tunnel> tunnels;                // by id
  std::map<std::string, std::string> external_interface;  // of a gateway, "et-0/2/10.0"
  std::uint32_t monitor_interval_seconds = 10;
  AuthorityPolicies authorities;
  TraceOptions trace;
};

/// Reads an effective tree that passed the checks. What is not complete (a commit would refuse it)
/// makes no tunnel.
Settings settings_from(const configdb::View& root, TunnelIds& ids);

/// The schema paths that iked acts on; what a claim ends at is read whole.
std::vector<std::string> claims();

// The parts, which the checks share.

/// "et-0/2/10" is "et-0/2/10.0".
std::string logical_name(std::string_view interface);
/// [edit interfaces NAME unit N] of "st0.1"; false if it is not configured.
configdb::View unit_of(const configdb::View& root, std::string_view logical);
/// The first address of the family (octets of an address: 4 or 16) on a logical interface.
Address address_on(const configdb::View& root, std::string_view logical, std::size_t octets);
/// The terms of a traffic-selector, those without a name last; what is not complete is left out.
struct Term {
  std::string name;
  TrafficSelector local;
  TrafficSelector remote;
};
std::vector<Term> terms_of(const configdb::View& selector);
/// The addresses of a prefix, host bits ignored.
std::optional<TrafficSelector> selector_of(std::string_view prefix);
/// "tcp"; empty: it has none.
std::string_view protocol_name(std::uint8_t number);
/// "tcp", "6".
std::optional<std::uint8_t> protocol_named(std::string_view name);
/// "500", "500-1010".
bool read_ports(std::string_view text, TrafficSelector& selector);

/// Every address of every logical interface.
std::set<Address> addresses_of(const configdb::View& root);
/// The peer: the first configured address.
Address remote_of(const configdb::View& gateway);
/// local-address, or what external-interface has of the peer's family.
Address local_of(const configdb::View& root, const configdb::View& gateway);
/// The service sets that name each VPN.
std::map<std::string, std::vector<configdb::View>> service_sets(const configdb::View& root);
/// "si-0/0/0" of "si-0/0/0.1".
std::string device_of(std::string_view logical);

}  // namespace nezu::ike
