#include "services/ike/show/show.h"

#include <algorithm>
#include <charconv>

#include "services/ike/daemon/daemon.h"
#include "services/ike/show/show_pki.h"

namespace nezu::ike {
namespace {

using Answer = void (*)(Daemon&, const mgmt::Input&, const Reply&);

template <auto Function>
state::DaemonClient::Call bound(Daemon& daemon) {
  return [&daemon](const mgmt::Input& input, std::shared_ptr<mgmt::Reply> reply) {
    if (!daemon.configured()) return reply->fail("iked has no configuration yet");
    Function(daemon, input, reply);
  };
}

}  // namespace

std::map<std::string, state::DaemonClient::Call> rpcs_of(Daemon& daemon) {
  return {
      {"get-ike-security-associations-information", bound<show_ike>(daemon)},
      {"get-security-associations-information", bound<show_ipsec>(daemon)},
      {"get-ike-active-peers-information", bound<show_active_peers>(daemon)},
      {"get-ike-stats-information", bound<show_stats>(daemon)},
      {"get-ipsec-tunnel-event-statistics", bound<show_event_statistics>(daemon)},
      {"clear-ipsec-tunnel-event-statistics", bound<clear_event_statistics>(daemon)},
      {"request-security-ike-initiate", bound<initiate>(daemon)},
      {"request-security-ike-rekey", bound<rekey>(daemon)},
      {"request-security-ike-terminate", bound<terminate>(daemon)},
      {"get-ike-exchange-information", bound<show_exchange>(daemon)},
      {"get-ike-explanation", bound<show_explanation>(daemon)},
      {"get-inactive-tunnels", bound<show_inactive>(daemon)},
      {"get-ipsec-traffic-selector-information", bound<show_traffic_selectors>(daemon)},
      {"get-ipsec-tunnel-distribution", bound<show_distribution>(daemon)},
      {"get-ipsec-statistics-information", bound<show_statistics>(daemon)},
      {"clear-ike-security-association", bound<clear_ike>(daemon)},
      {"clear-ipsec-security-association", bound<clear_ipsec>(daemon)},
      {"clear-ipsec-statistics", bound<clear_statistics>(daemon)},
      {"request-security-ike-debug-keys", bound<write_debug_keys>(daemon)},
      {"generate-pki-key-pair", bound<generate_key_pair>(daemon)},
      {"generate-pki-certificate-request", bound<generate_certificate_request>(daemon)},
      {"generate-pki-self-signed-local-certificate", bound<generate_self_signed>(daemon)},
      {"load-pki-local-certificate", bound<load_local_certificate>(daemon)},
      {"verify-pki-local-certificate", bound<verify_local_certificate>(daemon)},
      {"request-security-local-certificate-export", bound<export_local_certificate>(daemon)},
      {"request-security-key-pair-export", bound<export_key_pair>(daemon)},
      {"request-security-local-certificate-enroll", bound<enroll_local_certificate>(daemon)},
      {"request-security-local-certificate-re-enroll", bound<re_enroll_local_certificate>(daemon)},
      {"request-security-ca-certificate-enroll", bound<enroll_ca_certificate>(daemon)},
      {"request-security-pki-ca-profile-group-load", bound<refuse_profile_group>(daemon)},
      {"request-security-pki-ca-profile-group-status", bound<refuse_profile_group>(daemon)},
      {"request-default-trusted-ca-certs", bound<refuse_profile_group>(daemon)},
      {"clear-pki-statistics", bound<clear_pki_statistics>(daemon)},
      {"load-pki-ca-certificate", bound<load_ca_certificate>(daemon)},
      {"verify-pki-ca-certificate", bound<verify_ca_certificate>(daemon)},
      {"load-pki-crl", bound<load_crl>(daemon)},
      {"get-pki-local-certificate", bound<show_local_certificate>(daemon)},
      {"get-pki-ca-certificate", bound<show_ca_certificate>(daemon)},
      {"get-pki-certificate-request", bound<show_certificate_request>(daemon)},
      {"get-pki-crl", bound<show_crl>(daemon)},
      {"get-pki-statistics", bound<show_pki_statistics>(daemon)},
      {"clear-pki-local-certificate", bound<clear_local_certificate>(daemon)},
      {"clear-pki-ca-certificate", bound<clear_ca_certificate>(daemon)},
      {"clear-pki-certificate-request", bound<clear_certificate_request>(daemon)},
      {"clear-pki-key-pair", bound<clear_key_pair>(daemon)},
      {"clear-pki-crl", bound<clear_crl>(daemon)},
  };
}

std::uint32_t number_of(const mgmt::Input& input, std::string_view name) {
  const auto found = input.find(name);
  std::uint32_t number = 0;
  if (found != input.end())
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), number);
  return number;
}

bool is_of_family(const Address& address, const mgmt::Input& input) {
  const auto family = input.find("family");
  return family == input.end() || (family->second == "inet6") == (address.size == 16);
}

std::string seconds_until(Time at) {
  return std::to_string(std::max<Time>(0, (at - Daemon::now() + kSecond - 1) / kSecond));
}

std::string cipher_text(Encryption encryption) {
  std::string name(facts(encryption).name);
  if (name.substr(0, 4) == "aes-") name.erase(3, 1);
  return name;
}

std::string selector_text(const TrafficSelector& selector) {
  std::string text = selector.first.size == 4 ? "ipv4(" : "ipv6(";
  const bool any_port = selector.port_first == 0 && selector.port_last == 65535;
  if (selector.protocol != 0 || !any_port)
    text += std::to_string(selector.protocol) + ',' + std::to_string(selector.port_first) + '-' +
            std::to_string(selector.port_last) + ',';
  return text + to_string(selector.first) + '-' + to_string(selector.last) + ')';
}

std::string selector_text(const std::vector<TrafficSelector>& selectors) {
  std::string text;
  for (const TrafficSelector& selector : selectors)
    text += (text.empty() ? "" : ", ") + selector_text(selector);
  return text;
}

void clear_ike(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const std::uint32_t index = number_of(input, "index"), port = number_of(input, "port");
  const auto peer = input.find("peer-address");
  std::vector<std::uint32_t> chosen;
  for (const auto& [each, sa] : daemon.table().sas())
    if ((index == 0 || each == index) && (port == 0 || sa.path.remote.port == port) &&
        (peer == input.end() || to_string(sa.path.remote.address) == peer->second))
      chosen.push_back(each);
  if (index != 0 && chosen.empty())
    return reply->fail("IKE security association " + std::to_string(index) + " does not exist");
  if (peer != input.end() && chosen.empty())
    return reply->fail("There is no IKE security association with " + peer->second);
  for (const std::uint32_t each : chosen) daemon.delete_ike(each);
  reply->finish();
}

void clear_ipsec(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const std::uint32_t index = number_of(input, "index");
  if (index != 0 && !daemon.tunnels().configured().contains(index))
    return reply->fail("Tunnel " + std::to_string(index) + " does not exist");
  for (const auto& [id, _] : daemon.settings().tunnels)
    if (index == 0 || id == index) daemon.delete_tunnel(id);
  reply->finish();
}

void clear_statistics(Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const std::uint32_t index = number_of(input, "index");
  if (index != 0 && !daemon.tunnels().configured().contains(index))
    return reply->fail("Tunnel " + std::to_string(index) + " does not exist");
  if (!daemon.plane().connected()) return reply->fail("the forwarding plane does not answer");
  daemon.plane().clear_statistics(index);
  reply->finish();
}

}  // namespace nezu::ike
