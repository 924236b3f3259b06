// Child SAs as they come and go: the actions and events that go with it.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "services/ike/session/step.h"

namespace nezu::ike {

ChildSa* child_by_inbound(IkeSa& sa, std::uint32_t spi_in);
ChildSa* child_by_outbound(IkeSa& sa, std::uint32_t spi_out);
/// The tunnels that it has pairs of, whatever their state.
std::set<std::uint32_t> tunnels_of(const IkeSa& sa);
/// The pair that is the rekey of `spi_in`, made by us or by the peer; nullptr: none.
ChildSa* successor_of(IkeSa& sa, std::uint32_t spi_in, bool initiated);

/// By tunnel, the pair that it sends on: the one it began to send on last, whatever became of it
/// since, for its successor may still wait to take over.
std::map<std::uint32_t, const ChildSa*> latest_sending(const std::vector<const ChildSa*>& pairs);

/// Whether a pair with this peer, of any IKE SA, sends to the SPI already.
bool is_outbound_taken(const Step& step, std::uint32_t spi_out);

/// Not one of RFC 4303's reserved and not one in use.
std::uint32_t draw_spi(const Step& step);

/// Builds the pair from a finished exchange and adds it to the SA; installs nothing yet.
ChildSa& add_child(Step& step, const ChildExchange& exchange, ByteView shared_secret,
                   bool initiated);

/// Inbound at once. Outbound at once for a new pair and for a rekey of ours; a rekey of the peer
/// waits for the peer to delete the old pair: before that our answer may be lost, and nobody there
/// to take what is sent on the new one.
void install_child(Step& step, ChildSa& child, bool outbound);
/// The peer is waited for no longer, unless it still asks for our answer.
void switch_in_the_end(Step& step, ChildSa& child);
/// The tunnel sends on it from now on.
void switch_outbound(Step& step, ChildSa& child);

/// Takes the pair out, with an event when there are words for it. A successor that waited takes
/// over first.
void remove_child(Step& step, std::uint32_t spi_in, std::string_view event);
/// All of them, the first one first, in linear time. No successor takes over: it goes too.
void remove_children(Step& step, std::string_view event);

/// Our rekey took its place: it is deleted after the policy's install interval.
void retire_child(Step& step, ChildSa& child);
/// Queues our DELETE, unless one is on its way.
void delete_child(Step& step, ChildSa& child, DeleteReason reason);
/// The peer has made its half of a pair that we do not have: it is told to forget it.
void disown_child(Step& step, std::uint32_t tunnel, std::uint32_t spi_in);
/// Its time is over: out at once, with the event if there are words for it, and the peer is told.
void expire_child(Step& step, std::uint32_t spi_in, std::string_view event);
/// The same of all pairs of a tunnel.
void expire_tunnel(Step& step, std::uint32_t tunnel, std::string_view event);
/// The user wants the tunnel's pairs gone: the same, and what our rekeys of them still make is
/// deleted at once instead of taking their place.
void clear_tunnel(Step& step, std::uint32_t tunnel);
std::string_view event_of(DeleteReason reason);

}  // namespace nezu::ike
