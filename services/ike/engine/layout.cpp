#include "services/ike/engine/layout.h"

#include "services/ike/engine/layout_pki.h"

namespace nezu::ike {
namespace {

using grammar::Layout;

constexpr const char* kIkeBrief =
    R"({#ike-security-associations-information}
Index   State  Initiator cookie  Responder cookie  Mode           Remote Address
{#ike-security-associations}
{ike-sa-index:8}{ike-sa-state:7}{ike-sa-initiator-cookie:18}{ike-sa-responder-cookie:18}{ike-sa-exchange-type:15}{ike-sa-remote-address}
{/ike-security-associations}
{/ike-security-associations-information}
)";

constexpr const char* kIkeDetail =
    R"({#ike-security-associations-information}
{#ike-security-associations-block}
IKE peer {ike-sa-remote-address}, Index {ike-sa-index}, Gateway Name: {ike-gw-name}
{#ike-security-associations}
  Role: {ike-sa-role}, State: {ike-sa-state}
  Initiator cookie: {ike-sa-initiator-cookie}, Responder cookie: {ike-sa-responder-cookie}
  Exchange type: {ike-sa-exchange-type}, Authentication method: {ike-sa-authentication-method}
{?ike-sa-local-gateway-interface}
  Local gateway interface: {ike-sa-local-gateway-interface}
{/ike-sa-local-gateway-interface}
  Routing instance: {ike-sa-routing-instance}
  Local: {ike-sa-local-address}:{ike-sa-local-port}, Remote: {ike-sa-remote-address}:{ike-sa-remote-port}
{?ike-sa-lifetime}
  Lifetime: Expires in {ike-sa-lifetime} seconds
{/ike-sa-lifetime}
  Reauth Lifetime: {ike-sa-reauthlifetime}
{?ike-sa-ike-frag}
  IKE Fragmentation: {ike-sa-ike-frag}{?ike-sa-frag-size}, Size: {ike-sa-frag-size}{/ike-sa-frag-size}
{/ike-sa-ike-frag}
  Remote Access Client Info: {ike-sa-remote-client-info}
  Peer ike-id: {ike-ike-id}
{#ike-xauth-user-info}
  AAA assigned IP: {ike-xauth-user-assigned-ip}
{/ike-xauth-user-info}
{#ike-ppk-profile}
  PPK-profile: {ike-ppk-profile-name}
{/ike-ppk-profile}
{#ike-sa-algorithms}
  Algorithms:
   Authentication        : {ike-sa-authentication-algorithm}
   Encryption            : {ike-sa-encryption-algorithm}
   Pseudo random function: {ike-sa-prf-algorithm}
   Diffie-Hellman group  : {ike-sa-dhgroup}
{/ike-sa-algorithms}
{#ike-sa-traffic-statistics}
  Traffic statistics:
   Input  bytes  :           {ike-sa-input-bytes:>10}
   Output bytes  :           {ike-sa-output-bytes:>10}
   Input  packets:           {ike-sa-input-packets:>10}
   Output packets:           {ike-sa-output-packets:>10}
   Input  fragmented packets:{ike-sa-input-frag-packets:>10}
   Output fragmented packets:{ike-sa-output-frag-packets:>10}
{/ike-sa-traffic-statistics}
{#ike-sa-misc}
  IPSec security associations: {ike-sa-num-ipsec-sas-created} created, {ike-sa-num-ipsec-sas-deleted} deleted
  Phase 2 negotiations in progress: {ike-sa-num-phase2-negotiations}
{?ike-ipsec-sa-tunnel-ids}
  IPSec Tunnel IDs: {ike-ipsec-sa-tunnel-ids}
{/ike-ipsec-sa-tunnel-ids}
{/ike-sa-misc}

{#ike-sa-phase2-information}
    Negotiation type: {ike-sa-phase2-type}, Role: {ike-sa-role}, Message ID: {ike-sa-msg-id}
    Local: {ike-sa-local-address}:{ike-sa-local-port}, Remote: {ike-sa-remote-address}:{ike-sa-remote-port}
    Local identity: {ike-sa-local-id}
    Remote identity: {ike-sa-remote-id}
{/ike-sa-phase2-information}
{#ike-sa-misc}
{?ike-sa-flags}
    Flags: {ike-sa-flags}
{/ike-sa-flags}
{/ike-sa-misc}

{#ike-sa-stats-information}
{#ikev2-ipsec-sa-rekey-stats}
  IPsec SA Rekey CREATE_CHILD_SA exchange stats:
   Initiator stats:                                  Responder stats:
    Request Out             : {ikev2-initiator-ipsec-sa-rekey-request-out:24} Request In             : {ikev2-responder-ipsec-sa-rekey-request-in}
    Response In             : {ikev2-initiator-ipsec-sa-rekey-response-in:24} Response Out           : {ikev2-responder-ipsec-sa-rekey-response-out}
    No Proposal Chosen In   : {ikev2-initiator-ipsec-sa-rekey-no-proposal-chosen-in:24} No Proposal Chosen Out : {ikev2-responder-ipsec-sa-rekey-no-proposal-chosen-out}
    Invalid KE In           : {ikev2-initiator-ipsec-sa-rekey-invalid-key-in:24} Invalid KE Out         : {ikev2-responder-ipsec-sa-rekey-invalid-key-out}
    TS Unacceptable In      : {ikev2-initiator-ipsec-sa-rekey-ts-unacceptable-in:24} TS Unacceptable Out    : {ikev2-responder-ipsec-sa-rekey-ts-unacceptable-out}
    Res DH Compute Key Fail : {ikev2-initiator-ipsec-sa-rekey-res-dh-compute-key-fail:24} Res DH Compute Key Fail: {ikev2-responder-ipsec-sa-rekey-res-dh-compute-key-fail}
    Res Verify SA Fail      : {ikev2-initiator-ipsec-sa-rekey-res-verify-sa-fail}
    Res Verify DH Group Fail: {ikev2-initiator-ipsec-sa-rekey-res-verify-dh-group-fail}
    Res Verify TS Fail      : {ikev2-initiator-ipsec-sa-rekey-res-verify-ts-fail}
{/ikev2-ipsec-sa-rekey-stats}
{/ike-sa-stats-information}
{/ike-security-associations}
{/ike-security-associations-block}
{/ike-security-associations-information}
)";

constexpr const char* kIpsecBrief =
    R"({#ipsec-security-associations-information}
  Total active tunnels: {total-active-tunnels}     Total IPsec sas: {total-ipsec-sas}
{?ipsec-security-associations-block}
  ID      Algorithm                  SPI        Life:sec/kb  Mon lsys Port  Gateway
{/ipsec-security-associations-block}
{#ipsec-security-associations-block}
{#ipsec-security-associations}
  {sa-direction}{sa-tunnel-index} {sa-protocol}:{sa-esp-encryption-algorithm}/{sa-hmac-algorithm} {sa-spi} {sa-hard-lifetime:>4}/ {sa-lifesize-remaining} {sa-vpn-monitoring-state:>3} {sa-virtual-system} {sa-port:5} {sa-remote-gateway}
{/ipsec-security-associations}
{/ipsec-security-associations-block}
{/ipsec-security-associations-information}
)";

constexpr const char* kIpsecDetail =
    R"({#ipsec-security-associations-information}
{#ipsec-security-associations-block}
ID: {sa-tunnel-index} Virtual-system: {sa-virtual-system}, VPN Name: {sa-vpn-name}
  Local Gateway: {sa-local-gateway}, Remote Gateway: {sa-remote-gateway}
{?sa-local-identity}
  Local Identity: {sa-local-identity}
  Remote Identity: {sa-remote-identity}
{/sa-local-identity}
{?sa-traffic-selector-name}
  Traffic Selector Name: {sa-traffic-selector-name}
{/sa-traffic-selector-name}
{?sa-ts-local-identity}
  TS Local Identity:
    Protocol  Port         IP
{/sa-ts-local-identity}
{#sa-ts-local-identity}
    {sa-ts-protocol:10}{sa-ts-port:13}{sa-ts-ip}
{/sa-ts-local-identity}
{?sa-ts-remote-identity}
  TS Remote Identity:
    Protocol  Port         IP
{/sa-ts-remote-identity}
{#sa-ts-remote-identity}
    {sa-ts-protocol:10}{sa-ts-port:13}{sa-ts-ip}
{/sa-ts-remote-identity}
  TS Type: {sa-ts-type}
  Version: {sa-ike-version}
{?sa-pfs-group}
  Quantum Secured: {sa-is-quantum-secured}
  Hardware Offloaded: {sa-is-hardware-offloaded}
  PFS group: {sa-pfs-group}, Packet Encapsulation: {sa-packet-encapsulation-protocol}, Dest port: {sa-packet-encapsulation-destination-port}
{/sa-pfs-group}
  Passive mode tunneling: {sa-passive-mode-tunneling}
{#sa-df-bit-policy-name}
  DF-bit: {sa-df-bit}, Copy-Outer-DSCP: {sa-copy-outer-dscp}, Bind-interface: {sa-bind-interface}, Policy-name: {sa-policy-name}
{?sa-tunnel-mtu}
  Tunnel MTU: {sa-tunnel-mtu}
{/sa-tunnel-mtu}
{/sa-df-bit-policy-name}
{#sa-dev-info}
  Port: {sa-port}, Nego#: {sa-nego-num}, Fail#: {sa-nego-fail}, Def-Del#: {sa-del-num} Flag: {sa-flag}
{/sa-dev-info}
{#multi-sa-info}
  Multi-sa, Configured SAs# {multi-sa-cfg-sas}, Negotiated SAs#: {multi-sa-nego-sas}
{/multi-sa-info}
{?sa-ipsec-tunnel-event}
  Tunnel events:
{/sa-ipsec-tunnel-event}
{#sa-ipsec-tunnel-event}
    {sa-tunnel-event-time}: {sa-tunnel-event-description} ({sa-tunnel-event-num-times} times){?sa-tunnel-event-repeat-seq-description} {sa-tunnel-event-repeat-seq-description}{/sa-tunnel-event-repeat-seq-description}
{/sa-ipsec-tunnel-event}
{#sa-location}
  Location: FPC {sa-fpc}, PIC {sa-pic}
{/sa-location}
{#sa-anchorship}
  Anchorship: Thread {sa-anchor-thread}
{/sa-anchorship}
{#sa-tunnel-dist}
  Distribution-Profile: {sa-tunnel-dist-key}
{/sa-tunnel-dist}
{#ipsec-security-associations}
  Direction: {sa-direction}, SPI: {sa-spi}, AUX-SPI: {sa-aux-spi}
                              , VPN Monitoring: {sa-vpn-monitoring-state}
{?sa-vpn-monitoring-mode}
    Monitoring mode: {sa-vpn-monitoring-mode}, Interval: {sa-vpn-monitoring-interval}, Threshold: {sa-vpn-monitoring-threshold}
{/sa-vpn-monitoring-mode}
{?sa-hard-lifetime}
    Hard lifetime: Expires in {sa-hard-lifetime} seconds
{/sa-hard-lifetime}
    Lifesize Remaining:  {sa-lifesize-remaining}
{?sa-soft-lifetime}
    Soft lifetime: Expires in {sa-soft-lifetime} seconds
{/sa-soft-lifetime}
    Mode: {sa-mode}, Type: {sa-type}, State: {sa-state}
    Protocol: {sa-protocol}, Authentication: {sa-authentication-algorithm}, Encryption: {sa-encryption-algorithm}
    Anti-replay service: {sa-anti-replay-service}, Replay window size: {sa-replay-window-size}
    Extended-Sequence-Number: {sa-extended-seq-number}
    tunnel-establishment: {sa-tunnel-establishment}
    IKE SA Index: {sa-ike-index}
{/ipsec-security-associations}
{/ipsec-security-associations-block}
{/ipsec-security-associations-information}
)";

constexpr const char* kDistribution =
    R"({#ipsec-tunnel-distribution-information}
{?ipsec-tunnel-distribution}
ID      VPN                              Gateway                  Profile   FPC PIC PFE Thread State
{/ipsec-tunnel-distribution}
{#ipsec-tunnel-distribution}
{sa-tunnel-index:8}{sa-vpn-name:32} {sa-remote-gateway:24} {sa-anchor-interface:10}{sa-fpc:3} {sa-pic:3} {sa-pfe:3} {sa-anchor-thread:6} {sa-tunnel-state}
{/ipsec-tunnel-distribution}
{?ipsec-tunnel-distribution-summary}
Profile   FPC PIC PFE Thread       Up Tunnels
{/ipsec-tunnel-distribution-summary}
{#ipsec-tunnel-distribution-summary}
{sa-anchor-interface:10}{sa-fpc:3} {sa-pic:3} {sa-pfe:3} {sa-anchor-thread:6} {sa-tunnels-up:>8} {sa-tunnels:>7}
{/ipsec-tunnel-distribution-summary}
{/ipsec-tunnel-distribution-information}
)";

constexpr const char* kTrafficSelectors =
    R"({#ipsec-traffic-selector-information}
{#ipsec-traffic-selector}
Tunnel-id: {ts-tunnel-id}, Interface: {ts-interface}
  IKE-ID: {ts-ike-id}
  Source IP: {ts-source-ip}
  Destination IP: {ts-destination-ip}
{/ipsec-traffic-selector}
{/ipsec-traffic-selector-information}
)";

constexpr const char* kInactive =
    R"({#ipsec-unestablished-tunnel-information}
  Total inactive tunnels: {total-inactive-tunnels}
  Total inactive tunnels with establish immediately: {total-inactive-tunnels-with-establish-immediately}
{?ipsec-security-associations}
  ID      VPN                      Gateway          Tunnel Down Reason
{/ipsec-security-associations}
{#ipsec-security-associations}
  {sa-tunnel-index:8}{sa-vpn-name:25}{sa-remote-gateway:17}{sa-down-reason}
{/ipsec-security-associations}
{/ipsec-unestablished-tunnel-information}
)";

constexpr const char* kStatistics =
    R"({#usp-ipsec-total-statistics-information}
{#esp-statistics}
ESP Statistics:
  Encrypted bytes:    {esp-encrypted-bytes:>16}
  Decrypted bytes:    {esp-decrypted-bytes:>16}
  Encrypted packets:  {esp-encrypted-packets:>16}
  Decrypted packets:  {esp-decrypted-packets:>16}
{/esp-statistics}
{#ah-statistics}
AH Statistics:
  Input bytes:        {ah-input-bytes:>16}
  Output bytes:       {ah-output-bytes:>16}
  Input packets:      {ah-input-packets:>16}
  Output packets:     {ah-output-packets:>16}
{/ah-statistics}
{#error-statistics}
Errors:
  AH authentication failures: {ah-authentication-failures}, Replay errors: {replay-errors}
  ESP authentication failures: {esp-authentication-failures}, ESP decryption failures: {esp-decryption-failures}
  Bad headers: {bad-headers}, Bad trailers: {bad-trailers}
  TS check fail: {ts-check-fail-errors}, Exceeds tunnel MTU: {exceeds-tunnel-mtu}, Discarded: {discard-errors}
{/error-statistics}
{#udp-encapsulation-statistics}
UDP encapsulation, discarded:
  No UDP header: {no-udp-header}, Not the configured port: {not-the-configured-port}
  Not port 500: {not-port-500}, Unexpected UDP header: {unexpected-udp-header}
{/udp-encapsulation-statistics}
{/usp-ipsec-total-statistics-information}
)";

// A tunnel that is asked for by its name or number is shown in detail.
bool is_named(const mgmt::Input& input) {
  return input.contains("index") || input.contains("vpn-name") ||
         input.contains("traffic-selector");
}

}  // namespace

const Layout* layout_of(std::string_view rpc, const mgmt::Input& input) {
  static const Layout ike_brief(kIkeBrief), ike_detail(kIkeDetail), ipsec_brief(kIpsecBrief),
      ipsec_detail(kIpsecDetail), selectors(kTrafficSelectors), inactive(kInactive),
      statistics(kStatistics), distribution(kDistribution);
  if (rpc == "get-inactive-tunnels") return &inactive;
  if (rpc == "get-ipsec-tunnel-distribution") return &distribution;
  if (rpc == "get-ipsec-traffic-selector-information") return &selectors;
  const bool detail = input.contains("detail");
  if (rpc == "get-ike-security-associations-information") return detail ? &ike_detail : &ike_brief;
  if (rpc == "get-security-associations-information")
    return detail || (is_named(input) && !input.contains("brief")) ? &ipsec_detail : &ipsec_brief;
  if (rpc == "get-ipsec-statistics-information") return &statistics;
  if (const Layout* layout = pki_layout_of(rpc, input)) return layout;
  if (const Layout* layout = layout_of_peers(rpc, input)) return layout;
  return layout_of_explanation(rpc, input);
}

}  // namespace nezu::ike
