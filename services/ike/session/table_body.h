// The inside of SaTable.
#pragma once

#include <array>
#include <functional>
#include <set>
#include <string>
#include <unordered_map>

#include "services/ike/session/cookie.h"
#include "services/ike/session/session.h"
#include "services/ike/session/table.h"
#include "services/ike/session/wants.h"

namespace nezu::ike {

enum class Drop : std::uint8_t {
  kShort,
  kLength,
  kVersion,
  kSpi,
  kExchange,
  kUnknownSpi,
  kWrongSource,
  kNoGateway,
  kHalfOpenLimit,
  kBadCookie,
  kMalformed,
  kNotAuthentic,
  kUnexpected,
  kUnexpectedId,
  kStillComputing,
  kRefusalLimit,
  kCount,
};

/// The SA's record has to be written.
void mark(Output& out, std::uint32_t index);

struct SaTable::Body final : Others {
  explicit Body(Random source) : random(std::move(source)), cookies(random) {}

  using Deed = std::function<void(Step&)>;

  Random random;
  Journal journal;
  Config config;
  Cookies cookies;
  std::map<std::uint32_t, IkeSa> sas;
  std::uint32_t next_index = 1;
  Wants wants;
  std::array<std::uint64_t, static_cast<std::size_t>(Drop::kCount)> dropped{};
  std::uint32_t half_open = 0;  // SAs that strangers made us keep
  std::uint32_t starting = 0;   // SAs that we have begun
  Time refusals_since = 0;      // pace of stateless refusals
  std::uint32_t refusals = 0;

  // Ways in, kept in step with `sas`.
  std::unordered_map<std::uint64_t, std::uint32_t> by_spi;
  std::map<std::pair<std::uint64_t, Path>, std::uint32_t> by_initiator;  // responder only
  std::unordered_map<std::uint64_t, std::uint32_t> by_generation;
  std::unordered_map<std::string, std::set<std::uint32_t>> by_gateway;
  using Numbers = std::vector<std::uint32_t>;
  using Owners = std::unordered_map<std::uint32_t, std::set<std::uint32_t>>;
  Owners by_tunnel;                                      // who has pairs of it
  Owners by_outbound;                                    // who has a pair that sends to the SPI
  std::unordered_map<std::uint32_t, Numbers> tunnels;    // the same by index
  std::unordered_map<std::uint32_t, Numbers> outbounds;  // the same by index
  std::unordered_map<std::uint32_t, std::uint64_t> outbound;  // tunnel → generation it sends on
  std::set<std::pair<Time, std::uint32_t>> due;    // next timeout of each SA that has one
  std::unordered_map<std::uint32_t, Time> due_of;  // the same by index
  std::unordered_map<std::string, std::size_t> gateways;
  std::map<std::tuple<std::uint32_t, Address, Address>, std::size_t> gateways_by_path;
  std::unordered_map<std::uint32_t, std::size_t> gateway_of_tunnel;
  std::unordered_map<std::uint32_t, const ChildPolicy*> policy_of_tunnel;  // into `config`

  // ---- table_body.cpp
  void count(Drop why) { ++dropped[static_cast<std::size_t>(why)]; }
  const Gateway* gateway_named(const std::string& name) const;
  const Gateway* gateway_of(const IkeSa& sa) const;
  IkeSa* find(std::uint32_t index);
  /// The SAs of a gateway, and those that have pairs of a tunnel, by index.
  std::vector<IkeSa*> of_gateway(const std::string& name);
  std::vector<IkeSa*> of_tunnel(std::uint32_t tunnel);
  /// Whether any has a pair of the tunnel that is not being deleted.
  bool has_pair(std::uint32_t tunnel);
  /// Lets something happen to an SA and sees to its wishes, its place in the ways in, and its end.
  void run(std::uint32_t index, Time now, Output& out, const Deed& deed);
  std::uint32_t insert(IkeSa sa);
  void index_configuration();
  /// Takes note of when an SA wants to be looked at again.
  void schedule(std::uint32_t index);
  /// What every call ends with: tunnels that are wanted, the next timeout.
  void finish(Output& out, Time now);

  bool send_to(const IkeSa& sa, std::uint32_t spi_out) const override;
  bool carry_for(const IkeSa& sa) const override;

  // ---- table_wants.cpp
  /// Follows what the actions from `from` on did to tunnels: who lost its pair, who got one.
  void follow(std::uint32_t index, Output& out, std::size_t from, bool by_peer, Time now);
  void want_all(Time now);
  bool may_want(std::uint32_t tunnel);
  void lost(std::uint32_t tunnel, bool by_peer, Time now);
  void serve_wants(Output& out, Time now);
  /// So many that others wait: until one of them has become something.
  bool is_starting_enough() const;
  bool begins_with_last(Time now) const;
  void serve_want(std::uint32_t tunnel, Output& out, Time now);
  /// `reauthenticates`: index of the IKE SA that it takes over from, if there is one.
  void start_sa(const Gateway& gateway, std::uint32_t tunnel, Output& out, Time now,
                std::uint32_t reauthenticates = 0);
  /// Before IKE_AUTH: whether INITIAL_CONTACT is true, and whether the peer was faster (then the SA
  /// ends).
  void look_around(std::uint32_t index, Output& out, Time now);
  /// Both sides made an IKE SA at the same time: one of them goes.
  void drop_duplicate(std::uint32_t index, Output& out, Time now);
  void replace(std::uint32_t loser, std::uint32_t heir, Output& out, Time now);

  // ---- table_reauth.cpp
  void reauthenticate(std::uint32_t index, Output& out, Time now);
  void take_over(std::uint32_t index, Output& out, Time now);
  void follow_reauthentication(std::uint32_t index, Output& out, Time now);
  /// Tunnels that the SA has, the configuration too, and no other SA.
  std::set<std::uint32_t> only_on(const IkeSa& sa);
  /// A rekeyed IKE SA goes on with the reauthentications of the one before.
  void hand_over_reauthentication(IkeSa& from, IkeSa& to, Output& out);

  // ---- table_input.cpp
  void handle(ByteView datagram, const Path& path, Time now, Output& out);

 private:
  void grant(std::uint32_t index, Wishes& wishes, Time now, Output& out);
  void hand_over(IkeSa& from, IkeSa& to, Output& out);
  void forget_others(std::uint32_t index, Time now, Output& out);
  void index_sa(const IkeSa& sa);
  void index_children(std::uint32_t index, const std::vector<ChildSa>& children);
  void count_half_open(const IkeSa& sa, int by);
  void erase(std::uint32_t index);
  void handle_init(const Header& header, ByteView datagram, const Path& path, Time now,
                   Output& out);
  bool is_again_with_cookie(const IkeSa& sa, const Header& header, ByteView datagram, Time now);
  void answer_stranger(const Header& header, const Notify& notify, const Path& path, Time now,
                       Output& out);
  bool is_refusal_due(Time now);
  void settle_heir(const IkeSa& heir, const Header& header, ByteView datagram, Time now,
                   Output& out);
  void hear(Step& step, const Header& header, ByteView datagram, const Path& path);
  void count_verdict(session::Verdict verdict);
  bool keep_sending(std::uint32_t tunnel, std::uint64_t gone, Output& out, std::size_t at,
                    Time now);
};

}  // namespace nezu::ike
