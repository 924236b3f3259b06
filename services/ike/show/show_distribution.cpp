// show security ipsec tunnel-distribution
#include <map>

#include "pfe-model/duty.h"
#include "services/ike/daemon/daemon.h"
#include "services/ike/show/show.h"

namespace nezu::ike {
namespace {

using grammar::Element;

struct Sum {
  Anchor anchor;
  std::size_t up = 0;
  std::size_t all = 0;
};

void write_place(const std::string& interface, const Anchor& anchor, unsigned workers,
                 mgmt::Reply& out) {
  out.leaf("sa-anchor-interface", interface);
  out.leaf_number("sa-fpc", anchor.fpc);
  out.leaf_number("sa-pic", anchor.pic);
  out.leaf_number("sa-pfe", anchor.pfe);
  if (workers == 0) return out.leaf("sa-anchor-thread", "-");
  out.leaf_number("sa-anchor-thread", pfe::worker_of(anchor.pfe, workers));
}

void write_tunnel(const Tunnel& tunnel, const Anchor& anchor, bool up, unsigned workers,
                  mgmt::Reply& out) {
  const Element entry(out, "ipsec-tunnel-distribution");
  out.leaf_number("sa-tunnel-index", tunnel.id);
  out.leaf("sa-vpn-name",
           tunnel.selector.empty() ? tunnel.vpn : tunnel.vpn + ' ' + tunnel.selector);
  out.leaf("sa-remote-gateway", to_string(tunnel.remote));
  write_place(tunnel.anchor, anchor, workers, out);
  out.leaf("sa-tunnel-state", !anchor.online ? "Offline" : up ? "Up" : "Down");
}

void write_sums(const std::map<std::string, Sum>& sums, unsigned workers, mgmt::Reply& out) {
  for (const auto& [interface, sum] : sums) {
    const Element entry(out, "ipsec-tunnel-distribution-summary");
    write_place(interface, sum.anchor, workers, out);
    out.leaf_number("sa-tunnels-up", sum.up);
    out.leaf_number("sa-tunnels", sum.all);
  }
}

bool is_wanted(const Anchor& anchor, const mgmt::Input& input) {
  return (!input.contains("fpc") || number_of(input, "fpc") == anchor.fpc) &&
         (!input.contains("pic") || number_of(input, "pic") == anchor.pic);
}

}  // namespace

void show_distribution(const Daemon& daemon, const mgmt::Input& input, const Reply& reply) {
  const Element all(*reply, "ipsec-tunnel-distribution-information");
  const unsigned workers = daemon.plane().workers();
  std::map<std::string, Sum> sums;
  for (const auto& [id, tunnel] : daemon.tunnels().configured()) {
    const Anchor* anchor = daemon.tunnels().anchor(id);
    if (!anchor || !is_wanted(*anchor, input)) continue;
    const bool up = daemon.tunnels().has_pair(id) && anchor->online;
    if (!input.contains("summary")) write_tunnel(tunnel, *anchor, up, workers, *reply);
    Sum& sum = sums[tunnel.anchor];
    sum.anchor = *anchor;
    sum.up += up;
    ++sum.all;
  }
  if (input.contains("summary")) write_sums(sums, workers, *reply);
  reply->finish();
}

}  // namespace nezu::ike
