// show security ipsec inactive-tunnels: why is my tunnel down?
#include "services/ike/daemon/daemon.h"
#include "services/ike/show/show.h"
#include "services/ike/show/why_down.h"

namespace nezu::ike {
namespace {

using grammar::Element;

void write(const Tunnel& tunnel, const std::string& reason, mgmt::Reply& out) {
  const Element entry(out, "ipsec-security-associations");
  out.leaf_number("sa-tunnel-index", tunnel.id);
  out.leaf("sa-vpn-name", tunnel.vpn);
  out.leaf("sa-remote-gateway", to_string(tunnel.remote));
  out.leaf("sa-down-reason", reason);
}

}  // namespace

void show_inactive(const Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const std::uint32_t index = number_of(input, "index");
  const auto vpn = input.find("vpn-name");
  std::vector<std::pair<const Tunnel*, std::string>> inactive;
  std::uint64_t wanted = 0;
  for (const auto& [id, tunnel] : daemon.tunnels().configured()) {
    if (index != 0 && id != index) continue;
    if (vpn != input.end() && tunnel.vpn != vpn->second) continue;
    const Why why = ike::why(daemon, tunnel);
    if (why.up) continue;
    inactive.emplace_back(&tunnel, why.answer());
    wanted += tunnel.establish == EstablishTunnels::kImmediately;
  }
  const Element all(*reply, "ipsec-unestablished-tunnel-information");
  reply->leaf_number("total-inactive-tunnels", inactive.size());
  reply->leaf_number("total-inactive-tunnels-with-establish-immediately", wanted);
  for (const auto& [tunnel, reason] : inactive) write(*tunnel, reason, *reply);
  reply->finish();
}

}  // namespace nezu::ike
