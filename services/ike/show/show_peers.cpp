// show security ike active-peer, show security ike stats, show security ipsec
// tunnel-events-statistics, request security ike initiate, rekey and terminate
#include <algorithm>
#include <map>
#include <set>

#include "services/ike/daemon/daemon.h"
#include "services/ike/show/show.h"

namespace nezu::ike {
namespace {

using grammar::Element;

struct Counter {
  PeerTally::Kind kind;
  const char* initiator;
  const char* responder;
  std::uint64_t ExchangeTally::*count;
};
constexpr Counter kCounters[] = {
    {PeerTally::kInit, "ikev2-initiator-ike-sa-init-request-out",
     "ikev2-responder-ike-sa-init-request-in", &ExchangeTally::requests},
    {PeerTally::kInit, "ikev2-initiator-ike-sa-init-response-in",
     "ikev2-responder-ike-sa-init-response-out", &ExchangeTally::answers},
    {PeerTally::kInit, "ikev2-initiator-ike-sa-init-no-proposal-chosen-in",
     "ikev2-responder-ike-sa-init-no-proposal-chosen-out", &ExchangeTally::no_proposal_chosen},
    {PeerTally::kInit, "ikev2-initiator-ike-sa-init-invalid-ke-payload-in",
     "ikev2-responder-ike-sa-init-invalid-ke-payload-out", &ExchangeTally::invalid_ke},
    {PeerTally::kInit, "ikev2-initiator-ike-sa-init-cookie-request-in",
     "ikev2-responder-ike-sa-init-cookie-request-out", &ExchangeTally::cookies},
    {PeerTally::kInit, "ikev2-initiator-ike-sa-init-cookie-response-out",
     "ikev2-responder-ike-sa-init-cookie-response-in", &ExchangeTally::cookies_returned},
    {PeerTally::kAuth, "ikev2-initiator-ike-auth-request-out",
     "ikev2-responder-ike-auth-request-in", &ExchangeTally::requests},
    {PeerTally::kAuth, "ikev2-initiator-ike-auth-response-in",
     "ikev2-responder-ike-auth-response-out", &ExchangeTally::answers},
    {PeerTally::kAuth, "ikev2-initiator-ike-auth-no-proposal-chosen-in",
     "ikev2-responder-ike-auth-no-proposal-chosen-out", &ExchangeTally::no_proposal_chosen},
    {PeerTally::kAuth, "ikev2-initiator-ike-auth-ts-unacceptable-in",
     "ikev2-responder-ike-auth-ts-unacceptable-out", &ExchangeTally::ts_unacceptable},
    {PeerTally::kAuth, "ikev2-initiator-ike-auth-authentication-failed-in",
     "ikev2-responder-ike-auth-authentication-failed-out", &ExchangeTally::authentication_failed},
    {PeerTally::kIkeRekey, "ikev2-initiator-ike-sa-rekey-request-out",
     "ikev2-responder-ike-sa-rekey-request-in", &ExchangeTally::requests},
    {PeerTally::kIkeRekey, "ikev2-initiator-ike-sa-rekey-response-in",
     "ikev2-responder-ike-sa-rekey-response-out", &ExchangeTally::answers},
    {PeerTally::kIkeRekey, "ikev2-initiator-ike-sa-rekey-no-proposal-chosen-in",
     "ikev2-responder-ike-sa-rekey-no-proposal-chosen-out", &ExchangeTally::no_proposal_chosen},
    {PeerTally::kIkeRekey, "ikev2-initiator-ike-sa-rekey-invalid-key-in",
     "ikev2-responder-ike-sa-rekey-invalid-key-out", &ExchangeTally::invalid_ke},
    {PeerTally::kChildRekey, "ikev2-initiator-ipsec-sa-rekey-request-out",
     "ikev2-responder-ipsec-sa-rekey-request-in", &ExchangeTally::requests},
    {PeerTally::kChildRekey, "ikev2-initiator-ipsec-sa-rekey-response-in",
     "ikev2-responder-ipsec-sa-rekey-response-out", &ExchangeTally::answers},
    {PeerTally::kChildRekey, "ikev2-initiator-ipsec-sa-rekey-no-proposal-chosen-in",
     "ikev2-responder-ipsec-sa-rekey-no-proposal-chosen-out", &ExchangeTally::no_proposal_chosen},
    {PeerTally::kChildRekey, "ikev2-initiator-ipsec-sa-rekey-invalid-key-in",
     "ikev2-responder-ipsec-sa-rekey-invalid-key-out", &ExchangeTally::invalid_ke},
    {PeerTally::kChildRekey, "ikev2-initiator-ipsec-sa-rekey-ts-unacceptable-in",
     "ikev2-responder-ipsec-sa-rekey-ts-unacceptable-out", &ExchangeTally::ts_unacceptable},
};
constexpr const char* kContainers[] = {"ikev2-ike-sa-init-exchange-stats",
                                       "ikev2-ike-auth-exchange-stats", "ikev2-ike-sa-rekey-stats",
                                       "ikev2-ipsec-sa-rekey-stats"};

void write_stats(const PeerTally& tally, mgmt::Reply& out) {
  const Element all(out, "ike-peer-stats-information");
  for (int kind = 0; kind < PeerTally::kKinds; ++kind) {
    const Element stats(out, kContainers[kind]);
    for (const Counter& each : kCounters) {
      if (each.kind != kind) continue;
      out.leaf_number(each.initiator, tally.initiated[kind].*each.count);
      out.leaf_number(each.responder, tally.answered[kind].*each.count);
    }
  }
}

void add(ExchangeTally& sum, const ExchangeTally& tally) {
  for (const Counter& each : kCounters)
    if (each.kind == PeerTally::kInit) sum.*each.count += tally.*each.count;
  sum.ts_unacceptable += tally.ts_unacceptable;
  sum.authentication_failed += tally.authentication_failed;
}

void add(PeerTally& sum, const PeerTally& tally) {
  for (int kind = 0; kind < PeerTally::kKinds; ++kind) {
    add(sum.initiated[kind], tally.initiated[kind]);
    add(sum.answered[kind], tally.answered[kind]);
  }
}

// IKE SAs of one peer: same gateway, address and identity.
struct ActivePeer {
  std::vector<const IkeSa*> sas;
  std::set<std::uint32_t> tunnels;
};
using PeerKey = std::tuple<std::string, Endpoint, std::string>;

std::map<PeerKey, ActivePeer> peers_of(const Daemon& daemon, const mgmt::Input& input) {
  const auto wanted = input.find("peer-address");
  std::map<PeerKey, ActivePeer> peers;
  for (const auto& [_, sa] : daemon.table().sas()) {
    if (sa.phase != Phase::kEstablished || sa.successor != 0) continue;
    if (wanted != input.end() && to_string(sa.path.remote.address) != wanted->second) continue;
    ActivePeer& peer = peers[{sa.gateway, sa.path.remote, to_string(sa.remote_identity)}];
    peer.sas.push_back(&sa);
    for (const ChildSa& child : sa.children)
      if (child.state != ChildSa::State::kDeleting) peer.tunnels.insert(child.tunnel);
  }
  return peers;
}

template <typename Numbers>
std::string list_of(const Numbers& numbers) {
  std::string text;
  for (const auto number : numbers) text += (text.empty() ? "" : ", ") + std::to_string(number);
  return text;
}

void write_name(const IkeSa& sa, mgmt::Reply& out) {
  out.leaf("ike-sa-remote-address", to_string(sa.path.remote.address));
  out.leaf_number("ike-sa-remote-port", sa.path.remote.port);
  out.leaf("ike-ike-id", to_string(sa.remote_identity));
  out.leaf("ike-xauth-username", "not available");
}

void write_brief(const IkeSa& sa, mgmt::Reply& out) {
  const Element entry(out, "ike-active-peers");
  write_name(sa, out);
  out.leaf("ike-xauth-user-assigned-ip", "0.0.0.0");
}

void write_local(const Daemon& daemon, const IkeSa& sa, mgmt::Reply& out) {
  const Element local(out, "ike-peer-local-information");
  const auto& interfaces = daemon.settings().external_interface;
  if (const auto found = interfaces.find(sa.gateway); found != interfaces.end())
    out.leaf("ike-sa-local-gateway-interface", found->second);
  out.leaf("ike-sa-routing-instance", "default");
  out.leaf("ike-sa-local-address", to_string(sa.path.local.address));
  out.leaf_number("ike-sa-local-port", sa.path.local.port);
  out.leaf("ike-sa-local-ike-id", to_string(sa.local_identity));
}

const char* mode_text(DeadPeerDetection::Mode mode) {
  if (mode == DeadPeerDetection::Mode::kAlwaysSend) return "always-send";
  return mode == DeadPeerDetection::Mode::kOptimized ? "optimized" : "probe-idle-tunnel";
}

void write_dpd(const Daemon& daemon, const std::string& gateway, mgmt::Reply& out) {
  for (const Gateway& each : daemon.settings().protocol.gateways) {
    if (each.name != gateway || !each.dpd) continue;
    out.leaf("ike-dpd-cfg-mode", mode_text(each.dpd->mode));
    out.leaf_number("ike-dpd-cfg-interval", each.dpd->interval_seconds);
    out.leaf_number("ike-dpd-cfg-threshold", each.dpd->threshold);
  }
}

void write_detail(const Daemon& daemon, const ActivePeer& peer, mgmt::Reply& out) {
  const IkeSa& sa = *peer.sas.front();
  const Element block(out, "ike-active-peers-block");
  write_name(sa, out);
  write_local(daemon, sa, out);
  const PeerTally& tally = daemon.table().journal().tally(sa.gateway);
  {
    const Element entry(out, "ike-active-peers");
    std::vector<std::uint32_t> indices;
    for (const IkeSa* each : peer.sas) indices.push_back(each->index);
    out.leaf("ike-p1sa-id-list", list_of(indices));
    out.leaf_number("ike-peer-ike-sa-negotiated", tally.proven);
    out.leaf_number("ike-peer-active-ipsec-sa", peer.tunnels.size());
    if (!peer.tunnels.empty()) out.leaf("ike-ipsec-sa-id-list", list_of(peer.tunnels));
    write_dpd(daemon, sa.gateway, out);
  }
  write_stats(tally, out);
}

std::vector<std::uint32_t> tunnels_of(const Daemon& daemon, const std::string& vpn) {
  std::vector<std::uint32_t> tunnels;
  for (const auto& [id, tunnel] : daemon.tunnels().configured())
    if (tunnel.vpn == vpn) tunnels.push_back(id);
  return tunnels;
}

bool is_responder(EstablishTunnels establish) {
  return establish == EstablishTunnels::kResponderOnly ||
         establish == EstablishTunnels::kResponderOnlyNoRekey;
}

}  // namespace

void show_active_peers(const Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const auto peers = peers_of(daemon, input);
  if (!peers.empty()) {
    const Element all(*reply, "ike-active-peers-information");
    for (const auto& [_, peer] : peers)
      input.contains("detail") ? write_detail(daemon, peer, *reply)
                               : write_brief(*peer.sas.front(), *reply);
  }
  reply->finish();
}

void show_stats(const Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const auto gateway = input.find("gateway");
  const auto is_wanted = [&](const std::string& name) {
    return gateway == input.end() || name == gateway->second;
  };
  PeerTally sum;
  bool known = false;
  for (const Gateway& each : daemon.settings().protocol.gateways) {
    if (!is_wanted(each.name)) continue;
    known = true;
    add(sum, daemon.table().journal().tally(each.name));
  }
  if (gateway != input.end() && !known)
    return reply->fail("Gateway " + gateway->second + " has no tunnel");
  std::uint64_t up = 0, half_open = 0;
  std::set<std::uint32_t> tunnels;
  for (const auto& [_, sa] : daemon.table().sas()) {
    if (!is_wanted(sa.gateway)) continue;
    up += sa.phase == Phase::kEstablished && sa.successor == 0;
    half_open += is_half_open(sa.phase);
    for (const ChildSa& child : sa.children)
      if (child.state != ChildSa::State::kDeleting) tunnels.insert(child.tunnel);
  }
  const Element all(*reply, "ike-stats-information");
  if (gateway != input.end()) reply->leaf("ike-gw-name", gateway->second);
  reply->leaf_number("ike-sa-up", up);
  reply->leaf_number("ike-sa-half-open", half_open);
  reply->leaf_number("ipsec-tunnels-up", tunnels.size());
  write_stats(sum, *reply);
  // What led to nothing belongs to no gateway.
  if (gateway == input.end()) {
    for (const DropCount& drop : daemon.table().drops()) {
      if (drop.count == 0) continue;
      const Element entry(*reply, "ike-drop");
      reply->leaf("drop-description", drop.help);
      reply->leaf_number("drop-count", drop.count);
    }
    if (daemon.unsent() != 0) reply->leaf_number("datagrams-not-sent", daemon.unsent());
  }
  reply->finish();
}

void show_event_statistics(const Daemon& daemon, const mgmt::Input&, const Reply& reply) {
  const Element all(*reply, "ipsec-tunnel-event-statistics");
  for (const auto& [text, times] : daemon.event_counts()) {
    const Element entry(*reply, "sa-tunnel-event-statistics");
    reply->leaf("sa-tunnel-event-description", text);
    reply->leaf_number("sa-tunnel-event-num-times", times);
  }
  reply->finish();
}

void clear_event_statistics(Daemon& daemon, const mgmt::Input&, const Reply& reply) {
  daemon.clear_event_counts();
  reply->finish();
}

void initiate(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const std::string& vpn = input.at("vpn-name");
  const auto tunnels = tunnels_of(daemon, vpn);
  if (tunnels.empty()) return reply->fail("VPN " + vpn + " makes no tunnel");
  const EstablishTunnels establish = daemon.tunnels().configured().at(tunnels.front()).establish;
  if (is_responder(establish))
    return reply->fail("VPN " + vpn + " only answers (establish-tunnels responder-only)");
  std::size_t begun = 0;
  for (const std::uint32_t tunnel : tunnels) begun += daemon.initiate(tunnel);
  if (begun == 0) return reply->fail("VPN " + vpn + " is up");
  reply->message("Negotiation of " + std::to_string(begun) + (begun == 1 ? " tunnel" : " tunnels") +
                 " begins");
  reply->finish();
}

void rekey(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const auto vpn = input.find("vpn-name");
  std::size_t known = 0, begun = 0;
  for (const auto& [id, tunnel] : daemon.tunnels().configured()) {
    if (vpn != input.end() && tunnel.vpn != vpn->second) continue;
    ++known;
    begun += daemon.rekey(id);
  }
  if (vpn != input.end() && known == 0)
    return reply->fail("VPN " + vpn->second + " makes no tunnel");
  if (begun == 0)
    return reply->fail(vpn == input.end() ? "No tunnel is up"
                                          : "VPN " + vpn->second + " is not up");
  reply->message("Rekey of " + std::to_string(begun) + (begun == 1 ? " tunnel" : " tunnels") +
                 " begins");
  reply->finish();
}

void terminate(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const std::string& gateway = input.at("gateway");
  std::vector<std::uint32_t> chosen;
  for (const auto& [index, sa] : daemon.table().sas())
    if (sa.gateway == gateway) chosen.push_back(index);
  if (chosen.empty())
    return reply->fail("There is no IKE security association of gateway " + gateway);
  for (const std::uint32_t index : chosen) daemon.delete_ike(index);
  reply->finish();
}

}  // namespace nezu::ike
