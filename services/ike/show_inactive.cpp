// show security ipsec inactive-tunnels: why is my tunnel down?
#include <array>

#include "services/ike/daemon.h"
#include "services/ike/events.h"
#include "services/ike/show.h"

namespace nezu::ike {
namespace {

using grammar::Element;

// What a trainee should look at, by the last word on the negotiation.
struct Advice {
  std::string_view said;
  std::string_view look_at;
};
constexpr std::array kAdvice = {
    Advice{events::kAuthenticationFailed, "pre-shared key or identities differ at the two ends"},
    Advice{events::kNoProposalChosen, "proposals of the two ends have no suite in common"},
    Advice{events::kTsUnacceptable, "traffic selectors of the two ends do not meet"},
    Advice{events::kInvalidKe, "dh-group or perfect-forward-secrecy differ at the two ends"},
    Advice{events::kTimedOut, "peer is down, unreachable, or UDP 500 and 4500 are filtered"},
    Advice{events::kPeerDead, "peer answers no probes of dead peer detection"},
};

std::string with_advice(std::string_view said) {
  for (const Advice& each : kAdvice)
    if (said.find(each.said) != said.npos)
      return std::string(said) + " (" + std::string(each.look_at) + ")";
  return std::string(said);
}

// How far the IKE SA has come; empty: it stands, or there is none.
std::string stage_of(const IkeSa& sa) {
  if (!is_half_open(sa.phase)) return {};
  if (!sa.last_error.empty()) return with_advice("IKE_SA_INIT refused: " + sa.last_error);
  const std::string peer = to_string(sa.path.remote.address);
  const std::uint32_t sent = sa.outstanding ? sa.outstanding->sent : 0;
  const std::string times = std::to_string(sent) + (sent == 1 ? " time" : " times");
  if (sa.phase == Phase::kInitSent)
    return "IKE_SA_INIT sent " + times + ", no answer from " + peer +
           (sent > 1 ? " (peer is down, unreachable, or UDP 500 is filtered)" : "");
  if (sa.phase == Phase::kAuthSent)
    return "IKE_AUTH sent " + times + ", no answer from " + peer +
           (sent > 1 ? " (UDP 4500 or fragments may be filtered)" : "");
  return "IKE SA negotiation in progress";
}

std::string last_word(const EventLog& log) {
  return log.lines().empty() ? std::string() : log.lines().front().text;
}

std::string idle_reason(const Tunnel& tunnel) {
  switch (tunnel.establish) {
    case EstablishTunnels::kOnTraffic:
      return "No traffic has asked for it yet";
    case EstablishTunnels::kImmediately:
      return "SA not initiated";
    default:
      return "Waits for the peer to begin (responder-only)";
  }
}

std::string down_reason(const Daemon& daemon, const Tunnel& tunnel) {
  const Anchor* anchor = daemon.tunnels().anchor(tunnel.id);
  if (!anchor) return "Service interface " + tunnel.anchor + " is not there";
  if (!anchor->online) return "PIC of " + tunnel.anchor + " is offline";
  std::string stage;
  for (const auto& [_, sa] : daemon.table().sas())
    if (sa.gateway == tunnel.gateway && stage.empty()) stage = stage_of(sa);
  const std::string before = with_advice(last_word(daemon.events(tunnel.id)));
  if (stage.empty()) return before.empty() ? idle_reason(tunnel) : before;
  return before.empty() ? stage : stage + "; before: " + before;
}

// It cannot carry anything: the plane lacks its place or refused it, or it has no pair that stays.
bool is_inactive(const Daemon& daemon, const Tunnel& tunnel) {
  const Anchor* anchor = daemon.tunnels().anchor(tunnel.id);
  if (!anchor || !anchor->online || daemon.tunnels().is_refused(tunnel.id)) return true;
  for (const auto& [_, sa] : daemon.table().sas())
    for (const ChildSa& child : sa.children)
      if (child.tunnel == tunnel.id && child.outbound_at != 0 &&
          child.state != ChildSa::State::kDeleting && sa.phase != Phase::kDeleting)
        return false;
  return true;
}

void write(const Daemon& daemon, const Tunnel& tunnel, mgmt::Reply& out) {
  const Element entry(out, "ipsec-security-associations");
  out.leaf_number("sa-tunnel-index", tunnel.id);
  out.leaf("sa-vpn-name", tunnel.vpn);
  out.leaf("sa-remote-gateway", to_string(tunnel.remote));
  out.leaf("sa-down-reason", down_reason(daemon, tunnel));
}

}  // namespace

void show_inactive(const Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const std::uint32_t index = number_of(input, "index");
  const auto vpn = input.find("vpn-name");
  std::vector<const Tunnel*> inactive;
  std::uint64_t wanted = 0;
  for (const auto& [id, tunnel] : daemon.tunnels().configured()) {
    if (index != 0 && id != index) continue;
    if (vpn != input.end() && tunnel.vpn != vpn->second) continue;
    if (!is_inactive(daemon, tunnel)) continue;
    inactive.push_back(&tunnel);
    wanted += tunnel.establish == EstablishTunnels::kImmediately;
  }
  const Element all(*reply, "ipsec-unestablished-tunnel-information");
  reply->leaf_number("total-inactive-tunnels", inactive.size());
  reply->leaf_number("total-inactive-tunnels-with-establish-immediately", wanted);
  for (const Tunnel* tunnel : inactive) write(daemon, *tunnel, *reply);
  reply->finish();
}

}  // namespace nezu::ike
