// show bridge mac-table, clear bridge mac-table, show l2-learning vxlan-tunnel-end-point ….
#include <fmt/format.h>

#include <memory>
#include <utility>

#include "chassis/mac.h"
#include "pfe-model/api.pb.h"
#include "services/interfaces/layouts.h"
#include "services/interfaces/show.h"

namespace nezu::interfaces {
namespace {

namespace api = pfe::api;
using grammar::Element;
using mgmt::Input;
using ReplyPtr = std::shared_ptr<mgmt::Reply>;

constexpr char kInstance[] = "default-switch";

std::string wanted_domain(const Input& input) {
  const auto found = input.find("bridge-domain-name");
  return found == input.end() ? "" : found->second;
}

chassis::Mac mac_of(const std::string& octets) {
  chassis::Mac mac{};
  std::copy_n(octets.begin(), std::min(octets.size(), mac.size()), mac.begin());
  return mac;
}

void write_page(const InterfacesService& service, const api::BridgeStatistics& bridge,
                mgmt::Reply& reply) {
  for (const api::BridgeStatistics::Station& station : bridge.station()) {
    const chassis::InterfaceName* interface =
        service.surroundings().table.find(station.interface());
    const Element entry(reply, "l2-mac-entry");
    reply.leaf("l2-mac-address", chassis::text(mac_of(station.mac())));
    reply.leaf("l2-mac-flags", "D");
    reply.leaf("l2-mac-logical-interface", interface ? interface->name : "");
  }
}

// One domain after the other, and of each a page after the other: the plane stands still for as
// long as it takes to gather what it is asked for.
class StationWalk : public std::enable_shared_from_this<StationWalk> {
 public:
  StationWalk(const InterfacesService& service, chassis::PfeLink& plane, ReplyPtr reply)
      : service_(service), plane_(plane), reply_(std::move(reply)) {}

  // `only`: a domain, "" for all of them.
  void run(const std::string& only) {
    for (const auto& [number, name] : bridge_numbers(service_.switching()))
      if (only.empty() || only == name) numbers_.emplace(name, number);
    at_ = numbers_.begin();
    reply_->open("l2ald-rtb-macdb");
    ask("");
  }

 private:
  void ask(const std::string& after) {
    if (at_ == numbers_.end() || reply_->cancelled()) return end();
    api::GetStatistics wanted;
    wanted.set_bridge(at_->second);
    wanted.set_after(after);
    plane_.statistics(wanted, [self = shared_from_this()](const api::Statistics* statistics) {
      self->take(statistics);
    });
  }

  void take(const api::Statistics* statistics) {
    if (!statistics) return fail();
    bool more = false;
    std::string last;
    for (const api::BridgeStatistics& bridge : statistics->bridge()) {
      if (bridge.station().empty()) continue;
      open_domain();
      write_page(service_, bridge, *reply_);
      more = bridge.more();
      last = bridge.station().rbegin()->mac();
    }
    if (!more) {
      close_domain();
      ++at_;
    }
    ask(more ? last : "");
  }

  void open_domain() {
    if (std::exchange(open_, true)) return;
    const auto domain = service_.switching().domains.find(at_->first);
    const bool known = domain != service_.switching().domains.end();
    reply_->open("l2ald-mac-entry");
    reply_->leaf("l2-mac-routing-instance", kInstance);
    reply_->leaf("l2-mac-bridging-domain", at_->first);
    reply_->leaf("l2-bridge-vlan",
                 known && domain->second.vlan ? std::to_string(*domain->second.vlan) : "none");
  }
  void close_domain() {
    if (std::exchange(open_, false)) reply_->close();
  }
  void close_all() {
    close_domain();
    reply_->close();
  }
  void end() {
    close_all();
    reply_->finish();
  }
  // What was shown is not all there is.
  void fail() {
    close_all();
    reply_->fail("the forwarding plane does not answer");
  }

  const InterfacesService& service_;
  chassis::PfeLink& plane_;
  ReplyPtr reply_;
  std::map<std::string, uint32_t> numbers_;  // in the order of names
  std::map<std::string, uint32_t>::const_iterator at_;
  bool open_ = false;  // the element of the domain
};

void show_stations(const InterfacesService& service, chassis::PfeLink& plane, const Input& input,
                   const ReplyPtr& reply) {
  const std::string only = wanted_domain(input);
  if (!only.empty() && !service.switching().domains.contains(only))
    return reply->fail(fmt::format("bridge domain {} not found", only));
  std::make_shared<StationWalk>(service, plane, reply)->run(only);
}

void clear_stations(const InterfacesService& service, chassis::PfeLink& plane, const Input& input,
                    const ReplyPtr& reply) {
  const std::string only = wanted_domain(input);
  uint32_t wanted = 0;
  for (const auto& [number, name] : bridge_numbers(service.switching()))
    if (name == only) wanted = number;
  if (!only.empty() && wanted == 0)
    return reply->fail(fmt::format("bridge domain {} not found", only));
  api::Request request;
  request.mutable_clear_bridge()->set_id(wanted);
  plane.send(request, -1);
  reply->finish();
}

// The endpoint of this router; false if there is none.
bool write_source(const InterfacesService& service, mgmt::Reply& reply) {
  const std::string address = vtep_address(service.switching(), service.configuration());
  if (address.empty()) return false;
  reply.leaf("svtep-ip", Address{address, 32}.host_text());
  reply.leaf("svtep-ifl", service.switching().source_interface);
  return true;
}

void show_source(const InterfacesService& service, const ReplyPtr& reply) {
  {
    const Element information(*reply, "vxlan-source-vtep-information");
    const Element source(*reply, "source-vtep");
    if (write_source(service, *reply))
      for (const auto& [name, domain] : service.switching().domains) {
        if (!domain.vni) continue;
        const Element network(*reply, "vxlan-network");
        reply->leaf("l2-rtt", kInstance);
        reply->leaf("bridge-domain", fmt::format("{}+{}", name, domain.vlan.value_or(0)));
        reply->leaf_number("vnid", *domain.vni);
        reply->leaf("vtep-interface", vtep_name(0));
      }
  }
  reply->finish();
}

void write_remote(const InterfacesService& service, const std::string& name,
                  const InterfacesService::Status& status, const Plan& plan, mgmt::Reply& reply) {
  const chassis::InterfaceName* entry = service.surroundings().table.find(name);
  const Element remote(reply, "remote-vtep");
  reply.leaf("rvtep-ip", Address{status.logical.vxlan.remote, 32}.host_text());
  reply.leaf("l2-rtt", kInstance);
  reply.leaf_number("ifl-index", entry ? entry->index : 0);
  reply.leaf("vtep-interface", name);
  reply.leaf("rvtep-mode", "RNVE");
  for (const auto& [domain_name, domain] : service.switching().domains) {
    const auto names = members(service.switching(), domain, plan);
    if (std::find(names.begin(), names.end(), name) == names.end()) continue;
    const Element network(reply, "vxlan-network");
    reply.leaf_number("vnid", *domain.vni);
  }
}

void show_remotes(const InterfacesService& service, const ReplyPtr& reply) {
  Plan plan;
  for (const auto& [name, status] : service.statuses()) plan.emplace(name, status.logical);
  {
    const Element information(*reply, "vxlan-remote-vtep-information");
    const Element source(*reply, "source-vtep");
    if (write_source(service, *reply))
      for (const auto& [name, status] : service.statuses())
        if (status.logical.kind == Kind::kVtep && !status.logical.vxlan.remote.empty())
          write_remote(service, name, status, plan, *reply);
  }
  reply->finish();
}

}  // namespace

void add_bridge_rpcs(mgmt::Registry& registry, const InterfacesService& service,
                     chassis::PfeLink& plane) {
  registry.add({"get-bridge-mac-table",
                [&service, &plane](const Input& input, ReplyPtr reply) {
                  show_stations(service, plane, input, reply);
                },
                [](const Input&) {
                  static const grammar::Layout kLayout(kMacTable);
                  return &kLayout;
                }});
  registry.add({"clear-bridge-mac-table",
                [&service, &plane](const Input& input, ReplyPtr reply) {
                  clear_stations(service, plane, input, reply);
                },
                {}});
  registry.add({"get-vxlan-source-vtep",
                [&service](const Input&, ReplyPtr reply) { show_source(service, reply); },
                [](const Input&) {
                  static const grammar::Layout kLayout(kSourceVtep);
                  return &kLayout;
                }});
  registry.add({"get-vxlan-remote-vtep",
                [&service](const Input&, ReplyPtr reply) { show_remotes(service, reply); },
                [](const Input&) {
                  static const grammar::Layout kLayout(kRemoteVtep);
                  return &kLayout;
                }});
  registry.add_names("bridge-domain", [&service] {
    std::vector<std::pair<std::string, std::string>> names;
    for (const auto& [name, domain] : service.switching().domains) names.emplace_back(name, "");
    return names;
  });
}

}  // namespace nezu::interfaces
