#include "services/routing/routing.h"

#include <errno.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "pfe-model/api.pb.h"
#include "services/routing/show.h"

namespace nezu::routing {
namespace {

using namespace std::chrono_literals;

constexpr auto kDumpDelay = 30ms;  // what comes in company is read once
constexpr auto kDumpRetry = 500ms;
constexpr auto kTick = 100ms;
constexpr size_t kProbesATick = 10;
constexpr int kResolvesATick = 50;

}  // namespace

Routing::Routing(chassis::Chassis& chassis, chassis::Forwarding& forwarding,
                 chassis::InterfaceTable& table, const Paths& paths)
    : chassis_(chassis),
      forwarding_(forwarding),
      table_(table),
      frr_(paths.frr_files, paths.frr_sockets),
      links_(table),
      routes_(forwarding, links_),
      neighbours_(forwarding, links_),
      resolve_budget_(kResolvesATick) {
  forwarding_.hold();
  frr_.on_trouble = [this](const std::string& trouble) {
    trouble_ = trouble;
    if (trouble.empty()) return chassis_.clear_alarm("routing");
    chassis_.raise_alarm("routing", false, "Static routes: " + trouble);
  };
  routes_.is_expected = [this](const Prefix& prefix) { return expected(prefix); };
  dump_.setSingleShot(true);
  QObject::connect(&dump_, &QTimer::timeout, [this] { dump(); });
  QObject::connect(&ticks_, &QTimer::timeout, [this] { tick(); });
}

void Routing::check(const configdb::Delta& delta, std::function<void(configdb::Problems)> done) {
  done(routing::check(delta.after()));
}

void Routing::apply(const configdb::Delta& delta, std::function<void()> done) {
  // An interface that came or went may change a line as well: "st0.1" is a device then, or not.
  configured_ = read(delta.after());
  static_routes_ = merged(configured_, inserted_);
  frr_.want(frr_lines(static_routes_, table_), std::move(done));
}

std::string Routing::behind() const {
  return trouble_.empty() ? trouble_ : "has static routes waiting: " + trouble_;
}

void Routing::insert(StaticRoutes routes) {
  inserted_ = std::move(routes);
  static_routes_ = merged(configured_, inserted_);
  frr_.want(frr_lines(static_routes_, table_), [] {});
}

void Routing::start() {
  if (started_) return;
  started_ = true;
  listen();
  dump();
  table_.watch([this](const chassis::InterfaceName& interface, bool added) {
    if (added) return dump_.start(kDumpDelay);
    routes_.forget(interface.index);
    neighbours_.forget(interface.index);
  });
  forwarding_.subscribe([this](const pfe::api::Event& event) {
    if (event.has_neighbour_wanted())
      neighbour_wanted(event.neighbour_wanted().interface(), event.neighbour_wanted().address());
  });
}

void Routing::add_rpcs(mgmt::Registry& registry) {
  add_shows(registry, {routes_, neighbours_, static_routes_});
}

void Routing::listen() {
  monitor_ = std::make_unique<chassis::Netlink>();
  for (const int group : {RTNLGRP_LINK, RTNLGRP_NEIGH, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,
                          RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR})
    monitor_->join(group);
  notifier_ = std::make_unique<QSocketNotifier>(monitor_->descriptor(), QSocketNotifier::Read);
  QObject::connect(notifier_.get(), &QSocketNotifier::activated, [this] { read_changes(); });
}

void Routing::read_changes() {
  if (!monitor_->read([this](const nlmsghdr& message) { take(message); })) dump_.start(0ms);
  ticks_.start(kTick);
}

void Routing::take(const nlmsghdr& message) {
  switch (message.nlmsg_type) {
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
      if (!routes_.take(message)) dump_.start(kDumpDelay);
      return;
    case RTM_NEWNEIGH:
    case RTM_DELNEIGH:
      return neighbours_.take(message);
    case RTM_NEWLINK:
    case RTM_DELLINK:
      return take_link(message);
    case RTM_NEWADDR:
    case RTM_DELADDR:
      return dump_.start(kDumpDelay);
    default:
      return;
  }
}

// The kernel drops IPv4 routes of a link that went down without a word. It tells of carriers at
// most once a second: a link that went and came back meanwhile looks as before, and what was routed
// by it when it was away works again without a word as well.
void Routing::take_link(const nlmsghdr& message) {
  const bool changed = links_.take(message);
  if (message.nlmsg_len < NLMSG_LENGTH(sizeof(ifinfomsg))) return;
  const int device = static_cast<const ifinfomsg*>(NLMSG_DATA(&message))->ifi_index;
  if (changed || (links_.up(device) && routes_.misses(device))) dump_.start(kDumpDelay);
}

void Routing::dump() {
  int error = links_.dump(requests_);
  if (!error) error = routes_.dump(requests_);
  if (!error) error = neighbours_.dump(requests_);
  if (error)
    dump_.start(error == EAGAIN ? kDumpDelay : kDumpRetry);
  else if (!std::exchange(dumped_, true))
    forwarding_.release();
  ticks_.start(kTick);
}

void Routing::tick() {
  resolve_budget_ = kResolvesATick;
  const bool lingering = routes_.expire(Clock::now(), frr_.settled());
  const bool stale = neighbours_.probe_stale(requests_, kProbesATick);
  if (!lingering && !stale) ticks_.stop();
}

void Routing::neighbour_wanted(uint32_t interface, const std::string& address) {
  if (!ticks_.isActive()) ticks_.start(kTick);
  if (resolve_budget_ <= 0) return;
  --resolve_budget_;
  if (const chassis::InterfaceName* known = table_.find(interface))
    neighbours_.resolve(requests_, *known, address);
}

// The kernel lost a route that is configured: perhaps its daemon is away.
bool Routing::expected(const Prefix& prefix) {
  if (!static_routes_.contains(prefix.text())) return false;
  frr_.verify();
  return true;
}

}  // namespace nezu::routing
