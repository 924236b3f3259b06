#include "services/ike/engine/layout.h"

namespace nezu::ike {
namespace {

using grammar::Layout;

constexpr const char* kPeers =
    R"({#ike-active-peers-information}
Remote Address                      Port     Peer IKE-ID                         AAA username             Assigned IP
{#ike-active-peers}
{ike-sa-remote-address:36}{ike-sa-remote-port:9}{ike-ike-id:36}{ike-xauth-username:25}{ike-xauth-user-assigned-ip}
{/ike-active-peers}
{/ike-active-peers-information}
)";

// The exchanges of one peer, and of all.
const std::string kExchanges =
    R"({#ike-peer-stats-information}
{#ikev2-ike-sa-init-exchange-stats}
 IKE_SA_INIT exchange stats:
  Initiator stats:                                  Responder stats:
   Request Out              : {ikev2-initiator-ike-sa-init-request-out:21} Request In               : {ikev2-responder-ike-sa-init-request-in}
   Response In              : {ikev2-initiator-ike-sa-init-response-in:21} Response Out             : {ikev2-responder-ike-sa-init-response-out}
   No Proposal Chosen In    : {ikev2-initiator-ike-sa-init-no-proposal-chosen-in:21} No Proposal Chosen Out   : {ikev2-responder-ike-sa-init-no-proposal-chosen-out}
   Invalid KE Payload In    : {ikev2-initiator-ike-sa-init-invalid-ke-payload-in:21} Invalid KE Payload Out   : {ikev2-responder-ike-sa-init-invalid-ke-payload-out}
   Cookie Request In        : {ikev2-initiator-ike-sa-init-cookie-request-in:21} Cookie Request Out       : {ikev2-responder-ike-sa-init-cookie-request-out}
   Cookie Response Out      : {ikev2-initiator-ike-sa-init-cookie-response-out:21} Cookie Response In       : {ikev2-responder-ike-sa-init-cookie-response-in}
{/ikev2-ike-sa-init-exchange-stats}
{#ikev2-ike-auth-exchange-stats}
 IKE_AUTH exchange stats:
  Initiator stats:                                  Responder stats:
   Request Out              : {ikev2-initiator-ike-auth-request-out:21} Request In               : {ikev2-responder-ike-auth-request-in}
   Response In              : {ikev2-initiator-ike-auth-response-in:21} Response Out             : {ikev2-responder-ike-auth-response-out}
   No Proposal Chosen In    : {ikev2-initiator-ike-auth-no-proposal-chosen-in:21} No Proposal Chosen Out   : {ikev2-responder-ike-auth-no-proposal-chosen-out}
   TS Unacceptable In       : {ikev2-initiator-ike-auth-ts-unacceptable-in:21} TS Unacceptable Out      : {ikev2-responder-ike-auth-ts-unacceptable-out}
   Authentication Failed In : {ikev2-initiator-ike-auth-authentication-failed-in:21} Authentication Failed Out: {ikev2-responder-ike-auth-authentication-failed-out}
{/ikev2-ike-auth-exchange-stats}
{#ikev2-ike-sa-rekey-stats}
 IKE SA Rekey CREATE_CHILD_SA exchange stats:
  Initiator stats:                                  Responder stats:
   Request Out              : {ikev2-initiator-ike-sa-rekey-request-out:21} Request In               : {ikev2-responder-ike-sa-rekey-request-in}
   Response In              : {ikev2-initiator-ike-sa-rekey-response-in:21} Response Out             : {ikev2-responder-ike-sa-rekey-response-out}
   No Proposal Chosen In    : {ikev2-initiator-ike-sa-rekey-no-proposal-chosen-in:21} No Proposal Chosen Out   : {ikev2-responder-ike-sa-rekey-no-proposal-chosen-out}
   Invalid KE In            : {ikev2-initiator-ike-sa-rekey-invalid-key-in:21} Invalid KE Out           : {ikev2-responder-ike-sa-rekey-invalid-key-out}
{/ikev2-ike-sa-rekey-stats}
{#ikev2-ipsec-sa-rekey-stats}
 IPsec SA Rekey CREATE_CHILD_SA exchange stats:
  Initiator stats:                                  Responder stats:
   Request Out              : {ikev2-initiator-ipsec-sa-rekey-request-out:21} Request In               : {ikev2-responder-ipsec-sa-rekey-request-in}
   Response In              : {ikev2-initiator-ipsec-sa-rekey-response-in:21} Response Out             : {ikev2-responder-ipsec-sa-rekey-response-out}
   No Proposal Chosen In    : {ikev2-initiator-ipsec-sa-rekey-no-proposal-chosen-in:21} No Proposal Chosen Out   : {ikev2-responder-ipsec-sa-rekey-no-proposal-chosen-out}
   Invalid KE In            : {ikev2-initiator-ipsec-sa-rekey-invalid-key-in:21} Invalid KE Out           : {ikev2-responder-ipsec-sa-rekey-invalid-key-out}
   TS Unacceptable In       : {ikev2-initiator-ipsec-sa-rekey-ts-unacceptable-in:21} TS Unacceptable Out      : {ikev2-responder-ipsec-sa-rekey-ts-unacceptable-out}
{/ikev2-ipsec-sa-rekey-stats}
{/ike-peer-stats-information}
)";

const std::string kPeersDetail =
    R"({#ike-active-peers-information}
{#ike-active-peers-block}
{,}

{/,}
Peer address: {ike-sa-remote-address}, Port: {ike-sa-remote-port}
 Peer IKE-ID              : {ike-ike-id}
 AAA username             : {ike-xauth-username}
{#ike-peer-local-information}
 Local gateway interface  : {ike-sa-local-gateway-interface}
 Routing instance         : {ike-sa-routing-instance}
 Local address            : {ike-sa-local-address}, Port: {ike-sa-local-port}
 Local IKE-ID             : {ike-sa-local-ike-id}
{/ike-peer-local-information}
{#ike-active-peers}
 Active IKE SA indexes    : {ike-p1sa-id-list}
 IKE SA negotiated        : {ike-peer-ike-sa-negotiated}
 IPSec tunnels active     : {ike-peer-active-ipsec-sa}{?ike-ipsec-sa-id-list}, IPSec Tunnel IDs : {ike-ipsec-sa-id-list}{/ike-ipsec-sa-id-list}
{?ike-dpd-cfg-mode}
 DPD                      : {ike-dpd-cfg-mode}, Interval: {ike-dpd-cfg-interval} seconds, Threshold: {ike-dpd-cfg-threshold}
{/ike-dpd-cfg-mode}
{/ike-active-peers}
)" + kExchanges +
    R"({/ike-active-peers-block}
{/ike-active-peers-information}
)";

const std::string kStats =
    R"({#ike-stats-information}
{?ike-gw-name}
Gateway Name: {ike-gw-name}
{/ike-gw-name}
IKE SAs up: {ike-sa-up}, being negotiated: {ike-sa-half-open}, IPsec tunnels up: {ipsec-tunnels-up}
)" + kExchanges +
    R"({?ike-drop}
 Datagrams that led to nothing:
{/ike-drop}
{#ike-drop}
  {drop-description:52}: {drop-count}
{/ike-drop}
{?datagrams-not-sent}
 Datagrams that could not be sent: {datagrams-not-sent}
{/datagrams-not-sent}
{/ike-stats-information}
)";

constexpr const char* kEvents =
    R"({#ipsec-tunnel-event-statistics}
{#sa-tunnel-event-statistics}
  {sa-tunnel-event-description}: {sa-tunnel-event-num-times}
{/sa-tunnel-event-statistics}
{/ipsec-tunnel-event-statistics}
)";

}  // namespace

const Layout* layout_of_peers(std::string_view rpc, const mgmt::Input& input) {
  static const Layout peers(kPeers), detail(kPeersDetail), stats(kStats), events(kEvents);
  if (rpc == "get-ike-active-peers-information") return input.contains("detail") ? &detail : &peers;
  if (rpc == "get-ike-stats-information") return &stats;
  return rpc == "get-ipsec-tunnel-event-statistics" ? &events : nullptr;
}

}  // namespace nezu::ike
