#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "pfe-model/counters.h"
#include "pfe-model/descriptor.h"
#include "pfe-model/fib.h"
#include "pfe-model/flat_map.h"
#include "pfe-model/mac_table.h"
#include "pfe-model/sa.h"
#include "pfe-model/vxlan.h"
#include "pfe-model/wire.h"

namespace nezu::pfe {

class Pfe;

/// Largest values clients may use for what indexes an array.
constexpr uint32_t kMaxInterface = 1 << 20;
constexpr uint32_t kMaxInstance = 1 << 16;
constexpr uint32_t kMaxPfe = 64;

using Mac = std::array<uint8_t, 6>;

/// In each object: what the client said, then what only the forwarding plane knows. `sync` is the
/// round of synchronisation in which the client last named it.
struct Port {
  uint32_t id = 0;
  std::string name;
  uint32_t pfe = 0;
  bool enabled = false;
  Receive receive = Receive::kSmall;
  std::unique_ptr<Wire> wire;
  uint64_t sync = 0;

  static constexpr size_t kBatch = 64;
  Packet* batch[kBatch];  ///< frames waiting to be sent
  size_t waiting = 0;
  Traffic input;
  Traffic output;
  uint64_t output_drops = 0;
  struct Interface* interface = nullptr;  ///< the logical interface of frames without a tag
  FlatMap<uint32_t, struct Interface*, IdHash> vlans;  ///< and of those with one
};

enum class Kind : uint8_t { kEthernet, kTunnel, kService, kLoopback, kVxlan, kVtep };

struct Interface {
  uint32_t index = 0;
  std::string name;
  uint32_t instance = 0;
  bool up = false;
  uint32_t mtu = 1500;
  bool inet = false;
  bool inet6 = false;
  Kind kind = Kind::kLoopback;
  uint32_t port_id = 0;
  Mac mac{};
  uint16_t vlan = 0;  ///< 0: its frames have no tag
  uint32_t pfe = 0;   ///< kEthernet: the port's; the others: the anchor
  Descriptor host;    ///< TAP for kEthernet, else TUN
  uint64_t sync = 0;

  Port* port = nullptr;
  Fib* fib = nullptr;
  struct Bridge* bridge = nullptr;      ///< kEthernet: the domain that takes its frames
  std::vector<struct Tunnel*> tunnels;  ///< in the order in which their selectors are asked
  Traffic input;
  Traffic output;
  std::unique_ptr<VxlanTunnel> vxlan;  ///< kVxlan, kVtep
};

/// A bridge domain: frames between its members, which are Ethernet interfaces and VXLAN endpoints.
struct Bridge {
  uint32_t id = 0;
  uint32_t pfe = 0;  ///< its endpoints' as well
  uint32_t vni = 0;
  std::vector<uint32_t> member_ids;
  uint64_t sync = 0;

  std::vector<Interface*> members;  ///< those that there are
  MacTable macs;
};

/// Whose a VXLAN packet is: the domain's, or the interface's alone.
struct VxlanEnd {
  Interface* interface = nullptr;
  Bridge* bridge = nullptr;
};

/// What can be wrong with the UDP header of ESP: there is none, or it is to another port than the
/// SA's (which is that of IKE), or there is one.
enum class UdpError : uint8_t { kMissing, kPort, kIkePort, kUnexpected };

struct Tunnel {
  enum class DontFragment : uint8_t { kClear, kSet, kCopy };

  uint32_t id = 0;
  uint32_t interface_index = 0;
  uint32_t anchor = 0;
  uint32_t order = 0;
  std::vector<Selector> selectors;
  uint32_t outbound_spi = 0;
  uint32_t instance = 0;
  Address remote;
  bool copy_dscp = false;
  DontFragment df = DontFragment::kClear;
  uint32_t mtu = 0;
  uint64_t sync = 0;

  Sa* outbound = nullptr;
  Interface* interface = nullptr;
  uint64_t wanted_at = 0;      ///< when TunnelWanted was last reported
  uint64_t limit_version = 0;  ///< Tables::version() for which `limit` holds
  uint32_t limit = 0;          ///< largest inner packet
  Traffic encrypted;           ///< inner lengths
  Traffic decrypted;           ///< whole outer packets
  Traffic inner;               ///< decrypted, inner lengths: input of the interface
  uint64_t replay_errors = 0;
  uint64_t authentication_failures = 0;
  uint64_t decryption_failures = 0;  ///< authentic, but not an IP packet that came out
  uint64_t bad_headers = 0;
  uint64_t bad_trailers = 0;
  Traffic ah_output, ah_input;  ///< whole packets
  uint64_t ah_authentication_failures = 0;
  uint64_t selector_errors = 0;
  std::array<uint64_t, 4> udp_errors{};  ///< by UdpError
  uint64_t too_big = 0;
  uint64_t no_sa_drops = 0;

  /// What a router on the way said fits, learnt by any PFE, used by the anchor; 0: nothing.
  std::atomic<uint32_t> path_mtu = 0;
  std::atomic<uint64_t> path_mtu_until = 0;
};

struct NeighbourKey {
  uint32_t interface = 0;
  Address address;
  bool operator==(const NeighbourKey&) const = default;
};
struct NeighbourKeyHash {
  uint64_t operator()(const NeighbourKey& key) const { return hash(key.address, key.interface); }
};
struct Neighbour {
  Mac mac{};
  uint64_t sync = 0;
};

/// The far end of a tunnel: whose IKE messages are worth most.
struct PeerKey {
  uint32_t instance = 0;
  Address remote;
  bool operator==(const PeerKey&) const = default;
};
struct PeerKeyHash {
  uint64_t operator()(const PeerKey& key) const { return hash(key.remote, key.instance); }
};

/// Everything the clients have told us. Changed only while no worker runs (Plane::change); read by
/// all of them. Objects refer to each other by number, so clients may name them in any order;
/// link() turns the numbers into pointers after each change.
struct Tables {
  std::map<uint32_t, std::unique_ptr<Port>> ports;
  std::map<uint32_t, std::unique_ptr<Interface>> interfaces;
  std::map<uint32_t, std::unique_ptr<Tunnel>> tunnels;
  std::map<uint32_t, std::unique_ptr<Bridge>> bridges;
  std::vector<std::unique_ptr<Fib>> fibs;  ///< by instance, nullptr where there is none
  std::unordered_map<SaKey, std::unique_ptr<Sa>, SaKeyHash> sas;
  FlatMap<NeighbourKey, Neighbour, NeighbourKeyHash> neighbours;

  std::vector<Interface*> interface_at;  ///< by index, nullptr where there is none
  FlatMap<uint32_t, Tunnel*, IdHash> tunnel_at;
  FlatMap<uint32_t, Bridge*, IdHash> bridge_at;
  FlatMap<SaKey, Sa*, SaKeyHash> inbound;
  FlatMap<PeerKey, uint32_t, PeerKeyHash> peers;            ///< how many tunnels each has
  FlatMap<uint32_t, uint32_t, IdHash> udp_ports;            ///< how many inbound SAs are at each
  FlatMap<VxlanPort, uint32_t, VxlanPortHash> vxlan_ports;  ///< how many tunnels are at each
  FlatMap<VxlanKey, VxlanEnd, VxlanKeyHash> vxlans;  ///< with the remote, and without any of them
  uint64_t version = 1;                              ///< goes up with each link()

  Interface* interface(uint32_t index) const {
    return index < interface_at.size() ? interface_at[index] : nullptr;
  }
  Tunnel* tunnel(uint32_t id) const {
    Tunnel* const* found = tunnel_at.find(id);
    return found == nullptr ? nullptr : *found;
  }
  Bridge* bridge(uint32_t id) const {
    Bridge* const* found = bridge_at.find(id);
    return found == nullptr ? nullptr : *found;
  }
  Fib& fib(uint32_t instance);
  Fib* find_fib(uint32_t instance) const {
    return instance < fibs.size() ? fibs[instance].get() : nullptr;
  }

  void link();

  // What link() would do for one object alone: a sync of thousands of tunnels comes in small
  // batches, and traffic waits for each. An SA is unlinked before it changes or goes; so is a
  // tunnel, but these two only while link() is not due.
  void link(Sa& sa);
  void unlink(Sa& sa);
  void link(Tunnel& tunnel);
  void unlink(Tunnel& tunnel);
};

}  // namespace nezu::pfe
