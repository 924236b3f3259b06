// All IKE SAs of a router. No sockets, no clock: bytes, facts and the time go in, an Output comes
// out.
//
//   SaTable table(random);
//   act(table.restore(records, now));     // what the last process left, none at first
//   act(table.configure(config, now));    // starts what is to be up immediately and is not
//   act(table.handle(bytes, path, now));  // and so on
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/ike/config.h"
#include "services/ike/session/actions.h"
#include "services/ike/session/journal.h"
#include "services/ike/session/sa.h"

namespace nezu::ike {

/// What became of datagrams that led to nothing, by name.
struct DropCount {
  const char* name;  // "short-message"
  const char* help;  // "Datagrams shorter than an IKE header"
  std::uint64_t count;
};

enum class Limit : std::uint8_t { kSoft, kHard, kSequence };

class SaTable {
 public:
  explicit SaTable(Random random);
  ~SaTable();

  /// Takes over the records of an earlier process and asks again for the computations that were
  /// under way. To be followed by configure(). A record that cannot be read is left out.
  Output restore(const std::vector<Bytes>& records, Time now);

  /// Replaces the configuration. IKE SAs of gateways that are gone or changed are deleted, so are
  /// the children of tunnels that are gone or changed; tunnels that are to be up immediately are
  /// started.
  Output configure(Config config, Time now);

  /// One UDP datagram (without a non-ESP marker).
  Output handle(ByteView datagram, const Path& path, Time now);
  Output timeout(Time now);
  Output complete(const DhResult& result, Time now);
  Output complete(const ProofResult& result, Time now);

  /// Traffic for a tunnel that has no SA.
  Output tunnel_wanted(std::uint32_t tunnel, Time now);
  /// Somebody asks for a tunnel, whatever its configuration waits for; nothing if it has a pair.
  Output initiate(std::uint32_t tunnel, Time now);
  /// The PFE's word on an SA; generations that are not known are ignored.
  Output limit_reached(std::uint64_t generation, Limit limit, Time now);
  /// The PFE took an authentic packet of the pair from elsewhere: of a peer behind a NAT that is
  /// where it is now.
  Output peer_moved(std::uint64_t generation, const Endpoint& remote, Time now);
  /// When the pair last received and last sent, for dead peer detection; changes nothing else.
  void traffic_seen(std::uint64_t generation, Time last_in, Time last_out);

  /// `clear security ike security-associations`: the children are out at once, and the peer is told
  /// that the IKE SA goes; nothing waits for its answer. A tunnel that is to be up immediately
  /// comes back by itself.
  Output delete_ike(std::uint32_t index, Time now);
  /// `clear security ipsec security-associations`: its pairs are out at once, and the peer is told.
  Output delete_tunnel(std::uint32_t tunnel, Time now);
  /// The tunnel is of no use any more, `why` says it in words and `look_at` where to look: its
  /// pairs are out at once, and the peer is told.
  Output tunnel_is_dead(std::uint32_t tunnel, const std::string& why, const std::string& look_at,
                        Time now);
  /// The peer of that IKE SA is not who it was: its pairs are out at once and nothing is made on it
  /// any more; other IKE SAs of its tunnels stay.
  Output peer_is_revoked(std::uint32_t index, const std::string& why, const std::string& look_at,
                         Time now);
  Output rekey_ike(std::uint32_t index, Time now);
  Output rekey_tunnel(std::uint32_t tunnel, Time now);

  /// By index, which is the order of creation.
  const std::map<std::uint32_t, IkeSa>& sas() const;
  /// The SAs of a gateway, and those that have pairs of a tunnel.
  std::vector<const IkeSa*> of_gateway(const std::string& name) const;
  std::vector<const IkeSa*> of_tunnel(std::uint32_t tunnel) const;
  /// Whether any has a pair of the tunnel that is not being deleted.
  bool has_pair(std::uint32_t tunnel) const;
  /// Empty when there is no such SA (any more).
  Bytes snapshot(std::uint32_t index) const;
  std::vector<DropCount> drops() const;
  /// When a tunnel that is wanted is tried next; nothing: it is up, or nobody wants it.
  std::optional<Time> next_attempt(std::uint32_t tunnel) const;
  /// What was said last, and what went wrong.
  const Journal& journal() const;
  void on_message(Journal::Listener listener);

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace nezu::ike
