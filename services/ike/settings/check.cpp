#include "services/ike/settings/check.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "services/ike/distinguished_name.h"
#include "services/ike/proposal_set.h"
#include "services/ike/selectors.h"
#include "services/ike/settings/certificate_policy.h"
#include "services/ike/settings/settings.h"

namespace nezu::ike {
namespace {

using configdb::Problems;
using configdb::View;
using Words = std::vector<std::string>;

constexpr uint64_t kMaxWindow = 4096;  // of the forwarding plane
constexpr std::size_t kMaxTunnels = 2000;
constexpr uint64_t kMostPreference = 254;  // the routing protocols' distance has 8 bits

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

std::string joined(std::string_view a, std::string_view b) {
  return std::string(a) + ' ' + std::string(b);
}

Words joined_path(Words path, const char* word) {
  path.emplace_back(word);
  return path;
}

// "'dh-group group14'" of a leaf that is configured, its name alone of one that is not.
std::string spelled(const View& parent, std::string_view leaf) {
  const View at = parent[leaf];
  return at && !at.value().empty() ? joined(leaf, at.value()) : std::string(leaf);
}

class Checks {
 public:
  explicit Checks(const View& root)
      : root_(root),
        ike_(root["security"]["ike"]),
        ipsec_(root["security"]["ipsec"]),
        sets_(service_sets(root)),
        addresses_(addresses_of(root)) {}

  Problems run() {
    for (const View& vpn : ipsec_.entries("vpn")) check_vpn(vpn);
    for (const View& gateway : ike_.entries("gateway")) check_gateway(gateway);
    check_encapsulation();
    check_trace();
    // Of every policy, used or not: the model says so.
    for (const View& policy : ike_.entries("policy")) check_ike_policy(policy);
    for (const View& profile : root_["security"]["pki"].entries("ca-profile"))
      check_authority(profile);
    for (const auto& name : used_policies_) check_ipsec_policy(name);
    for (const auto& name : used_proposals_) check_ipsec_proposal(name);
    for (const View& set : root_["services"].entries("service-set")) check_service_set(set);
    return std::move(problems_);
  }

 private:
  void error(Words path, std::string statement, std::string message) {
    problems_.push_back({std::move(path), std::move(statement), std::move(message), false});
  }
  void warning(Words path, std::string statement, std::string message) {
    problems_.push_back({std::move(path), std::move(statement), std::move(message), true});
  }
  void missing(Words path, std::string entry, std::string_view statement) {
    error(std::move(path), std::move(entry),
          "Missing mandatory statement: '" + std::string(statement) + "'");
  }

  void check_vpn(const View& vpn);
  void check_bind_interface(const View& vpn, const Words& path);
  void check_selectors(const View& vpn, const Words& path);
  void check_traffic_selectors(const View& vpn, const Words& path);
  void check_traffic_selector(const View& vpn, const View& selector, const Words& path);
  void check_term(const View& at, const Words& path);
  void check_terms(const View& vpn, const std::string& selector, const Words& path,
                   const std::vector<Term>& terms);
  void check_membership(const View& vpn);
  void check_monitor(const View& vpn, const Words& path);
  void check_window(const View& vpn, const Words& path);
  void check_trace();
  void check_gateway(const View& gateway);
  void check_encapsulation();
  void check_addresses(const View& gateway, const Words& path);
  bool is_configured(const Address& address) const { return addresses_.contains(address); }
  void check_pair(const View& gateway, const Words& path, const Address& local);
  void check_ike_policy(const View& policy);
  void check_proposal_set(const View& policy, const Words& path);
  void check_certificate(const View& certificate, const Words& policy);
  void check_method(std::string_view name, bool certified, const Words& path,
                    const std::string& statement);
  void check_ike_proposal(const std::string& name, bool certified);
  void check_identities(const View& gateway, const Words& path);
  void check_authority(const View& profile);
  void check_ipsec_policy(const std::string& name);
  void check_ipsec_proposal(const std::string& name);
  void check_service_set(const View& set);
  void check_service_interface(const View& set, const Words& path, std::string_view domain);

  View root_;
  View ike_;
  View ipsec_;
  std::map<std::string, std::vector<View>> sets_;
  std::set<Address> addresses_;
  Problems problems_;
  std::set<std::string> used_gateways_, used_ike_policies_, used_ike_proposals_, used_policies_,
      used_proposals_;
  std::set<std::pair<std::string, bool>> checked_;  // proposals, with certificates or without
  std::map<std::string, std::string> bound_;        // st0 unit → VPN
  std::map<std::pair<std::string, std::string>, std::string> selected_;  // gateway, ids → VPN
  std::map<std::pair<Address, Address>, std::string> pairs_;             // → gateway
  std::map<std::string, std::string> taken_;                             // si- unit → service set
  std::map<std::pair<TrafficSelector, TrafficSelector>, std::string> terms_;  // → VPN, selector
  std::map<std::string, std::pair<std::string, std::string>> remotes_;        // → unit, VPN
  std::size_t tunnels_ = 0;
};

void Checks::check_vpn(const View& vpn) {
  const Words path{"security", "ipsec", "vpn", std::string(vpn.key())};
  // A manual key serves both ends and both ways, from one again after each start.
  if (vpn["manual"])
    return error(path, "manual",
                 "Inline IPsec encrypts with AES-GCM only, which must not be used with manual keys "
                 "(RFC 4106)");
  check_bind_interface(vpn, path);
  const auto selectors = vpn.entries("traffic-selector").size();
  const auto tunnels = std::max<std::size_t>(selectors, 1);
  tunnels_ += tunnels;
  if (tunnels_ > kMaxTunnels && tunnels_ - tunnels <= kMaxTunnels)
    error({"security", "ipsec"}, joined("vpn", vpn.key()),
          "Inline IPsec supports " + std::to_string(kMaxTunnels) + " tunnels");
  // What is refused for being too many need not be compared with what there is.
  if (tunnels_ <= kMaxTunnels)
    selectors ? check_traffic_selectors(vpn, path) : check_selectors(vpn, path);
  check_membership(vpn);
  check_window(vpn, path);
  check_monitor(vpn, path);
  used_gateways_.insert(vpn["ike"]["gateway"].value());
  used_policies_.insert(vpn["ike"]["ipsec-policy"].value());
}

void Checks::check_bind_interface(const View& vpn, const Words& path) {
  if (!vpn["bind-interface"])
    return missing({"security", "ipsec"}, joined("vpn", vpn.key()), "bind-interface");
  const std::string interface = logical_name(vpn["bind-interface"].value());
  const std::string statement = spelled(vpn, "bind-interface");
  if (device_of(interface) != "st0")
    return error(path, statement, "bind-interface must be a unit of st0");
  if (!unit_of(root_, interface))
    error(path, statement, "Interface " + interface + " is not configured");
  const auto [other, fresh] = bound_.try_emplace(interface, vpn.key());
  if (!fresh)
    error(path, statement, "Interface " + interface + " is already bound to VPN " + other->second);
}

// Two tunnels to one peer must differ in what they carry.
void Checks::check_selectors(const View& vpn, const Words& path) {
  const View identity = vpn["ike"]["proxy-identity"];
  const std::string gateway = vpn["ike"]["gateway"].value();
  if (bool(identity["local"]) != bool(identity["remote"])) {
    Words at = path;
    at.push_back("ike");
    missing(at, "proxy-identity", identity["local"] ? "remote" : "local");
  }
  const std::string ids = identity["local"].value() + ' ' + identity["remote"].value();
  const auto [other, fresh] = selected_.try_emplace({gateway, ids}, vpn.key());
  if (!fresh && !gateway.empty())
    error(path, "ike gateway " + gateway,
          "Traffic selectors are those of VPN " + other->second + " on the same gateway");
}

void Checks::check_traffic_selectors(const View& vpn, const Words& path) {
  if (vpn["ike"]["proxy-identity"])
    error({path[0], path[1], path[2], path[3], "ike"}, "proxy-identity",
          "proxy-identity and traffic-selector cannot be configured together");
  for (const View& selector : vpn.entries("traffic-selector"))
    check_traffic_selector(vpn, selector, path);
}

void Checks::check_traffic_selector(const View& vpn, const View& selector, const Words& vpn_path) {
  const std::string name(selector.key());
  Words path = vpn_path;
  path.insert(path.end(), {"traffic-selector", name});
  const auto named = selector.entries("term");
  for (const View& term : named) {
    Words at = path;
    at.insert(at.end(), {"term", std::string(term.key())});
    check_term(term, at);
  }
  if (named.empty() || selector["local-ip"] || selector["remote-ip"]) check_term(selector, path);
  if (selector["preference"] && selector["preference"].number() > kMostPreference)
    error(path, spelled(selector, "preference"),
          "Preference is not supported here (1.." + std::to_string(kMostPreference) + ")");
  check_terms(vpn, name, path, terms_of(selector));
}

// Alone, without a look at the others.
void Checks::check_term(const View& at, const Words& path) {
  const Words above(path.begin(), path.end() - 2);
  const std::string entry = path[path.size() - 2] + ' ' + path.back();
  for (const char* leaf : {"local-ip", "remote-ip"})
    if (!at[leaf]) missing(above, entry, leaf);
  const auto local = selector_of(at["local-ip"].value());
  const auto remote = selector_of(at["remote-ip"].value());
  if (local && remote && local->first.size != remote->first.size)
    error(path, spelled(at, "remote-ip"),
          "Local and remote addresses must be of one address family");
  if (at["protocol"] && !protocol_named(at["protocol"].value()))
    error(path, spelled(at, "protocol"), "Protocol is unknown");
  for (const char* leaf : {"source-port", "destination-port"}) {
    TrafficSelector ignored;
    if (!at[leaf]) continue;
    if (!read_ports(at[leaf].value(), ignored))
      error(path, spelled(at, leaf), "Must be a port or a range of ports");
    const auto protocol = protocol_named(at["protocol"].value()).value_or(0);
    if (protocol != 6 && protocol != 17 && protocol != 132)
      error(path, spelled(at, leaf), "Ports need 'protocol' tcp, udp or sctp");
  }
}

// Against the others: a route leads to one st0 unit, and a packet to one tunnel.
void Checks::check_terms(const View& vpn, const std::string& selector, const Words& path,
                         const std::vector<Term>& terms) {
  const std::string unit = logical_name(vpn["bind-interface"].value());
  const std::string establish = vpn["establish-tunnels"].value();
  const bool responder = establish.substr(0, 14) == "responder-only";
  for (const Term& term : terms) {
    const std::string remote = covering_prefix(term.remote);
    const std::string statement = term.name.empty() ? "remote-ip " + remote : "term " + term.name;
    const bool everything = remote.substr(remote.find('/')) == "/0";
    if (everything && !responder)
      error(path, statement, "Remote address must not be " + remote + " on a site-to-site VPN");
    const auto [same, fresh] =
        terms_.try_emplace({term.local, term.remote}, std::string(vpn.key()) + ' ' + selector);
    if (!fresh && same->second != std::string(vpn.key()) + ' ' + selector) {
      const auto blank = same->second.find(' ');
      error(path, statement,
            "Selects what traffic-selector " + same->second.substr(blank + 1) + " of VPN " +
                same->second.substr(0, blank) + " does");
      continue;
    }
    const auto [other, first] = remotes_.try_emplace(remote, unit, std::string(vpn.key()));
    if (!first && !everything && other->second.first != unit)
      error(path, statement,
            "Remote address " + remote + " is that of VPN " + other->second.second + " on " +
                other->second.first);
  }
}

void Checks::check_window(const View& vpn, const Words& path) {
  const View window = vpn["ike"]["anti-replay-window-size"];
  if (window && window.number() > kMaxWindow)
    error({path[0], path[1], path[2], path[3], "ike"},
          spelled(vpn["ike"], "anti-replay-window-size"),
          "Inline IPsec supports windows of at most " + std::to_string(kMaxWindow) + " packets");
}

// A question without an address to ask from would never be answered, and take the tunnel down.
void Checks::check_monitor(const View& vpn, const Words& vpn_path) {
  const View at = vpn["vpn-monitor"];
  if (!at) return;
  Words path = vpn_path;
  path.push_back("vpn-monitor");
  const View gateway = ike_.entry("gateway", vpn["ike"]["gateway"].value());
  const Address to = at["destination-ip"]
                         ? Address::parse(at["destination-ip"].value()).value_or(Address{})
                         : remote_of(gateway);
  const View from = at["source-interface"];
  if (from && !unit_of(root_, from.value()))
    return error(path, spelled(at, "source-interface"),
                 "Interface " + logical_name(from.value()) + " is not configured");
  if (from && address_on(root_, from.value(), to.size).empty())
    return error(path, spelled(at, "source-interface"),
                 "Interface " + logical_name(from.value()) + " has no address of the family of " +
                     to_string(to));
  if (!from && local_of(root_, gateway).size != to.size)
    error(path, spelled(at, "destination-ip"),
          "Its address family needs a 'source-interface' that has one");
}

void Checks::check_membership(const View& vpn) {
  const auto found = sets_.find(std::string(vpn.key()));
  const std::string statement = joined("vpn", vpn.key());
  if (found == sets_.end())
    return error({"security", "ipsec"}, statement, "No service set refers to this VPN");
  if (found->second.size() > 1)
    error({"security", "ipsec"}, statement,
          "VPN belongs to service sets " + std::string(found->second[0].key()) + " and " +
              std::string(found->second[1].key()));
}

void Checks::check_trace() {
  const View file = ike_["traceoptions"]["file"];
  const Words path{"security", "ike", "traceoptions", "file"};
  std::uint64_t ignored = 0;
  if (file["size"] && !read_size(file["size"].value(), ignored))
    error(path, spelled(file, "size"), "Size must be 10k..1g");
  if (file["filename"] && !is_free_for_traces(file["filename"].value()))
    error(path, std::string(file["filename"].value()), "Name of a file that is not for traces");
  if (file["match"] && !is_match(std::string(file["match"].value())))
    error(path, spelled(file, "match"), "Not a regular expression, or too large a one");
  for (const View& flag : ike_["traceoptions"].entries("flag"))
    if (!is_traced(flag.key()))
      warning({"security", "ike", "traceoptions"}, joined("flag", flag.key()),
              "statement is accepted but has no effect");
}

void Checks::check_gateway(const View& gateway) {
  const Words path{"security", "ike", "gateway", std::string(gateway.key())};
  used_ike_policies_.insert(gateway["ike-policy"].value());
  check_addresses(gateway, path);
  check_identities(gateway, path);
  if (!used_gateways_.contains(std::string(gateway.key()))) return;
  if (gateway["version"].value() != "v2-only")
    error(path, spelled(gateway, "version"),
          "Inline IPsec supports IKEv2 only: 'version v2-only' is required");
}

void Checks::check_encapsulation() {
  const View global = ike_["packet-encapsulation"];
  if (global["dest-port"] && global["dest-port"].number() == kNatPort)
    error({"security", "ike", "packet-encapsulation"}, spelled(global, "dest-port"),
          "Port 4500 is that of NAT traversal");
  for (const View& vpn : ipsec_.entries("vpn"))
    if (vpn["udp-encapsulate"]["dest-port"].number() == kNatPort)
      error({"security", "ipsec", "vpn", std::string(vpn.key())}, "udp-encapsulate dest-port 4500",
            "Port 4500 is that of NAT traversal");
}

void Checks::check_addresses(const View& gateway, const Words& path) {
  const auto remotes = gateway.values("address");
  if (remotes.empty())
    return missing({"security", "ike"}, joined("gateway", gateway.key()), "address");
  if (remotes.size() > 1)
    warning(path, "address " + remotes[1],
            "backup peers are not supported, only " + remotes[0] + " is used");
  const Address remote = remote_of(gateway), local = local_of(root_, gateway);
  const std::string external = logical_name(gateway["external-interface"].value());
  if (!external.empty() && !unit_of(root_, external))
    return error(path, spelled(gateway, "external-interface"),
                 "Interface " + external + " is not configured");
  if (!gateway["local-address"] && local.empty())
    return error(path, spelled(gateway, "external-interface"),
                 "Interface " + external + " has no address of the peer's family");
  if (gateway["local-address"] && !is_configured(local))
    error(path, spelled(gateway, "local-address"), "Address is not configured on any interface");
  if (local.size != remote.size)
    return error(path, spelled(gateway, "local-address"),
                 "Address family differs from that of the peer " + to_string(remote));
  check_pair(gateway, path, local);
}

void Checks::check_pair(const View& gateway, const Words& path, const Address& local) {
  const Address remote = remote_of(gateway);
  if (local == remote)
    error(path, "address " + to_string(remote), "Address of the peer is our own");
  if (!used_gateways_.contains(std::string(gateway.key()))) return;
  const auto [other, fresh] = pairs_.try_emplace({local, remote}, gateway.key());
  if (!fresh)
    error(path, "address " + to_string(remote), "Addresses are those of gateway " + other->second);
}

void Checks::check_proposal_set(const View& policy, const Words& path) {
  if (policy["proposal-set"] && !policy.values("proposals").empty())
    error(path, spelled(policy, "proposal-set"),
          "proposals and proposal-set cannot be configured together");
}

void Checks::check_ike_policy(const View& policy) {
  const std::string statement = joined("policy", policy.key());
  const Words path{"security", "ike", "policy", std::string(policy.key())};
  const View key = policy["pre-shared-key"], certificate = policy["certificate"];
  const bool secret = key["ascii-text"] || key["hexadecimal"];
  const bool certified = bool(certificate["local-certificate"]);
  if (!secret && !certified) missing({"security", "ike"}, statement, "pre-shared-key");
  if (secret && certified)
    error(path, "pre-shared-key",
          "pre-shared-key and certificate local-certificate cannot be configured together");
  if (!used_ike_policies_.contains(std::string(policy.key()))) return;
  const auto proposals = policy.values("proposals");
  check_proposal_set(policy, path);
  if (certified) check_certificate(certificate, path);
  if (const View set = policy["proposal-set"])
    check_method(method_of_set(set.value()), certified, path, spelled(policy, "proposal-set"));
  if (proposals.empty() && !policy["proposal-set"])
    missing({"security", "ike"}, statement, "proposals");
  for (const auto& name : proposals) check_ike_proposal(name, certified);
}

void Checks::check_certificate(const View& certificate, const Words& policy) {
  Words path = policy;
  path.push_back("certificate");
  if (certificate["peer-certificate-type"].value() == "pkcs7")
    error(path, "peer-certificate-type pkcs7",
          "Certificate type is not supported, only x509-signature is");
  if (certificate["trusted-ca"]["ca-index"])
    error(path, "trusted-ca", "CA index is not supported: name a ca-profile");
  if (root_["security"]["pki"].entries("ca-profile").empty())
    error(path, spelled(certificate, "local-certificate"),
          "Certificates need a ca-profile at [edit security pki]");
}

// Of a proposal or a set: whether it goes with what the policy has to prove itself.
void Checks::check_method(std::string_view name, bool certified, const Words& path,
                          const std::string& statement) {
  const AuthenticationMethod* method = authentication_method(name);
  if (!method) return error(path, statement, "Authentication method is not supported");
  if (method->certificates && !certified)
    error(path, statement,
          "Authentication by certificate needs 'certificate local-certificate' in the policy");
  if (!method->certificates && certified)
    error(path, statement, "Authentication by pre-shared key in a policy with a certificate");
}

// A proposal may be of several policies; what is wrong with itself is said once.
void Checks::check_ike_proposal(const std::string& name, bool certified) {
  const View proposal = ike_.entry("proposal", name);
  if (!proposal) return;
  const Words path{"security", "ike", "proposal", name};
  if (checked_.insert({name, certified}).second)
    check_method(proposal["authentication-method"].value(), certified, path,
                 spelled(proposal, "authentication-method"));
  if (!used_ike_proposals_.insert(name).second) return;
  const std::string cipher = proposal["encryption-algorithm"].value();
  if (proposal["encryption-algorithm"] && (cipher == "des-cbc" || cipher == "3des-cbc"))
    warning(path, spelled(proposal, "encryption-algorithm"), cipher + " is deprecated");
  if (!ike_proposal(name, proposal["encryption-algorithm"].value(),
                    proposal["authentication-algorithm"].value(), proposal["dh-group"].value(), 1))
    error({"security", "ike"}, joined("proposal", name), "Algorithms are not supported");
}

// Names that no certificate carries, and names that are none.
void Checks::check_identities(const View& gateway, const Words& path) {
  const View policy = ike_.entry("policy", gateway["ike-policy"].value());
  const bool certified = bool(policy["certificate"]["local-certificate"]);
  for (const char* side : {"local-identity", "remote-identity"}) {
    if (certified && gateway[side]["key-id"])
      error(path, side, "A key-id stands in no certificate");
    if (!certified && gateway[side]["distinguished-name"])
      error(path, side, "A distinguished-name needs certificates in the IKE policy");
  }
  const View name = gateway["remote-identity"]["distinguished-name"];
  for (const char* form : {"container", "wildcard"})
    if (name[form] && !name_of_text(name[form].value()))
      error(path, "remote-identity", spelled(name, form) + " is no distinguished name");
}

void Checks::check_authority(const View& profile) {
  Words path{"security", "pki", "ca-profile", std::string(profile.key()), "revocation-check"};
  const View check = profile["revocation-check"];
  const auto plain = [](std::string_view url) { return url.substr(0, 7) == "http://"; };
  for (const View& url : check["crl"].entries("url"))
    if (!plain(url.key()))
      error(joined_path(path, "crl"), joined("url", url.key()), "Only http:// is supported");
  for (const auto& url : check["ocsp"].values("url"))
    if (!plain(url))
      error(joined_path(path, "ocsp"), joined("url", url), "Only http:// is supported");
}

void Checks::check_ipsec_policy(const std::string& name) {
  const View policy = ipsec_.entry("policy", name);
  if (!policy) return;
  const auto proposals = policy.values("proposals");
  const Words path{"security", "ipsec", "policy", name};
  check_proposal_set(policy, path);
  for (const EspProposal& each : esp_proposal_set(policy["proposal-set"].value()).proposals)
    if (!is_aead(each.encryption)) {
      error(path, spelled(policy, "proposal-set"),
            "Inline IPsec does not support " + std::string(facts(each.encryption).name) +
                ", only aes-128-gcm and aes-256-gcm");
      break;
    }
  if (proposals.empty() && !policy["proposal-set"])
    missing({"security", "ipsec"}, joined("policy", name), "proposals");
  used_proposals_.insert(proposals.begin(), proposals.end());
}

// The table of algorithms of inline IPsec: AES-GCM with 128 and 256 bits, ESP, nothing else.
void Checks::check_ipsec_proposal(const std::string& name) {
  const View proposal = ipsec_.entry("proposal", name);
  if (!proposal) return;
  const Words path{"security", "ipsec", "proposal", name};
  if (proposal["protocol"].value() != "esp")
    error(path, spelled(proposal, "protocol"), "Inline IPsec supports ESP only");
  if (!proposal["encryption-algorithm"])
    return missing({"security", "ipsec"}, joined("proposal", name), "encryption-algorithm");
  const std::string cipher = proposal["encryption-algorithm"].value();
  if (cipher != "aes-128-gcm" && cipher != "aes-256-gcm")
    error(path, spelled(proposal, "encryption-algorithm"),
          "Inline IPsec does not support " + cipher + ", only aes-128-gcm and aes-256-gcm");
  else if (proposal["authentication-algorithm"])
    warning(path, spelled(proposal, "authentication-algorithm"), "has no effect beside " + cipher);
}

void Checks::check_service_set(const View& set) {
  if (set.values("ipsec-vpn").empty()) return;
  const View service = set["next-hop-service"];
  const Words path{"services", "service-set", std::string(set.key()), "next-hop-service"};
  if (!service) return missing({"services"}, joined("service-set", set.key()), "next-hop-service");
  check_service_interface(set, path, "inside");
  check_service_interface(set, path, "outside");
  const std::string inside = device_of(service["inside-service-interface"].value());
  const std::string outside = device_of(service["outside-service-interface"].value());
  if (!inside.empty() && !outside.empty() && inside != outside)
    error(path, spelled(service, "outside-service-interface"),
          "Inside and outside service interfaces must be units of one interface");
}

void Checks::check_service_interface(const View& set, const Words& path, std::string_view domain) {
  const std::string leaf = std::string(domain) + "-service-interface";
  const View service = set["next-hop-service"];
  if (!service[leaf]) return;  // mandatory in the schema
  const std::string interface = logical_name(service[leaf].value());
  const std::string statement = spelled(service, leaf);
  if (!starts_with(interface, "si-"))
    return error(path, statement, "IPsec needs an inline service interface (si-)");
  const View unit = unit_of(root_, interface);
  if (!unit) return error(path, statement, "Interface " + interface + " is not configured");
  if (unit["service-domain"].value() != domain)
    error(path, statement,
          "Interface " + interface + " needs 'service-domain " + std::string(domain) + "'");
  const auto [other, fresh] = taken_.try_emplace(interface, set.key());
  if (!fresh)
    error(path, statement,
          other->second == set.key()
              ? "Inside and outside service interfaces must differ"
              : "Interface " + interface + " is used by service set " + other->second);
}

}  // namespace

configdb::Problems check(const configdb::Delta& delta) {
  const auto paths = claims();
  const bool touched = std::any_of(paths.begin(), paths.end(),
                                   [&](const auto& path) { return delta.touches(path); });
  return touched && delta.after() ? Checks(delta.after()).run() : Problems();
}

}  // namespace nezu::ike
