// One step of an IKE SA: what the exchanges are handed and what they leave behind.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/ike/message/message.h"
#include "services/ike/session/actions.h"
#include "services/ike/session/journal.h"

namespace nezu::ike {

/// What an SA cannot do alone. The table sees to it when the step is over.
struct Wishes {
  std::vector<IkeSa> born;        // rekeyed IKE SAs
  std::uint32_t handover_to = 0;  // index of the SA that takes the children; 0: none
  std::uint32_t redundant =
      0;                   // index of the peer's IKE SA that lost a collision: the peer deletes it
  bool heir_ends = false;  // a DELETE of the IKE SA waited: it is for the one that takes over
  bool initial_contact = false;  // forget what else we have of this peer
  bool reauthenticate = false;   // a new IKE SA is to take over from this one
  bool untouched = false;        // nothing happened to the SA
  bool by_peer = false;  // what is removed is so at the peer's word: it may make it anew itself
};

/// What an SA may ask about the others of its table.
class Others {
 public:
  virtual ~Others() = default;
  /// Whether a pair of any IKE SA with this one's peer sends to the SPI.
  virtual bool send_to(const IkeSa& sa, std::uint32_t spi_out) const = 0;
  /// Whether another IKE SA with the gateway of this one stands and carries tunnels.
  virtual bool carry_for(const IkeSa& sa) const = 0;
};

struct Step {
  IkeSa& sa;
  const Gateway& gateway;
  const Random& random;
  Time now;
  Output& out;
  Wishes& wishes;
  std::uint32_t& next_index;       // for SAs that are born
  const Others* others = nullptr;  // may be missing
  const Path* from = nullptr;      // of the datagram that is handled
  Journal* journal = nullptr;      // what is said is kept there, if anywhere
  std::uint8_t inner_first = 0;    // the payloads it had inside, opened
  ByteView inner = {};
  std::optional<std::uint32_t> exchange = {};  // in the journal, of the message that is handled
  std::optional<std::uint32_t> request = {};   // id of the peer's that is being answered
};

/// The policy of a tunnel; nullptr when the configuration has it no more.
const ChildPolicy* policy_of(const Gateway& gateway, std::uint32_t tunnel);

/// Whether the tunnel's policy is there and still the one of this digest.
bool is_current(const Step& step, std::uint32_t tunnel, std::uint64_t policy);

void report_tunnel(Step& step, std::uint32_t tunnel, std::string_view text);
void report_gateway(Step& step, std::string text);

/// Draws our private key for the group and asks for the public value; with the peer's value at hand
/// for the shared secret too.
void start_dh(Step& step, DhState& dh, DhGroup group, const Bytes& peer_public = {});
/// Asks for what the state still lacks: our public value, the shared secret or both.
void ask_dh(Step& step, DhState& dh);
/// The action that an unfinished state waits for; the table asks again after a restart.
DhJob job_of(const IkeSa& sa, const DhState& dh);

Notify notify(NotifyType type, ByteView data = {});
void add_notify(PayloadChain& chain, const Notify& notify);

/// Of the two nonces of an exchange the lower one, RFC 7296 section 2.8.1.
Bytes lower_nonce(const Bytes& a, const Bytes& b);

/// `lifetime` less a random 15 to 30 percent, from now.
Time soft_end(const Step& step, std::uint64_t lifetime_ms);

/// The SA is established: its lifetime and the watch over its peer begin.
void begin_lifetime(Step& step);

/// The children go to the IKE SA of this index, and with them a DELETE that waits.
void bequeath(Step& step, std::uint32_t heir);

/// The SA ends here: children are taken out with `events::kIkeDeleted`, the table forgets it.
void die(Step& step);
/// Ends a negotiation that led to nothing: said once, for the tunnel that waits and in the log.
void fail(Step& step, std::string_view reason);

}  // namespace nezu::ike
