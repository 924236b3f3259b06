#include "services/ike/settings/settings.h"

#include <algorithm>
#include <charconv>

#include "services/ike/distinguished_name.h"
#include "services/ike/proposal_set.h"
#include "services/ike/settings/authority_policy.h"
#include "services/ike/settings/certificate_policy.h"

namespace nezu::ike {
namespace {

using configdb::View;

struct IpProtocol {
  std::string_view name;
  std::uint8_t number;
};
constexpr IpProtocol kIpProtocols[] = {{"icmp", 1},  {"igmp", 2},   {"ipip", 4},   {"tcp", 6},
                                       {"egp", 8},   {"udp", 17},   {"rsvp", 46},  {"gre", 47},
                                       {"esp", 50},  {"ah", 51},    {"icmp6", 58}, {"ospf", 89},
                                       {"pim", 103}, {"vrrp", 112}, {"sctp", 132}};

std::uint32_t number(const View& leaf) {
  return std::uint32_t(leaf.number());
}

Bytes from_hex(std::string_view text) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    std::uint8_t byte = 0;
    std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
    bytes.push_back(byte);
  }
  return bytes;
}

Bytes pre_shared_key(const View& policy) {
  const View key = policy["pre-shared-key"];
  if (const View text = key["ascii-text"]) return bytes_of(view_of(text.value()));
  if (const View hex = key["hexadecimal"]) {
    const std::string digits = hex.value();
    return from_hex(digits.size() % 2 ? "0" + digits : digits);
  }
  return {};
}

Identity identity(const View& statement) {
  const auto text = [](Identity::Type type, const View& leaf) {
    return Identity{type, bytes_of(view_of(leaf.value()))};
  };
  const auto address = [](const View& leaf) {
    const auto parsed = Address::parse(leaf.value());
    return parsed ? Identity::of(*parsed) : Identity{};
  };
  if (const View at = statement["inet"]["identity-ipv4"]) return address(at);
  if (const View at = statement["inet6"]["identity-ipv6"]) return address(at);
  if (const View at = statement["hostname"]["identity-hostname"])
    return text(Identity::Type::kHostname, at);
  if (const View at = statement["user-at-hostname"]["identity-user"])
    return text(Identity::Type::kUserAtHostname, at);
  if (const View at = statement["key-id"]["string-key-id"]) return text(Identity::Type::kKeyId, at);
  if (statement["distinguished-name"]) return {Identity::Type::kDistinguishedName, {}};
  return {};
}

std::optional<DeadPeerDetection> dead_peer_detection(const View& gateway) {
  const View at = gateway["dead-peer-detection"];
  if (!at) return {};
  DeadPeerDetection dpd;
  if (at["always-send"]) dpd.mode = DeadPeerDetection::Mode::kAlwaysSend;
  if (at["probe-idle-tunnel"]) dpd.mode = DeadPeerDetection::Mode::kProbeIdleTunnel;
  dpd.interval_seconds = number(at["interval"]);
  dpd.threshold = number(at["threshold"]);
  return dpd;
}

std::uint16_t encapsulation_port(const View& ike, const View& gateway) {
  const View wanted = gateway["packet-encapsulation"];
  if (!wanted) return 0;
  if (!wanted["use-global-dest-port"]) return kIkePort;
  return std::uint16_t(number(ike["packet-encapsulation"]["dest-port"]));
}

std::vector<IkeProposal> ike_proposals(const View& ike, const View& policy) {
  std::vector<IkeProposal> found = ike_proposal_set(policy["proposal-set"].value());
  for (const auto& name : policy.values("proposals")) {
    const View at = ike.entry("proposal", name);
    const auto proposal = ike_proposal(name, at["encryption-algorithm"].value(),
                                       at["authentication-algorithm"].value(),
                                       at["dh-group"].value(), number(at["lifetime-seconds"]));
    if (at && proposal) found.push_back(*proposal);
  }
  return found;
}

std::vector<EspProposal> esp_proposals(const View& ipsec, const View& policy) {
  std::vector<EspProposal> found = esp_proposal_set(policy["proposal-set"].value()).proposals;
  for (const auto& name : policy.values("proposals")) {
    const View at = ipsec.entry("proposal", name);
    const auto proposal =
        esp_proposal(name, at["encryption-algorithm"].value(),
                     at["authentication-algorithm"].value(), bool(at["extended-sequence-number"]),
                     number(at["lifetime-seconds"]), at["lifetime-kilobytes"].number());
    if (at && proposal) found.push_back(*proposal);
  }
  return found;
}

EstablishTunnels establish(const View& vpn) {
  const std::string word = vpn["establish-tunnels"].value();
  if (word == "immediately") return EstablishTunnels::kImmediately;
  if (word == "responder-only") return EstablishTunnels::kResponderOnly;
  if (word == "responder-only-no-rekey") return EstablishTunnels::kResponderOnlyNoRekey;
  return EstablishTunnels::kOnTraffic;
}

DontFragment dont_fragment(const View& vpn) {
  const std::string word = vpn["df-bit"].value();
  if (word == "set") return DontFragment::kSet;
  if (word == "copy") return DontFragment::kCopy;
  return DontFragment::kClear;
}

// Without a word on it: from our end of the IKE SA to the peer's. A source must be of the
// destination's family, or there is nothing to ask with.
std::optional<VpnMonitor> monitor(const View& root, const View& ipsec, const View& vpn,
                                  const Tunnel& tunnel) {
  const View at = vpn["vpn-monitor"];
  if (!at) return {};
  VpnMonitor monitor{tunnel.local, tunnel.remote, bool(at["optimized"]), 10};
  if (const View to = at["destination-ip"])
    monitor.destination = Address::parse(to.value()).value_or(tunnel.remote);
  if (const View from = at["source-interface"])
    monitor.source = address_on(root, from.value(), monitor.destination.size);
  if (const View threshold = ipsec["vpn-monitor-options"]["threshold"])
    monitor.threshold = number(threshold);
  if (monitor.source.size != monitor.destination.size) return {};
  return monitor;
}

TraceOptions trace_options(const View& at) {
  TraceOptions options;
  options.enabled = bool(at);
  if (const View name = at["file"]["filename"]) options.file = name.value();
  read_size(at["file"]["size"].value(), options.size);
  if (at["file"]["files"]) options.files = number(at["file"]["files"]);
  options.world_readable = bool(at["file"]["world-readable"]);
  options.match = at["file"]["match"].value();
  for (const View& flag : at.entries("flag")) options.flags.insert(std::string(flag.key()));
  return options;
}

class Reader {
 public:
  Reader(const View& root, TunnelIds& ids)
      : root_(root),
        ike_(root["security"]["ike"]),
        ipsec_(root["security"]["ipsec"]),
        sets_(service_sets(root)),
        ids_(ids) {}

  Settings read() {
    std::set<std::string> names;
    // Ids are drawn in the order of the configuration.
    for (const View& vpn : ipsec_.entries("vpn")) {
      const auto selectors = vpn.entries("traffic-selector");
      if (selectors.empty()) tunnel(vpn, {}, 0);
      for (std::size_t i = 0; i < selectors.size(); ++i)
        tunnel(vpn, selectors[i], std::uint32_t(i));
    }
    for (const auto& [id, each] : settings_.tunnels) names.insert(id_name(each));
    for (const View& at : ike_.entries("gateway")) gateway(at);
    ids_.trim(names);
    if (const View interval = ipsec_["vpn-monitor-options"]["interval"])
      settings_.monitor_interval_seconds = number(interval);
    settings_.authorities = authority_policies(root_);
    settings_.trace = trace_options(ike_["traceoptions"]);
    return std::move(settings_);
  }

 private:
  void tunnel(const View& vpn, const View& selector, std::uint32_t order);
  static std::string id_name(const Tunnel& tunnel) {
    return tunnel.selector.empty() ? tunnel.vpn : tunnel.vpn + ' ' + tunnel.selector;
  }
  void select(const View& vpn, const View& selector, Tunnel& tunnel);
  void gateway(const View& at);
  void child(const View& vpn, const Tunnel& tunnel);

  View root_;
  View ike_;
  View ipsec_;
  std::map<std::string, std::vector<View>> sets_;
  TunnelIds& ids_;
  Settings settings_;
  std::map<std::string, std::vector<ChildPolicy>> children_;  // by gateway
};

void Reader::select(const View& vpn, const View& selector, Tunnel& tunnel) {
  const View identity = vpn["ike"]["proxy-identity"];
  if (!selector) {
    if (const auto local = selector_of(identity["local"].value())) tunnel.local_terms = {*local};
    if (const auto remote = selector_of(identity["remote"].value()))
      tunnel.remote_terms = {*remote};
    return;
  }
  for (const Term& term : terms_of(selector)) {
    tunnel.local_terms.push_back(term.local);
    tunnel.remote_terms.push_back(term.remote);
  }
  if (selector["preference"]) tunnel.preference = number(selector["preference"]);
  if (selector["metric"]) tunnel.metric = number(selector["metric"]);
}

void Reader::tunnel(const View& vpn, const View& selector, std::uint32_t order) {
  const View gateway = ike_.entry("gateway", vpn["ike"]["gateway"].value());
  const auto sets = sets_.find(std::string(vpn.key()));
  if (!gateway || sets == sets_.end() || !vpn["bind-interface"]) return;
  const View& set = sets->second.front();
  Tunnel tunnel;
  tunnel.vpn = vpn.key();
  if (selector) tunnel.selector = selector.key();
  tunnel.order = order;
  tunnel.id = ids_.id_of(id_name(tunnel));
  tunnel.interface = logical_name(vpn["bind-interface"].value());
  tunnel.gateway = gateway.key();
  tunnel.ipsec_policy = vpn["ike"]["ipsec-policy"].value();
  tunnel.service_set = set.key();
  tunnel.anchor = device_of(set["next-hop-service"]["inside-service-interface"].value());
  tunnel.local = local_of(root_, gateway);
  tunnel.remote = remote_of(gateway);
  tunnel.copy_dscp = bool(vpn["copy-outer-dscp"]);
  tunnel.dont_fragment = dont_fragment(vpn);
  tunnel.mtu = vpn["tunnel-mtu"] ? number(vpn["tunnel-mtu"]) : 0;
  tunnel.replay_window =
      vpn["ike"]["no-anti-replay"] ? 0 : number(vpn["ike"]["anti-replay-window-size"]);
  tunnel.establish = establish(vpn);
  tunnel.monitor = monitor(root_, ipsec_, vpn, tunnel);
  select(vpn, selector, tunnel);
  if (selector && tunnel.local_terms.empty()) return;
  child(vpn, tunnel);
  settings_.tunnels[tunnel.id] = std::move(tunnel);
}

void Reader::child(const View& vpn, const Tunnel& tunnel) {
  const View policy = ipsec_.entry("policy", tunnel.ipsec_policy);
  ChildPolicy child;
  child.vpn = tunnel.vpn;
  child.selector = tunnel.selector;
  child.tunnel = tunnel.id;
  child.proposals = esp_proposals(ipsec_, policy);
  child.pfs = dh_group_named(policy["perfect-forward-secrecy"]["keys"].value())
                  .value_or(esp_proposal_set(policy["proposal-set"].value()).pfs);
  child.local = tunnel.local_terms;
  child.remote = tunnel.remote_terms;
  child.establish = tunnel.establish;
  const View interval = vpn["sa-install-interval"];  // one of its two names
  child.install_interval_seconds = number(interval ? interval : vpn["ike"]["install-interval"]);
  if (const View udp = vpn["udp-encapsulate"])
    child.encapsulation_port = std::uint16_t(number(udp["dest-port"]));
  if (!child.proposals.empty()) children_[tunnel.gateway].push_back(std::move(child));
}

void Reader::gateway(const View& at) {
  const View policy = ike_.entry("policy", at["ike-policy"].value());
  Gateway gateway;
  gateway.name = at.key();
  gateway.local = local_of(root_, at);
  gateway.remote = remote_of(at);
  gateway.local_identity = identity(at["local-identity"]);
  gateway.remote_identity = identity(at["remote-identity"]);
  const View name = at["remote-identity"]["distinguished-name"];
  gateway.name_container = name_of_text(name["container"].value()).value_or(Bytes());
  gateway.name_fields = name_of_text(name["wildcard"].value()).value_or(Bytes());
  gateway.pre_shared_key = pre_shared_key(policy);
  gateway.certificates = certificate_policy(root_, policy);
  gateway.proposals = ike_proposals(ike_, policy);
  gateway.dpd = dead_peer_detection(at);
  gateway.nat_traversal = !at["no-nat-traversal"];
  if (at["nat-keepalive"]) gateway.nat_keepalive_seconds = number(at["nat-keepalive"]);
  gateway.encapsulation_port = encapsulation_port(ike_, at);
  gateway.any_identity = bool(at["general-ikeid"]);
  gateway.fragmentation = !at["fragmentation"]["disable"];
  gateway.fragment_size = std::uint16_t(number(at["fragmentation"]["size"]));
  if (gateway.fragment_size == 0) gateway.fragment_size = 576;
  gateway.reauth_frequency = number(policy["reauth-frequency"]);
  gateway.children = std::move(children_[gateway.name]);
  settings_.external_interface[gateway.name] = logical_name(at["external-interface"].value());
  // A gateway without a tunnel negotiates nothing.
  if (gateway.children.empty() || gateway.local.empty() || gateway.remote.empty()) return;
  settings_.protocol.gateways.push_back(std::move(gateway));
}

}  // namespace

std::vector<std::string> claims() {
  return {"security ike", "security ipsec", "security pki", "services service-set",
          "interfaces interface"};
}

std::string logical_name(std::string_view interface) {
  if (interface.empty() || interface.find('.') != interface.npos) return std::string(interface);
  return std::string(interface) + ".0";
}

std::string device_of(std::string_view logical) {
  return std::string(logical.substr(0, logical.find('.')));
}

View unit_of(const View& root, std::string_view logical) {
  const std::string name = logical_name(logical);
  const View device = root["interfaces"].entry("interface", device_of(name));
  if (!device) return {};
  return device.entry("unit", std::string_view(name).substr(name.find('.') + 1));
}

Address address_on(const View& root, std::string_view logical, std::size_t octets) {
  const View unit = unit_of(root, logical);
  if (!unit) return {};
  const View family = unit["family"][octets == 4 ? "inet" : "inet6"];
  if (!family) return {};
  for (const View& entry : family.entries("address")) {
    const std::string_view prefix = entry.key();
    if (const auto address = Address::parse(prefix.substr(0, prefix.find('/')))) return *address;
  }
  return {};
}

std::optional<TrafficSelector> selector_of(std::string_view prefix) {
  const auto slash = prefix.find('/');
  const auto address = Address::parse(prefix.substr(0, slash));
  if (!address) return {};
  std::size_t bits = address->size * 8;
  if (slash != prefix.npos)
    std::from_chars(prefix.data() + slash + 1, prefix.data() + prefix.size(), bits);
  TrafficSelector selector{*address, *address};
  for (std::size_t bit = bits; bit < std::size_t(address->size) * 8; ++bit) {
    const auto mask = std::uint8_t(0x80u >> (bit % 8));
    selector.first.octets[bit / 8] &= std::uint8_t(~mask);
    selector.last.octets[bit / 8] |= mask;
  }
  return selector;
}

std::string_view protocol_name(std::uint8_t number) {
  for (const IpProtocol& each : kIpProtocols)
    if (each.number == number) return each.name;
  return {};
}

std::optional<std::uint8_t> protocol_named(std::string_view name) {
  for (const IpProtocol& each : kIpProtocols)
    if (each.name == name) return each.number;
  std::uint8_t value = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), value);
  if (error != std::errc() || end != name.data() + name.size() || value == 0) return {};
  return value;
}

bool read_ports(std::string_view text, TrafficSelector& selector) {
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, selector.port_first);
  if (first.ec != std::errc()) return false;
  selector.port_last = selector.port_first;
  if (first.ptr == end) return true;
  if (*first.ptr != '-') return false;
  const auto last = std::from_chars(first.ptr + 1, end, selector.port_last);
  return last.ec == std::errc() && last.ptr == end && selector.port_first <= selector.port_last;
}

namespace {
std::optional<Term> term_of(const View& at) {
  const auto local = selector_of(at["local-ip"].value());
  const auto remote = selector_of(at["remote-ip"].value());
  if (!local || !remote) return {};
  Term term{std::string(at.key()), *local, *remote};
  const auto protocol = protocol_named(at["protocol"].value());
  term.local.protocol = term.remote.protocol = protocol.value_or(0);
  if (at["source-port"]) read_ports(at["source-port"].value(), term.local);
  if (at["destination-port"]) read_ports(at["destination-port"].value(), term.remote);
  return term;
}
}  // namespace

std::vector<Term> terms_of(const View& selector) {
  std::vector<Term> terms;
  for (const View& entry : selector.entries("term"))
    if (auto term = term_of(entry)) terms.push_back(std::move(*term));
  if (auto term = term_of(selector)) {
    term->name.clear();
    terms.push_back(std::move(*term));
  }
  return terms;
}

std::set<Address> addresses_of(const View& root) {
  std::set<Address> found;
  for (const View& device : root["interfaces"].entries("interface"))
    for (const View& unit : device.entries("unit"))
      for (const char* family : {"inet", "inet6"})
        for (const View& entry : unit["family"][family].entries("address")) {
          const std::string_view prefix = entry.key();
          if (const auto address = Address::parse(prefix.substr(0, prefix.find('/'))))
            found.insert(*address);
        }
  return found;
}

Address remote_of(const View& gateway) {
  const auto addresses = gateway.values("address");
  if (addresses.empty()) return {};
  return Address::parse(addresses.front()).value_or(Address{});
}

Address local_of(const View& root, const View& gateway) {
  if (const View local = gateway["local-address"])
    return Address::parse(local.value()).value_or(Address{});
  const std::size_t octets = remote_of(gateway).size;
  return octets ? address_on(root, gateway["external-interface"].value(), octets) : Address{};
}

std::map<std::string, std::vector<View>> service_sets(const View& root) {
  std::map<std::string, std::vector<View>> sets;
  for (const View& set : root["services"].entries("service-set"))
    for (const auto& vpn : set.values("ipsec-vpn")) sets[vpn].push_back(set);
  return sets;
}

Settings settings_from(const View& root, TunnelIds& ids) {
  return Reader(root, ids).read();
}

}  // namespace nezu::ike
