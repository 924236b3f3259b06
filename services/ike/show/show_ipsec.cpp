// show security ipsec security-associations, show security ipsec statistics
#include <algorithm>
#include <map>

#include "pfe-model/duty.h"
#include "services/ike/daemon/daemon.h"
#include "services/ike/show/show.h"

namespace nezu::ike {
namespace {

using grammar::Element;

struct Pair {
  const IkeSa* ike;
  const ChildSa* child;
};
using Pairs = std::map<std::uint32_t, std::vector<Pair>>;  // by tunnel
// Octets that the plane counted, by generation and direction (inbound: true).
using Used = std::map<std::pair<std::uint64_t, bool>, std::uint64_t>;

Pairs pairs_of(const Daemon& daemon) {
  Pairs pairs;
  for (const auto& [_, sa] : daemon.table().sas())
    for (const ChildSa& child : sa.children)
      if (sa.phase != Phase::kDeleting && child.state != ChildSa::State::kDeleting)
        pairs[child.tunnel].push_back({&sa, &child});
  return pairs;
}

// The halves that carry traffic.
bool has_outbound(const ChildSa& child) {
  return child.state != ChildSa::State::kInbound && child.state != ChildSa::State::kReplaced;
}

std::string hex(std::uint32_t spi) {
  char text[11];
  std::snprintf(text, sizeof text, "0x%08x", spi);
  return text;
}

std::string authentication_text(const EspSuite& suite) {
  return suite.integrity == Integrity::kNone ? cipher_text(suite.encryption)
                                             : std::string(facts(suite.integrity).shown);
}

const char* establish_text(EstablishTunnels establish) {
  switch (establish) {
    case EstablishTunnels::kImmediately:
      return "establish-tunnels-immediately";
    case EstablishTunnels::kResponderOnly:
      return "establish-tunnels-responder-only";
    case EstablishTunnels::kResponderOnlyNoRekey:
      return "establish-tunnels-responder-only-no-rekey";
    default:
      return "establish-tunnels-on-traffic";
  }
}

bool has_size_limit(const Pairs& pairs) {
  for (const auto& [_, each] : pairs)
    for (const Pair& pair : each)
      if (pair.child->hard_bytes) return true;
  return false;
}

Used used_of(const api::Statistics& statistics) {
  Used used;
  for (const auto& sa : statistics.sa())
    used[{sa.generation(), sa.direction() == api::SecurityAssociation::INBOUND}] = sa.bytes();
  return used;
}

// Kilobytes that are left; `unlimited` if there is no limit.
std::string size_left(const ChildSa& child, bool inbound, const Used& used, const char* unlimited) {
  if (!child.hard_bytes) return unlimited;
  const auto found = used.find({child.generation, inbound});
  if (found == used.end()) return "-";
  return std::to_string(child.hard_bytes > found->second ? (child.hard_bytes - found->second) / 1024
                                                         : 0);
}

// "U", "D"; "-" without vpn-monitor and before the first answer.
const char* monitoring_text(Monitor::State state, const char* up, const char* down) {
  if (state == Monitor::State::kUp) return up;
  return state == Monitor::State::kDown ? down : "-";
}

void write_brief_half(const Daemon& daemon, const Pair& pair, bool inbound, const Used& used,
                      mgmt::Reply& out) {
  const ChildSa& child = *pair.child;
  const Element entry(out, "ipsec-security-associations");
  out.leaf("sa-direction", inbound ? "<" : ">");
  out.leaf_number("sa-tunnel-index", child.tunnel);
  out.leaf("sa-protocol", "ESP");
  out.leaf("sa-esp-encryption-algorithm", facts(child.suite.encryption).short_name);
  out.leaf("sa-hmac-algorithm", authentication_text(child.suite));
  out.leaf("sa-spi", hex(inbound ? child.spi_in : child.spi_out));
  out.leaf("sa-hard-lifetime", child.hard_at ? seconds_until(child.hard_at) : "unlim");
  out.leaf("sa-lifesize-remaining", size_left(child, inbound, used, "unlim"));
  out.leaf("sa-vpn-monitoring-state",
           monitoring_text(daemon.monitoring().state(child.tunnel), "U", "D"));
  out.leaf("sa-virtual-system", "root");
  out.leaf_number("sa-port", pair.ike->path.remote.port);
  out.leaf("sa-remote-gateway", to_string(child.remote));
}

void write_brief(const Daemon& daemon, const std::vector<Pair>& pairs, const Used& used,
                 mgmt::Reply& out) {
  const Element block(out, "ipsec-security-associations-block");
  for (const Pair& pair : pairs) {
    write_brief_half(daemon, pair, true, used, out);
    if (has_outbound(*pair.child)) write_brief_half(daemon, pair, false, used, out);
  }
}

void write_lifetimes(const ChildSa& child, const std::string& size, mgmt::Reply& out) {
  if (child.hard_at) out.leaf("sa-hard-lifetime", seconds_until(child.hard_at));
  out.leaf("sa-lifesize-remaining", size);
  if (child.soft_at) out.leaf("sa-soft-lifetime", seconds_until(child.soft_at));
}

void write_monitoring(const Daemon& daemon, const Tunnel& tunnel, mgmt::Reply& out) {
  out.leaf("sa-vpn-monitoring-state",
           monitoring_text(daemon.monitoring().state(tunnel.id), "UP", "DOWN"));
  if (!tunnel.monitor) return;
  out.leaf("sa-vpn-monitoring-mode", tunnel.monitor->optimized ? "Optimized" : "Standard");
  out.leaf_number("sa-vpn-monitoring-interval", daemon.monitoring().interval_seconds());
  out.leaf_number("sa-vpn-monitoring-threshold", tunnel.monitor->threshold);
}

void write_half(const Daemon& daemon, const Pair& pair, const Tunnel& tunnel, bool inbound,
                const Used& used, mgmt::Reply& out) {
  const ChildSa& child = *pair.child;
  const Element entry(out, "ipsec-security-associations");
  out.leaf("sa-direction", inbound ? "inbound" : "outbound");
  out.leaf("sa-spi", hex(inbound ? child.spi_in : child.spi_out));
  out.leaf("sa-aux-spi", "0");
  write_monitoring(daemon, tunnel, out);
  write_lifetimes(child, size_left(child, inbound, used, "Unlimited"), out);
  out.leaf("sa-mode", "Tunnel(0 0)");
  out.leaf("sa-type", "dynamic");
  out.leaf("sa-state", "installed");
  out.leaf("sa-protocol", "ESP");
  out.leaf("sa-authentication-algorithm", authentication_text(child.suite));
  out.leaf("sa-encryption-algorithm", facts(child.suite.encryption).shown);
  out.leaf("sa-anti-replay-service",
           tunnel.replay_window ? "counter-based enabled" : "counter-based disabled");
  out.leaf_number("sa-replay-window-size", tunnel.replay_window);
  out.leaf("sa-extended-seq-number", child.suite.extended_sequence ? "Enabled" : "Disabled");
  out.leaf("sa-tunnel-establishment", establish_text(tunnel.establish));
  out.leaf_number("sa-ike-index", pair.ike->index);
}

void write_events(const EventLog& log, mgmt::Reply& out) {
  for (const EventLog::Line& line : log.lines()) {
    const Element event(out, "sa-ipsec-tunnel-event");
    out.leaf("sa-tunnel-event-time", event_time(line.at));
    out.leaf("sa-tunnel-event-description", line.text);
    out.leaf_number("sa-tunnel-event-num-times", line.times);
    if (line.mark == EventLog::Mark::kSequenceStart)
      out.leaf("sa-tunnel-event-repeat-seq-description", "<- [repeated sequence START]");
    if (line.mark == EventLog::Mark::kSequenceEnd)
      out.leaf("sa-tunnel-event-repeat-seq-description", "<- [repeated sequence END]");
  }
}

const char* df_text(DontFragment df) {
  if (df == DontFragment::kSet) return "set";
  return df == DontFragment::kCopy ? "copy" : "clear";
}

void write_policy(const Tunnel& tunnel, mgmt::Reply& out) {
  const Element policy(out, "sa-df-bit-policy-name");
  out.leaf("sa-df-bit", df_text(tunnel.dont_fragment));
  out.leaf("sa-copy-outer-dscp", tunnel.copy_dscp ? "Enabled" : "Disabled");
  out.leaf("sa-bind-interface", tunnel.interface);
  if (tunnel.mtu) out.leaf_number("sa-tunnel-mtu", tunnel.mtu);
  out.leaf("sa-policy-name", tunnel.ipsec_policy);
}

// Of the pair that sends, else of any.
const Pair* representative(const std::vector<Pair>& pairs) {
  for (const Pair& pair : pairs)
    if (has_outbound(*pair.child)) return &pair;
  return pairs.empty() ? nullptr : &pairs.front();
}

// "6/tcp".
std::string protocol_text(std::uint8_t protocol) {
  if (protocol == 0) return "ANY";
  const std::string_view name = protocol_name(protocol);
  return std::to_string(protocol) + (name.empty() ? "" : '/' + std::string(name));
}

void write_selector(const char* element, const TrafficSelector& selector, mgmt::Reply& out) {
  const Element entry(out, element);
  out.leaf("sa-ts-protocol", protocol_text(selector.protocol));
  const bool any = selector.port_first == 0 && selector.port_last == 65535;
  out.leaf(
      "sa-ts-port",
      any ? "ANY" : std::to_string(selector.port_first) + '-' + std::to_string(selector.port_last));
  TrafficSelector bare = selector;
  bare.protocol = 0;
  bare.port_first = 0;
  bare.port_last = 65535;
  out.leaf("sa-ts-ip", selector_text(bare));
}

// What was negotiated, or what would be offered.
void write_selectors(const Tunnel& tunnel, const Pair* pair, mgmt::Reply& out) {
  out.leaf("sa-traffic-selector-name", tunnel.selector);
  for (const auto& each : pair ? pair->child->local_selectors : tunnel.local_terms)
    write_selector("sa-ts-local-identity", each, out);
  for (const auto& each : pair ? pair->child->remote_selectors : tunnel.remote_terms)
    write_selector("sa-ts-remote-identity", each, out);
}

const char* encapsulation_text(const ChildSa& child) {
  if (child.udp_remote == 0) return "None";
  return child.udp_local == kNatPort ? "NAT-T" : "UDP";
}

void write_identity(const Tunnel& tunnel, const Pair* pair, mgmt::Reply& out) {
  out.leaf_number("sa-tunnel-index", tunnel.id);
  out.leaf("sa-virtual-system", "root");
  out.leaf("sa-vpn-name", tunnel.vpn);
  out.leaf("sa-local-gateway", to_string(tunnel.local));
  out.leaf("sa-remote-gateway", to_string(tunnel.remote));
  if (!tunnel.selector.empty()) {
    write_selectors(tunnel, pair, out);
  } else if (pair) {
    out.leaf("sa-local-identity", selector_text(pair->child->local_selectors));
    out.leaf("sa-remote-identity", selector_text(pair->child->remote_selectors));
  }
  out.leaf("sa-ts-type", tunnel.selector.empty() ? "proxy-id" : "traffic-selector");
  out.leaf("sa-ike-version", "IKEv2");
  out.leaf("sa-passive-mode-tunneling", "Disabled");
  if (!pair) return;
  // What we do not have is not configured: said as of a device on which it is not.
  out.leaf("sa-is-quantum-secured", "No");
  out.leaf("sa-is-hardware-offloaded", "No");
  out.leaf("sa-packet-encapsulation-protocol", encapsulation_text(*pair->child));
  out.leaf_number("sa-packet-encapsulation-destination-port", pair->child->udp_remote);
  const DhGroup group = pair->child->pfs;
  out.leaf("sa-pfs-group",
           group == DhGroup::kNone ? "N/A" : "DH-group-" + std::to_string(unsigned(group)));
}

// How often it was negotiated and how often that failed; no SA is kept for a later deletion here,
// and there are no pairs a forwarding class.
void write_device(const Daemon& daemon, const Tunnel& tunnel, const Pair* pair, mgmt::Reply& out) {
  {
    const TunnelTally tally = daemon.table().journal().tally(tunnel.id);
    const Element info(out, "sa-dev-info");
    out.leaf_number("sa-port", pair ? pair->ike->path.remote.port : 500);
    out.leaf_number("sa-nego-num", tally.negotiated);
    out.leaf_number("sa-nego-fail", tally.failed);
    out.leaf("sa-del-num", "0");
    out.leaf("sa-flag", "0");
  }
  const Element multi(out, "multi-sa-info");
  out.leaf("multi-sa-cfg-sas", "0");
  out.leaf("multi-sa-nego-sas", "0");
}

void write_detail(const Daemon& daemon, const Tunnel& tunnel, const std::vector<Pair>& pairs,
                  const Used& used, mgmt::Reply& out) {
  const Element block(out, "ipsec-security-associations-block");
  const Pair* pair = representative(pairs);
  write_identity(tunnel, pair, out);
  write_policy(tunnel, out);
  write_device(daemon, tunnel, pair, out);
  write_events(daemon.events(tunnel.id), out);
  if (const Anchor* anchor = daemon.tunnels().anchor(tunnel.id)) {
    const Element location(out, "sa-location");
    out.leaf_number("sa-fpc", anchor->fpc);
    out.leaf_number("sa-pic", anchor->pic);
  }
  const unsigned workers = daemon.plane().workers();
  if (const Anchor* anchor = daemon.tunnels().anchor(tunnel.id); anchor && workers != 0) {
    const Element thread(out, "sa-anchorship");
    out.leaf_number("sa-anchor-thread", pfe::worker_of(anchor->pfe, workers));
  }
  {
    const Element distribution(out, "sa-tunnel-dist");
    out.leaf("sa-tunnel-dist-key", tunnel.anchor);
  }
  for (const Pair& each : pairs) {
    write_half(daemon, each, tunnel, true, used, out);
    if (has_outbound(*each.child)) write_half(daemon, each, tunnel, false, used, out);
  }
}

void write_totals(const Pairs& pairs, mgmt::Reply& out) {
  std::size_t total = 0;
  for (const auto& [_, each] : pairs) total += each.size();
  out.leaf_number("total-active-tunnels", pairs.size());
  out.leaf_number("total-ipsec-sas", total);
}

// Up or not: the events say why it is not.
void show_tunnels(const Daemon& daemon, const std::vector<const Tunnel*>& chosen,
                  const Pairs& pairs, const Used& used, mgmt::Reply& out) {
  const Element all(out, "ipsec-security-associations-information");
  for (const Tunnel* tunnel : chosen) {
    const auto found = pairs.find(tunnel->id);
    write_detail(daemon, *tunnel, found == pairs.end() ? std::vector<Pair>() : found->second, used,
                 out);
  }
}

void show_all(const Daemon& daemon, bool detail, const Pairs& pairs, const Used& used,
              mgmt::Reply& out) {
  const Element all(out, "ipsec-security-associations-information");
  if (!detail) write_totals(pairs, out);
  const auto& tunnels = daemon.tunnels().configured();
  for (const auto& [id, each] : pairs) {
    const auto tunnel = tunnels.find(id);
    if (!detail)
      write_brief(daemon, each, used, out);
    else if (tunnel != tunnels.end())
      write_detail(daemon, tunnel->second, each, used, out);
  }
}

// Asked for by a name or a number: those that are down as well, and in detail unless said.
bool is_named(const mgmt::Input& input) {
  return input.contains("index") || input.contains("vpn-name") ||
         input.contains("traffic-selector");
}

bool is_placed(const mgmt::Input& input) {
  return input.contains("gateway") || input.contains("family") || input.contains("fpc") ||
         input.contains("pic");
}

bool is_at(const Anchor* anchor, const mgmt::Input& input) {
  const bool fpc = input.contains("fpc"), pic = input.contains("pic");
  if (!anchor) return !fpc && !pic;
  return (!fpc || number_of(input, "fpc") == anchor->fpc) &&
         (!pic || number_of(input, "pic") == anchor->pic);
}

bool is_wanted(const Daemon& daemon, const Tunnel& tunnel, const mgmt::Input& input) {
  const auto vpn = input.find("vpn-name"), selector = input.find("traffic-selector");
  const auto gateway = input.find("gateway");
  return (!input.contains("index") || tunnel.id == number_of(input, "index")) &&
         (vpn == input.end() || tunnel.vpn == vpn->second) &&
         (selector == input.end() || tunnel.selector == selector->second) &&
         (gateway == input.end() || tunnel.gateway == gateway->second) &&
         is_of_family(tunnel.remote, input) && is_at(daemon.tunnels().anchor(tunnel.id), input);
}

std::vector<const Tunnel*> chosen_tunnels(const Daemon& daemon, const mgmt::Input& input) {
  std::vector<const Tunnel*> chosen;
  for (const auto& [_, tunnel] : daemon.tunnels().configured())
    if (is_wanted(daemon, tunnel, input)) chosen.push_back(&tunnel);
  return chosen;
}

Pairs of_tunnels(Pairs pairs, const std::vector<const Tunnel*>& chosen) {
  Pairs those;
  for (const Tunnel* tunnel : chosen)
    if (auto found = pairs.extract(tunnel->id)) those.insert(std::move(found));
  return those;
}

void show_wanted(const Daemon& daemon, const mgmt::Input& input, const Used& used,
                 const Reply& reply) {
  Pairs pairs = pairs_of(daemon);
  const bool named = is_named(input), brief = input.contains("brief") || !named;
  if (!named && !is_placed(input)) {
    show_all(daemon, input.contains("detail"), pairs, used, *reply);
    return reply->finish();
  }
  const std::vector<const Tunnel*> chosen = chosen_tunnels(daemon, input);
  if ((named || input.contains("gateway")) && chosen.empty())
    return reply->fail("There is no such tunnel");
  if (brief)
    show_all(daemon, input.contains("detail"), of_tunnels(std::move(pairs), chosen), used, *reply);
  else
    show_tunnels(daemon, chosen, pairs, used, *reply);
  reply->finish();
}

void write_errors(const api::TunnelStatistics& sum, mgmt::Reply& out) {
  const Element errors(out, "error-statistics");
  out.leaf_number("ah-authentication-failures", sum.ah_authentication_failures());
  out.leaf_number("replay-errors", sum.replay_errors());
  out.leaf_number("esp-authentication-failures", sum.authentication_failures());
  out.leaf_number("esp-decryption-failures", sum.decryption_failures());
  out.leaf_number("bad-headers", sum.bad_headers());
  out.leaf_number("bad-trailers", sum.bad_trailers());
  out.leaf_number("ts-check-fail-errors", sum.selector_errors());
  out.leaf_number("exceeds-tunnel-mtu", sum.too_big());
  out.leaf_number("discard-errors", sum.no_sa_drops());
}

// What the document on UDP encapsulation has discarded, and its opposite.
void write_udp_errors(const api::TunnelStatistics& sum, mgmt::Reply& out) {
  const Element errors(out, "udp-encapsulation-statistics");
  out.leaf_number("no-udp-header", sum.udp_missing());
  out.leaf_number("not-the-configured-port", sum.udp_port_errors());
  out.leaf_number("not-port-500", sum.udp_ike_port_errors());
  out.leaf_number("unexpected-udp-header", sum.udp_unexpected());
}

bool has_udp_errors(const api::TunnelStatistics& sum) {
  return sum.udp_missing() || sum.udp_port_errors() || sum.udp_ike_port_errors() ||
         sum.udp_unexpected();
}

void write_statistics(const api::TunnelStatistics& sum, bool udp, mgmt::Reply& out) {
  const Element all(out, "usp-ipsec-total-statistics-information");
  {
    const Element esp(out, "esp-statistics");
    out.leaf_number("esp-encrypted-bytes", sum.encrypted_bytes());
    out.leaf_number("esp-decrypted-bytes", sum.decrypted_bytes());
    out.leaf_number("esp-encrypted-packets", sum.encrypted_packets());
    out.leaf_number("esp-decrypted-packets", sum.decrypted_packets());
  }
  {
    const Element ah(out, "ah-statistics");
    out.leaf_number("ah-input-bytes", sum.ah_input_bytes());
    out.leaf_number("ah-output-bytes", sum.ah_output_bytes());
    out.leaf_number("ah-input-packets", sum.ah_input_packets());
    out.leaf_number("ah-output-packets", sum.ah_output_packets());
  }
  write_errors(sum, out);
  if (udp || has_udp_errors(sum)) write_udp_errors(sum, out);
}

// Whether ESP of the tunnel, or of any one, travels in UDP as configured.
bool has_encapsulation(const Daemon& daemon, std::uint32_t tunnel) {
  const auto& gateways = daemon.settings().protocol.gateways;
  return std::any_of(gateways.begin(), gateways.end(), [&](const Gateway& gateway) {
    return std::any_of(gateway.children.begin(), gateway.children.end(), [&](const auto& child) {
      return (!tunnel || child.tunnel == tunnel) &&
             (gateway.encapsulation_port != 0 || child.encapsulation_port != 0);
    });
  });
}

struct Counter {
  std::uint64_t (api::TunnelStatistics::*get)() const;
  void (api::TunnelStatistics::*set)(std::uint64_t);
};
#define NEZU_COUNTER(name)                                           \
  Counter {                                                          \
    &api::TunnelStatistics::name, &api::TunnelStatistics::set_##name \
  }
constexpr Counter kCounters[] = {
    NEZU_COUNTER(encrypted_packets),   NEZU_COUNTER(encrypted_bytes),
    NEZU_COUNTER(decrypted_packets),   NEZU_COUNTER(decrypted_bytes),
    NEZU_COUNTER(replay_errors),       NEZU_COUNTER(authentication_failures),
    NEZU_COUNTER(decryption_failures), NEZU_COUNTER(bad_headers),
    NEZU_COUNTER(bad_trailers),        NEZU_COUNTER(ah_output_packets),
    NEZU_COUNTER(ah_output_bytes),     NEZU_COUNTER(ah_input_packets),
    NEZU_COUNTER(ah_input_bytes),      NEZU_COUNTER(ah_authentication_failures),
    NEZU_COUNTER(selector_errors),     NEZU_COUNTER(udp_missing),
    NEZU_COUNTER(udp_port_errors),     NEZU_COUNTER(udp_ike_port_errors),
    NEZU_COUNTER(udp_unexpected),      NEZU_COUNTER(too_big),
    NEZU_COUNTER(no_sa_drops)};
#undef NEZU_COUNTER

api::TunnelStatistics sum_of(const api::Statistics& statistics) {
  api::TunnelStatistics sum;
  for (const auto& each : statistics.tunnel())
    for (const auto& [get, set] : kCounters) (sum.*set)((sum.*get)() + (each.*get)());
  return sum;
}

}  // namespace

void show_ipsec(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  if (!has_size_limit(pairs_of(daemon))) return show_wanted(daemon, input, {}, reply);
  // What is left of a size is the plane's knowledge.
  api::GetStatistics wanted;
  wanted.set_sas(true);
  daemon.plane().statistics(wanted, [&daemon, input, reply](const api::Statistics* statistics) {
    show_wanted(daemon, input, statistics ? used_of(*statistics) : Used(), reply);
  });
}

void show_statistics(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  api::GetStatistics wanted;
  wanted.set_tunnels(true);
  wanted.set_tunnel(number_of(input, "index"));
  if (wanted.tunnel() && !daemon.tunnels().configured().contains(wanted.tunnel()))
    return reply->fail("There is no such tunnel");
  const bool udp = has_encapsulation(daemon, wanted.tunnel());
  daemon.plane().statistics(wanted, [reply, udp](const api::Statistics* statistics) {
    if (!statistics) return reply->fail("the forwarding plane does not answer");
    write_statistics(sum_of(*statistics), udp, *reply);
    reply->finish();
  });
}

}  // namespace nezu::ike
