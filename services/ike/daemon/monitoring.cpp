#include "services/ike/daemon/monitoring.h"

#include <cstring>

namespace nezu::ike {

Monitoring::Monitoring(const Tunnels& tunnels, PfeClient& plane, Random random, Events events)
    : tunnels_(tunnels),
      plane_(plane),
      events_(std::move(events)),
      monitor_(std::move(random)),
      probes_([this](const Monitor::Probe& probe) {
        if (monitor_.answered(probe)) events_.up(probe.tunnel);
      }) {
  timer_.callOnTimeout([this] { look(); });
}

void Monitoring::configure(const Settings& settings) {
  monitor_.configure(settings.tunnels);
  std::erase_if(errors_, [&](const auto& each) { return !settings.tunnels.contains(each.first); });
  seconds_ = settings.monitor_interval_seconds;
  const int interval = static_cast<int>(seconds_) * 1000;
  if (monitor_.empty()) return timer_.stop();
  // A commit that changes nothing of it must not put the next round off.
  if (!timer_.isActive() || timer_.interval() != interval) timer_.start(interval);
}

void Monitoring::look() {
  if (!monitor_.needs_traffic()) return round(nullptr);
  api::GetStatistics wanted;
  wanted.set_tunnels(true);
  plane_.statistics(wanted, [this](const api::Statistics* statistics) { round(statistics); });
}

void Monitoring::round(const api::Statistics* statistics) {
  std::map<std::uint32_t, Monitor::Look> looks;
  for (const auto& [id, tunnel] : tunnels_.configured())
    if (tunnel.monitor) looks[id].has_pair = tunnels_.has_pair(id);
  for (int i = 0; statistics && i < statistics->tunnel_size(); ++i) {
    const auto& each = statistics->tunnel(i);
    if (const auto look = looks.find(each.id()); look != looks.end())
      look->second.traffic = {each.decrypted_packets(), each.encrypted_packets()};
  }
  const Monitor::Round next = monitor_.round(looks);
  for (const Monitor::Probe& probe : next.probes) send(probe);
  for (const std::uint32_t tunnel : next.up) events_.up(tunnel);
  for (const std::uint32_t tunnel : next.down) events_.down(tunnel, why_down(tunnel));
}

std::string Monitoring::problem(std::uint32_t tunnel) const {
  const auto error = errors_.find(tunnel);
  const auto found = tunnels_.configured().find(tunnel);
  if (error == errors_.end() || found == tunnels_.configured().end() || !found->second.monitor)
    return {};
  return "cannot ask " + to_string(found->second.monitor->destination) + " through " +
         found->second.interface + ": " + std::strerror(error->second);
}

std::string Monitoring::why_down(std::uint32_t tunnel) const {
  const std::string unsent = problem(tunnel);
  if (!unsent.empty()) return "VPN monitoring " + unsent;
  const VpnMonitor& monitor = *tunnels_.configured().at(tunnel).monitor;
  return "VPN monitoring: " + to_string(monitor.destination) + " did not answer, asked " +
         std::to_string(monitor.threshold) + (monitor.threshold == 1 ? " time" : " times");
}

// What cannot be sent is not answered, and counts as that.
void Monitoring::send(const Monitor::Probe& probe) {
  const auto found = tunnels_.configured().find(probe.tunnel);
  if (found == tunnels_.configured().end() || !found->second.monitor) return;
  const Tunnel& tunnel = found->second;
  const int error =
      probes_.send(probe, tunnel.interface, tunnel.monitor->source, tunnel.monitor->destination);
  if (error != 0)
    errors_[probe.tunnel] = error;
  else
    errors_.erase(probe.tunnel);
}

}  // namespace nezu::ike
