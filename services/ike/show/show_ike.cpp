// show security ike security-associations
#include <algorithm>
#include <set>

#include "services/ike/daemon/daemon.h"
#include "services/ike/session/window.h"
#include "services/ike/show/show.h"

namespace nezu::ike {
namespace {

using grammar::Element;

constexpr std::uint64_t kNoIndex = 0;

std::string cookie(std::uint64_t spi) {
  char text[17];
  std::snprintf(text, sizeof text, "%016lx", static_cast<unsigned long>(spi));
  return text;
}

const char* state_text(const IkeSa& sa) {
  return sa.phase == Phase::kEstablished ? "UP" : "DOWN";
}

// What brief and detail have in common.
void write_cookies(const IkeSa& sa, mgmt::Reply& out) {
  out.leaf("ike-sa-state", state_text(sa));
  out.leaf("ike-sa-initiator-cookie", cookie(sa.spi_i));
  out.leaf("ike-sa-responder-cookie", cookie(sa.spi_r));
  out.leaf("ike-sa-exchange-type", "IKEv2");
}

void write_brief(const IkeSa& sa, mgmt::Reply& out) {
  const Element entry(out, "ike-security-associations");
  out.leaf_number("ike-sa-index", sa.index);
  write_cookies(sa, out);
  out.leaf("ike-sa-remote-address", to_string(sa.path.remote.address));
}

void write_endpoints(const IkeSa& sa, mgmt::Reply& out) {
  out.leaf("ike-sa-local-address", to_string(sa.path.local.address));
  out.leaf_number("ike-sa-local-port", sa.path.local.port);
  out.leaf("ike-sa-remote-address", to_string(sa.path.remote.address));
  out.leaf_number("ike-sa-remote-port", sa.path.remote.port);
}

void write_algorithms(const IkeSa& sa, mgmt::Reply& out) {
  if (sa.suite.encryption == Encryption::kNone) return;  // not agreed upon yet
  const Element algorithms(out, "ike-sa-algorithms");
  out.leaf("ike-sa-authentication-algorithm", sa.suite.integrity == Integrity::kNone
                                                  ? cipher_text(sa.suite.encryption)
                                                  : facts(sa.suite.integrity).shown);
  out.leaf("ike-sa-encryption-algorithm", cipher_text(sa.suite.encryption));
  out.leaf("ike-sa-prf-algorithm", facts(sa.suite.prf).shown);
  out.leaf("ike-sa-dhgroup", "DH-group-" + std::to_string(unsigned(sa.suite.dh)));
}

void write_traffic(const SaCounters& counters, mgmt::Reply& out) {
  const Element traffic(out, "ike-sa-traffic-statistics");
  out.leaf_number("ike-sa-input-bytes", counters.input_bytes);
  out.leaf_number("ike-sa-output-bytes", counters.output_bytes);
  out.leaf_number("ike-sa-input-packets", counters.input_packets);
  out.leaf_number("ike-sa-output-packets", counters.output_packets);
  out.leaf_number("ike-sa-input-frag-packets", counters.input_fragments);
  out.leaf_number("ike-sa-output-frag-packets", counters.output_fragments);
}

std::string tunnel_list(const IkeSa& sa) {
  std::set<std::uint32_t> ids;
  for (const ChildSa& child : sa.children) ids.insert(child.tunnel);
  std::string text;
  for (const std::uint32_t id : ids) text += (text.empty() ? "" : ", ") + std::to_string(id);
  return text;
}

void write_misc(const IkeSa& sa, mgmt::Reply& out) {
  const Element misc(out, "ike-sa-misc");
  out.leaf_number("ike-sa-num-ipsec-sas-created", sa.counters.children_created);
  out.leaf_number("ike-sa-num-ipsec-sas-deleted", sa.counters.children_deleted);
  out.leaf_number("ike-sa-num-phase2-negotiations", sa.ours.size() + sa.theirs.size());
  const std::string tunnels = tunnel_list(sa);
  if (!tunnels.empty()) out.leaf("ike-ipsec-sa-tunnel-ids", tunnels);
  if (sa.phase == Phase::kEstablished) out.leaf("ike-sa-flags", "IKE SA is created");
}

void write_identities(const IkeSa& sa, mgmt::Reply& out) {
  const Element negotiation(out, "ike-sa-phase2-information");
  out.leaf("ike-sa-phase2-type", "Quick mode");
  out.leaf("ike-sa-role", sa.initiator ? "Initiator" : "Responder");
  out.leaf("ike-sa-msg-id", "0");
  write_endpoints(sa, out);
  out.leaf("ike-sa-local-id", to_string(sa.local_identity));
  out.leaf("ike-sa-remote-id", to_string(sa.remote_identity));
}

void write_rekeys(const SaCounters& counters, mgmt::Reply& out) {
  const Element stats(out, "ike-sa-stats-information");
  const Element rekeys(out, "ikev2-ipsec-sa-rekey-stats");
  const RekeyCounters &us = counters.initiated, &them = counters.answered;
  out.leaf_number("ikev2-initiator-ipsec-sa-rekey-request-out", us.requests);
  out.leaf_number("ikev2-responder-ipsec-sa-rekey-request-in", them.requests);
  out.leaf_number("ikev2-initiator-ipsec-sa-rekey-response-in", us.responses);
  out.leaf_number("ikev2-responder-ipsec-sa-rekey-response-out", them.responses);
  out.leaf_number("ikev2-initiator-ipsec-sa-rekey-no-proposal-chosen-in", us.no_proposal_chosen);
  out.leaf_number("ikev2-responder-ipsec-sa-rekey-no-proposal-chosen-out", them.no_proposal_chosen);
  out.leaf_number("ikev2-initiator-ipsec-sa-rekey-invalid-key-in", us.invalid_ke);
  out.leaf_number("ikev2-responder-ipsec-sa-rekey-invalid-key-out", them.invalid_ke);
  out.leaf_number("ikev2-initiator-ipsec-sa-rekey-ts-unacceptable-in", us.ts_unacceptable);
  out.leaf_number("ikev2-responder-ipsec-sa-rekey-ts-unacceptable-out", them.ts_unacceptable);
  out.leaf_number("ikev2-initiator-ipsec-sa-rekey-res-dh-compute-key-fail", us.dh_failed);
  out.leaf_number("ikev2-responder-ipsec-sa-rekey-res-dh-compute-key-fail", them.dh_failed);
  out.leaf_number("ikev2-initiator-ipsec-sa-rekey-res-verify-sa-fail", us.verify_sa_failed);
  out.leaf_number("ikev2-initiator-ipsec-sa-rekey-res-verify-dh-group-fail",
                  us.verify_group_failed);
  out.leaf_number("ikev2-initiator-ipsec-sa-rekey-res-verify-ts-fail", us.verify_ts_failed);
}

const Gateway* gateway_of(const Daemon& daemon, const std::string& name) {
  for (const Gateway& gateway : daemon.settings().protocol.gateways)
    if (gateway.name == name) return &gateway;
  return nullptr;
}

// At the rekey that is one: those before it take a lifetime each.
std::string reauthentication_text(const Gateway* gateway, const IkeSa& sa) {
  if (sa.reauth_at != 0) return "Expires in " + seconds_until(sa.reauth_at) + " seconds";
  if (!gateway || gateway->reauth_frequency == 0 || sa.soft_at == 0) return "Disabled";
  const std::uint32_t done = std::min(sa.rekeyed, gateway->reauth_frequency - 1);
  const Time before = kSecond * sa.lifetime_seconds * (gateway->reauth_frequency - 1 - done);
  return "Expires in " + seconds_until(sa.soft_at + before) + " seconds";
}

// What a router shows that has neither clients, RADIUS nor post-quantum keys configured.
void write_features_not_configured(mgmt::Reply& out) {
  {
    const Element user(out, "ike-xauth-user-info");
    out.leaf("ike-xauth-user-assigned-ip", "0.0.0.0");
  }
  const Element profile(out, "ike-ppk-profile");
  out.leaf("ike-ppk-profile-name", "None");
}

void write_fragmentation(const Daemon& daemon, const IkeSa& sa, mgmt::Reply& out) {
  const Gateway* gateway = gateway_of(daemon, sa.gateway);
  if (!gateway) return;
  out.leaf("ike-sa-ike-frag", gateway->fragmentation ? "Enabled" : "Disabled");
  if (gateway->fragmentation) out.leaf_number("ike-sa-frag-size", gateway->fragment_size);
}

const char* method_text(KeyKind key) {
  switch (key) {
    case KeyKind::kRsa:
      return "RSA-signatures";
    case KeyKind::kEcdsa256:
      return "ECDSA-256-signatures";
    case KeyKind::kEcdsa384:
      return "ECDSA-384-signatures";
    case KeyKind::kEcdsa521:
      return "ECDSA-521-signatures";
    default:
      return "Pre-shared-keys";
  }
}

void write_detail(const Daemon& daemon, const IkeSa& sa, mgmt::Reply& out) {
  const Element block(out, "ike-security-associations-block");
  out.leaf("ike-sa-remote-address", to_string(sa.path.remote.address));
  out.leaf_number("ike-sa-index", sa.index);
  out.leaf("ike-gw-name", sa.gateway);
  const Element entry(out, "ike-security-associations");
  out.leaf("ike-sa-role", sa.initiator ? "Initiator" : "Responder");
  write_cookies(sa, out);
  out.leaf("ike-sa-authentication-method", method_text(sa.key));
  const auto& interfaces = daemon.settings().external_interface;
  if (const auto found = interfaces.find(sa.gateway); found != interfaces.end())
    out.leaf("ike-sa-local-gateway-interface", found->second);
  out.leaf("ike-sa-routing-instance", "default");
  write_endpoints(sa, out);
  if (sa.hard_at != 0) out.leaf("ike-sa-lifetime", seconds_until(sa.hard_at));
  out.leaf("ike-sa-reauthlifetime", reauthentication_text(gateway_of(daemon, sa.gateway), sa));
  write_fragmentation(daemon, sa, out);
  out.leaf("ike-sa-remote-client-info", "Unknown Client");
  out.leaf("ike-ike-id", to_string(sa.remote_identity));
  write_features_not_configured(out);
  write_algorithms(sa, out);
  write_traffic(sa.counters, out);
  write_misc(sa, out);
  write_identities(sa, out);
  write_rekeys(sa.counters, out);
}

}  // namespace

void show_ike(const Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const std::uint32_t index = number_of(input, "index");
  const auto peer = input.find("peer-address");
  const auto gateway = input.find("gateway");
  std::vector<const IkeSa*> chosen;
  for (const auto& [each, sa] : daemon.table().sas()) {
    if (index != kNoIndex && each != index) continue;
    if (peer != input.end() && to_string(sa.path.remote.address) != peer->second) continue;
    if (gateway != input.end() && sa.gateway != gateway->second) continue;
    if (!is_of_family(sa.path.remote.address, input)) continue;
    // What is being deleted, or is to be after what is under way, has come to its end, whenever the
    // peer answers.
    const bool goes = sa.phase == Phase::kDead || sa.phase == Phase::kDeleting || is_ending(sa);
    if (!goes) chosen.push_back(&sa);
  }
  if (index != kNoIndex && chosen.empty())
    return reply->fail("IKE security association " + std::to_string(index) + " does not exist");
  if (!chosen.empty()) {
    const Element all(*reply, "ike-security-associations-information");
    for (const IkeSa* sa : chosen)
      input.contains("detail") ? write_detail(daemon, *sa, *reply) : write_brief(*sa, *reply);
  }
  reply->finish();
}

}  // namespace nezu::ike
