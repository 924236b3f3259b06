// From tunnels of the configuration and child SAs of the protocol to the forwarding plane's table
// and to the operational state table "tunnel".
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "services/ike/daemon/pfe_client.h"
#include "services/ike/session/sa.h"
#include "services/ike/settings/settings.h"
#include "services/state/tables.h"

namespace nezu::ike {

/// Which PFE a tunnel is anchored on and whether it is there: where `show` says "Location".
struct Anchor {
  std::uint32_t fpc = 0;
  std::uint32_t pic = 0;
  std::uint32_t pfe = 0;
  bool online = false;
};

class Tunnels {
 public:
  using Publish = std::function<void(const channel::Table&)>;

  /// Reads the tables "interface" and "anchor" of `tables`.
  Tunnels(const state::Tables& tables, PfeClient& plane, Publish publish);

  /// `pairs`: every pair there is. The plane is told of them, and the table is published once, as
  /// a whole and with the pairs in place: nothing goes down in between.
  void configure(const std::map<std::uint32_t, Tunnel>& tunnels,
                 const std::vector<const ChildSa*>& pairs);
  /// Interfaces or anchors changed: refresh() will look at the tunnels on them.
  void changed(const channel::Table& change);
  void refresh();
  /// Whether every tunnel's interface and anchor are known.
  bool complete() const;

  void install(const ChildSa& child, bool inbound, bool outbound);
  /// VPN monitoring has found nobody at the far end, or somebody: until then the tunnel is not up,
  /// whatever pairs it has, but for one that traffic is to bring up, or that is asked over IPv6.
  void monitored(std::uint32_t tunnel, bool is_there);
  /// The plane did not take a tunnel or an SA of it: it is down until another pair is installed.
  void refused(std::uint32_t tunnel);
  /// The plane is new and takes another look.
  void forget_refusals();
  void remove(std::uint32_t tunnel, std::uint32_t instance, const Address& local,
              const Address& remote, std::uint32_t spi_in, std::uint32_t spi_out,
              std::uint64_t generation);

  const std::map<std::uint32_t, Tunnel>& configured() const { return configured_; }
  bool is_up(std::uint32_t tunnel) const;
  bool has_pair(std::uint32_t tunnel) const { return active_.contains(tunnel); }
  bool is_silent(std::uint32_t tunnel) const;  ///< not up for that reason
  bool is_refused(std::uint32_t tunnel) const { return refused_.contains(tunnel); }
  const Anchor* anchor(std::uint32_t tunnel) const;

 private:
  struct Place {  // what the plane was told last; stays when the RE does not know it for a while
    std::uint32_t interface = 0;
    bool placed = false;
    Anchor anchor;
  };
  struct Active {  // the pair that sends
    std::uint32_t spi_out = 0;
    std::uint64_t generation = 0;
    Address peer;  // another than the configured one where a NAT was given another address
    std::vector<TrafficSelector> local;
    std::vector<TrafficSelector> remote;
  };

  void locate(const Tunnel& tunnel, Place& place) const;
  using Rows = std::map<std::string, std::string>;  // serialised, by key

  Rows routes_of(const Tunnel& tunnel) const;
  void set_routes(std::uint32_t tunnel, const Rows& rows, channel::Table& change);
  void publish_routes(const Tunnel& tunnel);
  void publish_all_routes();
  static bool is_narrower(const Active& pair, const Active& than);
  void let_go(std::uint32_t tunnel);
  void place(const ChildSa& child, bool inbound, bool outbound);
  void place_all(const std::vector<const ChildSa*>& pairs);
  void update(const Tunnel& tunnel);
  void update(const Tunnel& tunnel, channel::Table& change);

  const state::Tables& tables_;
  PfeClient& plane_;
  Publish publish_;
  std::map<std::uint32_t, Tunnel> configured_;
  std::map<std::uint32_t, Place> places_;
  std::map<std::uint32_t, Active> active_;
  std::map<std::uint32_t, Active> spare_;  // narrower than the active one
  std::set<std::uint32_t> refused_;
  std::set<std::uint32_t> silent_;                                  // nobody answers at the far end
  std::unordered_map<std::string, std::vector<std::uint32_t>> on_;  // by interface and by anchor
  std::set<std::uint32_t> stale_;  // what is on them changed since the last refresh
  std::map<std::uint32_t, std::string> published_;  // rows by tunnel
  std::map<std::uint32_t, Rows> routes_;            // by tunnel
  // By key, what tunnels say of a route; the last one's word is published.
  std::map<std::string, std::map<std::uint32_t, std::string>> said_of_;
};

}  // namespace nezu::ike
