#include "services/ike/engine/layout.h"

namespace nezu::ike {
namespace {

using grammar::Layout;

constexpr const char* kExchanges =
    R"({#ike-exchange-information}
{?ike-exchange-summary}
Index   Time                      Gateway          Peer             Exchange         Begun by  Result
{/ike-exchange-summary}
{#ike-exchange-summary}
{exchange-number:8}{exchange-time:26}{ike-gw-name:17}{ike-sa-remote-address:17}{exchange-type:17}{exchange-begun-by:10}{exchange-result}
{/ike-exchange-summary}
{/ike-exchange-information}
)";

constexpr const char* kExchange =
    R"({#ike-exchange-information}
{#ike-exchange}
{,}

{/,}
Exchange {exchange-number}: {exchange-type}, begun by {exchange-begun-by}, {exchange-time}
  Peer: {ike-sa-remote-address}, Gateway Name: {ike-gw-name}{?ike-sa-index}, IKE SA Index: {ike-sa-index}{/ike-sa-index}
  Initiator cookie: {ike-sa-initiator-cookie}, Responder cookie: {ike-sa-responder-cookie}, Message ID: {exchange-message-id}
  Result: {exchange-result}
{?exchange-explanation}
  Why: {exchange-explanation}
{/exchange-explanation}
{#exchange-message}

  {message-kind} {message-direction}, {message-source} to {message-destination}, {message-octets} octets{?message-fragments} in {message-fragments} fragments{/message-fragments}{?message-times}, {message-times} times{/message-times}{?message-after}, after {message-after}{/message-after}
{#message-payload}
    {payload-name:9}{payload-text}
{/message-payload}
{/exchange-message}
{?exchange-comparison}

  Side by side              Initiator                              Responder
{/exchange-comparison}
{#exchange-comparison}
    {comparison-item:24}{comparison-initiator:39}{comparison-responder:39}{comparison-verdict}
{/exchange-comparison}
{/ike-exchange}
{/ike-exchange-information}
)";

constexpr const char* kExplanation =
    R"({#ike-explanation-information}
{#ike-explanation}
{,}

{/,}
Tunnel {sa-tunnel-index}, VPN {sa-vpn-name}{?sa-traffic-selector-name}, traffic selector {sa-traffic-selector-name}{/sa-traffic-selector-name}, gateway {ike-gw-name}, {sa-local-gateway} to {sa-remote-gateway}: {explanation-state}
{#explanation-fact}
  {explanation-text}
{/explanation-fact}
{#explanation-advice}
  Look at: {explanation-text}
{/explanation-advice}
{/ike-explanation}
{/ike-explanation-information}
)";

}  // namespace

const Layout* layout_of_explanation(std::string_view rpc, const mgmt::Input& input) {
  static const Layout exchanges(kExchanges), exchange(kExchange), explanation(kExplanation);
  if (rpc == "get-ike-explanation") return &explanation;
  if (rpc != "get-ike-exchange-information") return nullptr;
  return input.contains("index") || input.contains("detail") ? &exchange : &exchanges;
}

}  // namespace nezu::ike
